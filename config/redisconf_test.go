// The syntax of redis.conf: words and quotes, includes and their loops.

package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Quoted words come back as they were, and splitting never fails on what quoting made.
func FuzzQuoteWord(f *testing.F) {
	for _, word := range []string{"", "plain", "#x", "a b", "\"", "'", "\\", "\n\r\t", "\x00\xff", "größe", `\x41`} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		line := "name " + QuoteWord(word) + " " + QuoteWord(word)
		got, err := lineWords(line)
		if err != nil || len(got) != 3 || got[1] != word || got[2] != word {
			t.Fatalf("%q became %s and then %q, %v", word, line, got, err)
		}
	})
}

// Whatever the bytes, reading ends: with settings, or with one line that names a place.
func FuzzRedisConf(f *testing.F) {
	f.Add("port 7000\n# c\nsave 900 1\nsave 300 10\n")
	f.Add("requirepass \"a b\\x00\"\nclient-output-buffer-limit normal 1 2 3\n")
	f.Add("include /nonexistent/*.conf\nuser a\nport \"")
	f.Add("PORT 1\r\n\r\nbind\nbind \"\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(strings.ToLower(text), "include") {
			return // it would read this machine's files
		}
		conf, err := ParseRedisConf("f.conf", strings.NewReader(text))
		if err == nil {
			_, err = (&Plan{Engine: Redis, Strict: true, Lines: conf}).Load()
		}
		if err != nil && (strings.ContainsAny(err.Error(), "\r\n\x00") || !strings.HasPrefix(err.Error(), "f.conf:")) &&
			!strings.Contains(err.Error(), "nothing to listen on") {
			t.Fatalf("%q: %q", text, err)
		}
	})
}

func TestIncludes(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"main.conf":  "timeout 1\ninclude " + dir + "/part*.conf\ninclude " + dir + "/none*.conf\nmaxclients 7\n",
		"part1.conf": "timeout 2\nmaxclients 5\n",
		"part2.conf": "include \"" + dir + "/deep.conf\"\n",
		"deep.conf":  "hz 20\n",
		"self.conf":  "include " + dir + "/self.conf\n",
		"a.conf":     "include " + dir + "/b.conf\n",
		"b.conf":     "# to a by another way\ninclude " + dir + "/../" + filepath.Base(dir) + "/link.conf\n",
		"lost.conf":  "include " + dir + "/nosuch.conf\n",
		"wrong.conf": "include " + dir + "/bad.conf\n",
		"bad.conf":   "\nport x\n",
		"twice.conf": "include " + dir + "/deep.conf\ninclude " + dir + "/deep.conf\n",
		"two.conf":   "include a b\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(dir+"/a.conf", dir+"/link.conf"); err != nil {
		t.Fatal(err)
	}
	s, err := (&Plan{File: dir + "/main.conf"}).Load()
	if err != nil || s.Int("timeout") != 2 || s.Int("maxclients") != 7 || s.Int("hz") != 20 {
		t.Fatalf("main.conf: %v", err)
	}
	if _, err := (&Plan{File: dir + "/twice.conf"}).Load(); err != nil {
		t.Errorf("the same file twice is no loop: %v", err)
	}
	for name, want := range map[string]string{
		"self.conf": "self.conf:1: include: the file " + dir + "/self.conf includes itself",
		"a.conf":    "b.conf:2: include: the file",
		"lost.conf": "can't open config file '" + dir + "/nosuch.conf': No such file or directory",
		"bad.conf":  "bad.conf:2: port: ", "wrong.conf": "bad.conf:2: port: ",
		"two.conf": "two.conf:1: include: Bad directive or wrong number of arguments",
	} {
		if _, err := (&Plan{File: dir + "/" + name}).Load(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

func TestSecretsAreNotInErrors(t *testing.T) {
	for _, text := range []string{"requirepass \"hunter2\n", "REQUIREPASS hunter2 x\n", "masterauth  'hunter2\n", "user 'default >hunter2\n"} {
		_, err := (&Plan{Engine: Redis, Strict: true, File: write(t, "c.conf", text)}).Load()
		if err == nil || strings.Contains(err.Error()+string(FatalRedis(err)), "hunter2") {
			t.Errorf("%q: %v %s", text, err, FatalRedis(err))
		}
	}
}
