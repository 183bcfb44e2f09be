package rewind

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
)

const t0 = 1_764_300_000 // when the first base was written

var now = time.Unix(t0+1_000_000, 0)

// rec is a record, or with # an annotation of a time after t0.
func rec(items ...string) string {
	var b []byte
	for _, it := range items {
		if s, is := strings.CutPrefix(it, "#"); is {
			var after int64
			fmt.Sscan(s, &after)
			b = aof.AppendTime(b, t0+after)
			continue
		}
		var words [][]byte
		for _, w := range strings.Fields(it) {
			words = append(words, []byte(w))
		}
		b = aof.AppendCommand(b, words)
	}
	return string(b)
}

// logOf makes a data directory: lines of a manifest (kind and name), and the texts of files. Bases are lists of records here.
func logOf(t *testing.T, manifest []string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	logs := filepath.Join(dir, "appendonlydir")
	if err := os.Mkdir(logs, 0o755); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, line := range manifest {
		kind, name, _ := strings.Cut(line, " ")
		var seq int
		fmt.Sscanf(name, "appendonly.aof.%d.", &seq)
		fmt.Fprintf(&text, "file %s seq %d type %s\n", name, seq, kind)
	}
	files["appendonly.aof.manifest"] = text.String()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(logs, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	base1, base2 = "appendonly.aof.1.base.aof", "appendonly.aof.2.base.aof"
	incr1, incr2 = "appendonly.aof.1.incr.aof", "appendonly.aof.2.incr.aof"
)

// twoGenerations is a log that was rewritten once, at second 100.
func twoGenerations(t *testing.T, redisOrder bool) string {
	manifest := []string{"b " + base2, "h " + base1, "h " + incr1, "i " + incr2}
	if redisOrder {
		manifest = []string{"b " + base2, "h " + incr1, "h " + base1, "i " + incr2}
	}
	return logOf(t, manifest, map[string]string{
		base1: rec("#0", "SELECT 0", "SET base 1"),
		incr1: rec("#1", "SELECT 0", "SET a 1", "#5", "SET a 2", "SET b 1", "#9", "FLUSHALL", "SET c 1"),
		base2: rec("#100", "SELECT 0", "SET base 2"),
		incr2: rec("#101", "SELECT 0", "SET d 1", "#105", "MULTI", "SET e 1", "SET e 2", "EXEC", "#110", "SET f 1", "DEL d", "#120", "DEL e"),
	})
}

func open(t *testing.T, dir string) *Archive {
	t.Helper()
	a, err := Open(vfs.OS, dir, Usual())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// restored writes a plan and gives the manifest and the last increment of the result.
func restored(t *testing.T, p *Plan) (manifest, last, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "new")
	if err := p.Write(vfs.OS, dir, nil); err != nil {
		t.Fatal(err)
	}
	m, err := os.ReadFile(filepath.Join(dir, "appendonlydir", "appendonly.aof.manifest"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "appendonlydir", p.Incrs[len(p.Incrs)-1]))
	if err != nil {
		t.Fatal(err)
	}
	return string(m), string(b), dir
}

func moment(t *testing.T) func(Moment, error) Moment {
	return func(m Moment, err error) Moment {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}
