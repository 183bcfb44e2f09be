// bench maxmemory: a flood of writes against a memory limit; how far used memory and RSS go over it.

package bench

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/pflag"
)

var maxmemoryScenario = scenario{
	name:  "maxmemory [target...]",
	short: "A flood of writes at a memory limit: how far memory goes over it",
	long: `Maxmemory limits a server's memory to --limit and floods it with writes of more keys than fit. All the while it
samples the memory that the server says it uses (used_memory of INFO, or bytes of stats) and its resident
memory, and reports the highest. Started servers get the limit as an argument (a Redis without a policy of its own
the policy allkeys-lru), running ones by CONFIG SET or cache_memlimit; they keep it afterwards.`,
	examples: `  cachesrv bench maxmemory --spawn redis,/usr/bin/redis-server --limit 256mb
  cachesrv bench maxmemory --spawn memcached,/usr/bin/memcached --limit 64mb --value-size 16-4096 --duration 20s`,
	flags: func(f *pflag.FlagSet, o *options) {
		f.StringVar(&o.limit, "limit", "128mb", "the memory limit")
		keyFlags(f, o, 4_000_000, "16-1024")
		f.StringVar(&o.dist, "dist", distUniform, "which keys are written: zipf, uniform or sequential")
		f.Float64Var(&o.zipfS, "zipf-s", 0.99, "exponent of the zipf distribution")
		f.DurationVar(&o.ttl, "ttl", 0, "expiry of written keys, whole seconds; 0: none")
		f.DurationVar(&o.duration, "duration", 10*time.Second, "how long the flood lasts")
		f.IntVar(&o.rounds, "rounds", 1, "rounds; the targets take turns in each")
		pipelineFlag(f, o, 16)
		connectionFlags(f, o)
	},
	run: runMaxmemory,
}

var maxmemoryColumns = []column{
	{key: "limit_mb", label: "limit", format: megaText},
	{key: "used_max_mb", label: "used max", format: megaText, better: lower, ratio: true, chart: "Most used memory, MB"},
	{key: "used_over_percent", label: "over", format: percentText, better: lower},
	{key: "rss_max_mb", label: "RSS max", format: megaText, better: lower, ratio: true, chart: "Most resident memory, MB"},
	{key: "rss_over_percent", label: "over", format: percentText, better: lower},
	{key: "samples", label: "samples", format: plainText, sum: true},
	{key: "evicted", label: "evicted", format: countText},
	{key: "ops_per_sec", label: "op/s", format: countText, better: higher, ratio: true, chart: "Writes per second"},
	{key: "ops_per_cpu_sec", label: "op/CPU-s", format: countText, better: higher, ratio: true},
	{key: "errors", label: "errors", format: plainText, better: lower, sum: true},
}

func runMaxmemory(ctx context.Context, s *session) (*report, error) {
	o := s.options
	limit, err := parseBytes(o.limit)
	if err != nil {
		return nil, fmt.Errorf("--limit %w", err)
	}
	keys, err := s.keyspace()
	if err != nil {
		return nil, err
	}
	r := &report{title: "Memory limit", columns: maxmemoryColumns}
	for round := range o.rounds {
		for i, t := range s.targets {
			if err := s.limit(ctx, t, limit); err != nil {
				return nil, err
			}
			if round == 0 {
				r.addTarget(t)
			}
			figures, err := s.flood(ctx, r, t, keys, limit, round)
			if err != nil {
				return nil, err
			}
			r.addRound(i, figures)
			t.stop()
		}
	}
	return r, nil
}

// limit gives a server its memory limit.
func (s *session) limit(ctx context.Context, t *target, limit int64) error {
	bytes, mega := strconv.FormatInt(limit, 10), strconv.FormatInt(max(limit>>20, 1), 10)
	if t.recipe != nil {
		switch {
		case t.proto == protoRedis:
			if hasFlag(t.recipe.args, "", "--maxmemory-policy") {
				return s.start(ctx, t, "--maxmemory", bytes)
			}
			return s.start(ctx, t, "--maxmemory", bytes, "--maxmemory-policy", "allkeys-lru")
		case t.recipe.program == "":
			return s.start(ctx, t, "--maxmemory", bytes)
		}
		return s.start(ctx, t, "-m", mega)
	}
	k, err := openControl(t)
	if err != nil {
		return err
	}
	defer k.close()
	var answers []answer
	ask := func(a answer, err error) error {
		answers = append(answers, a)
		return err
	}
	if t.proto.memcached() {
		err = ask(k.ask("cache_memlimit " + mega + "\r\n"))
	} else if err = ask(k.do("CONFIG", "SET", "maxmemory", bytes)); err == nil {
		err = ask(k.do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru"))
	}
	for _, a := range answers {
		if err == nil && a.kind == kindError {
			err = fmt.Errorf("the limit was refused: %s", a.text)
		}
	}
	if err != nil {
		return t.fault(err)
	}
	return nil
}

// flood writes while a sampler watches.
func (s *session) flood(ctx context.Context, r *report, t *target, keys *keyspace, limit int64, round int) ([]float64, error) {
	o := s.options
	g, err := s.generator(t)
	if err != nil {
		return nil, err
	}
	defer g.close()
	p := &phase{
		shape: newRequests(keys, expiry{after: o.ttl}, false, time.Now()), dist: o.dist, zipfS: o.zipfS, keys: keys.n,
		seed: o.seed + uint64(round), setShare: allSets, freshVersions: true, pipeline: o.pipeline, duration: o.duration,
	}
	w := &levels{target: t}
	sampling, stop := context.WithCancel(ctx)
	defer stop()
	watched := guarded(func(err error) { w.err = err }, func() { w.err = w.watch(sampling) })
	res, err := s.run(ctx, g, p, "flood")
	stop()
	<-watched
	if err == nil {
		err = w.err
	}
	if err != nil {
		return nil, err
	}
	if res.wrong > 0 {
		r.note("%s: %d of %d writes were refused; the first: %s", t.name, res.wrong, res.done, res.firstWrong)
	}
	over := func(v int64) float64 {
		if v < 0 {
			return missing
		}
		return 100 * float64(v-limit) / float64(limit)
	}
	if w.evicted == 0 {
		r.note("%s: nothing was evicted, so the flood did not reach the limit; --keys, --value-size or --duration raise it", t.name)
	}
	perCPU := missing
	if res.serverCPU > 0 {
		perCPU = float64(res.done) / res.serverCPU.Seconds()
	}
	return []float64{megabytes(limit), megabytes(w.used), over(w.used), megabytes(w.rss), over(w.rss), float64(w.samples),
		float64(w.evicted), float64(res.done) / res.elapsed.Seconds(), perCPU, float64(res.wrong)}, nil
}

// levels samples the memory of a server.
type levels struct {
	target  *target
	used    int64 // the highest
	rss     int64 // the highest; -1: not known
	evicted int64 // the last
	samples int
	err     error
}

// sampleEvery is how often memory is looked at. The server's share of it is two INFO in a hundred milliseconds or so.
const sampleEvery = 20 * time.Millisecond

func (w *levels) watch(ctx context.Context) error {
	w.rss = -1
	k, err := openControl(w.target)
	if err != nil {
		return err
	}
	defer k.close()
	for {
		used, _, evicted, err := k.used()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return w.target.fault(err)
		}
		w.used, w.rss = max(w.used, used), max(w.rss, rssOf(w.target.pid, false))
		w.evicted = evicted
		w.samples++
		if rest(ctx, sampleEvery) != nil {
			return nil
		}
	}
}
