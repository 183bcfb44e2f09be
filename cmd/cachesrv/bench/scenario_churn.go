// bench churn: a full cache whose values change their sizes again and again; how much of its memory then holds live data.

package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"
)

var churnScenario = scenario{
	name:  "churn [target...]",
	short: "A full cache of changing sizes: how much of its memory holds live data",
	long: `Churn limits a server's memory to --limit and fills it over and over, each time with values of other sizes: small ones
where large ones were, and the other way round. Then it reads all keys back and compares the bytes of the keys and values
that are still there with the resident memory that they add to the empty server. The same is done on a new server
that got only the last sizes: the difference is what changing sizes cost, in holes that nothing fits in. A server given
by URL must be empty, or is emptied with --flush before each, and keeps the limit afterwards.`,
	examples: `  cachesrv bench churn --spawn memcached,/usr/bin/memcached
  cachesrv bench churn --spawn redis,/usr/bin/redis-server --limit 256mb`,
	flags: func(f *pflag.FlagSet, o *options) {
		f.StringVar(&o.limit, "limit", "1gb", "the memory limit")
		f.IntVar(&o.keySize, "key-size", 16, "bytes of a key")
		f.Uint64Var(&o.seed, "seed", 1, "seed of all random choices; equal for every target")
		f.DurationVar(&o.settle, "settle", 12*time.Second, "wait before memory is read; allocators keep free pages for some ten seconds")
		f.BoolVar(&o.flush, "flush", false, "empty servers given by URL first")
		pipelineFlag(f, o, 16)
		connectionFlags(f, o)
	},
	run: runChurn,
}

// churnSizes are the value sizes of the fillings, one after the other.
var churnSizes = [...][2]int{{100, 1000}, {4000, 32000}, {200, 800}, {500, 4000}}

// overfill: a filling writes so many times what the limit holds, so that little is left of the one before.
const overfill = 1.2

var churnColumns = []column{
	{key: "limit_mb", label: "limit", format: megaText},
	{key: "live_mb", label: "live", format: megaText, better: higher, ratio: true, chart: "Bytes of live keys and values, MB"},
	{key: "items", label: "items", format: countText},
	{key: "used_mb", label: "used", format: megaText},
	{key: "rss_added_mb", label: "RSS added", format: megaText, better: lower, ratio: true, chart: "Resident memory added, MB"},
	{key: "live_of_rss_percent", label: "live/RSS", format: percentText, better: higher},
	{key: "fresh_live_of_rss_percent", label: "fresh", format: percentText, better: higher},
	{key: "lost_percent", label: "lost", format: percentText, better: lower},
	{key: "rss_over_percent", label: "RSS over limit", format: percentText, better: lower},
}

func runChurn(ctx context.Context, s *session) (*report, error) {
	limit, err := parseBytes(s.options.limit)
	if err != nil {
		return nil, fmt.Errorf("--limit %w", err)
	}
	var fillings []*keyspace
	for _, size := range churnSizes {
		n := uint64(overfill*float64(limit)/float64(s.options.keySize+(size[0]+size[1])/2)) + 1
		k, err := newKeyspace(n, s.options.keySize, size[0], size[1], keyPrefix)
		if err != nil {
			return nil, err
		}
		fillings = append(fillings, k)
	}
	r := &report{title: "Changing sizes", columns: churnColumns}
	for i, t := range s.targets {
		churned, err := s.churn(ctx, t, limit, fillings)
		if err != nil {
			return nil, err
		}
		r.addTarget(t)
		fresh, err := s.churn(ctx, t, limit, fillings[len(fillings)-1:])
		if err != nil {
			return nil, err
		}
		share, freshShare := churned.share(), fresh.share()
		r.addRound(i, []float64{megabytes(limit), megabytes(churned.live), float64(churned.items), megabytes(churned.used), megabytes(churned.added),
			100 * share, 100 * freshShare, 100 * (1 - share/freshShare), 100 * float64(churned.added-limit) / float64(limit)})
		t.stop()
	}
	return r, nil
}

// holding is what a server holds, and in how much memory.
type holding struct {
	live  int64 // bytes of keys and values
	items int64
	used  int64 // as the server says
	added int64 // RSS
}

func (h *holding) share() float64 { return float64(h.live) / float64(h.added) }

// churn fills an empty server with one keyspace after the other and looks at what it holds then.
func (s *session) churn(ctx context.Context, t *target, limit int64, fillings []*keyspace) (*holding, error) {
	if t.recipe == nil {
		if err := s.empty(ctx, t); err != nil {
			return nil, err
		}
	}
	if err := s.limit(ctx, t, limit); err != nil {
		return nil, err
	}
	if t.pid == 0 {
		return nil, fmt.Errorf("%s: its process is not known, and so is its memory; --pid tells it", t.name)
	}
	g, err := openGenerator(t, s.options.connections, s.options.threads, true, s.options.portable)
	if err != nil {
		return nil, err
	}
	defer g.close()
	before := rssOf(t.pid, true)
	most := fillings[0]
	for i, k := range fillings {
		p := s.loadPhase(k, expiry{}, uint32(i))
		p.dist = distScattered
		if _, err := s.load(ctx, g, p, fmt.Sprintf("filling, %d of %d", i+1, len(fillings))); err != nil {
			return nil, err
		}
		if k.n > most.n {
			most = k
		}
	}
	if err := rest(ctx, s.options.settle); err != nil {
		return nil, err
	}
	h := &holding{added: rssOf(t.pid, true) - before}
	if before < 0 || h.added <= 0 {
		return nil, fmt.Errorf("%s: the memory of process %d cannot be read", t.name, t.pid)
	}
	k, err := openControl(t)
	if err != nil {
		return nil, err
	}
	defer k.close()
	if h.used, _, _, err = k.used(); err != nil {
		return nil, t.fault(err)
	}
	back := &phase{shape: newRequests(most, expiry{}, false, time.Now()), dist: distSequential, keys: most.n, requests: int64(most.n),
		pipeline: s.options.pipeline}
	res, err := s.load(ctx, g, back, "reading all keys")
	if err != nil {
		return nil, err
	}
	h.items, h.live = res.hits, res.hits*int64(most.size)+res.bodies
	return h, nil
}
