// Monitors: connections that are shown every command, and what a command looks like to them.

package redis

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/engine"
)

// The reasons for which the dispatcher looks twice at a request. While there are none, they cost one load of a word that nobody writes.
const (
	alertMonitor uint32 = 1 << iota // somebody is shown the commands
	alertPause                      // clients are paused
)

// monitors is who watches.
type monitors struct {
	list atomic.Pointer[[]*monitor] // replaced as a whole, nil for nobody

	mu sync.Mutex // guards replacing list
}

// monitor is one connection that watches. Commands on any loop put lines into its box; its own loop empties that.
type monitor struct {
	c    *client
	post func(*engine.Worker) // deliver, made once

	mu     sync.Mutex // guards what follows; nothing else is locked under it
	box    []byte
	posted bool // deliver is on its way
	full   bool // the connection is being closed: nothing more is kept for it
	held   int  // bytes of box that the client is charged with
}

// charge follows the size of box; mu is held.
func (m *monitor) charge() {
	if d := cap(m.box) - m.held; d != 0 {
		m.held += d
		m.c.hold(d)
	}
}

// add makes c a monitor.
func (e *Engine) addMonitor(c *client) {
	m := &monitor{c: c}
	m.post = m.deliver
	c.monitor = m
	ms := &e.monitors
	ms.mu.Lock()
	defer ms.mu.Unlock()
	var list []*monitor
	if old := ms.list.Load(); old != nil {
		list = slices.Clone(*old)
	}
	list = append(list, m)
	ms.list.Store(&list)
	e.alert.Or(alertMonitor)
}

// endMonitor makes c an ordinary client again. What was in its box is not sent.
func (c *client) endMonitor() {
	m := c.monitor
	if m == nil {
		return
	}
	c.monitor = nil
	c.setBit(bitMonitor, false)
	m.stop()
	ms := &c.e.monitors
	ms.mu.Lock()
	defer ms.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(*ms.list.Load()), func(o *monitor) bool { return o == m })
	if len(list) > 0 {
		ms.list.Store(&list)
		return
	}
	ms.list.Store(nil)
	c.e.alert.And(^alertMonitor)
}

// show tells the monitors about the command that c has just run. from is what stands for the client's address, "" for the address
// itself; a command of a script comes from "lua". Transactions and scripts call it for each of their commands. Call it only while
// alertMonitor is set.
func (c *client) show(cmd *command, from string) {
	if cmd.flags&(admin|skipMonitor) == 0 {
		c.showAlways(from)
	}
}

// showAlways is show for a command that has itself shown before it runs, as one does that runs others.
func (c *client) showAlways(from string) {
	list := c.e.monitors.list.Load()
	if list == nil {
		return
	}
	if from == "" {
		from = c.origin()
	}
	most := c.e.server.Load().OutHard(engine.Normal)
	line, _ := linePool.Get().(*[]byte)
	if line == nil {
		line = new([]byte)
	}
	b, ok := appendShown((*line)[:0], c, from, most)
	for _, m := range *list {
		m.send(b, ok, most)
	}
	if cap(b) <= keepLine {
		*line = b
		linePool.Put(line)
	}
}

// linePool keeps buffers for lines; keepLine is how large they may be.
var linePool sync.Pool

const keepLine = 64 << 10

// origin is a client's address as monitors see it.
func (c *client) origin() string {
	if c.conn.Unix() {
		return "unix:" + c.conn.Local().String()
	}
	return addr(c.conn.Remote())
}

// appendShown writes the line of c's current request; false: it would be longer than most, if that is not 0.
func appendShown(b []byte, c *client, from string, most int64) ([]byte, bool) {
	now := time.Now()
	b = append(b, '+')
	b = strconv.AppendInt(b, now.Unix(), 10)
	micro := strconv.Itoa(1_000_000 + now.Nanosecond()/1000)
	b = append(append(b, '.'), micro[1:]...)
	b = append(b, " ["...)
	b = strconv.AppendInt(b, int64(c.db), 10)
	b = append(append(append(b, ' '), from...), ']')
	for i, a := range c.args {
		if most > 0 && int64(len(b)+len(a)) > most {
			return b, false
		}
		b = append(b, ' ')
		if c.secret(i) {
			b = append(b, `"(redacted)"`...)
		} else {
			b = appendQuoted(b, a)
		}
	}
	return append(b, "\r\n"...), true
}

// appendQuoted writes bytes between quotes so that they stay on one line and can be read back.
func appendQuoted(b, s []byte) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, ch := range s {
		switch {
		case ch == '\\' || ch == '"':
			b = append(b, '\\', ch)
		case ch >= ' ' && ch <= '~':
			b = append(b, ch)
		case ch == '\n':
			b = append(b, `\n`...)
		case ch == '\r':
			b = append(b, `\r`...)
		case ch == '\t':
			b = append(b, `\t`...)
		case ch == '\a':
			b = append(b, `\a`...)
		case ch == '\b':
			b = append(b, `\b`...)
		default:
			b = append(b, '\\', 'x', hex[ch>>4], hex[ch&15])
		}
	}
	return append(b, '"')
}

// send puts a line into the box. A monitor that does not take its lines is closed when they are over its limit; whole says that the line is
// complete, and not one that is over the limit alone.
func (m *monitor) send(line []byte, whole bool, most int64) {
	m.mu.Lock()
	if m.full {
		m.mu.Unlock()
		return
	}
	if !whole || most > 0 && int64(len(m.box)+len(line)) > most {
		m.full, m.box = true, nil
		m.charge()
		m.mu.Unlock()
		m.c.conn.KillFull()
		return
	}
	m.box = append(m.box, line...)
	m.charge()
	ask := !m.posted
	m.posted = true
	m.mu.Unlock()
	if ask {
		m.c.conn.Post(m.post)
	}
}

// deliver empties the box into the connection's output. It runs on the connection's loop.
func (m *monitor) deliver(w *engine.Worker) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.c.monitor == m && !m.c.replyOff {
		w.Out = append(w.Out, m.box...)
	}
	if m.posted = false; cap(m.box) <= keepLine {
		m.box = m.box[:0]
	} else {
		m.box = nil
	}
	m.charge()
}

// stop keeps lines from being kept for a connection that watches no more.
func (m *monitor) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.full, m.box = true, nil
	m.charge()
}
