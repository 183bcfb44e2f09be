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
