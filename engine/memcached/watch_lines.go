// The lines of the event log, in the words of the original: what was looked for, stored, evicted, and who came and went.

package memcached

import (
	"net"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// watchedFetch tells of a look for an item, if anybody wants to know. Its shard is locked.
func (x *call) watchedFetch(name []byte, it core.Item) {
	class, size := 0, 0
	line := appendEscaped(append(x.line[:0], "item_get key="...), name)
	if it.Ok() {
		class, size = classID(it.Size()), len(it.Value())
		line = append(line, " status=found clsid="...)
	} else {
		line = append(line, " status=not_found clsid="...)
	}
	line = appendUint(line, uint64(class))
	x.line = x.appendPlace(line, size)
	x.e.watch.tell(watchFetch, time.Now().UnixMicro(), x.line)
}

// watchedStore tells what became of a value that was to be stored. seconds is the expiry as sent; where the item was stored its own counts.
func (x *call) watchedStore(name []byte, status, cmd string, seconds int64, size int) {
	class, ttl := 0, max(0, seconds)
	if status == "stored" {
		if it := x.tx.Find(0, x.key); it.Ok() {
			class, size, ttl = classID(it.Size()), len(it.Value()), 0
			if at := it.ExpireAt(); at > 0 {
				ttl = x.ttlOf(at)
			}
		}
	}
	line := appendEscaped(append(x.line[:0], "item_store key="...), name)
	line = append(append(line, " status="...), status...)
	line = append(append(line, " cmd="...), cmd...)
	line = appendUint(append(line, " ttl="...), uint64(ttl))
	line = appendUint(append(line, " clsid="...), uint64(class))
	x.line = x.appendPlace(line, size)
	x.e.watch.tell(watchStore, time.Now().UnixMicro(), x.line)
}

// appendPlace ends a line with whose doing it was, and how long the value is.
func (x *call) appendPlace(line []byte, size int) []byte {
	line = appendUint(append(line, " cfd="...), uint64(max(0, x.s.c.FD())))
	return appendUint(append(line, " size="...), uint64(size))
}

// stored names the outcome of a request to store by its reply, or by the code that it wrote behind mark.
func (x *call) stored(reply string, mark int) string {
	if reply == "" && len(x.w.Out) >= mark+2 {
		reply = string(x.w.Out[mark : mark+2])
	}
	switch reply {
	case replyNotStored, codeNotStored:
		return "not_stored"
	case replyExists, codeExists:
		return "exists"
	case replyNotFound, codeNotFound:
		return "not_found"
	case replyTooLarge:
		return "too_large"
	case replyNoMemory:
		return "no_memory"
	}
	return "stored"
}

// storedFrame is stored for the status of a binary answer.
func storedFrame(cmd string, st status) string {
	switch st {
	case statusOK:
		return "stored"
	case statusExists:
		if cmd == "add" {
			return "not_stored"
		}
		return "exists"
	case statusNotFound:
		if cmd == "replace" {
			return "not_stored"
		}
		return "not_found"
	case statusTooLarge:
		return "too_large"
	case statusNoMemory:
		return "no_memory"
	}
	return "not_stored"
}

// verb is what a line was asked to do, in the words of the text protocol.
func (x *call) verb() string {
	if x.cmd.meta != nil {
		return x.meta.verb()
	}
	return x.cmd.name
}

func (m *meta) verb() string {
	switch {
	case m.mode == 'A':
		return "append"
	case m.mode == 'P':
		return "prepend"
	case m.mode == 'E':
		return "add"
	case m.has('C'):
		return "cas"
	case m.mode == 'R':
		return "replace"
	}
	return "set"
}

// Removed, Added and Quiet are what the store tells (core.Listener): of its own removals evictions are in the log.
func (e *Engine) Removed(_ int, it core.Item, why core.RemoveReason) {
	e.removals.add(it, why)
	e.lostFrom(it, why)
	if why != core.Evicted || !e.watch.wants(watchEvict) {
		return
	}
	var room [1024]byte
	line := appendEscaped(append(room[:0], "eviction key="...), it.Name())
	if it.Type()&markRead != 0 {
		line = append(line, " fetch=yes ttl="...)
	} else {
		line = append(line, " fetch=no ttl="...)
	}
	if at := it.ExpireAt(); at == 0 {
		line = append(line, "-1"...)
	} else {
		line = appendUint(line, uint64(max(0, at/1000-time.Now().Unix())))
	}
	idle, _ := e.store.IdleSeconds(it)
	line = appendUint(append(line, " la="...), uint64(max(0, idle)))
	line = appendUint(append(line, " clsid="...), uint64(classID(it.Size())))
	line = appendUint(append(line, " size="...), uint64(len(it.Value())))
	e.watch.tell(watchEvict, time.Now().UnixMicro(), line)
}

func (e *Engine) Added(int, []byte) {}
func (e *Engine) Quiet()            {}

// closeReason is why a connection ended, in the original's words.
func closeReason(why string) string {
	switch why {
	case "", "quit", "the client hung up":
		return "normal"
	case "idle":
		return "idle_timeout"
	case "the server stops":
		return "shutdown"
	}
	return "error"
}

// watchedConn tells of a client that comes or goes.
func (e *Engine) watchedConn(c *engine.Conn, came bool) {
	line := append([]byte(nil), "conn_close rip="...)
	if came {
		line = append(line[:0], "conn_new rip="...)
	}
	switch a := c.Remote().(type) {
	case *net.TCPAddr:
		line = append(line, a.IP.String()...)
		line = appendUint(append(line, " rport="...), uint64(a.Port))
		line = append(line, " transport=tcp"...)
	default:
		line = append(line, "unix rport=0 transport=local"...)
	}
	if !came {
		line = append(append(line, " reason="...), closeReason(c.Why())...)
	}
	line = appendUint(append(line, " cfd="...), uint64(max(0, c.FD())))
	e.watch.tell(watchConn, time.Now().UnixMicro(), line)
}
