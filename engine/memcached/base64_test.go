// Tests of base64.go.

package memcached

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"testing"
)

// TestDecodeBase64 has the cases in which the original differs from the usual decoders.
func TestDecodeBase64(t *testing.T) {
	for in, want := range map[string]string{
		"Zm9v": "foo", "Zm8=": "fo", "Zg==": "f", "Zm9vZg==": "foof", "AA==": "\x00", "": "", "Zm9": "", "Zm9vZ": "", "====": "", "Z===": "", "!!": "",
		"Zm9v!": "foo", "Z\xffm9\x00v": "foo", "Zg==Zm9v": "f", "Zg==xxxx": "f", "Zg==x": "", "Zm9=": "fo", "Z=9v": "d\x0f",
	} {
		if got := decodeBase64(nil, []byte(in)); string(got) != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestBase64BackAndForth(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		key := make([]byte, 1+rnd.IntN(187))
		for i := range key {
			key[i] = byte(rnd.Uint32())
		}
		shown, marked := bytes.CutSuffix(appendKey(nil, key, true), []byte(" b"))
		if !marked || string(shown) != base64.StdEncoding.EncodeToString(key) {
			t.Fatalf("%q is shown as %q", key, shown)
		}
		if got := decodeBase64(nil, shown); !bytes.Equal(got, key) {
			t.Fatalf("%q came back as %q", key, got)
		}
	}
	if got := appendKey([]byte("k"), []byte("plain"), false); string(got) != "kplain" {
		t.Errorf("got %q", got)
	}
}
