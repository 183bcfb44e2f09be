// Files of users: what is written reads back, mistakes are all named, and a bad file changes nothing.

package acl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.acl")
	b := NewBook(few())
	b.Set("alice", words(`on >x ~a* %R~q"q +get ("~p\x29" +set) &c`))
	b.Set("default", words("off"))
	if err := b.Save(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v %v", info.Mode(), err)
	}
	text := b.Text()
	b.Set("bob", nil)
	b.Set("default", words("on"))
	bob := b.Find([]byte("bob"))
	alice := b.Find([]byte("alice"))
	ended, before, after, err := b.Load(path)
	if err != nil || len(ended) != 2 || !bob.Gone() || !alice.Gone() || !before.On || after.On || b.Default.User() != after {
		t.Fatalf("%v: ended %v, default %v %v", err, ended, before, after)
	}
	if b.Text() != text {
		t.Errorf("%s\nis not\n%s", b.Text(), text)
	}
	os.Chmod(path, 0o640)
	if err := b.Save(path); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o640 {
		t.Errorf("the mode became %v", info.Mode())
	}
	if left, _ := filepath.Glob(path + ".*.tmp"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := b.Save(filepath.Join(t.TempDir(), "no", "such", "dir")); err == nil {
		t.Error("saved nowhere")
	}
}

// TestR30LoadIsAllOrNothing: any mistake keeps the users that were there.
func TestR30LoadIsAllOrNothing(t *testing.T) {
	const none = "WARNING: ACL errors detected, no change to the previously active ACL rules was performed"
	for _, c := range []struct{ text, want string }{
		{"user a on\nuser a off\n", "WARNING: Duplicate user 'a' found on line 2. " + none},
		{"user default on\nuser default off\n", "WARNING: Duplicate user 'default' found on line 2. " + none},
		{"user a on\n\n  foo\n", "F:3: line should start with user keyword followed by the username. " + none},
		{"user\n", "F:1: line should start with user keyword followed by the username. " + none},
		{"user a +nosuch +@nosuch\n", "F:1: Error in applying operation '+nosuch': Unknown command or category name in ACL. F:1: Error in applying operation '+@nosuch': Unknown command or category name in ACL. " + none},
		{"user a nosuch alsonot\n", "F:1: Syntax error. " + none},
		{"user a on (+get\n", "F:1: Unmatched parenthesis in selector definition." + none},
		{"user a\x00b on\n", "F:1: username 'a\x00b' contains invalid characters. " + none},
		{"user a on\nuser b #zz\n", "F:2: The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters. " + none},
		{"user a " + strings.Repeat("(", 64<<10) + "\n", "F:1: Unmatched parenthesis in selector definition." + none},
	} {
		path := filepath.Join(t.TempDir(), "f")
		os.WriteFile(path, []byte(c.text), 0o600)
		b := NewBook(few())
		a, _, _, _ := b.Set("a", words("on +get"))
		before := b.Text()
		if _, _, _, err := b.Load(path); err == nil || strings.ReplaceAll(err.Error(), path, "F") != c.want {
			t.Errorf("%.40q: %v", c.text, err)
		}
		if b.Text() != before || a.Gone() {
			t.Errorf("%.40q: changed something", c.text)
		}
	}
	if _, _, _, err := NewBook(few()).Load("/nosuch/file"); err == nil || err.Error() != "Error loading ACLs, opening file '/nosuch/file': No such file or directory" {
		t.Errorf("a missing file: %v", err)
	}
}

// TestLoadWithoutDefault: a file that does not name the default user makes it what it is at first.
func TestLoadWithoutDefault(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	os.WriteFile(path, []byte("user b on \t\r\n\n"), 0o600)
	b := NewBook(few())
	b.Set("default", words("off -@all"))
	if _, _, _, err := b.Load(path); err != nil || !b.Default.User().Free || b.Default.User().Locked() {
		t.Errorf("%v %s", err, b.Text())
	}
}

func TestDefine(t *testing.T) {
	b := NewBook(few())
	if err := b.Define([]string{"default", "on", ">x", "+get"}); err != nil || b.Default.User().Describe() != "on sanitize-payload #"+hashX+" resetchannels -@all +get" {
		t.Errorf("%v %s", err, b.Default.User().Describe())
	}
	if err := b.Define([]string{"a b"}); err == nil {
		t.Error("a name with a blank")
	}
}
