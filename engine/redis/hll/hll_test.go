// Tests of the whole: against a plain model of the registers, against strings that redis-server 7.0.15 made, and against the truth.

package hll

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
)

// model is the registers as plain numbers, and the hash done the slow way.
type model [Registers]uint8

func (m *model) add(element string) bool {
	h := murmur([]byte(element))
	rank := uint8(1)
	for rest := h >> 14; rank <= 50 && rest&1 == 0; rest >>= 1 {
		rank++
	}
	i := h % Registers
	if m[i] >= rank {
		return false
	}
	m[i] = rank
	return true
}

// registers unpacks either form.
func registers(t *testing.T, b []byte) (out model) {
	t.Helper()
	d := append([]byte(nil), b...)
	if !Dense(d) {
		var err error
		if d, err = ToDense(d); err != nil {
			t.Fatalf("%v: %q", err, b)
		}
	}
	for i := range out {
		out[i] = Register(d, i)
	}
	return out
}

// TestAgainstModel adds few, many and repeated elements under several limits.
func TestAgainstModel(t *testing.T) {
	for seed := range uint64(12) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		limit := []int{3000, 0, 18, 300, 20_000}[seed%5]
		var m model
		b := AppendNew(nil)
		for n := range 4000 {
			element := strconv.Itoa(rnd.IntN(1 << (3 + rnd.IntN(28))))
			was := string(b)
			out, changed, err := Add(b, []byte(element), limit)
			if err != nil {
				t.Fatal(err)
			}
			if changed != m.add(element) {
				t.Fatalf("seed %d, element %d %q: changed is %v", seed, n, element, changed)
			}
			if !changed && string(out) != was {
				t.Fatalf("seed %d, element %d %q: unchanged, and yet other bytes", seed, n, element)
			}
			if !Valid(out) || !Dense(out) && len(out) > max(limit, 18) {
				t.Fatalf("seed %d, element %d: %d bytes, valid: %v", seed, n, len(out), Valid(out))
			}
			if b = out; n%50 == 0 && registers(t, b) != m {
				t.Fatalf("seed %d, element %d: other registers than the model", seed, n)
			}
		}
		if registers(t, b) != m {
			t.Fatalf("seed %d: other registers than the model", seed)
		}
	}
}

// TestBytesOfTheOriginal holds what redis-server 7.0.15 stored and counted for PFADD k 0 1 … n-1.
func TestBytesOfTheOriginal(t *testing.T) {
	for _, c := range golden {
		b := AppendNew(nil)
		Forget(b) // as PFADD does with a new one
		for i := range c.n {
			b, _, _ = Add(b, []byte(strconv.Itoa(i)), 3000)
		}
		if got := murmur(b); got != c.hash || len(b) != c.size {
			t.Errorf("%d elements: %d bytes with the hash %#x, want %d with %#x", c.n, len(b), got, c.size, c.hash)
		}
		if n, err := Count(b); err != nil || n != c.count {
			t.Errorf("%d elements: counted %d, %v, want %d", c.n, n, err, c.count)
		}
	}
	b, _, _ := Add(AppendNew(nil), []byte("1"), 3000)
	b, _, _ = Add(b, []byte("2"), 3000)
	if got := string(AppendText(nil, b)); got != "Z:7527 v:1,1 Z:7843 v:4,1 Z:1012" {
		t.Errorf("two elements: %s", got)
	}
}

// TestCache: the count is remembered until a register changes.
func TestCache(t *testing.T) {
	for _, limit := range []int{3000, 0} {
		b := AppendNew(nil)
		if n, ok := Cached(b); !ok || n != 0 {
			t.Errorf("new: %d %v", n, ok)
		}
		b, _, _ = Add(b, []byte("a"), limit)
		if _, ok := Cached(b); ok {
			t.Error("remembered through a change")
		}
		Remember(b, 1)
		if b, _, _ = Add(b, []byte("a"), limit); string(b[:3]) != "HYL" {
			t.Error("no header")
		}
		if n, ok := Cached(b); !ok || n != 1 {
			t.Errorf("after an addition that changed nothing: %d %v", n, ok)
		}
		Forget(b)
		if _, ok := Cached(b); ok {
			t.Error("forgotten and yet there")
		}
	}
}

func TestSelfTest(t *testing.T) {
	if err := SelfTest(); err != nil {
		t.Error(err)
	}
}

func TestValid(t *testing.T) {
	empty, full := string(AppendNew(nil)), make([]byte, DenseBytes)
	copy(full, "HYLL")
	for _, c := range []struct {
		b    string
		want bool
	}{
		{empty, true}, {empty[:16], true}, {empty[:15], false}, {"", false}, {"HYLL", false}, {"hYLL" + empty[4:], false},
		{"HYLL\x02" + empty[5:], false}, {"HYLL\x00" + empty[5:], false}, {string(full), true}, {string(full[:DenseBytes-1]), false},
		{string(full) + "x", false},
	} {
		if Valid([]byte(c.b)) != c.want {
			t.Errorf("%.20q of %d bytes: %v", c.b, len(c.b), !c.want)
		}
	}
}

