// The speed run: preload, then rounds in which the targets take turns.

package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const defaultDuration = 3 * time.Second

// speedColumns are the columns of the speed table; speedFigures gives the numbers of one round in this order.
var speedColumns = []column{
	{key: "ops_per_sec", label: "op/s", format: countText, better: higher, ratio: true, chart: "Requests per second"},
	{key: "ops_per_cpu_sec", label: "op/CPU-s", format: countText, better: higher, ratio: true, chart: "Requests per second of server CPU time"},
	{key: "p50_us", label: "p50", format: microText, better: lower, group: "Latency"},
	{key: "p99_us", label: "p99", format: microText, better: lower, ratio: true, group: "Latency"},
	{key: "p999_us", label: "p99.9", format: microText, better: lower, ratio: true, group: "Latency"},
	{key: "max_us", label: "max", format: microText, better: lower},
	{key: "rss_loaded_mb", label: "RSS loaded", format: megaText, better: lower},
	{key: "rss_end_mb", label: "RSS end", format: megaText, better: lower},
	{key: "rss_added_mb", label: "RSS added", format: megaText, better: lower, ratio: true, chart: "Resident memory added by keys and load, MB"},
	{key: "hit_percent", label: "hits", format: percentText, better: higher},
	{key: "server_cpu_percent", label: "srv CPU", format: percentText},
	{key: "client_cpu_percent", label: "cli CPU", format: percentText},
	{key: "errors", label: "errors", format: plainText, better: lower, sum: true},
	{key: "mismatches", label: "wrong values", format: plainText, better: lower, sum: true, hide: true},
}

// contestant is a target in a speed run.
type contestant struct {
	target    *target
	generator *generator
	empty     int64 // RSS before the preload
	loaded    int64 // RSS after it
	bad       tally // of all phases
}

func runSpeed(ctx context.Context, s *session) (*report, error) {
	o := s.options
	if slices.Contains(o.workloads, hitRatio) {
		return runHitRatio(ctx, s)
	}
	if len(o.workloads) > 0 {
		return runSeries(ctx, s)
	}
	share, err := o.share()
	if err != nil {
		return nil, err
	}
	keys, err := s.keyspace()
	if err != nil {
		return nil, err
	}
	if err := s.startAll(ctx); err != nil {
		return nil, err
	}
	r := &report{title: "Speed", columns: speedColumns}
	field, err := s.line(ctx, keys)
	defer func() {
		for _, c := range field {
			c.generator.close()
		}
	}()
	if err != nil {
		return nil, err
	}
	for _, c := range field {
		r.addTarget(c.target)
	}
	for round := range o.rounds {
		for i, c := range field {
			shape := newRequests(keys, expiry{after: o.ttl}, o.verify, time.Now())
			shape.multi = o.multi
			p := &phase{
				shape: shape, dist: o.dist, zipfS: o.zipfS, keys: keys.n,
				seed: o.seed + uint64(round), setShare: share, freshVersions: true, pipeline: o.pipeline,
				rate: o.rate, duration: o.duration,
			}
			res, err := s.run(ctx, c.generator, p, fmt.Sprintf("round %d of %d", round+1, o.rounds))
			if err != nil {
				return nil, err
			}
			c.bad.add(&res.tally)
			r.addRound(i, speedFigures(c, res))
		}
	}
	r.judge(field, o.verify)
	return r, nil
}

// line connects to every target and preloads it.
func (s *session) line(ctx context.Context, keys *keyspace) ([]*contestant, error) {
	var field []*contestant
	for _, t := range s.targets {
		g, err := s.generator(t)
		if err != nil {
			return field, err
		}
		c := &contestant{target: t, generator: g, empty: rssOf(t.pid, true)}
		field = append(field, c)
		if s.options.preload {
			res, err := s.run(ctx, g, s.loadPhase(keys, expiry{after: s.options.ttl}, 0), "preload")
			if err != nil {
				return field, err
			}
			c.bad.add(&res.tally)
		}
		c.loaded = rssOf(t.pid, true)
	}
	return field, nil
}

// speedFigures gives the numbers of one round, in the order of speedColumns.
func speedFigures(c *contestant, p *phaseResult) []float64 {
	end := rssOf(c.target.pid, true)
	return []float64{
		p.perSecond(), p.perCPUSecond(),
		quantile(p, 50), quantile(p, 99), quantile(p, 99.9), float64(p.latency.Max()) / 1000,
		megabytes(c.loaded), megabytes(end), megabytes(end) - megabytes(c.empty),
		p.hitPercent(), p.percentOf(p.serverCPU), p.percentOf(p.clientCPU),
		float64(p.wrong), float64(p.mismatched),
	}
}

func (p *phaseResult) perSecond() float64 { return float64(p.done) / p.elapsed.Seconds() }

// perCPUSecond is requests per second of CPU time that the server took.
func (p *phaseResult) perCPUSecond() float64 {
	if p.serverCPU <= 0 {
		return missing
	}
	return float64(p.done) / p.serverCPU.Seconds()
}

// percentOf is CPU time as a share of one core; unknown CPU times are negative.
func (p *phaseResult) percentOf(cpu time.Duration) float64 {
	if cpu < 0 {
		return missing
	}
	return 100 * cpu.Seconds() / p.elapsed.Seconds()
}

func (t *tally) hitPercent() float64 {
	if t.hits+t.misses == 0 {
		return missing
	}
	return 100 * float64(t.hits) / float64(t.hits+t.misses)
}

// quantile is a latency in microseconds.
func quantile(p *phaseResult, q float64) float64 {
	if p.done == 0 {
		return missing
	}
	return float64(p.latency.ValueAtQuantile(q)) / 1000
}

// judge notes wrong replies, and makes them the run's failure when values were to be verified.
func (r *report) judge(field []*contestant, verify bool) {
	for _, c := range field {
		if c.bad.skipped > c.bad.done/100 {
			r.note("%s: %d requests of the schedule were left out because this client did not get the processor in time",
				c.target.name, c.bad.skipped)
		}
		bad := c.bad.wrong + c.bad.mismatched
		if bad == 0 {
			continue
		}
		r.note("%s: %d of %d replies were wrong; the first: %s", c.target.name, bad, c.bad.done, c.bad.firstWrong)
		if verify && r.failure == nil {
			r.failure = fmt.Errorf("%s: %w: %d errors, %d wrong values; the first: %s",
				c.target.name, errVerify, c.bad.wrong, c.bad.mismatched, c.bad.firstWrong)
		}
	}
}
