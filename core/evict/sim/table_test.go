// The recorded traces through every policy: the figures that the adaptive policy promises.
package sim

import (
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

func BenchmarkTable(b *testing.B) {
	traces := recorded(b)
	for b.Loop() {
		var out strings.Builder
		policies := []string{Exact}
		for _, name := range evict.Names() {
			if !strings.HasPrefix(name, "volatile") && name != "noeviction" {
				policies = append(policies, name)
			}
		}
		means, err := Table(&out, policies, traces, Percents(), 1)
		if err != nil {
			b.Fatal(err)
		}
		b.Log("\n" + out.String())
		for _, name := range policies {
			b.Logf("%-20s %.2f", name, means[name])
		}
	}
}
