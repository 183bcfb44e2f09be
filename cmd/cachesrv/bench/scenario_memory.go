// bench memory: what keys cost in resident memory, fresh, with expiry, and after being overwritten with other sizes.

package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"
)

var memoryScenario = scenario{
	name:  "memory [target...]",
	short: "Resident memory that keys add: fresh, with expiry, after overwriting",
	long: `Memory measures the resident memory that --keys keys add to a server: freshly loaded, loaded with an expiry,
and after every key was overwritten three times with values of other sizes, beside a fresh load of those final
values. A server started with --spawn is started anew for each; one given by URL must be empty, or is emptied
with --flush before each, and then what it keeps of earlier memory counts as not added.

With --shape it is instead what data sets of Redis types add, each of --keys items in all:
` + catalogue(shapes),
	examples: `  cachesrv bench memory --spawn redis,/usr/bin/redis-server,/usr/bin/memcached
  cachesrv bench memory --spawn redis --keys 10000000 --json
  cachesrv bench memory redis://127.0.0.1:6379 --flush
  cachesrv bench memory --spawn /usr/bin/redis-server,redis --shape zset,hash
  cachesrv bench memory --spawn /usr/bin/redis-server,redis --shape all`,
	flags: func(f *pflag.FlagSet, o *options) {
		keyFlags(f, o, 1_000_000, "32")
		pipelineFlag(f, o, 16)
		connectionFlags(f, o)
		f.DurationVar(&o.ttl, "ttl", time.Hour, "expiry of the keys in the run with expiry")
		f.DurationVar(&o.settle, "settle", time.Second, "wait before memory is read")
		f.StringSliceVar(&o.shapes, "shape", nil, "data sets of Redis types to weigh, separated by commas, or all; see above")
		f.BoolVar(&o.flush, "flush", false, "empty servers given by URL first")
	},
	run: runMemory,
}

// overwriteSizes are the value sizes of the three passes over all keys; the last is what a fresh load is compared with.
var overwriteSizes = [3][2]int{{8, 96}, {64, 320}, {16, 160}}

var memoryColumns = []column{
	{key: "added_mb", label: "added", format: megaText, better: lower, ratio: true, chart: "Resident memory added, MB"},
	{key: "bytes_per_key", label: "B/key", format: plainText, better: lower},
	{key: "ttl_added_mb", label: "with TTL", format: megaText, better: lower, ratio: true, chart: "Resident memory added by keys with expiry, MB"},
	{key: "ttl_bytes_per_key", label: "B/key", format: plainText, better: lower},
	{key: "overwritten_added_mb", label: "overwritten", format: megaText, better: lower, ratio: true, chart: "Resident memory added after overwriting, MB"},
	{key: "final_fresh_added_mb", label: "same, fresh", format: megaText, better: lower, ratio: true},
	{key: "overwritten_per_fresh", label: "overwritten/fresh", format: ratioText, better: lower},
}

func runMemory(ctx context.Context, s *session) (*report, error) {
	if len(s.options.shapes) > 0 {
		return runShapes(ctx, s)
	}
	r := &report{title: "Memory", columns: memoryColumns}
	for i, t := range s.targets {
		figures, err := s.memoryOf(ctx, r, t)
		if err != nil {
			return nil, err
		}
		r.addRound(i, figures)
		t.stop()
	}
	return r, nil
}

// memoryOf measures one target; the others are not running meanwhile.
func (s *session) memoryOf(ctx context.Context, r *report, t *target) ([]float64, error) {
	first, err := s.keyspace()
	if err != nil {
		return nil, err
	}
	var passes [3]*keyspace
	for i, size := range overwriteSizes {
		if passes[i], err = newKeyspace(first.n, first.size, size[0], size[1], keyPrefix); err != nil {
			return nil, err
		}
	}
	last := len(passes) - 1
	load := func(k *keyspace, e expiry, version uint32) *phase { return s.loadPhase(k, e, version) }
	fresh, err := s.added(ctx, t, load(first, expiry{}, 0))
	if err != nil {
		return nil, err
	}
	r.addTarget(t)
	ttl, err := s.added(ctx, t, load(first, expiry{after: s.options.ttl}, 0))
	if err != nil {
		return nil, err
	}
	steps := []*phase{load(first, expiry{}, 0)}
	for i, k := range passes {
		p := load(k, expiry{}, uint32(i+1))
		p.dist = distScattered
		steps = append(steps, p)
	}
	overwritten, err := s.added(ctx, t, steps...)
	if err != nil {
		return nil, err
	}
	final, err := s.added(ctx, t, load(passes[last], expiry{}, uint32(last+1)))
	if err != nil {
		return nil, err
	}
	n := float64(first.n)
	return []float64{megabytes(fresh), float64(fresh) / n, megabytes(ttl), float64(ttl) / n,
		megabytes(overwritten), megabytes(final), float64(overwritten) / float64(final)}, nil
}

// added is the RSS that the phases add to an empty server.
func (s *session) added(ctx context.Context, t *target, phases ...*phase) (int64, error) {
	if err := s.empty(ctx, t); err != nil {
		return 0, err
	}
	g, err := s.generator(t)
	if err != nil {
		return 0, err
	}
	defer g.close()
	return s.weight(ctx, t, phases[0].keys, func() error {
		for i, p := range phases {
			if _, err := s.load(ctx, g, p, fmt.Sprintf("writing all keys, %d of %d", i+1, len(phases))); err != nil {
				return err
			}
		}
		return nil
	})
}

// weight is the RSS that what fill writes, this many keys, adds to an empty server.
func (s *session) weight(ctx context.Context, t *target, keys uint64, fill func() error) (int64, error) {
	if t.pid == 0 {
		return 0, fmt.Errorf("%s: its process is not known, and so is its memory; --pid tells it", t.name)
	}
	if err := rest(ctx, s.options.settle); err != nil {
		return 0, err
	}
	before := rssOf(t.pid, true)
	if err := fill(); err != nil {
		return 0, err
	}
	if err := rest(ctx, s.options.settle); err != nil {
		return 0, err
	}
	if err := holdsAll(t, keys); err != nil {
		return 0, err
	}
	after := rssOf(t.pid, true)
	if before < 0 || after < 0 {
		return 0, fmt.Errorf("%s: the memory of process %d cannot be read", t.name, t.pid)
	}
	return after - before, nil
}

// holdsAll refuses to weigh a server that has thrown keys away.
func holdsAll(t *target, keys uint64) error {
	n, err := keysOf(t)
	if err == nil && n < int64(keys) {
		err = fmt.Errorf("%s: holds %d of %d keys: it evicts, so its memory says nothing; give it more", t.name, n, keys)
	}
	return err
}

// keysOf asks how many keys a target holds.
func keysOf(t *target) (int64, error) {
	k, err := openControl(t)
	if err != nil {
		return 0, err
	}
	defer k.close()
	n, err := k.count()
	if err != nil {
		return 0, t.fault(err)
	}
	return n, nil
}

// empty gives an empty server: a new process, or with --flush the same one flushed.
func (s *session) empty(ctx context.Context, t *target) error {
	if t.recipe != nil {
		return s.start(ctx, t)
	}
	n, err := keysOf(t)
	if err != nil || n == 0 {
		return err
	}
	if !s.options.flush {
		return fmt.Errorf("%s: holds %d keys; give an empty server, or --flush to empty it", t.name, n)
	}
	k, err := openControl(t)
	if err != nil {
		return err
	}
	defer k.close()
	if err := k.flush(); err != nil {
		return t.fault(err)
	}
	return nil
}
