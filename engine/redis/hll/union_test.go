// Tests of the union against the model.

package hll

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// TestUnion merges sparse and dense strings into sparse and dense ones.
func TestUnion(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	for round := range 40 {
		var u Union
		var m model
		for range rnd.IntN(4) {
			b, limit := AppendNew(nil), []int{0, 3000}[rnd.IntN(2)]
			for range rnd.IntN(600) {
				element := strconv.Itoa(rnd.IntN(2000))
				m.add(element)
				b, _, _ = Add(b, []byte(element), limit)
			}
			if err := u.Merge(b); err != nil {
				t.Fatal(err)
			}
		}
		if u.regs != m {
			t.Fatalf("round %d: other registers than the model", round)
		}
		limit := []int{0, 100, 3000, 1 << 30}[rnd.IntN(4)]
		b, err := u.Into(AppendNew(nil), limit)
		if err != nil || registers(t, b) != m {
			t.Fatalf("round %d: other registers in the result, %v", round, err)
		}
		if _, ok := Cached(b); ok {
			t.Fatalf("round %d: the count of before is still believed", round)
		}
		if n, err := Count(b); err != nil || n != u.Count() {
			t.Fatalf("round %d: counted %d, %v, and %d in the union", round, n, err, u.Count())
		}
		if again, err := u.Into(append([]byte(nil), b...), limit); err != nil || string(again) != string(b) {
			t.Fatalf("round %d: merging the same again changed the bytes, %v", round, err)
		}
	}
}

// TestUnionOneByOne: searching on from the last register gives the same bytes as searching from the start for each.
func TestUnionOneByOne(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 3))
	for round := range 400 {
		var u Union
		into := AppendNew(nil)
		for i := range rnd.IntN(400) {
			if i%3 == 0 {
				into, _, _ = Add(into, []byte(strconv.Itoa(rnd.IntN(3000))), 3000)
				continue
			}
			at := rnd.IntN(Registers)
			for range 1 + rnd.IntN(3) { // neighbours, often alike, are what joining is about
				u.regs[min(at, Registers-1)] = uint8(1 + rnd.IntN(2))
				at++
			}
		}
		limit := []int{200, 800, 3000, 1 << 20}[rnd.IntN(4)]
		want := append([]byte(nil), into...)
		for i, v := range u.regs {
			switch from := start; {
			case v == 0:
			case Dense(want):
				setDense(want[headBytes:], i, v)
			default:
				want, _, _ = setSparse(want, i, v, limit, &from)
			}
		}
		Forget(want)
		got, err := u.Into(append([]byte(nil), into...), limit)
		if err != nil || string(got) != string(want) {
			t.Fatalf("round %d, limit %d: got %q, want %q (%v)", round, limit, AppendText(nil, got), AppendText(nil, want), err)
		}
	}
}
