// Tests of the writer's and the frame's own forms.

package rdb

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func TestLengths(t *testing.T) {
	for _, n := range []uint64{0, 1, 63, 64, 16383, 16384, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64, math.MaxUint64} {
		b := appendLength(nil, n)
		r := &reader{b: b}
		if got := r.length(); got != n || !r.ok() || r.left() != 0 {
			t.Errorf("%d: %d, %q, %d bytes left of %x", n, got, r.what, r.left(), b)
		}
		for cut := range b {
			r := &reader{b: b[:cut]}
			if r.length(); r.ok() {
				t.Errorf("%d: a length in %x", n, b[:cut])
			}
		}
	}
}

func TestTexts(t *testing.T) {
	long := strings.Repeat("abc", 100)
	for _, c := range []struct {
		text string
		size int // with compression
	}{
		{"", 1}, {"a", 2}, {"0", 2}, {"-1", 2}, {"127", 2}, {"128", 3}, {"-32768", 3}, {"32768", 5}, {"-2147483648", 5}, {"2147483648", 11},
		{"007", 4}, {"+1", 3}, {"-0", 3}, {" 1", 3}, {strings.Repeat("a", 20), 21}, {strings.Repeat("a", 21), 8},
		{strings.Repeat("a", 63), 8}, {strings.Repeat("a", 64), 9}, {long, 14}, {"abcdefghijklmnopqrstuvwxyz", 27},
	} {
		for _, compress := range []bool{true, false} {
			w := Writer{Compress: compress}
			w.Text([]byte(c.text))
			if compress && len(w.Out) != c.size {
				t.Errorf("%.30q takes %d bytes, want %d: %x", c.text, len(w.Out), c.size, w.Out)
			}
			r := &reader{b: w.Out}
			text := r.text()
			var scratch []byte
			if got := text.view(&scratch); string(got) != c.text || text.Len() != len(c.text) || r.left() != 0 {
				t.Errorf("%.30q is read as %.30q, %d long, %d bytes left", c.text, got, text.Len(), r.left())
			}
		}
	}
}

func TestFrame(t *testing.T) {
	payload := AppendFoot(append([]byte("before"), one(KindString, []byte("hello"))...), 6)[6:]
	if want := "\x00\x05hello\n\x00cr\xdfve4 \n"; string(payload) != want {
		t.Fatalf("%q, the real server writes %q", payload, want)
	}
	if k, v, err := Unframe(payload); err != nil || k != KindString || string(v) != "\x05hello" {
		t.Errorf("%v %q %v", k, v, err)
	}
	for i := range payload {
		for bit := range 8 {
			b := bytes.Clone(payload)
			b[i] ^= 1 << bit
			if _, _, err := Unframe(b); err != ErrFrame {
				t.Errorf("byte %d, bit %d: %v", i, bit, err)
			}
		}
		if _, _, err := Unframe(payload[:i]); err != ErrFrame {
			t.Errorf("cut to %d bytes: %v", i, err)
		}
	}
	if b := AppendFoot(ttlSample(), 0); b[len(b)-10] != 12 {
		t.Errorf("a kind of version 12 in a frame of version %d", b[len(b)-10])
	}
}

func ttlSample() []byte {
	return value(KindHashPackTTL, func(w *Writer) { w.HashPackTTL(1700000000000, ttlPack()) })
}

func TestUnpacked(t *testing.T) {
	for _, s := range samples() {
		if n := Unpacked(Kind(s.value[0]), s.value[1:]); n < len(s.value)/4 && len(s.value) > 60 || n > 2000 {
			t.Errorf("%s: %d bytes unpack to %d", s.name, len(s.value), n)
		}
	}
	w := Writer{Compress: true}
	w.Text(bytes.Repeat([]byte("x"), 100_000))
	if n := Unpacked(KindString, w.Out); n != 100_000 {
		t.Errorf("%d bytes, want 100,000", n)
	}
}

// TestFullBoundsTheBuffer: whatever is written goes out in pieces of about that size, and together they are the same.
func TestFullBoundsTheBuffer(t *testing.T) {
	write := func(w *Writer) {
		w.Name = []byte("key")
		w.Kind(KindList)
		w.Length(400)
		for range 100 {
			w.Text([]byte("a short one"))
			w.Text([]byte("123456"))
			w.Text(bytes.Repeat([]byte("incompressible? "), 30))
			w.Text(bytes.Repeat([]byte("long"), 2_000))
		}
	}
	for _, compress := range []bool{false, true} {
		var whole, pieces Writer
		whole.Compress, pieces.Compress = compress, compress
		var sent []byte
		pieces.FullAt = 1 << 10
		pieces.Full = func(b []byte) []byte {
			if len(b) > 1100 {
				t.Fatalf("a piece of %d bytes", len(b))
			}
			sent = append(sent, b...)
			return b[:0]
		}
		write(&whole)
		write(&pieces)
		if sent = append(sent, pieces.Out...); !bytes.Equal(sent, whole.Out) {
			t.Errorf("compress %v: %d bytes in pieces, %d as a whole, and not the same", compress, len(sent), len(whole.Out))
		}
	}
}
