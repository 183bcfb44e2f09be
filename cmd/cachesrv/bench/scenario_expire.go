// bench expire: many keys due in one second; when they are gone, and what other clients feel of it.

package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"
)

var expireScenario = scenario{
	name:  "expire [target...]",
	short: "Many keys due in one second: when they are gone, and what others feel",
	long: `Expire writes --keys keys that are all due in the same second, and reads other keys at a fixed --rate before
and after it. It reports how many of the due keys the server still counts one second after they were due, when
the last one was gone (DBSIZE, or curr_items of stats), and the readers' latency before and from then on.
Memcached keeps time in whole seconds, and may drop keys up to a second late for that alone.`,
	examples: `  cachesrv bench expire --spawn redis,/usr/bin/redis-server,memcached,/usr/bin/memcached
  cachesrv bench expire redis://127.0.0.1:6379 --keys 5000000 --rate 50000 --observe 10s`,
	flags: func(f *pflag.FlagSet, o *options) {
		keyFlags(f, o, 1_000_000, "32")
		f.Uint64Var(&o.others, "others", 100_000, "keys without expiry that are read meanwhile")
		f.Float64Var(&o.rate, "rate", 10_000, "reads per second")
		f.DurationVar(&o.observe, "observe", 4*time.Second, "how long latencies are taken before the keys are due, and after")
		f.DurationVar(&o.dueIn, "due-in", 0, "time for writing the keys before they are due; 0: as the first writes suggest")
		f.DurationVar(&o.patient, "patience", 30*time.Second, "how long to wait for the keys to be gone")
		pipelineFlag(f, o, 1)
		connectionFlags(f, o)
	},
	run: runExpire,
}

var expireColumns = []column{
	{key: "left_after_1s", label: "left after 1s", format: countText, better: lower, chart: "Keys left one second after they were due"},
	{key: "half_gone_s", label: "half gone", format: secondsText, better: lower},
	{key: "gone_s", label: "all gone", format: secondsText, better: lower, ratio: true, chart: "Seconds until all were gone"},
	{key: "p99_before_us", label: "p99 before", format: microText, better: lower, group: "Readers' latency"},
	{key: "p99_after_us", label: "p99 after", format: microText, better: lower, group: "Readers' latency"},
	{key: "p99_after_per_before", label: "after/before", format: ratioText, better: lower},
	{key: "p999_before_us", label: "p99.9 before", format: microText, better: lower, group: "Readers' latency"},
	{key: "p999_after_us", label: "p99.9 after", format: microText, better: lower, group: "Readers' latency"},
	{key: "max_after_us", label: "max after", format: microText, better: lower},
	{key: "cpu_before_percent", label: "CPU before", format: percentText, better: lower},
	{key: "cpu_after_percent", label: "CPU after", format: percentText, better: lower},
}

// duePrefix keeps the keys that expire apart from those that are read.
const duePrefix = "due:"

func runExpire(ctx context.Context, s *session) (*report, error) {
	r := &report{title: "Expiry", columns: expireColumns}
	for i, t := range s.targets {
		if err := s.start(ctx, t); err != nil {
			return nil, err
		}
		r.addTarget(t)
		figures, err := s.expireOn(ctx, r, t)
		if err != nil {
			return nil, err
		}
		r.addRound(i, figures)
		t.stop()
	}
	return r, nil
}

