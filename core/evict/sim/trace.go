// Package sim replays access traces through eviction policies, with the store's own way of sampling.
//
// This file loads traces: one decimal key number a line, gzip.
package sim

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Trace is one recorded or made-up sequence of key numbers.
type Trace struct {
	Name     string
	Keys     []uint32
	Distinct int
}

// DirEnv names the folder of the recorded traces for tests and benchmarks.
const DirEnv = "CACHESRV_TRACES"

// Names lists the recorded traces that hit ratios are quoted for.
func Names() []string {
	return []string{"multi1", "sprite", "loop", "2_pools", "web07", "orm-busy", "corda-vault"}
}

// Dir is where the recorded traces are: the environment's word, or shared/traces beside the repository, which
// is looked for upwards from the working directory. Empty if there are none.
func Dir() string {
	if d := os.Getenv(DirEnv); d != "" {
		return d
	}
	for up := "."; len(up) < 24; up = filepath.Join("..", up) {
		d := filepath.Join(up, "shared", "traces")
		if _, err := os.Stat(filepath.Join(d, "loop.gz")); err == nil {
			return d
		}
	}
	return ""
}

// Load reads one trace file.
func Load(path string) (Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return Trace{}, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return Trace{}, fmt.Errorf("%s: %w", path, err)
	}
	t := Trace{Name: strings.TrimSuffix(filepath.Base(path), ".gz")}
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		k, err := strconv.ParseUint(lines.Text(), 10, 32)
		if err != nil {
			return Trace{}, fmt.Errorf("%s line %d: %w", path, len(t.Keys)+1, err)
		}
		t.Keys = append(t.Keys, uint32(k))
	}
	if err := lines.Err(); err != nil {
		return Trace{}, fmt.Errorf("%s: %w", path, err)
	}
	t.Distinct = distinct(t.Keys)
	return t, nil
}

func distinct(keys []uint32) int {
	seen := make(map[uint32]struct{})
	for _, k := range keys {
		seen[k] = struct{}{}
	}
	return len(seen)
}
