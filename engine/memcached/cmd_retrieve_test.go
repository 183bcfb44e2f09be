// Tests and benchmarks of cmd_retrieve.go.

package memcached

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/engine"
)

// TestLongMultiget sends one line of 200,000 keys: the replies come while the line arrives, and no more than a key of
// it is ever kept.
func TestLongMultiget(t *testing.T) {
	r := newRig(t)
	c := r.client()
	c.send("set key7 1 0 2\r\nxy\r\nset last 0 0 1\r\nz\r\n")
	got, kept := "", 0
	var line strings.Builder
	line.WriteString("get")
	for i := range 200000 {
		fmt.Fprintf(&line, " key%d", i%10)
	}
	line.WriteString(" last\r\nversion\r\n")
	for in := line.String(); in != ""; {
		n := min(len(in), 16<<10)
		got += c.send(in[:n])
		in = in[n:]
		kept = max(kept, len(c.rest))
	}
	want := strings.Repeat("VALUE key7 1 2\r\nxy\r\n", 20000) + "VALUE last 0 1\r\nz\r\nEND\r\nVERSION 1.6.18\r\n"
	if got != want {
		t.Errorf("%d bytes of replies, want %d; end %q", len(got), len(want), got[max(0, len(got)-60):])
	}
	if kept > maxLine {
		t.Errorf("%d bytes were kept", kept)
	}
}

// TestMultigetOfBigValues asks for much more than fits in the output buffer: it is sent in between, so it stays small.
func TestMultigetOfBigValues(t *testing.T) {
	r := newRig(t)
	c := r.client()
	value := strings.Repeat("v", 100000)
	c.send(fmt.Sprintf("set big 0 0 %d\r\n%s\r\n", len(value), value))
	c.rest = []byte("get" + strings.Repeat(" big", 300) + "\r\nversion\r\n")
	total, most, tail := 0, 0, ""
	for len(c.rest) > 0 {
		taken := c.s.Feed(r.w, c.rest)
		if taken == 0 {
			t.Fatalf("stuck at %.40q", c.rest)
		}
		c.rest = c.rest[taken:]
		total, most = total+len(r.w.Out), max(most, len(r.w.Out))
		tail += string(r.w.Out[max(0, len(r.w.Out)-40):])
		r.w.Out = r.w.Out[:0]
	}
	if !strings.HasSuffix(tail, "v\r\nEND\r\nVERSION 1.6.18\r\n") {
		t.Errorf("ends with %q", tail[len(tail)-40:])
	}
	if want := 300*(len("VALUE big 0 100000\r\n")+len(value)+2) + len("END\r\nVERSION 1.6.18\r\n"); total != want {
		t.Errorf("%d bytes, want %d", total, want)
	}
	if most > 300000 {
		t.Errorf("%d bytes of output at once", most)
	}
}

// TestBadKeyInALongMultiget checks the error that ends a get whose first replies are gone already.
func TestBadKeyInALongMultiget(t *testing.T) {
	c := newRig(t).client()
	c.send("set k 0 0 1\r\nx\r\n")
	got := c.send("get" + strings.Repeat(" k", 2000))
	got += c.send(" " + strings.Repeat("y", 300))
	got += c.send(strings.Repeat("y", 300) + " k k")
	got += c.send(" k\r\nversion\r\n")
	if got = strings.ReplaceAll(got, "VALUE k 0 1\r\nx\r\n", ""); got != "CLIENT_ERROR bad command line format\r\nVERSION 1.6.18\r\n" {
		t.Errorf("got %q", got)
	}
}

func TestZeroByteEndsALongMultiget(t *testing.T) {
	c := newRig(t).client()
	c.send("set k 0 0 1\r\nx\r\n")
	got := c.send("get" + strings.Repeat(" n", 2000))
	got += c.send(" k\x00k k")
	got += c.send(" k k\r\nversion\r\n")
	if got != "VALUE k 0 1\r\nx\r\nEND\r\nVERSION 1.6.18\r\n" {
		t.Errorf("got %q", got)
	}
}

func TestDisabledCAS(t *testing.T) {
	c := newRig(t, "CACHESRV_DISABLE_CAS=yes").client()
	got := c.send("set k 0 0 1\r\nx\r\ngets k\r\ncas k 0 0 1 0\r\ny\r\ncas k 0 0 1 1\r\ny\r\n")
	if want := "STORED\r\nVALUE k 0 1 0\r\nx\r\nEND\r\nEXISTS\r\nEXISTS\r\n"; got != want {
		t.Errorf("got %q", got)
	}
}

// feeder runs one batch again and again as a loop does.
func feeder(b testing.TB, setup, batch string) func() {
	r := newRig(b)
	r.client().send(setup)
	s := r.e.Open(&engine.Conn{}).(*session)
	in := []byte(batch)
	return func() {
		if taken := s.Feed(r.w, in); taken != len(in) {
			b.Fatalf("took %d of %d", taken, len(in))
		}
		r.w.Out = r.w.Out[:0]
	}
}

const benchSetup = "set key:000000001234 0 0 32\r\n0123456789abcdef0123456789abcdef\r\n"

func TestGetDoesNotAllocate(t *testing.T) {
	for _, line := range []string{"get key:000000001234\r\n", "gets key:000000001234 nokey\r\n", "get nokey\r\n"} {
		run := feeder(t, benchSetup, strings.Repeat(line, 16))
		run()
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%q: %v allocations", line, n)
		}
	}
}

// A get in a pipeline of 16 costs some 200 ns of CPU in the session and the store, two thirds of it in the store.
func BenchmarkGet16(b *testing.B) {
	run := feeder(b, benchSetup, strings.Repeat("get key:000000001234\r\n", 16))
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/16, "ns/get")
}

func BenchmarkMultiget16(b *testing.B) {
	run := feeder(b, benchSetup, "get"+strings.Repeat(" key:000000001234", 16)+"\r\n")
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/16, "ns/key")
}
