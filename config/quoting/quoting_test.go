// Words as redis.conf and manifests have them.

package quoting

import (
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	cases := []struct {
		line string
		want []string // nil: refused
	}{
		{`port 7000`, []string{"port", "7000"}},
		{"  a\tb  ", []string{"a", "b"}},
		{`a ""`, []string{"a", ""}},
		{`a "b c" 'd e'`, []string{"a", "b c", "d e"}},
		{`a "\x41\n\r\t\b\a\"\\\q"`, []string{"a", "A\n\r\t\b\a\"\\q"}},
		{`a "\x4"`, []string{"a", "x4"}},
		{`a '\n\''`, []string{"a", `\n'`}},
		{`a b"c d"`, []string{"a", "bc d"}},
		{`a "b`, nil},
		{`a 'b`, nil},
		{`a "b"c`, nil},
		{`a 'b'c`, nil},
		{`a "b\`, nil},
		{`maxmemory "1mb" # comment`, []string{"maxmemory", "1mb", "#", "comment"}},
	}
	for _, c := range cases {
		got, err := Split(c.line)
		if (err != nil) != (c.want == nil) || strings.Join(got, "|") != strings.Join(c.want, "|") || len(got) != len(c.want) {
			t.Errorf("%s: %q, %v; want %q", c.line, got, err, c.want)
		}
	}
}

// Quoted words come back as they were, bare where that is possible.
func FuzzQuote(f *testing.F) {
	for _, word := range []string{"", "plain", "#x", "a b", "\"", "'", "\\", "\n\r\t", "\x00\xff", "größe", `\x41`} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		line := "name " + Quote(word) + " " + Quoted(word)
		got, err := Split(line)
		if err != nil || len(got) != 3 || got[1] != word || got[2] != word {
			t.Fatalf("%q became %s and then %q, %v", word, line, got, err)
		}
	})
}
