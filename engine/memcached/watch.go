// watch: the log of events that clients can follow.

package memcached

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/engine"
)

// watchEvent is a kind of event, as a bit.
type watchEvent uint32

const (
	watchFetch watchEvent = 1 << iota // looking for an item, whatever for
	watchStore
	watchEvict
	watchConn
	watchNothing // words that are known, but of things that do not happen here
)

// watchWords are the words of the command. The original's other words are of its proxy, its raw commands (of which 1.6.18 shows none either), and its
// background threads.
var watchWords = map[string]watchEvent{
	"fetchers": watchFetch, "mutations": watchStore, "evictions": watchEvict, "connevents": watchConn, "sysevents": watchNothing,
	"rawcmds": watchNothing, "proxyreqs": watchNothing, "proxyevents": watchNothing, "proxyuser": watchNothing,
}

const (
	maxWatchers = 20                   // as in the original
	watchPause  = 5 * time.Millisecond // so long lines are collected
)

// watchers are the clients that follow events. While there is none, an event costs a load and a branch.
//
// Events come from all threads, also under a shard's lock; they are appended to the buffer of each watcher, and what finds no room is counted instead. A
// goroutine that lives as long as there are watchers hands the buffers to their connections, unless a client has too much in front of it already.
type watchers struct {
	log   hclog.Logger
	limit int // bytes that may wait for one of them, and as many again in its connection

	on   atomic.Uint32 // events that anybody asked for
	gid  atomic.Uint64
	list atomic.Pointer[[]*watcher] // replaced, never changed
	wake chan struct{}              // of room one: there is something to hand over

	mu   sync.Mutex    // guards the changes of list, and stop
	stop chan struct{} // ends the goroutine; nil while there is none

	written, skipped, sent atomic.Int64 // lines kept, lines without room, bytes handed over
}

// watcher is one of them.
type watcher struct {
	conn   *engine.Conn
	events watchEvent

	mu      sync.Mutex // guards the rest; a leaf, also below the shards
	buf     []byte
	skipped uint64 // lines since the last one that had room
}

func (ws *watchers) init(limit int, log hclog.Logger) {
	ws.limit, ws.log, ws.wake = limit, log, make(chan struct{}, 1)
	ws.list.Store(new([]*watcher))
}

// wants tells whether anybody follows such events.
func (ws *watchers) wants(ev watchEvent) bool { return ws.on.Load()&uint32(ev) != 0 }

// add has a connection follow events; false: there are too many that do.
func (ws *watchers) add(conn *engine.Conn, events watchEvent) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	old := *ws.list.Load()
	if len(old) >= maxWatchers {
		return false
	}
	ws.set(append(slices.Clip(old), &watcher{conn: conn, events: events}))
	if ws.stop == nil {
		stop := make(chan struct{})
		ws.stop = stop
		engine.Go("watch", ws.log, func() { ws.deliver(stop) })
	}
	return true
}

// remove ends that.
func (ws *watchers) remove(conn *engine.Conn) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(*ws.list.Load()), func(w *watcher) bool { return w.conn == conn })
	ws.set(left)
	if len(left) == 0 {
		ws.halt()
	}
}

// shut ends the goroutine.
func (ws *watchers) shut() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.set(nil)
	ws.halt()
}

func (ws *watchers) halt() {
	if ws.stop != nil {
		close(ws.stop)
		ws.stop = nil
	}
}

func (ws *watchers) set(list []*watcher) {
	var on watchEvent
	for _, w := range list {
		on |= w.events
	}
	ws.list.Store(&list)
	ws.on.Store(uint32(on))
}

// tell appends a line, which begins with its type, for everybody who follows such events. It copies the line.
func (ws *watchers) tell(ev watchEvent, now int64, line []byte) {
	var room [64]byte
	head := append(room[:0], "ts="...)
	head = appendUint(head, uint64(now/1e6))
	head = append(head, '.')
	for n, unit := now%1e6, int64(1e5); unit > 0; unit /= 10 {
		head = append(head, '0'+byte(n/unit%10))
	}
	head = appendUint(append(head, " gid="...), ws.gid.Add(1)+1) // the original's first is 2
	head = append(head, " type="...)
	told := false
	for _, w := range *ws.list.Load() {
		if w.events&ev != 0 {
			told = w.note(ws, head, line) || told
		}
	}
	if told {
		select {
		case ws.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// note keeps a line, if there is room.
func (w *watcher) note(ws *watchers, head, line []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.buf)+len(head)+len(line)+skippedLine > ws.limit {
		w.skipped++
		ws.skipped.Add(1)
		return false
	}
	if w.skipped > 0 {
		w.buf = append(appendUint(append(w.buf, "[skipped: "...), w.skipped), "]\n"...)
		w.skipped = 0
	}
	w.buf = append(append(append(w.buf, head...), line...), '\n')
	ws.written.Add(1)
	return true
}

// skippedLine is longer than what stands for lines without room.
const skippedLine = 40

// deliver hands over what the watchers have, in batches, until stop is closed. Who takes nothing is looked at again after a while.
func (ws *watchers) deliver(stop <-chan struct{}) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	<-pause.C
	for {
		select {
		case <-stop:
			return
		case <-ws.wake:
		}
		for left := true; left; {
			pause.Reset(watchPause)
			select {
			case <-stop:
				return
			case <-pause.C:
			}
			left = false
			for _, w := range *ws.list.Load() {
				left = !w.handOver(ws) || left
			}
		}
	}
}

// handOver gives the connection what is there; false: it has too much to send already.
func (w *watcher) handOver(ws *watchers) bool {
	full := w.conn.Stats().OutPending >= ws.limit
	w.mu.Lock()
	b := w.buf
	if full || len(b) == 0 {
		w.mu.Unlock()
		return len(b) == 0
	}
	w.buf = nil // the connection keeps it
	w.mu.Unlock()
	if w.conn.Push(b) {
		ws.sent.Add(int64(len(b)))
	}
	return true
}
