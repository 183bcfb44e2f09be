// Tests of flush.go.

package memcached

import (
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

// turn is the pending flush's number, and whether there is one.
func (f *flusher) pending() (uint64, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.turn, f.timer != nil
}

const oneItem = "set k 0 0 1\r\nx\r\n"

func TestDelayedFlush(t *testing.T) {
	r := newRig(t)
	c := r.client()
	if got := c.send(oneItem + "flush_all 100\r\nget k\r\n"); got != "STORED\r\nOK\r\nVALUE k 0 1\r\nx\r\nEND\r\n" {
		t.Errorf("before: %q", got)
	}
	turn, pending := r.e.flusher.pending()
	if !pending {
		t.Fatal("nothing is pending")
	}
	r.e.flusher.run(turn) // as the timer would
	if got := c.send("get k\r\n" + oneItem + "get k\r\n"); got != "END\r\nSTORED\r\nVALUE k 0 1\r\nx\r\nEND\r\n" {
		t.Errorf("after: %q", got)
	}
}

// TestLaterFlushReplaces: a timer whose moment was replaced or taken back does nothing, even if it fires.
func TestLaterFlushReplaces(t *testing.T) {
	for _, next := range []string{"flush_all 200\r\n", "flush_all\r\n", "flush_all -1\r\n", "flush_all 1\r\n", "flush_all 1700000000\r\n"} {
		r := newRig(t)
		c := r.client()
		c.send("flush_all 100\r\n")
		old, _ := r.e.flusher.pending()
		c.send(next + oneItem)
		r.e.flusher.run(old)
		if got := c.send("get k\r\n"); got != "VALUE k 0 1\r\nx\r\nEND\r\n" {
			t.Errorf("%q: %q", next, got)
		}
	}
}

// TestFlushOfOneSecond: as in the original, a delay of one second is none, and one of two is pending.
func TestFlushOfOneSecond(t *testing.T) {
	r := newRig(t)
	c := r.client()
	if got := c.send(oneItem + "flush_all 1\r\nget k\r\n"); got != "STORED\r\nOK\r\nEND\r\n" {
		t.Errorf("delay of 1: %q", got)
	}
	if _, pending := r.e.flusher.pending(); pending {
		t.Error("a delay of 1 is pending")
	}
	c.send("flush_all 2\r\n")
	if _, pending := r.e.flusher.pending(); !pending {
		t.Error("a delay of 2 is not pending")
	}
}

func TestFlushAtAMoment(t *testing.T) {
	r := newRig(t)
	r.client().send("flush_all 1800000100\r\n") // a Unix time 100 s after the rig's clock
	if _, pending := r.e.flusher.pending(); !pending {
		t.Error("nothing is pending")
	}
}

// flushes tells the journal's flush_all.
type flushes chan struct{}

func (f flushes) Command(_ int, args [][]byte)           { f <- struct{}{} }
func (f flushes) Removed(int, []byte, core.RemoveReason) {}

// TestTimerFlushes lets the real timer run out.
func TestTimerFlushes(t *testing.T) {
	r := newRig(t)
	c := r.client()
	c.send(oneItem)
	done := make(flushes, 1)
	r.store.SetJournal(done)
	r.e.flusher.schedule(r.now, r.now)
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("the timer did not flush")
	}
	if got := c.send("get k\r\n"); got != "END\r\n" {
		t.Errorf("got %q", got)
	}
}

func TestCloseEndsTheFlush(t *testing.T) {
	r := newRig(t)
	c := r.client()
	c.send(oneItem + "flush_all 100\r\n")
	turn, _ := r.e.flusher.pending()
	r.e.Close()
	r.e.flusher.run(turn)
	r.e.flusher.schedule(r.now+1000, r.now)
	if _, pending := r.e.flusher.pending(); pending {
		t.Error("a flush was scheduled after Close")
	}
	if got := c.send("get k\r\n"); got != "VALUE k 0 1\r\nx\r\nEND\r\n" {
		t.Errorf("got %q", got)
	}
}

func TestFlushRefused(t *testing.T) {
	c := newRig(t, "CACHESRV_DISABLE_FLUSH_ALL=yes").client()
	if got := c.send(oneItem + "flush_all\r\nget k\r\n"); got != "STORED\r\nCLIENT_ERROR flush_all not allowed\r\nVALUE k 0 1\r\nx\r\nEND\r\n" {
		t.Errorf("got %q", got)
	}
}

// TestFlushOfLongAgo: everything that was there at a moment before the server began is gone already. An earlier flush is taken back all the same.
func TestFlushOfLongAgo(t *testing.T) {
	r := newRig(t)
	c := r.client()
	if got := c.send(oneItem + "flush_all 100\r\nflush_all 1700000000\r\nget k\r\n"); got != "STORED\r\nOK\r\nOK\r\nVALUE k 0 1\r\nx\r\nEND\r\n" {
		t.Errorf("got %q", got)
	}
	if _, pending := r.e.flusher.pending(); pending {
		t.Error("the earlier one is still pending")
	}
}
