// Manifests: what Redis writes is read, what we write comes back, and hostile ones are refused by name.

package aof

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/simdisk"
)

const goodManifest = "file appendonly.aof.3.base.rdb seq 3 type b\nfile appendonly.aof.2.base.rdb seq 2 type h\nfile appendonly.aof.7.incr.aof seq 7 type h\n" +
	"file appendonly.aof.8.incr.aof seq 8 type i\nfile appendonly.aof.9.incr.aof seq 9 type i\n"

func TestManifestRoundTrip(t *testing.T) {
	m, err := Parse([]byte(goodManifest))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(m.Append(nil)); got != goodManifest {
		t.Errorf("came back as\n%s", got)
	}
	if m.NextBase() != 4 || m.NextIncr() != 10 {
		t.Errorf("next numbers %d and %d", m.NextBase(), m.NextIncr())
	}
	if c := m.Clone(); !bytes.Equal(c.Append(nil), m.Append(nil)) || c.Base == m.Base {
		t.Error("the clone is none")
	}
	with := "# a comment\nfile \"a b.1.base.rdb\" seq 1 type b new-key x\r\n"
	if m, err = Parse([]byte(with)); err != nil || m.Base.Name != "a b.1.base.rdb" {
		t.Errorf("%v, %+v", err, m)
	}
	if got := string(m.Append(nil)); got != "file \"a b.1.base.rdb\" seq 1 type b\n" {
		t.Errorf("came back as %q", got)
	}
}

// TestNextLooksAtHistory: a file that is kept must not be written over.
func TestNextLooksAtHistory(t *testing.T) {
	m, err := Parse([]byte("file x.1.base.rdb seq 1 type b\nfile x.5.base.rdb seq 5 type h\nfile x.1.incr.aof seq 1 type i\nfile x.9.incr.aof seq 9 type h\n"))
	if err != nil {
		t.Fatal(err)
	}
	if m.NextBase() != 6 || m.NextIncr() != 10 {
		t.Errorf("next numbers %d and %d", m.NextBase(), m.NextIncr())
	}
}

