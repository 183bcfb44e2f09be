// Builders against Append.

package pack

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestBuilder(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 1))
	for range 100 {
		var texts []string
		var heap Builder
		small := NewBuilder(make([]byte, r.IntN(200)))
		for range r.IntN(30) {
			s := randomText(r)
			texts = append(texts, s)
			heap.Add(Text([]byte(s)))
			small.Add(Text([]byte(s)))
		}
		want := buildPack(texts...)
		if heap.Len() != len(texts) || heap.Size() != len(want) {
			t.Fatalf("%d elements, size %d; want %d and %d", heap.Len(), heap.Size(), len(texts), len(want))
		}
		heap.AddRun(want.Run(want.First(), want.End()), len(texts))
		double := heap.Done()
		double.check(t, append(texts[:len(texts):len(texts)], texts...))
		if got := small.Done(); !bytes.Equal(got, want) {
			t.Fatalf("%x, want %x", got, want)
		}
		if heap.Len() != 0 || heap.Size() != EmptyListpack || !bytes.Equal(heap.Done(), buildPack()) {
			t.Fatal("the builder keeps something")
		}
	}
}

func TestBuilderStaysInTheBlock(t *testing.T) {
	want := buildPack("one", "2", "three")
	block := make([]byte, len(want))
	if n := testing.AllocsPerRun(10, func() {
		b := NewBuilder(block)
		b.Add(Text([]byte("one")))
		b.Add(Number(2))
		b.AddRun(want.Run(want.Last(), want.End()), 1)
		if lp := b.Done(); &lp[0] != &block[0] || !bytes.Equal(lp, want) {
			t.Fatal("built elsewhere or wrong")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
