// Tests and benchmarks of cmd_meta_get.go.

package memcached

import (
	"strings"
	"testing"
)

func TestMetaDoesNotAllocate(t *testing.T) {
	for _, line := range []string{"mg key:000000001234 v\r\n", "mg key:000000001234 k v s f t h l O123 q c\r\n", "mg a2V5OjAwMDAwMDAwMTIzNA== b k v\r\n", "mg nokey v\r\n", "mg nokey v q\r\n",
		"ms key:000000001234 32 T100 F5 k\r\n0123456789abcdef0123456789abcdef\r\n", "ma number v c\r\n", "md nokey q\r\n", "me key:000000001234\r\n", "mn\r\n"} {
		run := feeder(t, benchSetup+"set number 0 0 2\r\n10\r\n", strings.Repeat(line, 16))
		run()
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%q: %v allocations", line, n)
		}
	}
}

// TestVerbosePipeline reads many keys quietly: only what is there is answered, and MN ends it.
func TestVerbosePipeline(t *testing.T) {
	c := newRig(t).client()
	c.send("ms k7 2\r\nab\r\n")
	got := c.send(strings.Repeat("mg k1 v q\r\nmg k7 v q O7\r\nmg k9 v q k\r\n", 2000) + "mn\r\n")
	if want := strings.Repeat("VA 2 O7\r\nab\r\n", 2000) + "MN\r\n"; got != want {
		t.Errorf("%d bytes, want %d; end %q", len(got), len(want), got[max(0, len(got)-60):])
	}
}

// mg costs what get costs and some 60 ns for the flags.
func benchMeta(b *testing.B, line string) {
	run := feeder(b, benchSetup, strings.Repeat(line, 16))
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/16, "ns/mg")
}

func BenchmarkMG16(b *testing.B)      { benchMeta(b, "mg key:000000001234 v\r\n") }
func BenchmarkMGFlags16(b *testing.B) { benchMeta(b, "mg key:000000001234 f t s k O123 q v\r\n") }
