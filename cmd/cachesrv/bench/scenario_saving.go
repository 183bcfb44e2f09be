// bench saving: what a snapshot in the background costs: time, CPU, memory, and the latency of clients meanwhile.

package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"
)

var savingScenario = scenario{
	name:  "saving --spawn SERVER,...",
	short: "BGSAVE: its time, CPU and memory, and the latency of clients meanwhile",
	long: `Saving fills every server with --keys keys and has it save them (BGSAVE) twice in each round: once with nothing
else to do, and once beside a mix of reads and writes at --rate, whose latency is compared with that of the same mix
before. A rate that keeps the processor busy measures how it is shared, not what saving does to clients.

Memory is what resident memory grows by at most beside the mix, while saving, over what it was after the first save; where saving is
done by a child process, what that one has for itself is added. Directories are made where temporary files go (TMPDIR).`,
	examples: `  cachesrv bench saving --spawn /usr/bin/redis-server,redis
  cachesrv bench saving --spawn /usr/bin/redis-server,redis --keys 5000000 --ratio 1:1 --rate 40000`,
	flags: func(f *pflag.FlagSet, o *options) {
		keyFlags(f, o, 1_000_000, "32")
		mixFlags(f, o)
		pipelineFlag(f, o, 1)
		connectionFlags(f, o)
		f.Float64Var(&o.rate, "rate", 10_000, "requests per second to each target; 0: as fast as it goes")
		f.DurationVar(&o.duration, "duration", defaultDuration, "how long the mix runs before")
		f.IntVar(&o.rounds, "rounds", 3, "rounds; the servers take turns in each")
	},
	run: runSaving,
}

var savingColumns = []column{
	{key: "alone_seconds", label: "save", format: secondsText, better: lower, ratio: true, chart: "Seconds of BGSAVE with nothing else to do"},
	{key: "alone_cpu_seconds", label: "its CPU", format: secondsText, better: lower, ratio: true, chart: "CPU seconds of BGSAVE"},
	{key: "beside_seconds", label: "beside load", format: secondsText, better: lower, ratio: true},
	{key: "rss_before_mb", label: "RSS before", format: megaText, better: lower},
	{key: "rss_growth_mb", label: "grows by", format: megaText, better: lower, ratio: true, chart: "Memory that saving adds, MB"},
	{key: "rss_growth_percent", label: "%", format: percentText, better: lower},
	{key: "p99_before_us", label: "p99 before", format: microText, better: lower, group: "p99"},
	{key: "p99_during_us", label: "p99 during", format: microText, better: lower, group: "p99"},
	{key: "p99_ratio", label: "during/before", format: ratioText, better: lower},
	{key: "p999_during_us", label: "p99.9 during", format: microText, better: lower},
	{key: "max_during_us", label: "max", format: microText, better: lower},
	{key: "errors", label: "errors", format: plainText, better: lower, sum: true},
}

func runSaving(ctx context.Context, s *session) (*report, error) {
	share, err := s.options.share()
	if err == nil {
		err = s.fitForFiles("saving")
	}
	if err != nil {
		return nil, err
	}
	keys, err := s.keyspace()
	if err != nil {
		return nil, err
	}
	r := &report{title: "Saving", columns: savingColumns}
	for round := range s.options.rounds {
		for i, t := range s.targets {
			figures, err := s.savingOf(ctx, t, keys, share, round)
			if err != nil {
				return nil, err
			}
			if round == 0 {
				r.addTarget(t)
			}
			t.stop()
			r.addRound(i, figures)
		}
	}
	return r, nil
}

