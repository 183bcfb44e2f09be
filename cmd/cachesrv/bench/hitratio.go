// The workload hitratio: what share of reads finds its key when the cache holds only a part of what is asked for.

package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/cachesrv/cachesrv/core/evict/sim"
)

// hitRatio is the name of the workload. It is no row of workloads, since it has traces and memory limits instead of commands.
const hitRatio = "hitratio"

// What the workload takes where the flags are not given: enough keys that a tenth of them is no small cache even in pages of 1 MB for each
// class of sizes, and a size that a cached page or object has.
const (
	ratioKeys      = 200_000
	ratioValueSize = "1000-3000"
	ratioPipeline  = 16

	accessesPerKey = 10
	warmShare      = 4 // the first quarter of a trace fills the cache and is not counted
)

// cachePercents are the sizes of the caches, in percent of the bytes of all keys and values of a trace.
var cachePercents = []int{10, 50}

var ratioColumns = []column{
	{key: "hit_percent", label: "hits", format: percentText, better: higher, ratio: true, chart: "Reads that found their key, percent"},
	{key: "hit_all_percent", label: "with the start", format: percentText, better: higher},
	{key: "limit_mb", label: "limit", format: megaText},
	{key: "data_mb", label: "data", format: megaText},
	{key: "items", label: "items", format: countText, better: higher},
	{key: "rss_mb", label: "RSS", format: megaText, better: lower},
	{key: "ops_per_sec", label: "op/s", format: countText, better: higher},
	{key: "ops_per_cpu_sec", label: "op/CPU-s", format: countText, better: higher, ratio: true},
	{key: "errors", label: "errors", format: plainText, better: lower, sum: true},
}

// meanOf is how many columns, from the left, have a mean over all traces and sizes.
const meanOf = 2

// runHitRatio replays every trace at every size on every target.
func runHitRatio(ctx context.Context, s *session) (*report, error) {
	o := s.options
	err := s.without("--workload "+hitRatio, "ratio", "dist", "zipf-s", "rate", "duration", "ttl", "preload", "connections", "threads")
	if err != nil {
		return nil, err
	}
	if len(o.workloads) > 1 {
		return nil, fmt.Errorf("--workload %s has a table of its own: name no other with it", hitRatio)
	}
	o.unless("keys", func() { o.keys = ratioKeys })
	o.unless("value-size", func() { o.valueSize = ratioValueSize })
	o.unless("pipeline", func() { o.pipeline = ratioPipeline })
	o.unless("rounds", func() { o.rounds = 1 })
	if o.keys > maxKeys/(4*accessesPerKey) {
		return nil, fmt.Errorf("--keys %d: at most %d with --workload %s", o.keys, maxKeys/(4*accessesPerKey), hitRatio)
	}
	r := &report{title: "Hit ratio", columns: ratioColumns}
	lines := map[string]int{} // by what was done, then one line for each target
	for round := range o.rounds {
		for trace := range sim.Contest(int(o.keys), int(o.keys)*accessesPerKey, o.seed+uint64(round)) {
			for _, percent := range cachePercents {
				if err := s.compete(ctx, r, lines, trace, percent); err != nil {
					return nil, err
				}
			}
		}
	}
	r.addMeans(len(s.targets))
	return r, nil
}

// compete replays a trace on every target, in turn.
func (s *session) compete(ctx context.Context, r *report, lines map[string]int, trace sim.Trace, percent int) error {
	keys, err := s.keyspaceOf(uint64(trace.Distinct), keyPrefix)
	if err != nil {
		return err
	}
	data := bytesOf(trace, keys)
	limit := max(data*int64(percent)/100>>20, 2) << 20 // a memcached takes whole megabytes, two at least
	name := fmt.Sprintf("%s, %d%%", trace.Name, percent)
	first, known := lines[name]
	if !known {
		first = len(r.entries)
		lines[name] = first
	}
	for i, t := range s.targets {
		if err := s.limit(ctx, t, limit); err != nil {
			return err
		}
		if t.recipe == nil {
			if err := s.empty(ctx, t); err != nil {
				return err
			}
		}
		if !known {
			r.addTarget(t)
			r.entries[len(r.entries)-1].workload = name
		}
		figures, err := s.replay(ctx, r, t, keys, trace, name)
		if err != nil {
			return err
		}
		figures[2], figures[3] = megabytes(limit), megabytes(data)
		r.addRound(first+i, figures)
		t.stop()
	}
	return nil
}

// replay sends a trace over one connection, so that every server sees the same order.
func (s *session) replay(ctx context.Context, r *report, t *target, keys *keyspace, trace sim.Trace, name string) ([]float64, error) {
	g, err := openGenerator(t, 1, 1, s.options.verify, s.options.portable)
	if err != nil {
		return nil, err
	}
	defer g.close()
	y := &replay{keys: trace.Keys}
	part := func(to int, what string) (*phaseResult, error) {
		p := &phase{shape: newRequests(keys, expiry{}, s.options.verify, time.Now()), dist: distSequential, keys: keys.n, replay: y, replayTo: to,
			pipeline: s.options.pipeline}
		return s.run(ctx, g, p, name+", "+what)
	}
	start, err := part(len(trace.Keys)/warmShare, "filling")
	if err != nil {
		return nil, err
	}
	counted, err := part(len(trace.Keys), "counting")
	if err != nil {
		return nil, err
	}
	whole := start.tally
	whole.add(&counted.tally)
	if bad := whole.wrong + whole.mismatched; bad > 0 {
		r.note("%s: %d of %d replies were wrong in %s; the first: %s", t.name, bad, whole.done, name, whole.firstWrong)
	}
	if whole.mismatched > 0 && r.failure == nil { // a refused write is a cache's right, a wrong value is not
		r.failure = fmt.Errorf("%s: %w: %d wrong values in %s", t.name, errVerify, whole.mismatched, name)
	}
	s.progress.say("%s: %s, %s hits", t.name, name, percentText(counted.hitPercent()))
	items, err := keysOf(t)
	if err != nil {
		return nil, err
	}
	return []float64{counted.hitPercent(), whole.hitPercent(), missing, missing, float64(items), megabytes(rssOf(t.pid, true)),
		counted.perSecond(), counted.perCPUSecond(), float64(whole.wrong + whole.mismatched)}, nil
}

// addMeans adds a line for each target with its means over the lines so far.
func (r *report) addMeans(targets int) {
	r.settle()
	lines := r.entries
	for i := range targets {
		sum := make([]float64, len(r.columns))
		for c := range sum {
			sum[c] = missing
			if c < meanOf {
				sum[c] = 0
				for n := i; n < len(lines); n += targets {
					sum[c] += lines[n].values[c] * float64(targets) / float64(len(lines))
				}
			}
		}
		r.entries = append(r.entries, entry{workload: "mean", target: lines[i].target, version: lines[i].version, rounds: [][]float64{sum}})
	}
}
