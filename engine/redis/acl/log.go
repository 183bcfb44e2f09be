// Log: who was denied what, the latest first. Equal events of a minute are one entry.

package acl

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// grouping is how long an entry goes on counting; lookBack how many entries are compared with a new event.
const (
	grouping = time.Minute
	lookBack = 10
	logMost  = 1 << 20 // entries at most, whatever the setting says
	textMost = 512     // bytes kept of what was denied, and of a user's name: anybody may send either
)

// Where a request came from.
type Context uint8

const (
	TopLevel Context = iota
	Multi
	Lua
)

func (c Context) String() string { return [...]string{"toplevel", "multi", "lua"}[c] }

// Event is something denied.
type Event struct {
	Reason   Reason
	Context  Context
	Object   string // the command, key or channel; of a login the command that tried
	Username string
	Client   string // description of the connection, of the last event
}

// Entry is one or more equal events.
type Entry struct {
	Event
	ID               int64
	Count            int64
	Created, Updated time.Time
}

// Log may be used by any goroutine.
type Log struct {
	Denied [DeniedChannel + 1]atomic.Int64 // events by reason, also those that are not kept

	mu      sync.Mutex // guards what is below
	entries []*Entry   // the latest last
	next    int64
}

// Add notes an event; at most max entries are kept.
func (l *Log) Add(e Event, now time.Time, max int64) {
	l.Denied[e.Reason].Add(1)
	e.Object, e.Username = clip(e.Object), clip(e.Username)
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.entries) - 1; i >= 0 && i >= len(l.entries)-lookBack; i-- {
		if old := l.entries[i]; old.covers(&e, now) {
			old.Client, old.Updated = e.Client, now
			old.Count++
			copy(l.entries[i:], l.entries[i+1:])
			l.entries[len(l.entries)-1] = old
			return
		}
	}
	l.entries = append(l.entries, &Entry{Event: e, ID: l.next, Count: 1, Created: now, Updated: now})
	l.next++
	l.trim(max)
}

func clip(s string) string {
	if len(s) > textMost {
		return strings.Clone(s[:textMost])
	}
	return s
}

func (e *Entry) covers(n *Event, now time.Time) bool {
	age := now.Sub(e.Updated)
	return e.Reason == n.Reason && e.Context == n.Context && max(age, -age) <= grouping && e.Object == n.Object && e.Username == n.Username
}

// Trim follows a new limit.
func (l *Log) Trim(max int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trim(max)
}

func (l *Log) trim(most int64) {
	if drop := len(l.entries) - int(min(most, logMost)); drop > 0 {
		l.entries = append([]*Entry(nil), l.entries[drop:]...)
	}
}

// Latest gives copies of up to n entries, the latest first.
func (l *Log) Latest(n int64) []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = max(min(n, int64(len(l.entries))), 0)
	out := make([]Entry, 0, n)
	for i := len(l.entries) - 1; int64(len(out)) < n; i-- {
		out = append(out, *l.entries[i])
	}
	return out
}

// Reset forgets all entries.
func (l *Log) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = nil
}
