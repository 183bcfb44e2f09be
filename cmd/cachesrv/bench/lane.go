// Lanes: load connections with a batch in flight, in groups that one goroutine drives.

package bench

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latencies are recorded in nanoseconds between these, with three significant digits.
const (
	latencyFloor   = 1000
	latencyCeiling = int64(100 * time.Second)
	latencyDigits  = 3
)

// request is one request in flight.
type request struct {
	key uint32
	row uint8
}

// lane is one connection's state. The transport owns the connection itself.
type lane struct {
	out      []byte    // the batch's bytes; kept for the next batch
	sent     int       // how much of out the kernel has taken
	batch    []request // what was asked, in order
	answered int       // how many of batch have their reply
	start    int64     // when the batch was due or sent, in ns of clock
	number   int       // among those of its group
	parser   replyParser
}

// laneGroup is what one goroutine drives during a phase. Only live and stop are shared with others.
type laneGroup struct {
	target *target
	phase  *phase
	lanes  []lane
	choose *chooser
	drawn  []uint32 // the chooser's memory, kept for the next phase
	mix    random
	codecs [8]*codec // of the target's protocol, by row

	version uint32  // of the next write
	issued  int64   // requests encoded in this phase
	quota   int64   // requests this group may issue; 0: until the deadline
	due     float64 // when the next batch is due, in ns; only with a rate
	gap     float64 // ns between batches; 0: no rate limit
	starved bool    // a batch was due and no lane was free

	tally   tally
	latency *hdrhistogram.Histogram
	over    int64  // latencies above the ceiling
	scratch []byte // read buffer
	reply   reply

	live atomic.Int64 // requests answered, for the progress line
}

// tally counts the outcomes of replies.
type tally struct {
	done       int64 // all replies
	hits       int64
	misses     int64
	bodies     int64 // bytes of the values read, where they are kept
	wrong      int64
	mismatched int64
	skipped    int64  // requests left out of a schedule because this client, not the server, was late
	firstWrong string // the first wrong or mismatched reply, for the report
}

func (t *tally) add(o *tally) {
	t.done += o.done
	t.hits += o.hits
	t.misses += o.misses
	t.bodies += o.bodies
	t.wrong += o.wrong
	t.mismatched += o.mismatched
	t.skipped += o.skipped
	if t.firstWrong == "" {
		t.firstWrong = o.firstWrong
	}
}

const readBuffer = 256 << 10

func newLaneGroup(t *target, lanes int, verify bool) *laneGroup {
	g := &laneGroup{
		target:  t,
		lanes:   make([]lane, lanes),
		latency: hdrhistogram.New(latencyFloor, latencyCeiling, latencyDigits),
		scratch: make([]byte, readBuffer),
	}
	for i := range g.lanes {
		g.lanes[i].number = i
		g.lanes[i].parser = t.proto.parser(verify)
	}
	for i := range verbs {
		g.codecs[i] = &verbs[i].codecs[t.proto]
	}
	return g
}

// begin prepares the group for its part of a phase. It allocates what the phase needs, so that nothing else does.
func (g *laneGroup) begin(p *phase, part, parts int, now int64) error {
	var err error
	if g.choose, err = newChooser(p.dist, p.keys, p.zipfS, p.seed, part, parts); err != nil {
		return err
	}
	if n := p.drawnAhead(parts); n > 0 {
		g.choose.drawAhead(n, g.drawn[:0])
		g.drawn = g.choose.drawn
	}
	g.phase = p
	g.mix = random{state: mix64(p.seed ^ uint64(part+1)*0x9e3779b97f4a7c15)}
	g.version = p.version
	if p.freshVersions {
		g.version = uint32(g.mix.next())
	}
	g.issued, g.quota = 0, 0
	if p.requests > 0 {
		g.quota = p.requests*int64(part+1)/int64(parts) - p.requests*int64(part)/int64(parts)
	}
	g.due, g.gap, g.starved = float64(now), 0, false
	if p.rate > 0 {
		g.gap = 1e9 * float64(parts) * float64(p.pipeline) / p.rate
		g.due += g.gap * float64(part) / float64(parts)
	}
	g.tally, g.over = tally{}, 0
	g.latency.Reset()
	g.live.Store(0)
	for i := range g.lanes {
		l := &g.lanes[i]
		l.parser.reset()
		l.sent, l.answered, l.out, l.batch = 0, 0, l.out[:0], l.batch[:0]
		if cap(l.batch) < p.pipeline {
			l.batch = make([]request, 0, p.pipeline)
		}
	}
	return nil
}

// The numbers drawn ahead are as many as a group may need in a phase, at most maxDrawn: 4 MB that are read in order.
const (
	maxDrawn     = 1 << 20
	minDrawn     = 1 << 10
	drawnPerTime = 2_000_000 // a second
)

// drawnAhead is how many numbers each of the phase's groups draws before the phase begins.
func (p *phase) drawnAhead(parts int) int {
	if p.script == nil || p.dist != distZipf || !p.script.numbered() {
		return 0
	}
	n := p.duration.Seconds() * drawnPerTime / float64(parts)
	return int(min(max(n, minDrawn), maxDrawn))
}

