// Tests of the trace loader.
package sim

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func writeTrace(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made-up.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	got, err := Load(writeTrace(t, "0\n1\n0\n2\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "made-up" || got.Distinct != 3 || !slices.Equal(got.Keys, []uint32{0, 1, 0, 2}) {
		t.Fatalf("%+v", got)
	}
}

func TestLoadNamesTheBadLine(t *testing.T) {
	_, err := Load(writeTrace(t, "0\n1\nx\n"))
	if err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Fatalf("%v", err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.gz")); err == nil {
		t.Fatal("a missing file was loaded")
	}
	plain := filepath.Join(t.TempDir(), "plain.gz")
	if err := os.WriteFile(plain, []byte("0\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(plain); err == nil {
		t.Fatal("a file that is not gzip was loaded")
	}
}