func TestR22HostileManifests(t *testing.T) {
	base := "file x.1.base.rdb seq 1 type b\n"
	for _, row := range []struct {
		name, text string
		want       error
	}{
		{"empty", "", ErrEmpty},
		{"blank line", base + "\nfile x.1.incr.aof seq 1 type i\n", ErrFormat},
		{"two bases", base + "file x.2.base.rdb seq 2 type b\n", ErrTwoBases},
		{"unknown type", "file x.1.incr.aof seq 1 type z\n", ErrType},
		{"type of two letters", "file x.1.incr.aof seq 1 type ii\n", ErrType},
		{"long line", "file " + strings.Repeat("x", 2000) + " seq 1 type b\n", ErrLongLine},
		{"long comment", "#" + strings.Repeat("x", 2000) + "\n", ErrLongLine},
		{"no end", "file x.1.base.rdb seq 1 type b", ErrFormat},
		{"same sequence", "file x.1.incr.aof seq 1 type i\nfile x.2.incr.aof seq 1 type i\n", ErrSequence},
		{"falling sequence", "file x.2.incr.aof seq 2 type i\nfile x.1.incr.aof seq 1 type i\n", ErrSequence},
		{"parent", "file ../x seq 1 type b\n", ErrPath},
		{"two dots", "file .. seq 1 type b\n", ErrPath},
		{"path", "file /etc/passwd seq 1 type b\n", ErrPath},
		{"backslash", "file \"a\\\\b\" seq 1 type b\n", ErrPath},
		{"zero byte", "file \"a\\x00b\" seq 1 type b\n", ErrPath},
		{"file twice", base + "file x.1.base.rdb seq 1 type i\n", ErrTwice},
		{"sequence zero", "file x seq 0 type b\n", ErrFormat},
		{"sequence negative", "file x seq -1 type b\n", ErrFormat},
		{"sequence too long", "file x seq 99999999999999999999 type b\n", ErrFormat},
		{"no sequence", "file x type b\n", ErrFormat},
		{"odd words", "file x seq 1 type b more\n", ErrFormat},
		{"open quotes", "file \"x seq 1 type b\n", ErrFormat},
		{"behind quotes", "file \"x\"y seq 1 type b\n", ErrFormat},
		{"bytes", "\x00\x01\x02\n", ErrFormat},
		{"too long", strings.Repeat("#\n", maxManifest/2+1), ErrTooLong},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := Parse([]byte(row.text)); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

func TestManifestOnDisk(t *testing.T) {
	dir := t.TempDir()
	m, _ := Parse([]byte(goodManifest))
	if err := m.Save(vfs.OS, dir, "appendonly.aof"); err != nil {
		t.Fatal(err)
	}
	back, err := LoadManifest(vfs.OS, dir, "appendonly.aof")
	if err != nil || string(back.Append(nil)) != goodManifest {
		t.Errorf("%v: %+v", err, back)
	}
	if _, err := os.Stat(filepath.Join(dir, TempManifest("appendonly.aof"))); err == nil {
		t.Error("the temporary manifest is still there")
	}
}

// TestStrayFiles: leftovers of a crash go, a log without its manifest is refused.
func TestStrayFiles(t *testing.T) {
	write := func(dir, name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	write(dir, "temp-rewriteaof-bg-1.aof", "half")
	write(dir, "a.1.incr.aof", "")
	write(dir, "else.txt", "not ours")
	if err := Abandoned(vfs.OS, dir, "a"); err != nil {
		t.Fatal(err)
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("%d files left, want the one that is not ours", len(list))
	}
	write(dir, "a.1.base.rdb", "REDIS")
	write(dir, TempManifest("a"), "file a.1.base.rdb seq 1 type b\n")
	if err := Abandoned(vfs.OS, dir, "a"); err != nil {
		t.Errorf("a first manifest that was not published: %v", err)
	}
	write(dir, "a.2.incr.aof", "*1\r\n")
	if err := Abandoned(vfs.OS, dir, "a"); !errors.Is(err, ErrStray) {
		t.Errorf("a log without its manifest: %v", err)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(goodManifest))
	f.Add([]byte("file \"a b\" seq 1 type b\n#x\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse(m.Append(nil))
		if len(m.Files()) == 0 {
			return // comments only
		}
		if err != nil {
			t.Fatalf("what was read as %q cannot be read: %v", m.Append(nil), err)
		}
		if !bytes.Equal(again.Append(nil), m.Append(nil)) {
			t.Fatalf("%q became %q", m.Append(nil), again.Append(nil))
		}
		for _, e := range m.Files() {
			if filepath.Base(e.Name) != e.Name {
				t.Fatalf("%q leads elsewhere", e.Name)
			}
		}
	})
}

func TestF17AChangedBitOfAManifestIsFound(t *testing.T) {
	files, m := simdisk.New(), &Manifest{Base: &Entry{"a.1.base.rdb", 1, Base}, Incrs: []Entry{{"a.1.incr.aof", 1, Incr}, {"a.2.incr.aof", 2, Incr}}}
	if err := m.Save(files, "/", "a"); err != nil {
		t.Fatal(err)
	}
	whole, err := readSmall(files, "/a.manifest")
	if err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		for bit := range 8 {
			b := bytes.Clone(whole)
			b[at] ^= 1 << bit
			f, err := files.Open("/a.manifest", os.O_WRONLY|os.O_TRUNC, 0)
			if err != nil {
				t.Fatal(err)
			}
			f.Write(b)
			f.Close()
			if got, err := LoadManifest(files, "/", "a"); err == nil && !bytes.Equal(got.Append(nil), m.Append(nil)) {
				t.Errorf("bit %d of byte %d: %q", bit, at, got.Append(nil))
			}
		}
	}
}
