// Tests of auth_file.go.

package memcached

import (
	"strings"
	"testing"
)

func TestAuthFile(t *testing.T) {
	long := strings.Repeat("p", 250)
	for _, c := range []struct{ file, good, bad string }{
		{"", "", "a b"},
		{"a:b\n", "a b", "a a|b a|a |a b:|A b"},
		{"a:b", "a b", ""},
		{"a:b\r\nc:d\r\n", "a b|c d", "a d|c b|a b\r"},
		{"a:b:c\n", "a b:c", "a b"},
		{"\n\r\n\na:b\n\n", "a b", ""},
		{"a:b\na:c\n", "a b|a c", "a d"},
		{"a: b\n", "", "a b"},
		{"a:" + long + "\n", "a " + long, "a " + long[1:]},
		{strings.Repeat("x", 1) + ":1\ny:2\nz:3\n1:1\n2:1\n3:1\n4:1\n5:1\n6:1\n9:1\n", "x 1|9 1", "9 2"},
	} {
		u, err := parseAuthFile([]byte(c.file))
		if err != nil {
			t.Errorf("%q: %v", c.file, err)
			continue
		}
		try := func(list string, want bool) {
			for _, pair := range strings.Split(list, "|") {
				name, password, _ := strings.Cut(pair, " ")
				if pair != "" && u.check([]byte(name), []byte(password)) != want {
					t.Errorf("%q: %q is %v", c.file, pair, !want)
				}
			}
		}
		try(c.good, true)
		try(c.bad, false)
	}
}

func TestMalformedFiles(t *testing.T) {
	for file, want := range map[string]string{
		"ab\n": "line 1: malformed", "a:b\n:c\n": "line 2: malformed", "a:\n": "line 1: malformed", ":\n": "line 1: malformed", " \n": "line 1: malformed",
		"a:b\x00c\n": "line 1: has a zero byte", "a:" + strings.Repeat("x", 254): "line 1: longer than 255", "a:b\n\n\nx": "line 4: malformed",
	} {
		for _, parse := range []func([]byte) (*users, error){parseAuthFile, parsePasswordFile} {
			if _, err := parse([]byte(file)); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%q: %v", file, err)
			}
		}
	}
}

func TestPasswordFile(t *testing.T) {
	u, err := parsePasswordFile([]byte("a:b:more:still\nb@host:c\na:second\nd::x\n"))
	if err != nil {
		t.Fatal(err)
	}
	for pair, want := range map[string]bool{"a b": true, "a second": false, "a b:more": false, "b@host c": true, "b c": false, "d x": false} {
		name, password, _ := strings.Cut(pair, " ")
		if u.check([]byte(name), []byte(password)) != want {
			t.Errorf("%s is %v", pair, !want)
		}
	}
}

// FuzzAuthFile: whatever a file holds, it lets in those whose lines are in it and nobody else.
func FuzzAuthFile(f *testing.F) {
	f.Add([]byte("user:password\n"), []byte("user"), []byte("password"))
	f.Add([]byte("\n\nuser:pass:word\r\n:\n"), []byte("user"), []byte("pass"))
	f.Add([]byte(":::\n"), []byte(""), []byte(""))
	f.Fuzz(func(t *testing.T, file, name, password []byte) {
		text, err := parseAuthFile(file)
		pwdb, err2 := parsePasswordFile(file)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("%v, %v", err, err2)
		}
		if err != nil {
			return
		}
		line := string(name) + ":" + string(password)
		there, first := false, false
		for _, l := range strings.Split(string(file), "\n") {
			l = strings.TrimSuffix(l, "\r")
			there = there || l == line
			first = first || strings.HasPrefix(l, string(name)+":") && len(name) > 0
		}
		there = there && len(name) > 0 && len(password) > 0 && !strings.Contains(string(name), ":")
		if got := text.check(name, password); got != there && !strings.Contains(line, "\n") {
			t.Errorf("authfile %q: %q %q is %v", file, name, password, got)
		}
		if got := pwdb.check(name, password); got && !first {
			t.Errorf("password file %q: %q %q gets in", file, name, password)
		}
	})
}
