// Nodes from outside: what is not one is refused, and what passed can be read.

package stream

import (
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
)

func node(elems ...int64) pack.Listpack {
	lp := pack.NewListpack(make([]byte, 1000))
	for _, n := range elems {
		lp = lp.Append(pack.Number(n))
	}
	return lp
}

func TestValidNode(t *testing.T) {
	for _, c := range []struct {
		what  string
		elems []int64
		ok    bool
	}{
		{"one entry", []int64{1, 0, 1, 7, 0, 2, 0, 0, 9, 4}, true},
		{"own names", []int64{1, 0, 1, 7, 0, 0, 0, 0, 1, 8, 9, 6}, true},
		{"one deleted", []int64{1, 1, 1, 7, 0, 2, 0, 0, 9, 4, 3, 0, 1, 9, 4}, true},
		{"no fields", []int64{1, 0, 0, 0, 2, 0, 0, 3}, true},
		{"nothing", nil, false},
		{"no entry", []int64{0, 0, 1, 7, 0}, false},
		{"count too high", []int64{2, 0, 1, 7, 0, 2, 0, 0, 9, 4}, false},
		{"count too low", []int64{0, 0, 1, 7, 0, 2, 0, 0, 9, 4}, false},
		{"deleted not counted", []int64{1, 0, 1, 7, 0, 3, 0, 0, 9, 4}, false},
		{"no terminator", []int64{1, 0, 1, 7, 1, 2, 0, 0, 9, 4}, false},
		{"names missing", []int64{1, 0, 1 << 40, 7, 0, 2, 0, 0, 9, 4}, false},
		{"names negative", []int64{1, 0, -1, 0, 2, 0, 0, 9, 4}, false},
		{"fields missing", []int64{1, 0, 1, 7, 0, 0, 0, 0, 1 << 62, 8, 9, 6}, false},
		{"fields negative", []int64{1, 0, 1, 7, 0, 0, 0, 0, -1, 8, 9, 6}, false},
		{"wrong number of elements", []int64{1, 0, 1, 7, 0, 2, 0, 0, 9, 5}, false},
		{"cut", []int64{1, 0, 1, 7, 0, 2, 0, 0, 9}, false},
		{"same id twice", []int64{2, 0, 1, 7, 0, 2, 0, 0, 9, 4, 2, 0, 0, 9, 4}, false},
		{"before its node", []int64{1, 0, 1, 7, 0, 2, -1, 0, 9, 4}, false},
		{"unknown flag", []int64{1, 0, 1, 7, 0, 6, 0, 0, 9, 4}, false},
	} {
		first, last, ok := ValidNode(node(c.elems...), ID{5, 5}, ID{5, 4})
		if ok != c.ok || ok && (first != ID{5, 5} || last.Less(first)) {
			t.Errorf("%s: %v, from %v to %v", c.what, ok, first, last)
		}
	}
	if _, _, ok := ValidNode(node(1, 0, 1, 7, 0, 2, 0, 0, 9, 4), ID{5, 5}, ID{5, 5}); ok {
		t.Error("a node that begins with the last id of the one before")
	}
}

func FuzzNode(f *testing.F) {
	f.Add([]byte(node(1, 0, 1, 7, 0, 2, 0, 0, 9, 4)))
	f.Add([]byte(node(1, 1, 1, 7, 0, 2, 0, 0, 9, 4, 1, 3, 1, 1, 8, 9, 6)))
	f.Fuzz(func(t *testing.T, b []byte) {
		first, last, ok := ValidNode(b, ID{1, 1}, ID{})
		if !ok {
			return
		}
		a, err := arena.New(1 << 26)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		s, _ := New(a)
		if !s.AddNode(ID{1, 1}, b) {
			t.Fatal("no room")
		}
		s.Last = last
		s.Settle()
		n := uint64(0)
		for w := s.Walk(ID{}, MaxID, false); w.Next(); n++ {
			for range w.Fields {
				w.Field()
			}
			if w.ID.Less(first) || last.Less(w.ID) {
				t.Fatalf("%v is not between %v and %v", w.ID, first, last)
			}
		}
		if n != s.Length {
			t.Fatalf("%d entries, not %d", n, s.Length)
		}
		for w := s.Walk(ID{}, MaxID, true); w.Next(); n-- {
		}
		if last.Less(MaxID) && !s.Append(MaxID, [][]byte{[]byte("a"), []byte("b")}, Limits{4096, 100}) {
			t.Fatal("no room for one more")
		}
		for s.Length > 1 {
			if !s.Delete(s.Edge(false)) {
				t.Fatalf("%v is not there", s.Edge(false))
			}
		}
		s.Trim(Trim{})
		if n != 0 || s.Length != 0 {
			t.Fatalf("%d entries the other way, %d left", n, s.Length)
		}
		for !s.FreeStep(10) {
		}
		if a.Used() != 0 {
			t.Fatalf("%d bytes left", a.Used())
		}
	})
}
