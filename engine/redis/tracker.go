// tracker: one client's part in client-side caching, and the invalidations on their way to it.

package redis

import (
	"encoding/binary"
	"sync"
	"sync/atomic"

	"github.com/puzpuzpuz/xsync/v3"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// tracker exists from a client's first CLIENT TRACKING ON until OFF, RESET or the end of its connection. Invalidations come from whoever
// changes a key, under the lock of the key's shard; they wait here, and go out on the loop of the connection that gets them: the client's
// own, or the one it redirects to. What the client read before the change is then before the invalidation in its output, because replies are
// there when the shard is unlocked and posts run between two turns.
type tracker struct {
	e    *Engine
	c    *client
	id   uint64
	mode atomic.Uint32 // bits track…; only the client changes them, but for trackBroken
	to   atomic.Uint64 // the connection that gets the invalidations, 0 the own one

	// The client's own.
	caching  bool     // CLIENT CACHING was given for the next command
	prefixes []string // of BCAST, ascending

	mu      sync.Mutex   // guards what follows; below the shards' mutexes and the broadcasts', above the connections'
	waiting []byte       // records of four bytes of length, and the keys as a RESP value
	dest    *engine.Conn // who gets them
	posted  bool         // dest has been asked to take them
	feeding bool         // the client runs requests now and will see to what waits for itself
}

// Bits of mode.
const (
	trackOn uint32 = 1 << iota
	trackBcast
	trackOptIn
	trackOptOut
	trackNoLoop
	trackBroken
)

// mostWaiting bounds what waits while a connection cannot be visited, because of a late command: beyond it the client is told to forget
// everything it knows, as after FLUSHALL.
const mostWaiting = 1 << 20

// trackers are all of them. It is the store's Readers.
type trackers struct {
	e     *Engine
	all   *xsync.MapOf[uint64, *tracker] // by the client's number
	most  *config.Value                  // tracking-table-max-keys
	casts broadcasts
}

func (ts *trackers) init(e *Engine) {
	ts.e, ts.all, ts.most = e, xsync.NewMapOf[uint64, *tracker](), e.settings.Value("tracking-table-max-keys")
	ts.casts.e, ts.casts.prefixes = e, map[string]*broadcast{}
	e.store.SetReaders(ts)
}

// Invalid, Flushed, Changed and Alive are what the store calls.
func (ts *trackers) Invalid(reader, by uint64, key []byte) {
	t, ok := ts.all.Load(reader)
	if !ok {
		return
	}
	if mode := t.mode.Load(); mode&trackBcast == 0 && (mode&trackNoLoop == 0 || by != reader) {
		t.invalid(key)
	}
}

func (ts *trackers) Flushed(uint64) {
	for _, t := range ts.all.Range {
		t.flushed()
	}
}

func (ts *trackers) Changed(by uint64, key []byte) { ts.casts.changed(by, key) }

func (ts *trackers) Alive(reader uint64) bool {
	t, ok := ts.all.Load(reader)
	return ok && t.mode.Load()&trackBcast == 0
}

// invalid queues the invalidation of one key.
func (t *tracker) invalid(key []byte) {
	if to := t.receiver(); to != nil {
		at := t.begin(to)
		t.waiting = resp.AppendBulk(resp.AppendArray(t.waiting, 1), key)
		t.end(at)
	}
}

// flushed queues that nothing is valid any more.
func (t *tracker) flushed() {
	if to := t.receiver(); to != nil {
		at := t.begin(to)
		t.waiting = resp.AppendNull(t.waiting, t.v3())
		t.end(at)
	}
}

// many queues several keys, which are a RESP array already.
func (t *tracker) many(keys []byte) {
	if to := t.receiver(); to != nil {
		at := t.begin(to)
		t.waiting = append(t.waiting, keys...)
		t.end(at)
	}
}

// broken queues that the connection the client redirects to is gone.
func (t *tracker) broken(to uint64) {
	at := t.begin(t.c.conn)
	t.waiting = append(t.waiting, brokenMark)
	t.waiting = binary.LittleEndian.AppendUint64(t.waiting, to)
	t.end(at)
}

// brokenMark begins the record of a broken redirection; no RESP value begins with it.
const brokenMark = 0

// v3 is the version of the client's protocol, for any goroutine.
func (t *tracker) v3() bool { return t.c.public.bits.Load()&bitV3 != 0 }

// receiver is the connection that an invalidation goes to, nil if there is none that could get it. Where the one that the client redirects to
// is gone, the client itself is told so.
func (t *tracker) receiver() *engine.Conn {
	to := t.to.Load()
	if to == 0 || to == t.id {
		if to != 0 || t.v3() {
			return t.c.conn
		}
		return nil
	}
	if conn := t.e.server.Load().Conn(to); conn != nil {
		return conn
	}
	t.mode.Or(trackBroken)
	if t.v3() {
		t.broken(to)
	}
	return nil
}

// begin and end enclose what is appended to waiting, with mu held in between. end sees to it that somebody delivers. Where the receiver changes,
// what waits still goes to the one before.
func (t *tracker) begin(to *engine.Conn) int {
	t.mu.Lock()
	if t.dest != to {
		if before := t.dest; len(t.waiting) > 0 {
			waiting := t.waiting
			before.Post(func(w *engine.Worker) { t.send(w, before, waiting) })
		}
		t.dest, t.waiting, t.posted = to, nil, false
	}
	t.waiting = append(t.waiting, 0, 0, 0, 0)
	return len(t.waiting) - 4
}

func (t *tracker) end(at int) {
	defer t.mu.Unlock()
	binary.LittleEndian.PutUint32(t.waiting[at:], uint32(len(t.waiting)-at-4))
	if len(t.waiting) > mostWaiting && at > 0 {
		t.waiting = resp.AppendNull(append(t.waiting[:0], 0, 0, 0, 0), t.v3())
		binary.LittleEndian.PutUint32(t.waiting, uint32(len(t.waiting)-4))
	}
	if t.posted || t.feeding && t.dest == t.c.conn {
		return
	}
	to := t.dest
	if t.posted = to.Post(func(w *engine.Worker) { t.arrive(w, to) }); !t.posted {
		t.waiting = nil
	}
}

// arrive is the visit on the receiver's loop.
func (t *tracker) arrive(w *engine.Worker, to *engine.Conn) {
	t.mu.Lock()
	var waiting []byte
	if t.dest == to {
		waiting, t.waiting, t.posted = t.waiting, nil, false
	}
	t.mu.Unlock()
	t.send(w, to, waiting)
}

func (t *tracker) send(w *engine.Worker, to *engine.Conn, waiting []byte) {
	if r, ok := to.Session().(*client); ok {
		w.Out = t.write(w.Out, waiting, r)
	}
}

// write appends the messages for r, on whose loop it runs. Version 2 knows no messages but those of a subscription, and those only for others.
func (t *tracker) write(out, waiting []byte, r *client) []byte {
	redirected := r != t.c || t.to.Load() != 0
	for len(waiting) > 0 {
		n := binary.LittleEndian.Uint32(waiting)
		keys := waiting[4 : 4+n]
		waiting = waiting[4+n:]
		switch {
		case keys[0] == brokenMark:
			out = resp.AppendInt(append(out, ">2\r\n$21\r\ntracking-redir-broken\r\n"...), int64(binary.LittleEndian.Uint64(keys[1:])))
		case r.v3:
			out = append(append(out, ">2\r\n$10\r\ninvalidate\r\n"...), keys...)
		case redirected && r.listens():
			out = append(append(out, "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"...), keys...)
		}
	}
	return out
}

// attend and leave enclose a turn of the client: what its own requests cause goes out behind their replies.
func (t *tracker) attend() {
	t.mu.Lock()
	t.feeding = true
	t.mu.Unlock()
}

func (t *tracker) leave() {
	t.mu.Lock()
	t.feeding = false
	t.mu.Unlock()
	t.deliver()
}

// deliver writes what waits for the client's own connection into its output. Only in its turn.
func (t *tracker) deliver() {
	t.mu.Lock()
	var waiting []byte
	if t.dest == t.c.conn {
		waiting, t.waiting = t.waiting, nil
	}
	t.mu.Unlock()
	if len(waiting) > 0 {
		t.c.w.Out = t.write(t.c.w.Out, waiting, t.c)
	}
}

// remember tracks the keys of a command that has read them. They are locked.
func (c *client) remember() {
	t := c.track
	switch mode := t.mode.Load(); {
	case mode&(trackOn|trackBcast) != trackOn,
		mode&trackOptIn != 0 && !t.caching,
		mode&trackOptOut != 0 && t.caching:
		return
	}
	for _, k := range c.keys {
		c.tx.Track(k, t.id)
	}
}

// attended is called behind each reply of a client that has a tracker. cmd is the command, nil if it was not run.
func (c *client) attended(cmd *command) {
	t := c.track
	if c.multi == nil && (cmd == nil || cmd.parent == nil || cmd.parent.name != "client") {
		t.caching = false
	}
	if most := c.e.trackers.most.Int(); most > 0 && c.entered {
		c.tx.TrimTracked(most)
	}
	t.deliver()
	if t.mode.Load() == 0 {
		c.track = nil
	}
}

// untrack ends tracking. What the client has read is forgotten when it changes.
func (c *client) untrack() {
	if t := c.track; t != nil && t.mode.Load() != 0 {
		t.mode.Store(0)
		c.e.trackers.casts.leave(t)
		c.e.trackers.all.Delete(t.id)
		t.caching = false
	}
}
