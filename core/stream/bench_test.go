// What a stream of a million entries costs, in bytes and in time.

package stream

import (
	"fmt"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

func filled(t testing.TB, n int) (*arena.Arena, Stream) {
	a, err := arena.New(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	s, _ := New(a)
	fields := [][]byte{[]byte("field"), nil}
	for i := range n {
		fields[1] = fmt.Appendf(fields[1][:0], "value:%06d", i%1_000_000)
		if !s.Append(ID{uint64(1_700_000_000_000 + i/3), uint64(i % 3)}, fields, Limits{4096, 100}) {
			t.Fatal("arena full")
		}
	}
	return a, s
}

// TestBytesPerEntry: an entry with one value of 12 bytes takes 14 for that and 8 for its head; the rest is what blocks are rounded by.
func TestBytesPerEntry(t *testing.T) {
	const n = 30_000
	a, s := filled(t, n)
	if per := float64(s.Bytes()) / n; per > 25 || per < 20 {
		t.Errorf("%.1f bytes an entry, %d mapped", per, a.Mapped()/n)
	}
}

func BenchmarkAppend(b *testing.B) {
	_, s := filled(b, 1)
	fields := [][]byte{[]byte("field"), []byte("value:000001")}
	id := s.Last
	b.ReportAllocs()
	for b.Loop() {
		id.Ms++
		if !s.Append(id, fields, Limits{4096, 100}) {
			b.Fatal("arena full")
		}
		if s.Length > 1_000_000 {
			b.StopTimer()
			s.Trim(Trim{})
			b.StartTimer()
		}
	}
}

func BenchmarkMillion(b *testing.B) {
	a, s := filled(b, 1_000_000)
	b.Run("bytes", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(float64(s.Bytes())/1_000_000, "B/entry")
		b.ReportMetric(float64(a.Mapped())/1_000_000, "B-mapped/entry")
	})
	b.Run("walk100", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			n, w := 0, s.Walk(ID{uint64(1_700_000_000_000 + i*7919%300_000), 0}, MaxID, false)
			for n < 100 && w.Next() {
				w.Field()
				n++
			}
		}
	})
	b.Run("last", func(b *testing.B) {
		for b.Loop() {
			w := s.Walk(ID{}, MaxID, true)
			w.Next()
		}
	})
}