// ended reports whether no further batch may start at now.
func (g *laneGroup) ended(now int64) bool {
	return g.phase.stopped.Load() || now >= g.phase.deadline || g.phase.requests > 0 && g.issued >= g.quota ||
		g.phase.replay != nil && g.phase.replay.over(g.phase.replayTo)
}

// wait says how long until the schedule has a batch due; 0 or less: now. A lane must be free. When lanes were free
// all along and batches are overdue nonetheless, this client did not get the processor; those are left out, since
// sending them in a burst would charge the server for it.
func (g *laneGroup) wait(now int64) time.Duration {
	until := int64(g.due) - now
	if until > 0 {
		g.starved = false
	} else if -until > clientSlack && !g.starved {
		missed := float64(-until) / g.gap
		g.tally.skipped += int64(missed) * int64(g.phase.pipeline)
		g.due = float64(now)
	}
	return time.Duration(until)
}

// clientSlack is how late the client may wake up before what it missed is left out, in ns.
const clientSlack = int64(5 * time.Millisecond)

// fill puts the next batch into l. It must not be called once ended.
func (g *laneGroup) fill(l *lane, now int64) {
	p := g.phase
	n := p.pipeline
	if p.requests > 0 {
		n = int(min(int64(n), g.quota-g.issued))
	}
	l.out, l.batch = l.out[:0], l.batch[:0]
	l.sent, l.answered = 0, 0
	l.start = now
	if g.gap > 0 {
		if g.starved { // the client was late, not the schedule: what was due then waits since then
			l.start = min(now, int64(g.due))
		}
		g.due += g.gap
	}
	g.issued += int64(n)
	if p.replay != nil {
		g.fillReplay(l)
		return
	}
	if p.pairs {
		q := request{row: uint8(l.number % 2), key: uint32(uint64(l.number/2) % p.keys)}
		l.out = p.script.phrases[q.row].append(l.out, uint64(q.key), &g.mix)
		l.batch = append(l.batch, q)
		return
	}
	if p.script != nil {
		for range n {
			var q request
			if p.inOrder {
				q.row = uint8(len(l.batch) % len(p.script.asks))
				l.out, q = p.script.append(l.out, q, g.choose, &g.mix)
			} else {
				l.out, q = p.script.next(l.out, g.choose, &g.mix)
			}
			l.batch = append(l.batch, q)
		}
		return
	}
	for range n {
		row := uint8(rowGet)
		if p.setShare == ^uint32(0) || uint32(g.mix.next()>>32) < p.setShare {
			row = rowSet
		} else if p.shape.multi > 0 {
			row = rowMultiGet
		}
		key := g.choose.next()
		l.batch = append(l.batch, request{key: uint32(key), row: row})
		l.out = g.codecs[row].encode(l.out, p.shape, key, g.version)
		if p.freshVersions && row == rowSet {
			g.version++
		}
	}
}

// idle tells that a lane has no request in flight.
func (l *lane) idle() bool { return l.answered == len(l.batch) }

// receive takes bytes that arrived for l at now; idle reports that its batch is complete.
func (g *laneGroup) receive(l *lane, data []byte, now int64) (idle bool, err error) {
	for len(data) > 0 {
		if l.answered == len(l.batch) {
			return true, fmt.Errorf("%d bytes nobody asked for, starting with %.40q", len(data), data)
		}
		taken, done, err := l.parser.next(data, &g.reply)
		if err != nil {
			return false, fmt.Errorf("not the %s protocol: %w", g.target.proto, err)
		}
		data = data[taken:]
		if !done {
			break
		}
		q := &l.batch[l.answered]
		l.answered++
		g.count(q, now-l.start)
	}
	return l.answered == len(l.batch), nil
}

// count records the reply in g.reply to q.
func (g *laneGroup) count(q *request, took int64) {
	t := &g.tally
	t.done++
	switch o := g.judge(q); o {
	case outcomeHit:
		t.hits++
		t.bodies += int64(len(g.reply.body))
	case outcomeMiss:
		t.misses++
		if y := g.phase.replay; y != nil {
			y.miss(q.key)
		}
	case outcomeWrong, outcomeMismatch:
		if o == outcomeWrong {
			t.wrong++
		} else {
			t.mismatched++
		}
		if t.firstWrong == "" {
			t.firstWrong = g.describe(q)
		}
		if g.phase.strict {
			g.phase.stopped.Store(true)
		}
	}
	if g.latency.RecordValue(took) != nil {
		g.over++
		g.latency.RecordValue(latencyCeiling)
	}
}

// judge says what the reply in g.reply means to q.
func (g *laneGroup) judge(q *request) outcome {
	if s := g.phase.script; s != nil {
		return s.check(q.row, &g.reply)
	}
	return g.codecs[q.row].check(g.phase.shape, uint64(q.key), &g.reply)
}

// describe words a wrong reply for the report.
func (g *laneGroup) describe(q *request) string {
	if s := g.phase.script; s != nil {
		return s.describe(q.row, &g.reply)
	}
	key := g.phase.shape.keys.appendKey(nil, uint64(q.key))
	what := g.reply.line
	if g.reply.kind == kindValue {
		what = g.reply.body
	}
	return fmt.Sprintf("%s %s answered %.100q", verbs[q.row].name, key, what)
}
