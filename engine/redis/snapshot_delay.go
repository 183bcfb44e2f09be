// delay: the settings that slow snapshots down key by key, for tests.

package redis

import (
	"time"

	"github.com/cachesrv/cachesrv/config"
)

// delay adds up what the keys so far are to cost; below zero, a microsecond for so many keys.
type delay struct {
	each *config.Value // µs
	owed time.Duration
	keys int64
}

func newDelay(each *config.Value) *delay { return &delay{each: each} }

func (d *delay) count() {
	switch n := d.each.Int(); {
	case n > 0:
		d.owed += time.Duration(n) * time.Microsecond
	case n < 0:
		if d.keys++; d.keys >= -n {
			d.keys = 0
			d.owed += time.Microsecond
		}
	}
}

// longestDelay is how long one wait is, so that a change of the setting and the end of the server are noticed.
const longestDelay = 100 * time.Millisecond

// wait waits for what is owed.
func (d *delay) wait() {
	if d.owed < time.Millisecond {
		return
	}
	time.Sleep(min(d.owed, longestDelay))
	if d.owed -= longestDelay; d.owed < 0 || d.each.Int() == 0 {
		d.owed = 0
	}
}
