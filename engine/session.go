// What a protocol engine and the network loop promise each other: Engine, Session, and the words they use.

package engine

// Engine is one protocol personality. It makes the session of every new connection and says, in its own
// protocol's words, why a connection is refused. All methods may be called from several loops at once.
type Engine interface {
	// Name is the personality's name in logs and figures: "redis" or "memcached".
	Name() string

	// Open makes the session of a new connection. It runs on the loop that owns c, before the first read.
	Open(c *Conn) Session

	// Refusal gives the bytes to send before a connection is closed for reason, nil for none.
	Refusal(reason Refusal) []byte
}

// Refusal is why the server closes a connection before it got a session.
type Refusal int

const (
	TooManyClients Refusal = iota // the limit of connections is reached
	ProtectedMode                 // protected mode is on, no password is set, and the peer is not local
)

// Session is the protocol state of one connection. A session is called by one goroutine at a time (the loop
// that owns its connection at that moment), never concurrently; it may be another goroutine at every call.
type Session interface {
	// Feed runs the complete requests at the start of in, in order, and returns how many bytes they took.
	// Replies are appended to w.Out. An incomplete request at the end is left: it comes again, with more
	// behind it, at the next call. in belongs to the loop and is only valid until Feed returns.
	//
	// Feed stops early, with what it took so far, after Conn.Close, Conn.Suspend or Conn.AwaitStore, and may stop at
	// any request boundary when Worker.Full reports that the output wants flushing; it is then called again.
	Feed(w *Worker, in []byte) (taken int)

	// Want is how many bytes an incomplete request is known to need in all, 0 if unknown. The loop sizes the
	// connection's buffer by it, growing geometrically with what really arrived, never at once to Want.
	Want() int

	// Closed is called exactly once, after the last Feed, when the connection is gone.
	Closed(w *Worker)
}

// Timed is a Session that wants to be called at a certain time, see Conn.WakeAt.
type Timed interface {
	// Due is called as a post when the time has come, or somewhat later; the session may have changed its mind meanwhile.
	Due(w *Worker)
}
