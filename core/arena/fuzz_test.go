// Operations on a small arena as a fuzzer chooses them, three bytes each.

package arena

import "testing"

func FuzzArena(f *testing.F) {
	f.Fuzz(func(t *testing.T, ops []byte) {
		a, err := New(2 << 20)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		model := map[Ref]block{}
		kind := map[Ref]Kind{}
		var all []Ref
		var want int64
		put := func(n int, k Kind, fillWith byte) Ref {
			r := a.Alloc(n, k)
			if r == 0 {
				return 0
			}
			if _, live := model[r]; live || uint64(r)+uint64(SizeOf(n)) > a.limit {
				t.Fatalf("Alloc gave %#x for %d bytes", r, n)
			}
			fill(a.Bytes(r, n), fillWith)
			model[r], kind[r] = block{n, fillWith}, k
			want += int64(SizeOf(n))
			return r
		}
		drop := func(r Ref) {
			check(t, a, r, model[r])
			a.Free(r, model[r].n)
			want -= int64(SizeOf(model[r].n))
			delete(model, r)
		}
		ops = ops[:min(len(ops), 3*600)]
		for i := 0; len(ops) >= 3; i, ops = i+1, ops[3:] {
			x, y := int(ops[1]), int(ops[2])
			switch op := ops[0] % 10; {
			case op < 4: // some small ones
				for range 1 + y%32 {
					if r := put(x, Kind(y>>7), byte(i)); r != 0 {
						all = append(all, r)
					}
				}
			case op == 4: // one of any size up to 256 KB
				if r := put(x<<10|y<<2, Kind(y&1), byte(i)); r != 0 {
					all = append(all, r)
				}
			case op < 8:
				for j := 0; j <= y%32 && len(all) > 0; j++ {
					at := (x + j*7) % len(all)
					drop(all[at])
					all[at] = all[len(all)-1]
					all = all[:len(all)-1]
				}
			case op == 8: // another length of the same class
				if len(all) > 0 {
					r := all[x%len(all)]
					if n := model[r].n - y%8; n > 0 && SizeOf(n) == SizeOf(model[r].n) {
						a.Resized(r, model[r].n, n)
						model[r] = block{n, model[r].fill}
					}
				}
			case op == 9: // as the compactor does
				a.Evacuate(x % 30)
				for j, r := range all {
					if kind[r] != Movable || !a.Evacuating(r) {
						continue
					}
					if to := put(model[r].n, Movable, model[r].fill); to != 0 {
						drop(r)
						all[j] = to
					}
				}
				a.Settle()
			}
			if a.Used() != want {
				t.Fatalf("step %d: used %d, want %d", i, a.Used(), want)
			}
		}
		for _, r := range all {
			drop(r)
		}
		if a.Used() != 0 {
			t.Fatalf("%d bytes left", a.Used())
		}
		// One empty span of a class may stay; all the rest is one run again, and can be had in one piece.
		pages := 0
		for _, c := range a.Classes() {
			if c.Used != 0 || c.Spans > 1 {
				t.Fatalf("left: %+v", c)
			}
			pages += c.SpanPages * c.Spans
		}
		if free := int(a.limit>>pageBits) - 1 - pages; int(a.pages.inUse) != pages || int(a.pages.freePages()) != free {
			t.Fatalf("%d pages in use, want %d; %d free, want %d", a.pages.inUse, pages, a.pages.freePages(), free)
		}
	})
}

// freePages counts the pages of all free runs and those never used.
func (h *pageHeap) freePages() uint64 {
	n := h.end - h.top
	for _, id := range h.bin {
		for ; id != 0; id = h.span(id).next {
			n += uint64(h.span(id).pages)
		}
	}
	return n
}
