// The table of docs/hitratio.md as a benchmark.
package sim

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/evict"
)

// recorded loads the recorded traces or skips the test.
func recorded(tb testing.TB) []Trace {
	tb.Helper()
	dir := Dir()
	if dir == "" {
		tb.Skipf("no recorded traces: %s names no folder and there is no shared/traces beside the repository", DirEnv)
	}
	var traces []Trace
	for _, name := range Names() {
		t, err := Load(filepath.Join(dir, name+".gz"))
		if err != nil {
			tb.Fatal(err)
		}
		traces = append(traces, t)
	}
	return traces
}

func TestTableRefusesUnknownPolicies(t *testing.T) {
	if _, err := Table(io.Discard, []string{"nobody"}, Synthetic(100, 1), Percents(), 1); err == nil {
		t.Fatal("an unknown policy was replayed")
	}
}

// BenchmarkTable prints the table of docs/hitratio.md: go test -run '^$' -bench Table -benchtime 1x.
func BenchmarkTable(b *testing.B) {
	traces := recorded(b)
	policies := []string{Exact}
	for _, name := range evict.Names() {
		if !strings.HasPrefix(name, "volatile") && name != "noeviction" {
			policies = append(policies, name)
		}
	}
	for b.Loop() {
		means, err := Table(os.Stdout, policies, traces, Percents(), 1)
		if err != nil {
			b.Fatal(err)
		}
		for _, name := range policies {
			b.ReportMetric(means[name], strings.ReplaceAll(name, " ", "-")+"-%")
		}
	}
}
