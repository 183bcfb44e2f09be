// The arena against a plain model under random operations, and its accounting.

package arena

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"
)

type block struct {
	n    int
	fill byte
}

func newArena(t testing.TB) *Arena {
	t.Helper()
	a, err := New(1 << 32)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func fill(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}

func randomSize(r *rand.Rand) int {
	switch r.IntN(20) {
	case 0:
		return r.IntN(300 << 10)
	case 1, 2:
		return r.IntN(8 << 10)
	}
	return 1 + r.IntN(200)
}

// check fails unless the block still holds what its owner wrote.
func check(t *testing.T, a *Arena, ref Ref, b block) {
	t.Helper()
	if got := a.Bytes(ref, b.n); !bytes.Equal(got, bytes.Repeat([]byte{b.fill}, b.n)) {
		t.Fatalf("block %#x of %d bytes has changed", ref, b.n)
	}
}

func TestRandomOperations(t *testing.T) {
	a := newArena(t)
	r := rand.New(rand.NewPCG(1, 2))
	model := map[Ref]block{}
	var want int64
	drop := func(ref Ref, b block) {
		check(t, a, ref, b)
		a.Free(ref, b.n)
		delete(model, ref)
		want -= int64(SizeOf(b.n))
	}
	for i := range 60_000 {
		if r.IntN(100) < 45+10*(i/20_000) { // shrinks first, grows in the end
			b := block{randomSize(r), byte(i)}
			ref := a.Alloc(b.n, Kind(r.IntN(int(kinds))))
			if _, ok := model[ref]; ok || ref == 0 || ref%8 != 0 {
				t.Fatalf("Alloc gave %#x", ref)
			}
			fill(a.Bytes(ref, b.n), b.fill)
			model[ref] = b
			want += int64(SizeOf(b.n))
		} else {
			for ref, b := range model {
				drop(ref, b)
				break
			}
		}
		if a.Used() != want {
			t.Fatalf("step %d: used %d, want %d", i, a.Used(), want)
		}
	}
	for ref, b := range model {
		drop(ref, b)
	}
	if a.Used() != 0 {
		t.Fatalf("used %d after everything was freed", a.Used())
	}
}

func TestSizeOfRoundsByAtMostAnEighth(t *testing.T) {
	for n := 1; n < 200<<10; n++ {
		got := SizeOf(n)
		if got < n || n >= 64 && got-n > n/8 {
			t.Fatalf("SizeOf(%d) = %d", n, got)
		}
		if n <= classMax && int(sizes[classOf(n)]) != got {
			t.Fatalf("class of %d", n)
		}
	}
}

func TestSpansWasteLittle(t *testing.T) {
	for c := range sizes {
		span := int(spanPages[c]) * pageSize
		if rest := span % int(sizes[c]); rest*8 > span {
			t.Errorf("class %d: span of %d wastes %d", sizes[c], span, rest)
		}
	}
}

func TestPagesComeBack(t *testing.T) {
	a := newArena(t)
	var refs []Ref
	for range 100_000 {
		refs = append(refs, a.Alloc(100, Movable))
	}
	high := a.Mapped()
	for _, r := range refs {
		a.Free(r, 100)
	}
	a.Tidy()
	if low := a.Mapped(); low > high/4 {
		t.Fatalf("mapped %d after freeing all of %d", low, high)
	}
	big := a.Alloc(9<<20, Movable) // the joined runs must serve a long block
	if uint64(big)+9<<20 > uint64(a.pages.top)<<pageBits || a.pages.top > uint64(high>>pageBits)+600 {
		t.Fatalf("free runs were not joined: top is %d pages", a.pages.top)
	}
	a.Free(big, 9<<20)
}

// TestPagesDoNotPileUp: without anybody tidying up, what is resident without an owner is bounded.
func TestPagesDoNotPileUp(t *testing.T) {
	a := newArena(t)
	var refs []Ref
	for range 200 {
		refs = append(refs, a.Alloc(1<<20, Movable))
	}
	for _, r := range refs {
		a.Free(r, 1<<20)
	}
	if low := a.Mapped() - a.pages.metaBytes(); low > hoardMin<<pageBits {
		t.Fatalf("mapped %d with nothing in use", low)
	}
	dirty := a.pages.dirty
	if a.Tidy(); dirty <= slackMin || a.pages.dirty > slackMin {
		t.Fatalf("%d pages without an owner, after tidying up %d", dirty, a.pages.dirty)
	}
}

// TestPagesStayForThoseWhoComeAgain: Decay leaves what was in use since it last looked back, and returns what was not.
func TestPagesStayForThoseWhoComeAgain(t *testing.T) {
	a := newArena(t)
	decay := func() {
		for range decayCalls {
			a.Decay()
		}
	}
	var refs [8]Ref
	fill := func(n int) {
		for i := range refs[:n] {
			refs[i] = a.Alloc(1<<20, Movable)
		}
	}
	empty := func(n int) {
		for _, r := range refs[:n] {
			a.Free(r, 1<<20)
		}
	}
	fill(8)
	empty(8)
	decay() // looks back for the first time: all of it was in use
	full := a.pages.dirty
	if full < 8<<8 {
		t.Fatalf("%d pages are left of 8 MB", full)
	}
	fill(4)
	empty(4)
	decay()
	if half := a.pages.dirty; half > full*5/8 || half < full*3/8 {
		t.Errorf("%d of %d pages are left when half of them were used again", half, full)
	}
	if decay(); a.pages.dirty > slackMin {
		t.Errorf("%d pages are left when none of them was used again", a.pages.dirty)
	}
}

func TestFullRangeFailsWithoutHarm(t *testing.T) {
	a, err := New(64 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var refs []Ref
	for {
		r := a.Alloc(1<<20, Movable)
		if r == 0 {
			break
		}
		refs = append(refs, r)
	}
	if len(refs) < 60 {
		t.Fatalf("only %d blocks of 1 MB in 64 MB", len(refs))
	}
	a.Free(refs[0], 1<<20)
	if a.Alloc(1<<20, Movable) == 0 {
		t.Fatal("the freed block is not given out again")
	}
}

func TestEvacuation(t *testing.T) {
	a := newArena(t)
	r := rand.New(rand.NewPCG(3, 4))
	live := map[Ref]byte{}
	for i := range 50_000 {
		ref := a.Alloc(64, Movable)
		fill(a.Bytes(ref, 64), byte(i))
		live[ref] = byte(i)
	}
	for ref := range live {
		if r.IntN(4) > 0 {
			a.Free(ref, 64)
			delete(live, ref)
		}
	}
	waste := a.Waste()
	if waste < 1<<20 {
		t.Fatalf("waste %d", waste)
	}
	if a.Evacuate(5) == 0 {
		t.Fatal("nothing to evacuate")
	}
	moved := map[Ref]byte{}
	for ref, v := range live {
		if a.Evacuating(ref) {
			to := a.Alloc(64, Movable)
			if a.Evacuating(to) {
				t.Fatal("a block of an evacuating span was given out")
			}
			copy(a.Bytes(to, 64), a.Bytes(ref, 64))
			a.Free(ref, 64)
			ref = to
		}
		moved[ref] = v
	}
	a.Settle()
	if after := a.Waste(); after > waste/10 {
		t.Fatalf("waste %d after moving, %d before", after, waste)
	}
	for ref, v := range moved {
		check(t, a, ref, block{64, v})
		a.Free(ref, 64)
	}
}

func TestManyGoroutines(t *testing.T) {
	a := newArena(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := rand.New(rand.NewPCG(uint64(g), 9))
			mine := map[Ref]block{}
			for range 5_000 {
				b := block{randomSize(r), byte(g)}
				ref := a.Alloc(b.n, Movable)
				fill(a.Bytes(ref, b.n), b.fill)
				mine[ref] = b
				if len(mine) > 100 {
					for ref, b := range mine {
						check(t, a, ref, b)
						a.Free(ref, b.n)
						delete(mine, ref)
						break
					}
				}
			}
			for ref, b := range mine {
				a.Free(ref, b.n)
			}
		}()
	}
	wg.Wait()
	if a.Used() != 0 {
		t.Fatalf("used %d", a.Used())
	}
}

func BenchmarkAllocFree(b *testing.B) {
	a := newArena(b)
	for b.Loop() {
		a.Free(a.Alloc(56, Movable), 56)
	}
}
