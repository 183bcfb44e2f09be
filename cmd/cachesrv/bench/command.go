// The command line of `cachesrv bench`: one command for speed, and a sub-command per scenario.

package bench

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// scenario is one command: its flags and what it measures.
type scenario struct {
	name     string
	short    string
	long     string
	examples string
	flags    func(f *pflag.FlagSet, o *options)
	run      func(ctx context.Context, s *session) (*report, error)
}

// speed is `bench` itself; scenarios are its sub-commands.
var speed = scenario{
	name:  "bench [target...]",
	short: "Load servers side by side: speed, CPU, latency, memory",
	long: `Bench loads Redis and Memcached servers with the same keys and the same mix, side by side in one run.

A target is redis://[:password@]host:port[/db], memcache://host:port, redis+unix:///path or
memcache+unix:///path, or a server that --spawn starts on a free port and stops at the end. In --spawn,
redis and memcached are this binary's own two servers; a path is a redis-server, valkey-server or memcached,
with its arguments behind it. They are started without persistence; a memcached gets -m ` + defaultCacheMB + ` unless it is given
another. The load overwrites keys named key:… in the targets.

In every round each target is loaded for --duration in turn, so that a noisy machine hits all alike; the table
holds medians over the rounds, and the ratio to the first target. op/CPU-s is requests per second of CPU time
that the server took, system time included: it holds on a busy machine where op/s does not.

A batch of --pipeline requests is sent at once, the next one when all its replies are in. With --rate, requests
are due at fixed times, and a latency counts from then if the client had no connection free: a server that
stalls cannot hide it.

With --workload the load is on data sets of Redis types instead of plain keys: each workload loads its own, scaled
by --keys, and runs its rounds; started servers start anew for each. The table has a line per workload and target,
with ratios to the first target, so name the server to compare with first. A workload on which a server answers
with an error has no figures there; the error is shown, and the exit status is 1. The workloads:
` + catalogue(workloads) + `

The workload hitratio, which is not among all, also takes memcached servers. Traces of ten reads for each of --keys
keys (200,000 with values of 1000-3000 bytes unless told otherwise) go over one connection, --pipeline reads at a time; what
a batch misses is written with the next. Every trace runs on servers whose memory limit is 10 % and 50 % of the bytes of its
keys and values; the first quarter fills the cache and counts only in the second figure. The traces: two of fixed popularity
(Zipf 0.9 and 1.1), one with scans in between, a loop, a drifting ranking, and one whose popular keys are all replaced
seven times. A started Redis has the policy allkeys-lru unless its arguments name another.`,
	examples: `  # our Redis against the original, both started for the occasion
  cachesrv bench --spawn redis,/usr/bin/redis-server

  # all four kinds, pipelined, small and large values, as a report with charts
  cachesrv bench --spawn 'redis,memcached,/usr/bin/redis-server,/usr/bin/memcached -t 1' \
      --pipeline 16 --value-size 16-512 --html report.html

  # servers that run already, half writes, uniform keys, at a fixed rate, every value checked
  cachesrv bench redis://127.0.0.1:6379 memcache://127.0.0.1:11211 \
      --ratio 1:1 --dist uniform --rate 20000 --verify

  # a hundred keys to a read, over memcached's binary protocol
  cachesrv bench --spawn /usr/bin/memcached,memcached --protocol binary --multi 100 --ratio 0:1

  # whose eviction keeps the better keys
  cachesrv bench --spawn '/usr/bin/memcached,memcached' --workload hitratio
  cachesrv bench --spawn '/usr/bin/redis-server,/usr/bin/redis-server --maxmemory-policy allkeys-lfu,redis --maxmemory-policy allkeys-adaptive' \
      --workload hitratio

  # what an application does with a leaderboard and with sessions, and every workload there is
  cachesrv bench --spawn /usr/bin/redis-server,redis --pipeline 16 --workload leaderboard,session
  cachesrv bench --spawn /usr/bin/redis-server,redis --pipeline 16 --workload all --duration 1s`,
	flags: func(f *pflag.FlagSet, o *options) {
		keyFlags(f, o, 1_000_000, "32")
		mixFlags(f, o)
		pipelineFlag(f, o, 1)
		connectionFlags(f, o)
		f.Float64Var(&o.rate, "rate", 0, "requests per second to each target; 0: as fast as it goes")
		f.DurationVar(&o.duration, "duration", defaultDuration, "load on each target in each round")
		f.IntVar(&o.rounds, "rounds", 3, "rounds; the targets take turns in each")
		f.DurationVar(&o.ttl, "ttl", 0, "expiry of written keys, whole seconds; 0: none")
		f.BoolVar(&o.preload, "preload", true, "write every key once before the first round")
		f.StringSliceVar(&o.workloads, "workload", nil, "workloads on Redis data types, separated by commas, or all; or hitratio; see above")
		f.StringVar(&o.protocol, "protocol", protoText.String(), "how memcached targets are spoken to: "+strings.Join(protocolNames[protoText:], ", "))
		f.IntVar(&o.multi, "multi", 0, "keys that a read asks for at once (MGET, get with many keys, quiet gets in meta and binary); 0: one")
		f.BoolVar(&o.verify, "verify", false, "check every value read against its key; mismatches and errors end in exit status 1")
	},
	run: runSpeed,
}

var scenarios = []*scenario{&memoryScenario, &expireScenario, &maxmemoryScenario, &churnScenario, &idleScenario, &restartScenario, &savingScenario}

// Command makes the `bench` command for the program's command line.
func Command() *cobra.Command {
	c := speed.command()
	for _, s := range scenarios {
		c.AddCommand(s.command())
	}
	return c
}

func (s *scenario) command() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:           s.name,
		Short:         s.short,
		Long:          s.long,
		Example:       s.examples,
		Args:          cobra.ArbitraryArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	c.Flags().SortFlags = false
	targetFlags(c.Flags(), &o)
	s.flags(c.Flags(), &o)
	outputFlags(c.Flags(), &o)
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w (see %s --help)", err, c.CommandPath())
	})
	c.RunE = func(c *cobra.Command, args []string) error {
		o.urls, o.flags = args, c.Flags()
		return s.execute(c, &o)
	}
	return c
}

// execute runs the scenario between starting and stopping its servers, and writes the report.
func (s *scenario) execute(c *cobra.Command, o *options) error {
	parent := c.Context()
	if parent == nil {
		parent = context.Background()
	}
	ctx, release := signal.NotifyContext(parent, syscall.SIGINT, syscall.SIGTERM)
	defer release()
	work := &session{options: o, stderr: c.ErrOrStderr()}
	err := work.open(ctx)
	defer work.close()
	var r *report
	if err == nil {
		r, err = s.run(ctx, work)
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("interrupted")
	}
	if err != nil {
		return err
	}
	r.finish(c.CommandPath(), o, c.Flags())
	if err := r.write(c.OutOrStdout(), o); err != nil {
		return err
	}
	return r.failure
}
