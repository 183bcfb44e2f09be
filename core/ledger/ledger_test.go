package ledger

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

func sample(t *testing.T) []byte {
	var out bytes.Buffer
	w := NewWriter(&out)
	w.Section("head")
	w.Uint(7)
	w.Uint(1 << 63)
	w.Bool(true)
	w.Bytes([]byte("some bytes"))
	w.Section("tail")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func open(b []byte) (*Reader, error) { return NewReader(bytes.NewReader(b), int64(len(b))) }

func TestWordsComeBack(t *testing.T) {
	r, err := open(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	r.Section("head")
	small, big, yes, text := r.Uint(7), r.Uint(1<<63), r.Bool(), r.Bytes(10)
	r.Section("tail")
	r.Done()
	if r.Err() != nil || small != 7 || big != 1<<63 || !yes || string(text) != "some bytes" {
		t.Errorf("read %d %d %v %q, %v", small, big, yes, text, r.Err())
	}
}

func TestM12CutAnywhere(t *testing.T) {
	whole := sample(t)
	for n := range whole {
		if _, err := open(whole[:n]); !errors.Is(err, ErrCut) {
			t.Errorf("%d of %d bytes give %v", n, len(whole), err)
		}
	}
	if _, err := open(append(whole, 0)); !errors.Is(err, ErrCut) {
		t.Errorf("a byte more gives %v", err)
	}
}

func TestM12FlippedAnywhere(t *testing.T) {
	whole := sample(t)
	for i := range whole {
		for bit := range 8 {
			b := bytes.Clone(whole)
			b[i] ^= 1 << bit
			if _, err := open(b); err == nil {
				t.Errorf("bit %d of byte %d flipped, and nobody saw it", bit, i)
			}
		}
	}
}

func TestOtherWordsAreRefused(t *testing.T) {
	for name, read := range map[string]func(*Reader){
		"another section":       func(r *Reader) { r.Section("tail") },
		"a number too high":     func(r *Reader) { r.Section("head"); r.Uint(6) },
		"bytes too many":        func(r *Reader) { r.Section("head"); r.Uint(7); r.Uint(1 << 63); r.Bool(); r.Bytes(9) },
		"more bytes than left":  func(r *Reader) { r.Section("head"); r.Uint(7); r.Bytes(1 << 62) },
		"something left over":   func(r *Reader) { r.Section("head"); r.Done() },
		"a word after an error": func(r *Reader) { r.Bool(); r.Section("head") },
	} {
		r, err := open(sample(t))
		if err != nil {
			t.Fatal(err)
		}
		if read(r); !errors.Is(r.Err(), ErrWords) {
			t.Errorf("%s: %v", name, r.Err())
		}
	}
}

func TestRandomBytesAreRefused(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		b := make([]byte, rnd.IntN(200))
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		if _, err := open(b); err == nil {
			t.Fatalf("%x was read", b)
		}
	}
}
