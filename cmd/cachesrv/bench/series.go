// A series: workloads one after the other, each on every target in turn, as one table.

package bench

import (
	"context"
	"errors"
	"fmt"
)

// seriesColumns are the columns of the table of workloads; seriesFigures gives the numbers of one round in this order.
var seriesColumns = []column{
	{key: "ops_per_cpu_sec", label: "op/CPU-s", format: rateText, better: higher, ratio: true, chart: "Requests per second of server CPU time"},
	{key: "ops_per_sec", label: "op/s", format: rateText, better: higher, ratio: true, chart: "Requests per second"},
	{key: "p999_us", label: "p99.9", format: microText, better: lower, ratio: true},
	{key: "p50_us", label: "p50", format: microText, better: lower},
	{key: "rss_loaded_mb", label: "RSS loaded", format: megaText, better: lower},
	{key: "hit_percent", label: "hits", format: percentText, better: higher},
	{key: "server_cpu_percent", label: "srv CPU", format: percentText},
	{key: "client_cpu_percent", label: "cli CPU", format: percentText},
}

const (
	loadPipeline  = 128        // requests at once while loading
	maxSeriesKeys = 50_000_000 // {half} of as many still has keyDigits digits
)

// entrant is a target in a workload. One that failed takes no further part in it.
type entrant struct {
	target    *target
	generator *generator
	audience  *audience // nil without listeners
	loaded    int64     // RSS after the load
	failure   error
}

