// A root survives being written down.

package rank

import "testing"

func TestRootEncodes(t *testing.T) {
	r := Root{node: 1<<40 - 8, len: MaxLen, leaves: 1<<33 + 1, inners: 1<<55 + 3, blocks: 1 << 60, height: 9}
	if got := decoded(r); got != r {
		t.Fatalf("%+v became %+v", r, got)
	}
	if got := Decode(make([]byte, RootBytes)); got != (Root{}) {
		t.Fatalf("zeroes are %+v", got)
	}
}
