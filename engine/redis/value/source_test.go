// Sources: every kind of input gives its members and finds them.

package value

import (
	"fmt"
	"slices"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/dict"
	"github.com/cachesrv/cachesrv/core/pack"
)

func TestSource(t *testing.T) {
	names := []string{"-7", "3", "12", "40000"}
	for _, c := range []struct {
		what string
		ones bool // all scores are 1
		put  func(s *shelf)
	}{
		{"integers", true, func(s *shelf) {
			ints := pack.NewIntset(make([]byte, 100))
			for _, n := range []int64{3, -7, 40000, 12} {
				ints, _ = ints.Add(n)
			}
			s.tx.Put(0, s.key, core.Value{Bytes: ints, Type: core.Set, Enc: 0})
		}},
		{"listpack", true, func(s *shelf) {
			var b pack.Builder
			for _, name := range names {
				b.Add(pack.Text([]byte(name)))
			}
			s.tx.Put(0, s.key, core.Value{Bytes: b.Done(), Type: core.Set, Enc: 1})
		}},
		{"dict", true, func(s *shelf) {
			d, _ := dict.New(s.tx.Arena(), dict.Set)
			for _, name := range names {
				d.Insert(s.tx.Hash([]byte(name)), []byte(name), nil, 0)
			}
			root := make([]byte, dict.RootBytes)
			d.Encode(root)
			s.tx.Put(0, s.key, core.Value{Bytes: root, Type: core.Set, Enc: 2, Owns: true})
		}},
		{"packed scores", false, func(s *shelf) { s.putAll(names) }},
		{"big scores", false, func(s *shelf) {
			s.limit("zset-max-listpack-entries", "0")
			s.putAll(names)
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := newShelf(t)
			c.put(s)
			src, ok := OpenSource(At(s.tx, s.lim, 0, s.key, s.tx.Find(0, s.key)))
			if !ok || src.Len() != len(names) {
				t.Fatalf("opened: %v, %d members", ok, src.Len())
			}
			var got []string
			w := src.Members()
			for name, score, ok := w.Next(); ok; name, score, ok = w.Next() {
				got = append(got, string(name))
				found, ok := src.Score(s.tx.Hash(name), name)
				if !ok || found != score || c.ones != (score == 1) {
					t.Errorf("%q has %v, found %v %v", name, score, found, ok)
				}
			}
			slices.Sort(got)
			if want := slices.Sorted(slices.Values(names)); !slices.Equal(got, want) {
				t.Errorf("members %q", got)
			}
			if _, ok := src.Score(s.tx.Hash([]byte("none")), []byte("none")); ok {
				t.Error("found what is not there")
			}
		})
	}
	s := newShelf(t)
	if src, ok := OpenSource(At(s.tx, s.lim, 0, s.key, core.Item{})); !ok || src.Len() != 0 {
		t.Error("nothing is an empty source")
	}
	s.tx.Put(0, s.key, core.Value{Bytes: []byte("x")})
	if _, ok := OpenSource(At(s.tx, s.lim, 0, s.key, s.tx.Find(0, s.key))); ok {
		t.Error("a string is no source")
	}
}

func (s *shelf) putAll(names []string) {
	for i, name := range names {
		z := s.sorted()
		if _, _, err := z.Put([]byte(name), float64(i)+2.5, 0); err != nil {
			s.t.Fatal(fmt.Errorf("%s: %w", name, err))
		}
		z.Finish()
	}
}
