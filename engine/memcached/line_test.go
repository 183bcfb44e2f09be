// Tests of line.go.

package memcached

import (
	"bytes"
	"strings"
	"testing"
)

func TestCutLine(t *testing.T) {
	for in, want := range map[string]string{
		"get a\r\n": "get a", "get a\n": "get a", "\r\n": "\r", "\n": "", "a\r\r\n": "a\r", "ab\x00cd\r\n": "ab", "\x00\r\n": "",
	} {
		if got := cutLine([]byte(in), len(in)-1); string(got) != want {
			t.Errorf("cutLine(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	for in, want := range map[string]string{
		"get a b": "get|a|b", "  get   a  ": "get|a", "": "", "   ": "", "a\tb": "a\tb",
		strings.Repeat("w ", 40): strings.TrimSuffix(strings.Repeat("w|", maxTokens), "|"),
	} {
		if got := string(bytes.Join(split(nil, []byte(in), 0), []byte("|"))); got != want {
			t.Errorf("split(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHopeless(t *testing.T) {
	long := strings.Repeat("k", maxLine)
	for in, want := range map[string]bool{
		"set k": false, long: false, long + "k": true, "get " + long: false, "gets " + long: false, "gat 0 " + long: true,
		"getx " + long: true, strings.Repeat(" ", maxBlank) + "get " + long: false, strings.Repeat(" ", maxBlank+1) + "get " + long: true,
		strings.Repeat(" ", maxLine+1): true,
	} {
		if got := hopeless([]byte(in)); got != want {
			t.Errorf("hopeless(%.20q… %d bytes) = %v", in, len(in), got)
		}
	}
}

// FuzzSplit compares split with the words that bytes.Split finds.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{"get a b", "  x ", "", "set k 0 0 5 noreply", "a\tb\x00c"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var want [][]byte
		for _, word := range bytes.Split(in, []byte(" ")) {
			if len(word) > 0 && len(want) < maxTokens {
				want = append(want, word)
			}
		}
		if got := split(nil, in, 0); !bytes.Equal(bytes.Join(got, []byte("|")), bytes.Join(want, []byte("|"))) || len(got) != len(want) {
			t.Errorf("split(%q) = %q, want %q", in, got, want)
		}
	})
}

// FuzzNextKey: nextKey finds the words that nextWord finds.
func FuzzNextKey(f *testing.F) {
	f.Add([]byte("  key one  "), 3)
	f.Fuzz(func(t *testing.T, in []byte, pos int) {
		if pos < 0 || pos > len(in) {
			return
		}
		want, wantEnd := nextWord(in, pos)
		if got, end := nextKey(in, pos); !bytes.Equal(got, want) || end != wantEnd {
			t.Errorf("nextKey(%q, %d) = %q %d, want %q %d", in, pos, got, end, want, wantEnd)
		}
	})
}

func BenchmarkNextWord(b *testing.B) {
	line := []byte("get key:000000001234")
	for b.Loop() {
		nextWord(line, 3)
	}
}

func BenchmarkNextKey(b *testing.B) {
	line := []byte("get key:000000001234")
	for b.Loop() {
		nextKey(line, 3)
	}
}
