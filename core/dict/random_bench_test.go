// How long drawing an entry by chance takes.

package dict

import (
	"fmt"
	"hash/maphash"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

// BenchmarkRandom draws from a set of a million, with and without taking the entry out.
func BenchmarkRandom(b *testing.B) {
	a, err := arena.New(1 << 32)
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	seed := maphash.MakeSeed()
	d, _ := New(a, Set)
	for i := range 1_000_000 {
		name := fmt.Appendf(nil, "member:%012d", i)
		d.Insert(maphash.Bytes(seed, name), name, nil, 0)
	}
	b.Run("draw", func(b *testing.B) {
		for b.Loop() {
			d.Random()
		}
	})
	b.Run("take", func(b *testing.B) {
		var name []byte
		for b.Loop() {
			e := d.Random()
			name = append(name[:0], e.Name()...)
			d.Remove(&e)
			d.Insert(maphash.Bytes(seed, name), name, nil, 0)
		}
	})
}
