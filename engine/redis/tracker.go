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

	mu      sync.Mutex // guards what follows; below the shards' mutexes and the broadcasts', above the connections'
	waiting []byte     // records of four bytes of length and the keys as a RESP value; length 0: the redirection is broken
	posted  *engine.Conn
	feeding bool // the client runs requests now and will see to what waits
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
		t.mu.Lock()
		at := t.begin()
		t.waiting = resp.AppendBulk(resp.AppendArray(t.waiting, 1), key)
		t.end(at, to)
	}
}

// flushed queues that nothing is valid any more.
func (t *tracker) flushed() {
	if to := t.receiver(); to != nil {
		t.mu.Lock()
		at := t.begin()
		t.waiting = resp.AppendNull(t.waiting, t.v3())
		t.end(at, to)
	}
}

// many queues several keys, which are a RESP array already.
func (t *tracker) many(keys []byte) {
	if to := t.receiver(); to != nil {
		t.mu.Lock()
		at := t.begin()
		t.waiting = append(t.waiting, keys...)
		t.end(at, to)
	}
}

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
		t.mu.Lock()
		t.end(t.begin(), t.c.conn)
	}
	return nil
}

// begin and end enclose what is appended to waiting. mu is held; end gives it back, and sees to it that somebody delivers.
func (t *tracker) begin() int {
	t.waiting = append(t.waiting, 0, 0, 0, 0)
	return len(t.waiting) - 4
}

func (t *tracker) end(at int, to *engine.Conn) {
	binary.LittleEndian.PutUint32(t.waiting[at:], uint32(len(t.waiting)-at-4))
	if len(t.waiting) > mostWaiting && at > 0 {
		t.waiting = resp.AppendNull(append(t.waiting[:0], 0, 0, 0, 0), t.v3())
		binary.LittleEndian.PutUint32(t.waiting, uint32(len(t.waiting)-4))
	}
	post := t.posted != to && !(t.feeding && to == t.c.conn)
	if post {
		t.posted = to
	}
	t.mu.Unlock()
	if post && !to.Post(func(w *engine.Worker) { t.arrive(w, to) }) {
		t.mu.Lock()
		if t.posted == to {
			t.posted, t.waiting = nil, nil
		}
		t.mu.Unlock()
	}
}

// arrive is the visit on the receiver's loop.
func (t *tracker) arrive(w *engine.Worker, to *engine.Conn) {
	t.mu.Lock()
	var waiting []byte
	if t.posted == to { // else another connection has been asked since
		waiting, t.waiting, t.posted = t.waiting, nil, nil
	}
	t.mu.Unlock()
	if r, ok := to.Session().(*client); ok {
		w.Out = t.write(w.Out, waiting, r)
	}
}

// write appends the messages for r, on whose loop it runs. Version 2 knows no messages but those of a subscription.
func (t *tracker) write(out, waiting []byte, r *client) []byte {
	to := t.to.Load()
	for len(waiting) > 0 {
		n := binary.LittleEndian.Uint32(waiting)
		keys := waiting[4 : 4+n]
		waiting = waiting[4+n:]
		switch {
		case n == 0:
			out = resp.AppendInt(append(out, ">2\r\n$21\r\ntracking-redir-broken\r\n"...), int64(to))
		case r.v3:
			out = append(append(out, ">2\r\n$10\r\ninvalidate\r\n"...), keys...)
		case to != 0 && r.listens():
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
	if to := t.to.Load(); to != 0 && to != t.id && t.mode.Load()&trackBroken == 0 {
		return
	}
	t.mu.Lock()
	waiting := t.waiting
	t.waiting = nil
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
