// A session: one run of a command, from started servers to stopped ones, and the phases in between.

package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

// session owns the targets of a run.
type session struct {
	options  *options
	stderr   io.Writer
	targets  []*target
	progress *progress
	temp     string // directory of the run, "" when there is none
}

// open checks the options, and starts or finds every server.
func (s *session) open(ctx context.Context) error {
	if err := s.options.check(); err != nil {
		return err
	}
	var err error
	if s.targets, err = s.options.targets(); err != nil {
		return err
	}
	err = s.options.tls.apply(s.targets, func() (string, error) {
		s.temp, err = os.MkdirTemp("", "cachesrv-bench-")
		return s.temp, err
	})
	if err != nil {
		return err
	}
	s.progress = newProgress(s.stderr, s.options.quiet)
	for _, t := range s.targets {
		if t.recipe == nil {
			if err := s.find(t); err != nil {
				return err
			}
		}
	}
	return s.options.checkOutputs()
}

// find makes sure that a server which should be there is, and looks for its process.
func (s *session) find(t *target) error {
	k, err := openControl(t)
	if err != nil {
		return err
	}
	defer k.close()
	if err := k.ping(); err != nil {
		return t.fault(err)
	}
	if t.pid == 0 {
		t.pid = findPID(t)
	}
	if t.pid == 0 {
		s.progress.say("%s: its process is not known here, so no figures on CPU and memory (--pid tells it)", t.name)
	}
	return nil
}

// start starts the target's server if it is one to start, with arguments a scenario needs.
func (s *session) start(ctx context.Context, t *target, extra ...string) error {
	if t.recipe == nil {
		return nil
	}
	if err := t.restart(ctx, extra...); err != nil {
		return err
	}
	s.progress.say("%s: started, pid %d, %s", t.name, t.pid, t.address)
	return nil
}

// startAll starts every server there is to start.
func (s *session) startAll(ctx context.Context) error {
	for _, t := range s.targets {
		if err := s.start(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// close stops every started server, all at once.
func (s *session) close() {
	var wait sync.WaitGroup
	for _, t := range s.targets {
		wait.Add(1)
		guarded(func(err error) { fmt.Fprintln(s.stderr, err) }, func() {
			defer wait.Done()
			t.stop()
		})
	}
	wait.Wait()
	if s.temp != "" {
		os.RemoveAll(s.temp)
	}
	if s.progress != nil {
		s.progress.clear()
	}
}

// keyspace makes the keyspace of the flags.
func (s *session) keyspace() (*keyspace, error) { return s.keyspaceOf(s.options.keys, keyPrefix) }

// keyspaceOf makes a keyspace of n keys with another prefix.
func (s *session) keyspaceOf(n uint64, prefix string) (*keyspace, error) {
	minimum, maximum, err := s.options.sizes()
	if err != nil {
		return nil, err
	}
	return newKeyspace(n, s.options.keySize, minimum, maximum, prefix)
}

// generator connects the load connections to t.
func (s *session) generator(t *target) (*generator, error) {
	o := s.options
	return openGenerator(t, o.connections, o.threads, o.verify, o.portable)
}

// loadPhase writes every key of the keyspace once, in order, with values of the given version.
func (s *session) loadPhase(k *keyspace, e expiry, version uint32) *phase {
	return &phase{
		shape: newRequests(k, e, s.options.verify, time.Now()), dist: distSequential, keys: k.n, setShare: allSets,
		version: version, pipeline: max(s.options.pipeline, 16), requests: int64(k.n), seed: s.options.seed,
	}
}

// run drives a phase with a progress line; what names it.
func (s *session) run(ctx context.Context, g *generator, p *phase, what string) (*phaseResult, error) {
	end := s.progress.follow(g.target.name+": "+what, g.live)
	defer end()
	return g.run(ctx, p)
}

// load is run with a phase in which every reply must be good: what a scenario builds on.
func (s *session) load(ctx context.Context, g *generator, p *phase, what string) (*phaseResult, error) {
	r, err := s.run(ctx, g, p, what)
	if err == nil && r.wrong+r.mismatched > 0 {
		err = fmt.Errorf("%s: %d of %d requests failed while %s; the first: %s",
			g.target.name, r.wrong+r.mismatched, r.done, what, r.firstWrong)
	}
	return r, err
}

// rest waits for d or the end of ctx.
func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// version asks a target for its version, for the report.
func version(t *target) string {
	k, err := openControl(t)
	if err != nil {
		return ""
	}
	defer k.close()
	return k.version()
}

// median of the numbers that are known; NaN if none is.
func median(values []float64) float64 {
	known := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return v != v })
	if len(known) == 0 {
		return missing
	}
	slices.Sort(known)
	n := len(known)
	if n%2 == 1 {
		return known[n/2]
	}
	return (known[n/2-1] + known[n/2]) / 2
}

var errVerify = errors.New("verification failed")
