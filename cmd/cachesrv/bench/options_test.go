// Tests of the flags' values.

package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOutputsAreOpenedFirst(t *testing.T) {
	dir := t.TempDir()
	kept := filepath.Join(dir, "kept.json")
	if err := os.WriteFile(kept, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&options{json: kept, csv: stdoutName}).checkOutputs(); err != nil {
		t.Error(err)
	}
	if text, _ := os.ReadFile(kept); string(text) != "old" {
		t.Errorf("the file of an earlier run was touched: %q", text)
	}
	if err := (&options{html: filepath.Join(dir, "no", "r.html")}).checkOutputs(); err == nil {
		t.Error("a file that cannot be written was accepted")
	}
}

// pflag takes --json FILE for a flag and a target.
func TestFileTakenForATarget(t *testing.T) {
	_, err := (&options{json: stdoutName, urls: []string{"b.json"}}).targets()
	if err == nil || !strings.Contains(err.Error(), "--json=b.json") {
		t.Errorf("%v", err)
	}
}

func TestShare(t *testing.T) {
	for text, want := range map[string]float64{"1:10": 1.0 / 11, "1:1": 0.5, "0:1": 0, "1:0": 1, "0.5:1.5": 0.25} {
		got, err := (&options{ratio: text}).share()
		if share := float64(got) / (1 << 32); err != nil || share < want-1e-6 || share > want+1e-6 {
			t.Errorf("%s: %v, %v; want %v", text, share, err, want)
		}
	}
	for _, text := range []string{"", "1", "1:", ":1", "0:0", "-1:2", "a:b", "1:2:3", "NaN:1", "Inf:1"} {
		if _, err := (&options{ratio: text}).share(); err == nil {
			t.Errorf("--ratio %q was accepted", text)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string][2]int{"32": {32, 32}, "0": {0, 0}, "16-256": {16, 256}} {
		if a, b, err := (&options{valueSize: text}).sizes(); err != nil || a != want[0] || b != want[1] {
			t.Errorf("%s: %d-%d, %v", text, a, b, err)
		}
	}
	for _, text := range []string{"", "x", "5-", "-5", "9-5", "1-2-3", "99999999999"} {
		if _, _, err := (&options{valueSize: text}).sizes(); err == nil {
			t.Errorf("--value-size %q was accepted", text)
		}
	}
}

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]int64{"100": 100, "1k": 1 << 10, "64mb": 64 << 20, "2GB": 2 << 30, "3MiB": 3 << 20} {
		if got, err := parseBytes(text); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "mb", "0", "-1mb", "1tb", "1 mb", "99999999999gb", "1bk"} {
		if _, err := parseBytes(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}
