// CONFIG REWRITE: what is written reads back as what was running, and the rest of the file stays.

package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func load(t *testing.T, file string) *Settings {
	t.Helper()
	s, err := (&Plan{Engine: Redis, Strict: true, File: file}).Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func set(t *testing.T, s *Settings, name, text string) {
	t.Helper()
	if err := s.Set(name, text); err != nil {
		t.Fatal(err)
	}
}

func TestRewriteKeepsWhatItNeedNotChange(t *testing.T) {
	file := write(t, "c.conf", "# head\nport 7000\n\n  TIMEOUT 5\nmaxmemory 1gb\ntimeout 6\nrequirepass 'old'\n# tail\n")
	s := load(t, file)
	set(t, s, "timeout", "9")
	set(t, s, "requirepass", "a \"b\"\nport 1")
	set(t, s, "maxclients", "77")
	if err := s.Rewrite(); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(file)
	want := "# head\nport 7000\n\nmaxmemory 1gb\ntimeout 9\nrequirepass \"a \\\"b\\\"\\nport 1\"\n# tail\n" + rewriteMark + "\nmaxclients 77\n"
	if string(got) != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	info, _ := os.Stat(file)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", info.Mode().Perm())
	}
	if left, _ := filepath.Glob(filepath.Dir(file) + "/*.tmp"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := s.Rewrite(); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(file); string(again) != want {
		t.Errorf("a second rewrite changed the file:\n%s", again)
	}
}

func TestRewriteWinsOverIncludes(t *testing.T) {
	more := write(t, "more.conf", "timeout 7\nmaxclients 8\n")
	for name, text := range map[string]string{
		"after":  "timeout 5\ninclude " + more + "\n",
		"before": "include " + more + "\ntimeout 5\n",
		"only":   "include " + more,
	} {
		file := write(t, name+".conf", text)
		s := load(t, file)
		set(t, s, "timeout", "20")
		set(t, s, "maxclients", "21")
		if err := s.Rewrite(); err != nil {
			t.Fatal(err)
		}
		fresh := load(t, file)
		if fresh.Int("timeout") != 20 || fresh.Int("maxclients") != 21 {
			got, _ := os.ReadFile(file)
			t.Errorf("%s: timeout %d, maxclients %d\n%s", name, fresh.Int("timeout"), fresh.Int("maxclients"), got)
		}
	}
	if got, _ := os.ReadFile(more); string(got) != "timeout 7\nmaxclients 8\n" {
		t.Errorf("the included file was changed: %s", got)
	}
}

func TestRewriteGroupsLists(t *testing.T) {
	file := write(t, "c.conf", "client-output-buffer-limit normal 1 2 3\nclient-output-buffer-limit pubsub 4 5 6\nsave 1 1\n")
	s := load(t, file)
	set(t, s, "client-output-buffer-limit", "replica 7 8 9") // and save, which has no effect yet, stays as it is
	if err := s.Rewrite(); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(file)
	want := "client-output-buffer-limit normal 1 2 3\nclient-output-buffer-limit slave 7 8 9\nclient-output-buffer-limit pubsub 4 5 6\nsave 1 1\n"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRewriteWithoutAFile(t *testing.T) {
	if err := Defaults(Redis).Rewrite(); err != ErrNoFile {
		t.Errorf("%v", err)
	}
	s, err := (&Plan{File: write(t, "c.yaml", "port: 7000\n")}).Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Rewrite(); err == nil || !strings.Contains(err.Error(), "redis.conf syntax") {
		t.Errorf("%v", err)
	}
}

// R34: whatever a client sets, the rewritten file gives exactly that and nothing besides it.
func FuzzR34RewriteRoundTrip(f *testing.F) {
	f.Add("secret", "7", "normal 1 2 3", "port 7000\nrequirepass x\n")
	f.Add("a\nport 1", "0", "", "# c\n\nrequirepass \"\"\nrequirepass y")
	f.Add("\"'\\\x00\xff", "12", "pubsub 1mb 0 0", "save 1 1\nsave 2 2\n")
	f.Add("#", "1", "x", "")
	f.Add(" ", "1", "normal 0 0 0", "timeout 9\nTimeout 10\n\n\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, password, timeout, limits, text string) {
		if strings.Contains(strings.ToLower(text), "include") {
			return
		}
		file := filepath.Join(dir, "c.conf")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := (&Plan{Engine: Redis, Strict: true, File: file}).Load()
		if err != nil {
			return
		}
		for _, p := range []Pair{{"requirepass", password}, {"timeout", timeout}, {"client-output-buffer-limit", limits}, {"proc-title-template", password}} {
			_ = s.Set(p.Name, p.Text) // a refused value changes nothing
		}
		if err := s.Rewrite(); err != nil {
			t.Fatal(err)
		}
		fresh, err := (&Plan{Engine: Redis, Strict: true, File: file}).Load()
		if err != nil {
			t.Fatalf("the rewritten file is refused: %v", err)
		}
		for i := range s.values {
			if a, b := s.values[i].Text(), fresh.values[i].Text(); a != b && all.rows[i].Name != "dir" {
				t.Fatalf("%s was %q, reads back as %q", all.rows[i].Name, a, b)
			}
		}
	})
}

// The old file or the new one, never a part: a reader that looks all the time sees only whole files.
func TestRewriteIsOneStep(t *testing.T) {
	file := write(t, "c.conf", "# "+strings.Repeat("x", 1<<16)+"\ntimeout 1\n")
	s := load(t, file)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 50 {
			if err := s.Set("timeout", fmt.Sprint(i+1)); err != nil {
				t.Error(err)
			}
			if err := s.Rewrite(); err != nil {
				t.Error(err)
			}
		}
	}()
	for open := true; open; {
		select {
		case <-done:
			open = false
		default:
			if got, err := os.ReadFile(file); err != nil || !strings.HasSuffix(string(got), "\n") || len(got) < 1<<16 {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
		}
	}
}

// TestRewriteDirectives: lines of a directive are replaced where they stand, wherever the engine says so.
func TestRewriteDirectives(t *testing.T) {
	text := "# users\nuser a on\ntimeout 5\nuser b on\n"
	s, err := (&Plan{File: write(t, "c.conf", text)}).Load()
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Directive("user"); len(got) != 2 || got[1].Words[0] != "b" || got[1].Where.Line != 4 {
		t.Fatalf("lines: %+v", got)
	}
	var lines []string
	s.OnRewrite("user", func() []string { return lines })
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"c on", "d off"}, "# users\ntimeout 5\nuser c on\nuser d off\n"},
		{nil, "# users\ntimeout 5\n"},
		{nil, "# users\ntimeout 5\n"},
		{[]string{"e on"}, "# users\ntimeout 5\n" + rewriteMark + "\nuser e on\n"},
	} {
		lines = c.lines
		if err := s.Rewrite(); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(s.File()); string(got) != c.want {
			t.Errorf("%q: %q, want %q", c.lines, got, c.want)
		}
	}
	more := write(t, "more.conf", "user x on\n")
	s, err = (&Plan{File: write(t, "d.conf", "include "+more+"\n")}).Load()
	if err != nil {
		t.Fatal(err)
	}
	s.OnRewrite("user", func() []string { return nil })
	if err := s.Rewrite(); err == nil || !strings.Contains(err.Error(), "more.conf has lines user") {
		t.Errorf("users of an included file: %v", err)
	}
}
