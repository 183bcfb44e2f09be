// What a list of a million elements costs, in bytes and in time.

package deque

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
)

const million = 1_000_000

func build(a *arena.Arena, l Limits, n int) Deque {
	d := New(a, l)
	for i := range n {
		d.PushBack(pack.Text(fmt.Appendf(nil, "element:%07d", i)))
	}
	return d
}

// BenchmarkBytesPerElement loads a million elements of 15 bytes.
func BenchmarkBytesPerElement(b *testing.B) {
	for _, l := range []Limits{{Fill: -1}, {Fill: -2}, {Fill: -5}, {Fill: 128}, {Fill: -2, Depth: 1}} {
		b.Run(fmt.Sprintf("%d,%d", l.Fill, l.Depth), func(b *testing.B) {
			for b.Loop() {
				a := newArena(b, 1<<30)
				d := build(a, l, million)
				b.ReportMetric(float64(d.Bytes())/million, "B-nodes")
				b.ReportMetric(float64(a.Mapped())/million, "B-mapped")
			}
		})
	}
}

func BenchmarkMillion(b *testing.B) {
	a := newArena(b, 4<<30)
	d := build(a, Limits{Fill: -2}, million)
	e := pack.Text([]byte("element:0000001"))
	var root [RootBytes]byte
	d.Encode(root[:])
	b.Run("rpush", func(b *testing.B) {
		for b.Loop() {
			d := Open(a, root[:])
			d.PushBack(e)
			d.Encode(root[:])
		}
	})
	b.Run("lpush", func(b *testing.B) {
		for b.Loop() {
			d := Open(a, root[:])
			d.PushFront(e)
			d.Encode(root[:])
		}
	})
	b.Run("queue", func(b *testing.B) {
		for b.Loop() {
			d := Open(a, root[:])
			d.PushFront(e)
			sink += d.Back().Len()
			d.DropBack()
			d.Encode(root[:])
		}
	})
	b.Run("range100", func(b *testing.B) {
		for b.Loop() {
			d := Open(a, root[:])
			c := d.Seek(0)
			for range 100 {
				e, _ := c.Next()
				sink += len(e.Text)
			}
		}
	})
	d = Open(a, root[:])
	d.FreeStep(d.Len())
	d = build(a, Limits{Fill: -2}, million)
	d.Encode(root[:])
	b.Run("index", func(b *testing.B) {
		d := Open(a, root[:])
		for b.Loop() {
			c := d.Seek(rand.IntN(d.Len()))
			e, _ := c.Next()
			sink += len(e.Text)
		}
	})
	b.Run("insert+delete", func(b *testing.B) {
		d := Open(a, root[:])
		for b.Loop() {
			i := rand.IntN(d.Len())
			c := d.Seek(i)
			c.Next()
			d.Insert(&c, false, e)
			d.DeleteRange(i, 1)
		}
		d.Encode(root[:])
	})
}

var sink int
