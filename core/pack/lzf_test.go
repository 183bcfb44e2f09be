// LZF there and back, hand-made streams, damaged and random ones.

package pack

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// lzfSample is a text of n bytes that repeats itself more or less.
func lzfSample(r *rand.Rand, n int) string {
	letters := 1 + r.IntN(256)
	b := make([]byte, 0, n)
	for len(b) < n {
		if len(b) > 0 && r.IntN(3) == 0 {
			from := r.IntN(len(b))
			b = append(b, b[from:min(len(b), from+r.IntN(400))]...)
		}
		b = append(b, byte(r.IntN(letters)))
	}
	return string(b[:n])
}

func TestLZFThereAndBack(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	var q Squeezer
	squeezed := 0
	for i := range 3000 {
		src := []byte(lzfSample(r, r.IntN(1<<r.IntN(16))))
		if i%500 == 250 {
			q.base = 1<<32 - 1 - uint32(r.IntN(100)) // positions are about to wrap around
		}
		limit := len(src) + len(src)/32 + 1
		dst := append(make([]byte, 0, limit+3), "abc"...)
		small, ok := q.Compress(dst, src, limit)
		if !ok && len(src) >= 4 || string(small[:3]) != "abc" {
			t.Fatalf("%d bytes do not fit in %d", len(src), limit)
		}
		if !ok {
			continue
		}
		small = small[3:]
		checkLZF(t, small, src)
		if len(small) < len(src) {
			squeezed++
		}
		if tight, ok := q.Compress(nil, src, len(small)-1); ok && len(tight) >= len(small) {
			t.Fatalf("%d bytes within a limit of %d", len(tight), len(small)-1)
		}
	}
	if squeezed < 500 {
		t.Errorf("only %d of the samples got smaller", squeezed)
	}
}

// checkLZF checks that small holds src and nothing else, and that it does not fit elsewhere.
func checkLZF(t *testing.T, small, src []byte) {
	t.Helper()
	if n, ok := LZFLen(small); !ok || n != len(src) {
		t.Fatalf("LZFLen %d, %v; want %d", n, ok, len(src))
	}
	out := make([]byte, len(src)+1)
	if !Decompress(out[:len(src)], small) || !bytes.Equal(out[:len(src)], src) {
		t.Fatalf("%d bytes do not come back", len(src))
	}
	if Decompress(out, small) || len(src) > 0 && Decompress(out[:len(src)-1], small) {
		t.Fatal("the wrong length is accepted")
	}
}

func TestLZFStreams(t *testing.T) {
	for _, c := range []struct{ stream, want string }{
		{"\x00a", "a"},
		{"\x02abc\x20\x02", "abcabc"},
		{"\x00a\xE0\x00\x00", strings.Repeat("a", 10)},
		{"\x01ab\xE0\xFF\x01", strings.Repeat("ab", 133)},
		{"", ""},
	} {
		checkLZF(t, []byte(c.stream), []byte(c.want))
	}
	for _, bad := range []string{"\x00", "\x20\x00", "\x00a\x20\x01", "\x00a\x20", "\x00a\xE0", "\x00a\xE0\x00", "\x1Fabc", "\x00a\x3F\x00"} {
		if _, ok := LZFLen([]byte(bad)); ok || Decompress(make([]byte, 4), []byte(bad)) {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestLZFDoesNotAllocate(t *testing.T) {
	src := []byte(strings.Repeat("a sentence that comes again. ", 100))
	var q Squeezer
	dst, out := make([]byte, 0, len(src)), make([]byte, len(src))
	if n := testing.AllocsPerRun(100, func() {
		small, ok := q.Compress(dst, src, len(src)-8)
		if !ok || !Decompress(out, small) {
			t.Fatal("refused")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzLZF(f *testing.F) {
	f.Add([]byte("\x02abc\x20\x02"))
	f.Add([]byte("\x01ab\xE0\xFF\x01"))
	f.Add([]byte(strings.Repeat("abcab", 30)))
	var q Squeezer
	f.Fuzz(func(t *testing.T, b []byte) {
		limit := len(b) + len(b)/32 + 1
		if small, ok := q.Compress(nil, b, limit); ok {
			checkLZF(t, small, b)
		} else if len(b) >= 4 {
			t.Fatalf("%d bytes do not fit in %d", len(b), limit)
		}
		n, ok := LZFLen(b)
		if n > 88*len(b) {
			t.Fatalf("%d bytes out of %d", n, len(b))
		}
		if got := Decompress(make([]byte, n), b); ok && !got {
			t.Fatal("LZFLen and Decompress disagree")
		}
		if Decompress(make([]byte, 64), b) && (!ok || n != 64) {
			t.Fatal("Decompress takes what LZFLen refuses")
		}
	})
}

func BenchmarkLZF(b *testing.B) {
	src := []byte(lzfSample(rand.New(rand.NewPCG(3, 1)), 8192))
	var q Squeezer
	dst := make([]byte, 0, 2*len(src))
	small, _ := q.Compress(make([]byte, 0, 2*len(src)), src, 2*len(src))
	b.Run("compress", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		b.ReportAllocs()
		for b.Loop() {
			q.Compress(dst, src, len(src))
		}
	})
	b.Run("decompress", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		b.ReportAllocs()
		for b.Loop() {
			Decompress(dst[:len(src)], small)
		}
	})
}
