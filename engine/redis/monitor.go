// Monitors: connections that are shown every command, and what a command looks like to them.

package redis

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/cachesrv/cachesrv/engine"
)

// The reasons for which the dispatcher looks twice at a request. While there are none, they cost one load of a word that nobody writes.
const (
	alertMonitor  uint32 = 1 << iota // somebody is shown the commands
	alertPause                       // clients are paused
	alertLoading                     // the data is being loaded
	alertUnsaved                     // snapshots fail
	alertUnlogged                    // the append-only file cannot be written
)

// monitors is who watches.
type monitors struct {
	mu   sync.RWMutex // guards list; held for reading while a line is handed to them, so that who has left gets no more
	list []*client
}

// addMonitor makes c a monitor.
func (e *Engine) addMonitor(c *client) {
	c.monitor = true
	c.setBit(bitMonitor, true)
	ms := &e.monitors
	ms.mu.Lock()
	defer ms.mu.Unlock()
	ms.list = append(ms.list, c)
	e.alert.Or(alertMonitor)
}

// endMonitor makes c an ordinary client again.
func (c *client) endMonitor() {
	if !c.monitor {
		return
	}
	c.monitor = false
	c.setBit(bitMonitor, false)
	ms := &c.e.monitors
	ms.mu.Lock()
	defer ms.mu.Unlock()
	ms.list = slices.DeleteFunc(ms.list, func(o *client) bool { return o == c })
	if len(ms.list) == 0 {
		c.e.alert.And(^alertMonitor)
	}
}

// show tells the monitors about the command that c has just run. from is what stands for the client's address, "" for the address
// itself; a command of a script comes from "lua". Transactions and scripts call it for each of their commands. Call it only while
// alertMonitor is set.
func (c *client) show(cmd *command, from string) {
	if cmd.flags&(admin|skipMonitor) == 0 {
		c.showAlways(from)
	}
}

// showAlways is show for a command that has itself shown before it runs, as one does that runs others. The line is written once, and nobody waits
// for a monitor: one that does not take what it is sent is closed at the limit of normal clients.
func (c *client) showAlways(from string) {
	ms := &c.e.monitors
	ms.mu.RLock()
	defer ms.mu.RUnlock()
	if len(ms.list) == 0 {
		return
	}
	if from == "" {
		from = c.origin()
	}
	line, whole := appendShown(nil, c, from, c.e.server.Load().OutHard(engine.Normal))
	for _, m := range ms.list {
		if whole {
			m.conn.Push(line)
		} else {
			m.conn.KillFull()
		}
	}
}

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
