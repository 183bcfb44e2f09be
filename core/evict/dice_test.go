// Tests of the dice.
package evict

import "testing"

func TestDiceRepeatOnlyWithSeed(t *testing.T) {
	var a, b, c, free dice
	a.seed(1)
	b.seed(1)
	c.seed(2)
	same, freeSame := 0, 0
	for range 100 {
		x := a.roll()
		if x != b.roll() {
			t.Fatal("the same seed gave another sequence")
		}
		if x == c.roll() {
			same++
		}
		if x == free.roll() {
			freeSame++
		}
	}
	if same+freeSame > 0 {
		t.Fatalf("%d and %d of 100 rolls are equal", same, freeSame)
	}
}
