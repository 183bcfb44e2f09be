// Tests of keys and values: sizes, uniqueness, and that only the right value passes the check.

package bench

import (
	"math/rand"
	"strings"
	"testing"
)

func keysFor(t testing.TB, n uint64, size, minimum, maximum int) *keyspace {
	t.Helper()
	k, err := newKeyspace(n, size, minimum, maximum, keyPrefix)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		n     uint64
		size  int
		i     uint64
		want  string
		about string
	}{
		{1_000_000, 16, 42, "key:000000000042", "the usual"},
		{1_000_000, 16, 999_999, "key:000000999999", "the last"},
		{1_000_000, 10, 999_999, "key:999999", "no room to spare"},
		{1_000_000, 9, 7, "000000007", "no room for the prefix"},
		{10, 1, 9, "9", "one byte"},
		{1, 5, 0, "key:0", "a single key"},
	} {
		k := keysFor(t, c.n, c.size, 1, 1)
		if got := string(k.appendKey([]byte("x"), c.i)); got != "x"+c.want {
			t.Errorf("%s: %q, want x%s", c.about, got, c.want)
		}
	}
	if k := keysFor(t, 5, 250, 1, 1); len(k.appendKey(nil, 3)) != 250 {
		t.Error("a long key has another size")
	}
	for _, c := range []struct {
		n                 uint64
		size, least, most int
	}{{1000, 2, 1, 1}, {10, 251, 1, 1}, {10, 0, 1, 1}, {10, 16, 5, 4}, {10, 16, -1, 4}} {
		if _, err := newKeyspace(c.n, c.size, c.least, c.most, keyPrefix); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

func TestValuesMatchOnlyTheirKey(t *testing.T) {
	random := rand.New(rand.NewSource(3))
	for _, size := range [][2]int{{0, 0}, {1, 1}, {7, 7}, {8, 8}, {32, 32}, {0, 20}, {5, 300}, {1000, 5000}} {
		k := keysFor(t, 1000, 16, size[0], size[1])
		for range 2000 {
			i, v := uint64(random.Intn(1000)), random.Uint32()
			value := k.appendValue(nil, i, v)
			if len(value) < size[0] || len(value) > size[1] || len(value) != k.valueSize(i, v) {
				t.Fatalf("sizes %v: a value of %d bytes, announced as %d", size, len(value), k.valueSize(i, v))
			}
			if !k.matches(i, value) {
				t.Fatalf("sizes %v: key %d refuses its own version %d", size, i, v)
			}
			if len(value) < versionBytes+4 { // below that two keys may share a value by chance
				continue
			}
			if k.matches((i+1)%1000, value) {
				t.Fatalf("sizes %v: the value of key %d passes for its neighbour", size, i)
			}
			for _, bad := range [][]byte{value[:len(value)-1], append(value, 'x'), flipped(value, random.Intn(len(value))), nil} {
				if k.matches(i, bad) && !(len(bad) == 0 && size[0] == 0) {
					t.Fatalf("sizes %v: key %d takes the damaged value %.40q for %.40q", size, i, bad, value)
				}
			}
		}
	}
}

func flipped(b []byte, at int) []byte {
	b = append([]byte(nil), b...)
	b[at] ^= 1
	return b
}

func TestVersionsDiffer(t *testing.T) {
	k := keysFor(t, 10, 16, 32, 32)
	one, two := string(k.appendValue(nil, 3, 1)), string(k.appendValue(nil, 3, 2))
	if one == two || strings.HasSuffix(one, two[versionBytes:]) {
		t.Errorf("versions 1 and 2 of a key are alike: %s, %s", one, two)
	}
}

func TestValueSizesCoverTheRange(t *testing.T) {
	k := keysFor(t, 10_000, 16, 10, 19)
	var seen [20]int
	for i := range uint64(10_000) {
		seen[k.valueSize(i, 0)]++
	}
	for size := 10; size <= 19; size++ {
		if seen[size] < 850 || seen[size] > 1150 {
			t.Errorf("size %d came %d times in 10000, want about 1000", size, seen[size])
		}
	}
}
