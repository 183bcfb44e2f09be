package backup

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// TestManifestsAreNotBelieved changes one thing at a time in a good manifest.
func TestManifestsAreNotBelieved(t *testing.T) {
	m := stored(t, NewDir(vfs.OS, t.TempDir()), begin, payload(10_000))
	text, err := m.text()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parseManifest(text, m.ID); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{`"format": 1`, `"format": 2`}, {m.ID, NewID(begin.AddDate(1, 0, 0))}, {`"dump.rdb"`, `"../dump.rdb"`}, {`"dump.rdb"`, `"/etc/passwd"`},
		{`"dump.rdb"`, `"a/../../b"`}, {`"dump.rdb"`, `"."`}, {`"dump.rdb"`, `""`}, {`"dump.rdb"`, `"a\\b"`}, {`"size": 10000`, `"size": 10001`}, {`"size": 4096`, `"size": -4096`},
		{`"size": 4096`, `"size": 9223372036854775807`}, {m.Files[0].Parts[0].SHA256, "../../../../etc/passwd"}, {m.Files[0].SHA256, "00"}, {"{", "["},
		{`"files": [`, `"files": [], "x": [`},
	} {
		bad := strings.Replace(string(text), c[0], c[1], 1)
		if bad == string(text) {
			t.Fatalf("nothing to replace: %s", c[0])
		}
		if _, err := parseManifest([]byte(bad), m.ID); !errors.Is(err, ErrManifest) {
			t.Errorf("%s for %s: %v", c[1], c[0], err)
		}
	}
}

func TestNamesOfBackups(t *testing.T) {
	ctx := context.Background()
	s := NewDir(vfs.OS, t.TempDir())
	for _, id := range []string{"", "..", "../x", "x", "20261128T053412Z-0a1b2c/..", NewID(begin), "latest"} {
		if _, err := Load(ctx, s, id); !errors.Is(err, ErrNoBackup) {
			t.Errorf("%q: %v", id, err)
		}
		if err := Delete(ctx, s, id); !errors.Is(err, ErrNoBackup) {
			t.Errorf("deleting %q: %v", id, err)
		}
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format":1,"id":"20261128T030000Z-000000","size":0,"files":[{"name":"dump.rdb","size":0,"sha256":"` + strings.Repeat("00", 32) + `"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseManifest(b, "20261128T030000Z-000000")
		if err != nil {
			return
		}
		for i := range m.Files {
			for j := range m.Files[i].Parts {
				if name := m.object(i, j); !strings.HasPrefix(name, m.ID+"/") || strings.Contains(name, "..") {
					t.Fatalf("object %q", name)
				}
			}
		}
	})
}
