// Generators and phases: a target's load connections, and one stretch of load over them.

package bench

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// phase is one stretch of load. It is set up before run and read-only during it, apart from stopped.
type phase struct {
	shape         *requests // of a plain load
	script        *script   // of a workload, instead of shape
	replay        *replay   // a trace instead of chosen keys, with shape; one lane
	replayTo      int       // how many of its keys have been read when the phase ends
	pairs         bool      // two lanes at a time take turns with the two commands of script
	inOrder       bool      // its commands one after the other; a batch is a multiple of them
	strict        bool      // the first wrong reply ends the phase
	patient       bool      // single commands may take minutes
	dist          string
	zipfS         float64
	keys          uint64
	seed          uint64
	setShare      uint32 // share of writes, of 2^32; the highest number means all
	version       uint32 // of the values written
	freshVersions bool   // every write gets a version of its own
	pipeline      int
	rate          float64       // requests per second of all groups; 0: as fast as it goes
	requests      int64         // how many; 0: as many as fit in duration
	duration      time.Duration // 0 only with requests
	deadline      int64         // set by run, in ns of clock
	stopped       atomic.Bool   // the run was interrupted
}

// allSets is the setShare of a phase that only writes.
const allSets = ^uint32(0)

// setShareOf turns a ratio SET:GET into a setShare.
func setShareOf(set, get float64) uint32 {
	if get == 0 {
		return allSets
	}
	return uint32(math.Min(set/(set+get)*(1<<32), 1<<32-2))
}

// phaseResult is what a phase gave.
type phaseResult struct {
	tally
	elapsed   time.Duration
	latency   *hdrhistogram.Histogram // the generator's; valid until its next phase
	clientCPU time.Duration
	serverCPU time.Duration // -1: not known
}

// transport drives the lanes of a group over its connections.
type transport interface {
	// run drives g until its phase is over and every reply is in.
	run(g *laneGroup) error
	close()
}

// generator is all load connections of one target. One phase runs at a time.
type generator struct {
	target *target
	groups []*laneGroup
	ways   []transport // the transport of the group with the same index
	total  *hdrhistogram.Histogram
}

// drainTimeout is how long the last replies of a phase, or any reply, may take; in a patient phase patientTimeout.
const (
	drainTimeout   = 30 * time.Second
	patientTimeout = 5 * time.Minute
)

func (p *phase) timeout() time.Duration {
	if p.patient {
		return patientTimeout
	}
	return drainTimeout
}

// epoch is where clock starts to count.
var epoch = time.Now()

// clock is the monotonic time in ns; about 25 ns a call.
func clock() int64 { return int64(time.Since(epoch)) }

// openGenerator connects `connections` lanes to t. verify keeps the bodies of replies for checking.
func openGenerator(t *target, connections, threads int, verify, portable bool) (*generator, error) {
	g := &generator{target: t, total: hdrhistogram.New(latencyFloor, latencyCeiling, latencyDigits)}
	threads = min(threads, connections)
	open, parts := openPolled, threads
	if portable || !polledLanes {
		open, parts = openPlain, connections
	}
	for i := range parts {
		lanes := connections*(i+1)/parts - connections*i/parts
		way, err := open(t, lanes)
		if err != nil {
			g.close()
			return nil, err
		}
		g.groups = append(g.groups, newLaneGroup(t, lanes, verify))
		g.ways = append(g.ways, way)
	}
	return g, nil
}

func (g *generator) close() {
	for _, w := range g.ways {
		w.close()
	}
}

// live is how many requests the running phase has answered; any goroutine may ask.
func (g *generator) live() (n int64) {
	for _, l := range g.groups {
		n += l.live.Load()
	}
	return n
}

// run drives one phase to its end. An interrupted context ends it early, with the context's error.
func (g *generator) run(ctx context.Context, p *phase) (*phaseResult, error) {
	start := clock()
	p.deadline = math.MaxInt64
	if p.duration > 0 {
		p.deadline = start + int64(p.duration)
	}
	for i, l := range g.groups {
		if err := l.begin(p, i, len(g.groups), start); err != nil {
			return nil, err
		}
	}
	release := context.AfterFunc(ctx, func() { p.stopped.Store(true) })
	defer release()
	serverCPU, clientCPU := cpuOf(g.target.pid), ownCPU()
	start = clock()
	if p.duration > 0 {
		p.deadline = start + int64(p.duration)
	}
	err := g.drive(p)
	r := &phaseResult{elapsed: time.Duration(clock() - start), latency: g.total, serverCPU: -1}
	r.clientCPU = ownCPU() - clientCPU
	if now := cpuOf(g.target.pid); now >= 0 && serverCPU >= 0 {
		r.serverCPU = now - serverCPU
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	} else if err != nil {
		err = g.target.fault(err)
	}
	g.total.Reset()
	for _, l := range g.groups {
		r.tally.add(&l.tally)
		g.total.Merge(l.latency)
	}
	return r, err
}

// drive runs every group in a goroutine of its own and waits for all; the first error stops the others.
func (g *generator) drive(p *phase) error {
	var once sync.Once
	var first error
	fail := func(err error) {
		once.Do(func() { first = err })
		p.stopped.Store(true)
	}
	var running []<-chan struct{}
	for i := range g.groups {
		running = append(running, guarded(fail, func() {
			if err := g.ways[i].run(g.groups[i]); err != nil {
				fail(err)
			}
		}))
	}
	for _, done := range running {
		<-done
	}
	return first
}

// stalled is for a server that holds its connections and says nothing.
func (p *phase) stalled() error { return fmt.Errorf("no reply for %v", p.timeout()) }