// savingOf measures one target; the others are not running meanwhile.
func (s *session) savingOf(ctx context.Context, t *target, keys *keyspace, share uint32, round int) ([]float64, error) {
	o := s.options
	dir, err := s.directory()
	if err != nil {
		return nil, err
	}
	if err := s.start(ctx, t, "--dir", dir, "--appendonly", "no"); err != nil {
		return nil, err
	}
	g, err := s.generator(t)
	if err != nil {
		return nil, err
	}
	defer g.close()
	if _, err := s.load(ctx, g, s.loadPhase(keys, expiry{}, 0), "writing all keys"); err != nil {
		return nil, err
	}
	name := func(what string) string { return fmt.Sprintf("%s, round %d of %d", what, round+1, o.rounds) }
	alone := &saving{target: t}
	end := s.progress.during(t.name + ": " + name("saving alone"))
	alone.err = alone.watch(ctx)
	end()
	if alone.err != nil {
		return nil, alone.err
	}
	mix := func() *phase {
		return &phase{shape: newRequests(keys, expiry{}, false, time.Now()), dist: o.dist, zipfS: o.zipfS, keys: keys.n,
			seed: o.seed + uint64(round), setShare: share, freshVersions: true, pipeline: o.pipeline, rate: o.rate, duration: o.duration}
	}
	before, err := s.run(ctx, g, mix(), name("before the save"))
	if err != nil {
		return nil, err
	}
	p99 := quantile(before, 99)
	p := mix()
	p.duration = restartTimeout
	beside := &saving{target: t}
	watched := guarded(func(err error) { beside.err = err }, func() {
		defer p.stopped.Store(true)
		beside.err = beside.watch(ctx)
	})
	during, err := s.run(ctx, g, p, name("saving"))
	<-watched
	if err == nil {
		err = beside.err
	}
	if err != nil {
		return nil, err
	}
	growth := float64(beside.most - beside.before)
	slow := quantile(during, 99)
	return []float64{alone.took.Seconds(), alone.cpu.Seconds(), beside.took.Seconds(),
		megabytes(beside.before), growth / (1 << 20), 100 * growth / float64(beside.before),
		p99, slow, slow / p99, quantile(during, 99.9), float64(during.latency.Max()) / 1000, float64(before.wrong + during.wrong)}, s.discard([]string{dir})
}

// saving is one BGSAVE that is watched.
type saving struct {
	target *target
	took   time.Duration
	cpu    time.Duration // of the server and its child
	before int64         // RSS
	most   int64         // with what a child has for itself
	err    error
}

// watch begins a save and returns when it has ended. Memory is looked at every savingEvery.
func (w *saving) watch(ctx context.Context) error {
	t := w.target
	k, err := openControl(t)
	if err != nil {
		return err
	}
	defer k.close()
	w.before = rssOf(t.pid, true)
	if w.before < 0 {
		return fmt.Errorf("%s: the memory of process %d cannot be read", t.name, t.pid)
	}
	w.most = w.before
	began, cpu, child := time.Now(), cpuOf(t.pid), time.Duration(0)
	a, err := k.do("BGSAVE")
	if err == nil && a.kind == kindError {
		err = fmt.Errorf("BGSAVE: %s", a.text)
	}
	for err == nil {
		if err := rest(ctx, savingEvery); err != nil {
			return err
		}
		own, all := int64(0), time.Duration(0)
		for _, pid := range childrenOf(t.pid) {
			own += max(privateOf(pid), 0)
			all += max(cpuOf(pid), 0)
		}
		child = max(child, all)
		w.most = max(w.most, rssOf(t.pid, false)+own)
		var m map[string]string
		if m, err = k.info("persistence"); err != nil || m["rdb_bgsave_in_progress"] == "1" {
			continue
		}
		if m["rdb_last_bgsave_status"] != "ok" {
			err = fmt.Errorf("BGSAVE ended with %q", m["rdb_last_bgsave_status"])
			break
		}
		w.took, w.cpu = time.Since(began), cpuOf(t.pid)-cpu+child
		return nil
	}
	return t.fault(err)
}

// savingEvery is how often a save is looked at; a look at a child's memory takes some ms of it.
const savingEvery = 50 * time.Millisecond