func (s *session) expireOn(ctx context.Context, r *report, t *target) ([]float64, error) {
	o := s.options
	due, err := s.keyspaceOf(o.keys, duePrefix)
	if err != nil {
		return nil, err
	}
	others, err := s.keyspaceOf(max(o.others, 1), keyPrefix)
	if err != nil {
		return nil, err
	}
	g, err := s.generator(t)
	if err != nil {
		return nil, err
	}
	defer g.close()
	res, err := s.load(ctx, g, s.loadPhase(others, expiry{}, 0), "writing the keys that stay")
	if err != nil {
		return nil, err
	}
	base, err := keysOf(t)
	if err != nil {
		return nil, err
	}
	at := dueTime(o, res)
	if _, err := s.load(ctx, g, s.loadPhase(due, expiry{at: at}, 0), "writing the keys that expire"); err != nil {
		return nil, err
	}
	if n, err := keysOf(t); err != nil || n < base+int64(o.keys) {
		if err == nil {
			err = fmt.Errorf("%s: holds %d of %d keys before they are due: writing took too long (--due-in), or it evicts",
				t.name, n-base, o.keys)
		}
		return nil, err
	}
	if err := rest(ctx, time.Until(at.Add(-o.observe))); err != nil {
		return nil, err
	}
	before, err := s.readOthers(ctx, g, others, time.Until(at), "before they are due")
	if err != nil {
		return nil, err
	}
	figures := []float64{missing, missing, missing, quantile(before, 99), missing, missing, quantile(before, 99.9), missing,
		missing, cpuPercent(before), missing}
	w := &vanishing{target: t, base: base, keys: int64(o.keys), due: at, patience: o.patient}
	watched := guarded(func(err error) { w.err = err }, func() { w.err = w.watch(ctx) })
	after, err := s.readOthers(ctx, g, others, time.Until(at.Add(o.observe)), "after they were due")
	<-watched
	if err == nil {
		err = w.err
	}
	if err != nil {
		return nil, err
	}
	if skipped := before.skipped + after.skipped; skipped > (before.done+after.done)/100 {
		r.note("%s: %d reads of the schedule were left out because this client did not get the processor in time", t.name, skipped)
	}
	if w.left > 0 {
		r.note("%s: %d keys were still counted %v after they were due", t.name, w.left, o.patient)
	}
	figures[0], figures[1], figures[2] = w.afterSecond, w.half, w.gone
	figures[4], figures[7] = quantile(after, 99), quantile(after, 99.9)
	figures[5], figures[8] = figures[4]/figures[3], float64(after.latency.Max())/1000
	figures[10] = cpuPercent(after)
	return figures, nil
}

// dueTime leaves time for the writes, at twice what the first keys took each, and for the reading before.
func dueTime(o *options, sample *phaseResult) time.Time {
	need := o.dueIn
	if need == 0 {
		perKey := sample.elapsed.Seconds() / float64(sample.done)
		need = time.Duration(2*perKey*float64(o.keys)*float64(time.Second)) + o.observe + 2*time.Second
	}
	return time.Now().Add(need).Truncate(time.Second).Add(time.Second)
}

// readOthers reads the keys that stay, at the fixed rate.
func (s *session) readOthers(ctx context.Context, g *generator, k *keyspace, d time.Duration, what string) (*phaseResult, error) {
	if d <= 0 {
		return nil, fmt.Errorf("%s: no time left to read %s; --due-in gives more", g.target.name, what)
	}
	o := s.options
	p := &phase{
		shape: newRequests(k, expiry{}, false, time.Now()), dist: distUniform, keys: k.n, seed: o.seed,
		pipeline: o.pipeline, rate: o.rate, duration: d,
	}
	return s.load(ctx, g, p, "reading "+what)
}

// vanishing watches a server's count of keys fall.
type vanishing struct {
	target   *target
	base     int64 // keys that stay
	keys     int64 // keys that are due
	due      time.Time
	patience time.Duration

	afterSecond float64 // keys left one second after due
	half, gone  float64 // seconds after due
	left        int64   // when patience ended
	err         error
}

// countEvery is how often the watcher asks.
const countEvery = 10 * time.Millisecond

func (w *vanishing) watch(ctx context.Context) error {
	w.afterSecond, w.half, w.gone = missing, missing, missing
	k, err := openControl(w.target)
	if err != nil {
		return err
	}
	defer k.close()
	if err := rest(ctx, time.Until(w.due)); err != nil {
		return err
	}
	for {
		n, err := k.count()
		if err != nil {
			return w.target.fault(err)
		}
		now := time.Since(w.due)
		if w.note(n-w.base, now); w.left <= 0 && now > time.Second || now > w.patience {
			return nil
		}
		if err := rest(ctx, countEvery); err != nil {
			return err
		}
	}
}

// note takes a count of `left` keys, `after` the moment they were due.
func (w *vanishing) note(left int64, after time.Duration) {
	w.left = max(left, 0)
	if w.half != w.half && w.left <= w.keys/2 {
		w.half = after.Seconds()
	}
	if w.gone != w.gone && w.left == 0 {
		w.gone = after.Seconds()
	}
	if w.afterSecond != w.afterSecond && after >= time.Second {
		w.afterSecond = float64(w.left)
	}
}

// cpuPercent is the server's use of one core in a phase.
func cpuPercent(p *phaseResult) float64 {
	if p.serverCPU < 0 {
		return missing
	}
	return 100 * p.serverCPU.Seconds() / p.elapsed.Seconds()
}