// corrupt are strings with a good header whose runs do not cover the registers.
var corrupt = []string{"", "\x7f", "\x7f\xfe", "\x7f\xff\x00", "\x7f\xff\x80", "\x7f\xfe\x81", "\x40", "\x80", "\xff\xff",
	"\x7f\xff\x7f\xff", "\x00\x7f\xff", "\x3f\x7f\xc0"}

func TestR19CorruptRuns(t *testing.T) {
	for _, runs := range corrupt {
		b := append(AppendNew(nil)[:headBytes], runs...)
		if !Valid(b) {
			t.Fatalf("%q: header", runs)
		}
		if n, err := Count(b); err != ErrCorrupt {
			t.Errorf("%q: counted %d, %v", runs, n, err)
		}
		if _, err := ToDense(append([]byte(nil), b...)); err != ErrCorrupt {
			t.Errorf("%q: made dense, %v", runs, err)
		}
		var u Union
		if err := u.Merge(b); err != ErrCorrupt {
			t.Errorf("%q: merged, %v", runs, err)
		}
		for i := range 100 {
			was := string(b)
			out, changed, err := Add(b, []byte(strconv.Itoa(i)), 3000)
			if err != nil && (changed || string(out) != was) {
				t.Fatalf("%q: an error, and yet changed to %q", runs, out)
			}
			b = out
		}
	}
	// Hundreds of thousands of runs, whose sum overflows small integers.
	long := AppendNew(nil)[:headBytes]
	for range 300_000 {
		long = append(long, 0x7f, 0xff)
	}
	if _, err := Count(long); err != ErrCorrupt {
		t.Error(err)
	}
}

// FuzzForged throws bytes behind a good header at everything there is. Nothing may panic, and what is accepted must behave.
func FuzzForged(f *testing.F) {
	for _, runs := range corrupt {
		f.Add([]byte(runs), []byte("a"), uint16(3000))
	}
	f.Fuzz(func(t *testing.T, runs, element []byte, limit uint16) {
		b := append(AppendNew(nil)[:headBytes], runs...)
		if len(runs) > 0 && runs[0] == 0xff { // a dense one
			b = append(b, make([]byte, DenseBytes)...)[:DenseBytes]
			b[encodingAt] = dense
		}
		AppendText(nil, b)
		_, err := Count(b)
		sound := err == nil
		var u Union
		if (u.Merge(b) == nil) != sound {
			t.Fatalf("counted: %v, merged: %v", sound, !sound)
		}
		was := string(b)
		out, changed, err := Add(append([]byte(nil), b...), element, int(limit))
		switch {
		case err != nil && sound:
			t.Fatal(err)
		case err != nil || !changed:
			if string(out) != was {
				t.Fatalf("not changed, and yet other bytes: %q", out)
			}
			return
		}
		if !Valid(out) {
			t.Fatalf("no longer valid: %q", out)
		}
		if !sound {
			return
		}
		if again, changed, err := Add(append([]byte(nil), out...), element, int(limit)); changed || err != nil || string(again) != string(out) {
			t.Fatalf("the same element again: %v %v", changed, err)
		}
		var with Union
		if err := with.Merge(out); err != nil {
			t.Fatal(err)
		}
		differ := 0
		for i, v := range with.regs {
			if v < u.regs[i] {
				t.Fatalf("register %d went down from %d to %d", i, u.regs[i], v)
			}
			if v != u.regs[i] {
				differ++
			}
		}
		if differ != 1 {
			t.Fatalf("%d registers changed", differ)
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	for _, form := range []struct {
		name  string
		n     int
		limit int
	}{{"sparse", 1000, 3000}, {"dense", 100_000, 3000}} {
		s := AppendNew(nil)
		for i := range form.n {
			s, _, _ = Add(s, []byte(strconv.Itoa(i)), form.limit)
		}
		words := make([][]byte, 1000)
		for i := range words {
			words[i] = []byte(strconv.Itoa(i))
		}
		b.Run(fmt.Sprintf("%s-%d-bytes", form.name, len(s)), func(b *testing.B) {
			for i := range b.N {
				s, _, _ = Add(s, words[i%1000], form.limit)
			}
		})
	}
}

func BenchmarkCount(b *testing.B) {
	for _, limit := range []int{3000, 0} {
		s := AppendNew(nil)
		for i := range 1000 {
			s, _, _ = Add(s, []byte(strconv.Itoa(i)), limit)
		}
		b.Run(fmt.Sprintf("%d-bytes", len(s)), func(b *testing.B) {
			for range b.N {
				Count(s)
			}
		})
	}
}
