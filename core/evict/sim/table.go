// The table of hit ratios: every policy on every trace at four capacities.
package sim

import (
	"fmt"
	"io"

	"github.com/cachesrv/cachesrv/core/evict"
)

// Percents are the capacities that hit ratios are quoted for, in percent of a trace's distinct keys.
func Percents() []int { return []int{5, 10, 25, 50} }

// Exact is the name under which Table shows exact LRU; it is no policy.
const Exact = "exact lru"

// Ratio replays one trace through a new policy of that name and returns the hit ratio in percent.
func Ratio(policy string, samples int, t Trace, percent int, seed uint64) (float64, error) {
	capacity := max(t.Distinct*percent/100, 1)
	if policy == Exact {
		return ExactLRU(t, capacity).Ratio(), nil
	}
	clock := &Clock{ms: 1 << 40}
	p, err := evict.New(policy, evict.Options{Samples: samples, NowMs: clock.NowMs, LFULogFactor: 10, LFUDecayMinutes: 1, Seed: seed})
	if err != nil {
		return 0, err
	}
	return Run(p, clock, t, capacity, seed).Ratio(), nil
}

// Table prints one line a trace and policy and returns each policy's mean over all traces and capacities.
func Table(w io.Writer, policies []string, traces []Trace, percents []int, seed uint64) (map[string]float64, error) {
	means := make(map[string]float64)
	for _, t := range traces {
		for _, name := range policies {
			mean := 0.0
			fmt.Fprintf(w, "| %s | %s |", t.Name, name)
			for _, percent := range percents {
				h, err := Ratio(name, 0, t, percent, seed)
				if err != nil {
					return nil, err
				}
				fmt.Fprintf(w, " %.1f |", h)
				mean += h / float64(len(percents))
			}
			fmt.Fprintf(w, " %.1f |\n", mean)
			means[name] += mean / float64(len(traces))
		}
	}
	return means, nil
}
