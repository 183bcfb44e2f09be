// Tests of phrases: the bytes that a command's text stands for.

package bench

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
)

func TestPhrases(t *testing.T) {
	for _, c := range []struct {
		text string
		n    uint64
		key  uint64
		want string
	}{
		{"PING", 1, 0, "*1\r\n$4\r\nPING\r\n"},
		{"GET key:{key}", 1000, 42, "*2\r\n$3\r\nGET\r\n$12\r\nkey:00000042\r\n"},
		{"SADD s m{half} x", 1000, 42, "*4\r\n$4\r\nSADD\r\n$1\r\ns\r\n$9\r\nm00000542\r\n$1\r\nx\r\n"},
		{"XADD s {id} f v", 1000, 8, "*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n9\r\n$1\r\nf\r\n$1\r\nv\r\n"},
		{"XRANGE s {id} {id}", 1000, 99, "*4\r\n$6\r\nXRANGE\r\n$1\r\ns\r\n$3\r\n100\r\n$3\r\n100\r\n"},
		{"SETBIT b {rand:7-7} {rand:1000-1000}", 1, 0, "*4\r\n$6\r\nSETBIT\r\n$1\r\nb\r\n$1\r\n7\r\n$4\r\n1000\r\n"},
		{"A {rand:12-12}.{rand:345-345}z", 1, 0, "*2\r\n$1\r\nA\r\n$7\r\n12.345z\r\n"},
		{"A {key}{key}", 10, 3, "*2\r\n$1\r\nA\r\n$16\r\n0000000300000003\r\n"},
	} {
		p, err := newPhrase(c.text, c.n)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := string(p.append([]byte("before "), c.key, &random{})); got != "before "+c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
		if want := strings.Contains(c.text, "{key}") || strings.Contains(c.text, "{half}") || strings.Contains(c.text, "{id}"); p.numbered != want {
			t.Errorf("%s: numbered %v", c.text, p.numbered)
		}
	}
}

func TestPhrasesThatAreNone(t *testing.T) {
	for _, text := range []string{"", "A  B", "A {", "A {}", "A {key", "A {key:3}", "A {unknown}", "A {digits}", "A {digits:0}", "A {digits:19}",
		"A {digits:x}", "A {rand:5}", "A {rand:9-5}", "A {rand:a-b}", "A x{id}", "A {id}x", "A {id}{key}", "A {rand:1-10}.5", "A {rand:-1-2}"} {
		if _, err := newPhrase(text, 10); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// TestRandomNumbersKeepTheirRange: and take every value in it.
func TestRandomNumbersKeepTheirRange(t *testing.T) {
	p, err := newPhrase("A {rand:8-12} {digits:1} {rand:20-21}", 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := [3]map[string]bool{{}, {}, {}}
	r := random{state: 5}
	for range 2000 {
		words, err := readCommand(bufio.NewReader(bytes.NewReader(p.append(nil, 0, &r))))
		if err != nil || len(words) != 4 {
			t.Fatal(words, err)
		}
		for i := range seen {
			seen[i][words[i+1]] = true
		}
	}
	for i, want := range []string{"8 9 10 11 12", "0 1 2 3 4 5 6 7 8 9", "20 21"} {
		words := strings.Fields(want)
		for _, w := range words {
			if !seen[i][w] {
				t.Errorf("slot %d: never %s", i, w)
			}
		}
		if len(seen[i]) != len(words) {
			t.Errorf("slot %d: %v, want %s", i, seen[i], want)
		}
	}
}

func TestAppendWord(t *testing.T) {
	for n, want := range map[uint64]string{0: "$1\r\n0", 9: "$1\r\n9", 10: "$2\r\n10", 99_999: "$5\r\n99999", 100_000: "$6\r\n100000",
		9_999_999_999_999_999_999: "$19\r\n9999999999999999999", 1<<64 - 1: "$20\r\n18446744073709551615"} {
		if got := string(appendWord(nil, n)); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