// runSeries runs the workloads that --workload names.
func runSeries(ctx context.Context, s *session) (*report, error) {
	chosen, err := choose(workloads, "--workload", s.options.workloads)
	if err == nil {
		err = s.fitForTypes("--workload", "key-size", "value-size", "ratio", "ttl", "verify", "preload")
	}
	if err != nil {
		return nil, err
	}
	r := &report{title: "Workloads", columns: seriesColumns}
	for _, w := range chosen {
		if err := s.contest(ctx, r, w); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// fitForTypes refuses what does not go together with data sets of Redis types, which flag asked for: other servers, and
// flags without a meaning there.
func (s *session) fitForTypes(flag string, meaningless ...string) error {
	for _, t := range s.targets {
		if t.proto != protoRedis {
			return fmt.Errorf("%s: only Redis servers have the data types of %s", t.name, flag)
		}
	}
	if n := s.options.keys; n > maxSeriesKeys {
		return fmt.Errorf("--keys %d: at most %d with %s", n, maxSeriesKeys, flag)
	}
	return s.without(flag, meaningless...)
}

// without refuses flags that have no meaning beside another.
func (s *session) without(flag string, meaningless ...string) error {
	for _, name := range meaningless {
		if s.options.given(name) {
			return fmt.Errorf("--%s says nothing with %s, which loads in its own way", name, flag)
		}
	}
	return nil
}

// contest runs one workload on every target and adds its lines to r.
func (s *session) contest(ctx context.Context, r *report, w *workload) error {
	o := s.options
	asks, err := newScript(w.asks, w.numbers(o.keys))
	if err != nil {
		return err
	}
	first := len(r.entries)
	if err := s.startAll(ctx); err != nil { // anew for every workload: nothing of the one before is left
		return err
	}
	field, err := s.enter(ctx, w)
	defer func() {
		for _, e := range field {
			e.generator.close()
			e.audience.close()
		}
	}()
	if err != nil {
		return err
	}
	for _, e := range field {
		r.addTarget(e.target)
		r.entries[len(r.entries)-1].workload = w.name
	}
	for round := range o.rounds {
		for i, e := range field {
			if w.fresh && round > 0 {
				if err := s.attempt(ctx, e, func() error { return s.furnish(ctx, e.target, w) }); err != nil {
					return err
				}
			}
			err := s.attempt(ctx, e, func() error {
				res, err := s.load(ctx, e.generator, w.phase(o, asks, round), fmt.Sprintf("running %s, round %d of %d", w.name, round+1, o.rounds))
				if err == nil {
					r.addRound(first+i, seriesFigures(e, res))
				}
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return s.leave(ctx, r, w, field)
}

// enter connects to every target and gives it the workload's data.
func (s *session) enter(ctx context.Context, w *workload) ([]*entrant, error) {
	connections, threads := s.options.connections, s.options.threads
	switch {
	case w.alone:
		connections = 1
	case w.pairs:
		connections, threads = 2*connections, 1
		if s.options.portable || !polledLanes {
			return nil, errPairs
		}
	}
	var field []*entrant
	for _, t := range s.targets {
		g, err := openGenerator(t, connections, threads, false, s.options.portable)
		if err != nil {
			return field, err
		}
		e := &entrant{target: t, generator: g}
		field = append(field, e)
		if err := s.attempt(ctx, e, func() error { return s.furnish(ctx, t, w) }); err != nil {
			return field, err
		}
		if err := s.attempt(ctx, e, func() (err error) { e.audience, err = openAudience(t, w); return err }); err != nil {
			return field, err
		}
		e.loaded = rssOf(t.pid, true)
	}
	return field, nil
}

// attempt does one thing with an entrant that has not failed yet. What goes wrong is the entrant's failure, and the
// others go on; only the end of the run is an error.
func (s *session) attempt(ctx context.Context, e *entrant, do func() error) error {
	if e.failure != nil {
		return nil
	}
	err := do()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e.failure = err
	return nil
}

// leave notes the failures, whose figures say nothing, and takes the data away from servers that go on running.
func (s *session) leave(ctx context.Context, r *report, w *workload, field []*entrant) error {
	for i, e := range field {
		if e.failure == nil {
			if e.target.recipe == nil {
				if err := s.remove(ctx, e.target, w); err != nil {
					return err
				}
			}
			continue
		}
		entry := &r.entries[len(r.entries)-len(field)+i]
		entry.rounds = nil
		r.fail(w, e.target, e.failure)
	}
	return nil
}

// fail notes that w failed on t, and makes it the run's failure if it is the first.
func (r *report) fail(w *workload, t *target, err error) {
	r.note("%s failed on %v", w.name, err) // err begins with the target's name
	if r.failure == nil {
		r.failure = fmt.Errorf("%w: %s on %s, and whatever else is told below the table", errWorkload, w.name, t.name)
	}
}

// phase is one round of the workload.
func (w *workload) phase(o *options, asks *script, round int) *phase {
	n := w.numbers(o.keys)
	p := &phase{script: asks, strict: true, dist: o.dist, zipfS: o.zipfS, keys: n, seed: o.seed + uint64(round), pipeline: o.pipeline,
		rate: o.rate, duration: o.duration}
	if w.once {
		p.dist, p.requests = distScattered, int64(n)
	}
	if w.inOrder {
		p.inOrder, p.pipeline = true, max(o.pipeline/len(w.asks), 1)*len(w.asks)
	}
	if w.alone {
		p.pipeline, p.rate, p.patient = 1, 0, true
	}
	if w.pairs {
		p.pairs, p.pipeline, p.rate = true, 1, 0
	}
	return p
}

// furnish gives t the workload's data, in place of what is left of an earlier run's.
func (s *session) furnish(ctx context.Context, t *target, w *workload) error {
	if err := s.remove(ctx, t, w); err != nil {
		return err
	}
	for i, text := range w.load {
		what := fmt.Sprintf("loading for %s, %d of %d", w.name, i+1, len(w.load))
		if err := s.each(ctx, t, w, text, anyReply, what); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes the keys of the workload.
func (s *session) remove(ctx context.Context, t *target, w *workload) error {
	for _, word := range w.keyWords() {
		if err := s.each(ctx, t, w, "DEL "+word, kindStatus, "emptying for "+w.name); err != nil {
			return err
		}
	}
	return nil
}

// each sends a command once for every number, in order over one connection, or just once if it has none.
func (s *session) each(ctx context.Context, t *target, w *workload, text string, want kind, what string) error {
	n := w.numbers(s.options.keys)
	asks, err := newScript([]ask{{send: text, want: want}}, n)
	if err != nil {
		return err
	}
	requests := int64(1)
	if asks.phrases[0].numbered {
		requests = int64(n)
	}
	g, err := openGenerator(t, 1, 1, false, s.options.portable)
	if err != nil {
		return err
	}
	defer g.close()
	_, err = s.load(ctx, g, &phase{script: asks, strict: true, dist: distSequential, keys: n, seed: s.options.seed, pipeline: loadPipeline,
		requests: requests}, what)
	return err
}

// seriesFigures gives the numbers of one round, in the order of seriesColumns.
func seriesFigures(e *entrant, p *phaseResult) []float64 {
	return []float64{p.perCPUSecond(), p.perSecond(), quantile(p, 99.9), quantile(p, 50), megabytes(e.loaded), p.hitPercent(),
		p.percentOf(p.serverCPU), p.percentOf(p.clientCPU)}
}

var (
	errWorkload = errors.New("a workload failed")
	errPairs    = errors.New("workloads of pairs need the transport of Linux, without --portable")
)
