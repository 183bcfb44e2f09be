// Words as a person types them to the server, and as lists of rules have them.

package quoting

import (
	"fmt"
	"testing"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "[]"},
		{"  \t ", "[]"},
		{"get key", `["get" "key"]`},
		{"  get \t key  ", `["get" "key"]`},
		{`set k "a b"`, `["set" "k" "a b"]`},
		{`set k "a\x41\x4g\n\r\t\b\a\"\\z"`, `["set" "k" "aAx4g\n\r\t\b\a\"\\z"]`},
		{`set k 'a b\'c\n'`, `["set" "k" "a b'c\\n"]`},
		{`set k ""`, `["set" "k" ""]`},
		{`set k ''`, `["set" "k" ""]`},
		{`a"b c"`, `["ab c"]`},
		{`a'b c' d`, `["ab c" "d"]`},
		{"get k\x00ey", `["get" "k"]`},
		{"a\vb\f \v\fc 'd'\ve", `["a\vb\f" "c" "d" "e"]`},
		{`"a`, "no"}, {`'a`, "no"}, {`"a"b`, "no"}, {`'a'b`, "no"}, {`"a\"`, "no"}, {`a "`, "no"},
	} {
		got := "no"
		if args, ok := Words([]byte(c.in), nil); ok {
			got = fmt.Sprintf("%q", args)
		}
		if got != c.want {
			t.Errorf("%q: got %s, want %s", c.in, got, c.want)
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add([]byte(`set k "a\x41" 'b\'c' plain`))
	f.Add([]byte(`"a"b`))
	f.Add([]byte("a\x00b\\"))
	f.Fuzz(func(t *testing.T, in []byte) {
		args, _ := Words(in, nil)
		total := 0
		for _, a := range args {
			total += len(a)
		}
		if total > len(in) {
			t.Fatalf("%q became longer: %q", in, args)
		}
	})
}
