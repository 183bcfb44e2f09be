// Tests and benchmarks of cmd_store.go.

package memcached

import (
	"fmt"
	"strings"
	"testing"
)

// TestTooLarge is M2: the value is refused while it arrives, nothing of it is kept, and the old value is gone.
func TestTooLarge(t *testing.T) {
	for verb, old := range map[string]string{"set": "END\r\n", "add": "VALUE k 0 1\r\nx\r\nEND\r\n", "append": "VALUE k 0 1\r\nx\r\nEND\r\n"} {
		c := newRig(t).client()
		c.send("set k 0 0 1\r\nx\r\n")
		got, chunk := c.send(verb+" k 0 0 2000000\r\n"), strings.Repeat("z", 10000)
		for range 200 {
			if got += c.send(chunk); len(c.rest) != 0 {
				t.Fatalf("%s: %d bytes kept", verb, len(c.rest))
			}
		}
		got += c.send("\r\nget k\r\n")
		if want := "SERVER_ERROR object too large for cache\r\n" + old; got != want {
			t.Errorf("%s: got %q", verb, got)
		}
	}
}

// TestAnnouncedLengthIsNotTrusted is R7 for this protocol: a header alone keeps nothing but itself.
func TestAnnouncedLengthIsNotTrusted(t *testing.T) {
	c := newRig(t).client()
	if got := c.send("set k 0 0 1000000\r\nabc"); got != "" || c.s.Want() != len("set k 0 0 1000000\r\n")+1000002 {
		t.Errorf("got %q, want %d", got, c.s.Want())
	}
	if got := c.send(strings.Repeat("x", 999997) + "\r\nget k\r\n"); !strings.HasPrefix(got, "STORED\r\nVALUE k 0 1000000\r\nabcx") {
		t.Errorf("got %.60q", got)
	}
}

func TestAppendBeyondTheLimit(t *testing.T) {
	c := newRig(t, "CACHESRV_ITEM_SIZE_MAX=2048").client()
	half := strings.Repeat("h", 1200)
	got := c.send(fmt.Sprintf("set k 0 0 1200\r\n%s\r\nappend k 0 0 1200\r\n%s\r\nprepend k 0 0 1\r\nx\r\nset q 0 0 2048\r\n%s\r\n", half, half, strings.Repeat("q", 2048)))
	if want := "STORED\r\nNOT_STORED\r\nSTORED\r\nSERVER_ERROR object too large for cache\r\n"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestSetDoesNotAllocate(t *testing.T) {
	run := feeder(t, "", strings.Repeat(benchSetup, 16))
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkSet16(b *testing.B) {
	run := feeder(b, "", strings.Repeat(benchSetup, 16))
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/16, "ns/set")
}
