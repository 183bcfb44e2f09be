// Elements: which texts are numbers, and their encoding byte by byte.

package pack

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestParseInt(t *testing.T) {
	for _, s := range edgeTexts() {
		n, err := strconv.ParseInt(s, 10, 64)
		want := err == nil && strconv.FormatInt(n, 10) == s
		if got, ok := ParseInt([]byte(s)); ok != want || ok && got != n {
			t.Errorf("%.30q: %d, %v; want %d, %v", s, got, ok, n, want)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		b := []byte(strconv.FormatInt(int64(r.Uint64())>>r.IntN(64), 10))
		if r.IntN(2) == 0 {
			b[r.IntN(len(b))] = "0123456789-+ /:"[r.IntN(15)]
		}
		if r.IntN(4) == 0 {
			b = append(b, byte('0'+r.IntN(10)))
		}
		n, err := strconv.ParseInt(string(b), 10, 64)
		want := err == nil && strconv.FormatInt(n, 10) == string(b)
		if got, ok := ParseInt(b); ok != want || ok && got != n {
			t.Fatalf("%q: %d, %v; want %d, %v", b, got, ok, n, want)
		}
	}
}

// The encodings, back length included. Long texts are given as their header and the bytes behind the text.
func TestEncodings(t *testing.T) {
	for _, c := range []struct{ text, head, tail string }{
		{"0", "00", "01"}, {"127", "7f", "01"}, {"128", "c080", "02"}, {"-1", "dfff", "02"}, {"4095", "cfff", "02"}, {"-4096", "d000", "02"},
		{"4096", "f10010", "03"}, {"-32768", "f10080", "03"}, {"32768", "f2008000", "04"}, {"-8388608", "f2000080", "04"},
		{"8388608", "f300008000", "05"}, {"-2147483648", "f300000080", "05"}, {"2147483648", "f40000008000000000", "09"},
		{"-9223372036854775808", "f40000000000000080", "09"}, {"9223372036854775807", "f4ffffffffffffff7f", "09"},
		{"", "80", "01"}, {strings.Repeat("x", 63), "bf", "40"}, {strings.Repeat("x", 64), "e040", "42"},
		{strings.Repeat("x", 125), "e07d", "7f"}, {strings.Repeat("x", 126), "e07e", "0180"}, {strings.Repeat("x", 4095), "efff", "2081"},
		{strings.Repeat("x", 4096), "f000100000", "2085"}, {strings.Repeat("x", 16377), "f0f93f0000", "7ffe"},
		{strings.Repeat("x", 16378), "f0fa3f0000", "00ffff"}, {strings.Repeat("x", 1<<21-7), "f0f9ff1f00", "7ffffe"},
		{strings.Repeat("x", 1<<21-6), "f0faff1f00", "00ffffff"},
	} {
		e := Text([]byte(c.text))
		want, _ := hex.DecodeString(c.head)
		if !e.IsNum() {
			want = append(want, c.text...)
		}
		tail, _ := hex.DecodeString(c.tail)
		want = append(want, tail...)
		got := make([]byte, Size(e))
		if n := e.put(got); n != len(got) || !bytes.Equal(got, want) {
			t.Errorf("%.20q is %.40x…%x, want %.40x…%x", c.text, got, got[max(0, len(got)-4):], want, want[max(0, len(want)-4):])
		}
		lp := buildPack("before", c.text, "after")
		p := lp.Next(lp.First())
		if back := lp.Get(p); !back.Equal([]byte(c.text)) || back.Len() != len(c.text) || back.IsNum() != e.IsNum() {
			t.Errorf("%.20q is read as %.20q", c.text, back.Append(nil))
		}
		if lp.Prev(lp.Last()) != p || lp.Next(p) != lp.Last() {
			t.Errorf("%.20q: walked to %d and %d", c.text, lp.Prev(lp.Last()), lp.Next(p))
		}
	}
}

func TestElemEqual(t *testing.T) {
	if Text([]byte("12")).Equal([]byte("012")) || Text([]byte("012")).Equal([]byte("12")) || !Text(nil).Equal(nil) || Text(nil).IsNum() || Number(0).Equal(nil) {
		t.Error("texts are mixed up")
	}
	for _, s := range edgeTexts() {
		if e := Text([]byte(s)); !e.Equal([]byte(s)) || e.Len() != len(s) || string(e.Append([]byte("x"))) != "x"+s {
			t.Errorf("%.30q: length %d, text %.30q", s, e.Len(), e.Append(nil))
		}
	}
}
