// What entries cost.

package dict

import (
	"fmt"
	"testing"
)

// BenchmarkBytesPerEntry measures all memory per entry over a doubling of the dict.
func BenchmarkBytesPerEntry(b *testing.B) {
	for _, c := range []struct {
		name  string
		kind  Kind
		field string
		value string
		due   int64
	}{
		{"member15", Set, "member:%08d", "", 0},
		{"field14value14", Map, "field:%08d", "value:12345678", 0},
		{"field14value14expiring", Map, "field:%08d", "value:12345678", 1_700_000_000_000},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				k := newKeeper(b, c.kind, 1<<32)
				sum, n := 0.0, 0
				for i := 1; i <= 1<<17; i++ {
					name := fmt.Appendf(nil, c.field, i)
					due := c.due
					if due != 0 {
						due += int64(i)
					}
					k.d.Insert(k.hash(name), name, []byte(c.value), due)
					if i > 1<<16 && i%512 == 0 {
						sum, n = sum+float64(k.d.Bytes())/float64(i), n+1
					}
				}
				b.ReportMetric(sum/float64(n), "B/entry")
				k.a.Close()
			}
		})
	}
}

func BenchmarkFind(b *testing.B) {
	k := newKeeper(b, Map, 1<<32)
	names := make([][]byte, 100_000)
	for i := range names {
		names[i] = fmt.Appendf(nil, "field:%08d", i)
		k.d.Insert(k.hash(names[i]), names[i], []byte("value"), 0)
	}
	i := 0
	for b.Loop() {
		name := names[i%len(names)]
		if e := k.d.Find(k.hash(name), name); !e.Ok() {
			b.Fatal("lost")
		}
		i += 7919
	}
}
