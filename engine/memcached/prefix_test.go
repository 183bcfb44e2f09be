// Tests of prefix.go.

package memcached

import (
	"strconv"
	"testing"
)

func TestPrefixes(t *testing.T) {
	p := prefixes{delimiter: ':'}
	p.count([]byte("user:1"), prefixSet, false)
	p.count([]byte("user:1"), prefixGet, true)
	p.count([]byte("user:2"), prefixGet, false)
	p.count([]byte("none"), prefixGet, true)
	p.count([]byte(":x"), prefixDelete, false)
	want := "PREFIX user get 2 hit 1 set 1 del 0\r\nPREFIX  get 0 hit 0 set 0 del 1\r\nEND\r\n"
	if got := string(p.dump(nil)); got != want {
		t.Errorf("got %q", got)
	}
	p.reset()
	if got := string(p.dump(nil)); got != "END\r\n" {
		t.Errorf("after reset %q", got)
	}
}

func TestM11PrefixesAreBounded(t *testing.T) {
	p := prefixes{delimiter: ':'}
	for i := range maxPrefixes + 100 {
		p.count([]byte(strconv.Itoa(i)+":"), prefixSet, false)
	}
	if len(p.counts) != maxPrefixes || len(p.order) != maxPrefixes {
		t.Errorf("%d prefixes", len(p.counts))
	}
	p.count([]byte("0:x"), prefixSet, false)
	if p.counts["0"].sets != 2 {
		t.Error("a known prefix is no longer counted")
	}
}

func TestPrefixOfAnyByte(t *testing.T) {
	p := &prefixes{delimiter: ':'}
	p.count([]byte("a\r\nEND:x"), prefixGet, false)
	if got, want := string(p.dump(nil)), "PREFIX a%0D%0AEND get 1 hit 0 set 0 del 0\r\nEND\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
