// bench idle: what connections that say nothing cost: resident memory each, and CPU time of the server.

package bench

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/spf13/pflag"
)

var idleScenario = scenario{
	name:  "idle [target...]",
	short: "Idle connections: memory of each, and CPU of the idle server",
	long: `Idle loads --keys keys, opens --clients connections that send one request each and then nothing, and reports the
resident memory that each one adds and the CPU time that the server takes while all are idle for --observe.
Started servers get a limit on connections that is high enough.`,
	examples: `  cachesrv bench idle --spawn redis,/usr/bin/redis-server,memcached,/usr/bin/memcached
  cachesrv bench idle redis://127.0.0.1:6379 --clients 2000 --observe 30s`,
	flags: func(f *pflag.FlagSet, o *options) {
		f.IntVar(&o.clients, "clients", 10_000, "idle connections")
		f.DurationVar(&o.observe, "observe", 10*time.Second, "how long the idle server is watched")
		f.DurationVar(&o.settle, "settle", time.Second, "wait before memory is read")
		keyFlags(f, o, 1_000_000, "32")
		pipelineFlag(f, o, 16)
		connectionFlags(f, o)
	},
	run: runIdle,
}

var idleColumns = []column{
	{key: "connections", label: "connections", format: plainText},
	{key: "rss_before_mb", label: "RSS before", format: megaText, better: lower},
	{key: "rss_with_mb", label: "RSS with", format: megaText, better: lower},
	{key: "bytes_per_connection", label: "B/connection", format: plainText, better: lower, ratio: true, chart: "Resident bytes per idle connection"},
	{key: "idle_cpu_percent", label: "idle CPU", format: percent3Text, better: lower, ratio: true, chart: "CPU of the idle server, percent of a core"},
	{key: "connect_per_sec", label: "connects/s", format: countText, better: higher},
}

// spareConnections is what a server must take beyond the idle ones: the load's and a control connection.
const spareConnections = 200

func runIdle(ctx context.Context, s *session) (*report, error) {
	if s.options.clients < 1 || s.options.clients > maxConnections {
		return nil, fmt.Errorf("--clients %d: 1 to %d", s.options.clients, maxConnections)
	}
	r := &report{title: "Idle connections", columns: idleColumns}
	for i, t := range s.targets {
		limit := strconv.Itoa(s.options.clients + spareConnections)
		extra := []string{"--maxclients", limit}
		if t.proto.memcached() && t.recipe != nil && t.recipe.program != "" {
			extra = []string{"-c", limit}
		}
		if err := s.start(ctx, t, extra...); err != nil {
			return nil, err
		}
		r.addTarget(t)
		figures, err := s.idleOn(ctx, t)
		if err != nil {
			return nil, err
		}
		r.addRound(i, figures)
		t.stop()
	}
	return r, nil
}

func (s *session) idleOn(ctx context.Context, t *target) ([]float64, error) {
	if err := s.loadOnce(ctx, t); err != nil {
		return nil, err
	}
	if err := rest(ctx, s.options.settle); err != nil {
		return nil, err
	}
	before := rssOf(t.pid, true)
	start := time.Now()
	idle, err := s.connectIdle(ctx, t)
	defer func() {
		for _, c := range idle {
			c.Close()
		}
	}()
	if err != nil {
		return nil, err
	}
	took := time.Since(start)
	if err := rest(ctx, s.options.settle); err != nil {
		return nil, err
	}
	with := rssOf(t.pid, true)
	cpu, start := cpuOf(t.pid), time.Now()
	if err := rest(ctx, s.options.observe); err != nil {
		return nil, err
	}
	percent := missing
	if now := cpuOf(t.pid); cpu >= 0 && now >= 0 {
		percent = 100 * (now - cpu).Seconds() / time.Since(start).Seconds()
	}
	each := missing
	if before >= 0 && with >= 0 {
		each = float64(with-before) / float64(len(idle))
	}
	return []float64{float64(len(idle)), megabytes(before), megabytes(with), each, percent,
		float64(len(idle)) / took.Seconds()}, nil
}

// loadOnce writes all keys over connections that are closed again.
func (s *session) loadOnce(ctx context.Context, t *target) error {
	keys, err := s.keyspace()
	if err != nil {
		return err
	}
	g, err := s.generator(t)
	if err != nil {
		return err
	}
	defer g.close()
	_, err = s.load(ctx, g, s.loadPhase(keys, expiry{}, 0), "writing all keys")
	return err
}

// connectIdle opens the connections; each one has sent one request and read its reply.
func (s *session) connectIdle(ctx context.Context, t *target) ([]net.Conn, error) {
	var idle []net.Conn
	for range s.options.clients {
		if ctx.Err() != nil {
			return idle, ctx.Err()
		}
		k, err := openControl(t)
		if err != nil {
			return idle, fmt.Errorf("connection %d of %d: %w", len(idle)+1, s.options.clients, err)
		}
		idle = append(idle, k.conn)
		if err := k.ping(); err != nil {
			return idle, fmt.Errorf("connection %d of %d: %w", len(idle), s.options.clients, t.fault(err))
		}
	}
	return idle, nil
}
