// Listpacks: adding at both ends in a block with room, cutting the front, deleting by text, against a plain slice.

package pack

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestEndsAgainstModel(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 31))
		block := make([]byte, 1<<20)
		at := len(block) / 2
		lp := NewListpack(block[at:])
		var model []string
		for range 4_000 {
			text := []string{fmt.Sprint(r.IntN(300)), strings.Repeat("x", r.IntN(200)), "", "12", strings.Repeat("y", 4000+r.IntN(200))}[r.IntN(5)]
			e := Text([]byte(text))
			n := len(model)
			switch k := r.IntN(6); {
			case k < 2 && at > 5_000:
				lp = lp.PushFront(block, at, e)
				at -= Size(e)
				model = slices.Insert(model, 0, text)
			case k < 4 && at+len(lp)+5_000 < len(block):
				lp = Listpack(block[at:at+len(lp)]).PushBack(e, Size(e))
				model = append(model, text)
			case n > 0:
				cut := r.IntN(min(n, 5) + 1)
				before := len(lp)
				lp = lp.CutFront(lp.Skip(lp.First(), cut), cut)
				at += before - len(lp)
				model = model[cut:]
			}
			if r.IntN(40) == 0 {
				lp.check(t, model)
			}
		}
		lp.check(t, model)
	}
}

func TestDeleteText(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 32))
	for range 2_000 {
		var model []string
		for range r.IntN(12) {
			model = append(model, []string{"a", "b", "12", "", strings.Repeat("long", 30)}[r.IntN(5)])
		}
		lp := buildPack(model...)
		text := []string{"a", "12", "", strings.Repeat("long", 30), "none"}[r.IntN(5)]
		from := r.IntN(4)
		to := from + r.IntN(4)
		var want []string
		seen := 0
		for _, s := range model {
			if s == text {
				if seen++; seen > from && seen <= to {
					continue
				}
			}
			want = append(want, s)
		}
		if n := lp.CountText([]byte(text)); n != seen {
			t.Fatalf("%d of %q in %q", n, text, model)
		}
		lp.DeleteText([]byte(text), from, to).check(t, want)
	}
}

// TestEndsOfLongPacks: beyond 65,534 elements the count is unknown, and stays so.
func TestEndsOfLongPacks(t *testing.T) {
	var b Builder
	for range unknownCount + 5 {
		b.Add(Number(1))
	}
	lp := b.Done()
	n := lp.Len()
	block := append(make([]byte, 100, 200+len(lp)), lp...)
	lp = Listpack(block[100:])
	lp = lp.PushBack(Number(2), 2).CutFront(lp.Skip(lp.First(), 3), 3)
	if lp.Len() != n-2 || !lp.Valid(true) {
		t.Errorf("%d elements, not %d", lp.Len(), n-2)
	}
	lp = lp.DeleteText([]byte("2"), 0, 1)
	if lp.Len() != n-3 || !lp.Valid(true) {
		t.Errorf("%d elements, not %d", lp.Len(), n-3)
	}
}
