// Keyspace events: after every random command both servers must have told of the same events, in the same order.

package diff

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// eventsPart is how many percent of the commands of a run go through the comparison of events.
const eventsPart = 2

// mark is the channel on which the end of each command is told.
const mark = "__keymark"

func TestKeyspaceEvents(t *testing.T) {
	d := &dialect{name: "events", encode: harness.AppendCommand}
	found := newCollector(t)
	x := &eventRun{session: session{t: t, p: startPair(t, d, harness.Redis), s: newSource(seed(t)), wheel: eventWheel(), found: found}}
	for i, server := range []*harness.Server{x.p.ours, x.p.theirs} {
		x.watch[i] = listen(t, server)
	}
	x.run(total(t) * 5 / 2 * eventsPart / 100)
	found.finish()
	t.Logf("%d commands, %d events compared", x.sent, x.events)
}

// TestNoticesAnEvent compares the real server with itself, which is told to be silent of lists on one side.
func TestNoticesAnEvent(t *testing.T) {
	d := &dialect{name: "events", encode: harness.AppendCommand}
	x := &eventRun{session: session{t: t, p: startPair(t, d, func(t testing.TB, _ ...string) *harness.Server { return harness.OracleRedis(t) }), s: newSource(5), wheel: eventWheel(), found: newCollector(t)}}
	for i, server := range []*harness.Server{x.p.ours, x.p.theirs} {
		x.watch[i] = listen(t, server)
	}
	x.p.ours.Dial(t).Do("CONFIG", "SET", "notify-keyspace-events", "KEg$shztxemn")
	x.run(3_000)
	if len(x.found.found) == 0 {
		t.Fatal("silence was not noticed")
	}
	for _, m := range x.found.found {
		if len(m.ours) >= len(m.theirs) {
			t.Errorf("noticed the wrong thing: %v", m)
		}
	}
}

// listen turns all events on and subscribes to them and the marks.
func listen(t *testing.T, s *harness.Server) *harness.Conn {
	s.Dial(t).Do("CONFIG", "SET", "notify-keyspace-events", "AKEmn")
	c := s.Dial(t)
	c.Do("PSUBSCRIBE", "__key*")
	return c
}

// eventWheel leaves out what does not stay with the data of this run.
func eventWheel() wheel {
	var rows []row
	for _, r := range redisRows() {
		switch r.name {
		case "config", "debug", "monitor", "psubscribe", "subscribe":
			continue
		}
		rows = append(rows, r)
	}
	return newWheel(rows)
}

type eventRun struct {
	session
	watch  [2]*harness.Conn
	events int
}

func (x *eventRun) run(total int) {
	if err := x.p.reset(); err != nil {
		x.t.Fatal(err)
	}
	defer x.p.close()
	for x.sent < total && !x.found.full() && !x.t.Failed() {
		if !x.round() || len(x.history) > resetAfter {
			x.history = x.history[:0]
			if err := x.p.reset(); err != nil {
				x.t.Fatalf("after %d commands: %v", x.sent, err)
			}
		}
	}
}

// round sends one batch, with a mark behind every command; false: the two are no longer in the same state.
func (x *eventRun) round() bool {
	var steps []step
	for range batchSize {
		r := x.wheel.draw(x.s)
		steps = append(steps, step{r, r.line(x.s)}, step{plainRow, []string{"PUBLISH", mark, fmt.Sprint(x.sent + len(steps)/2)}})
	}
	end := fmt.Sprint("end ", x.sent)
	a, b := x.p.exchange(lines(steps))
	x.sent += len(steps) / 2
	for _, s := range []*harness.Server{x.p.ours, x.p.theirs} {
		s.Dial(x.t).Do("PUBLISH", mark, end)
	}
	ours, theirs := x.told(0, end), x.told(1, end)
	before := len(x.history)
	for i := 0; i < len(steps); i += 2 {
		x.history = append(x.history, steps[i])
	}
	d, differs := compareBatch(steps, a, b)
	last := len(steps)/2 - 1
	if differs {
		last = d.at/2 - 1 // the other run's business
	}
	for i := 0; i <= last && i < min(len(ours), len(theirs)); i++ {
		args := steps[2*i].args
		if a.replies[2*i].IsError() { // how far it looked before it was refused
			ours[i], theirs[i] = changes(ours[i]), changes(theirs[i])
		}
		if slices.Equal(ours[i], theirs[i]) || eventsExcepted(args, ours[i], theirs[i]) {
			x.events += len(ours[i])
			continue
		}
		if o, th := fmt.Sprintf("%q", ours[i]), fmt.Sprintf("%q", theirs[i]); x.found.fresh(args, o, th) {
			m := mismatch{where: "events", ours: o, theirs: th}
			for _, s := range x.history[max(0, before+i-8) : before+i+1] {
				m.history = append(m.history, typed(s.args))
			}
			x.found.add(m)
		}
		return false
	}
	return !differs && a.err == nil
}

// told reads the events of a batch, by command.
func (x *eventRun) told(side int, end string) [][]string {
	var all [][]string
	var now []string
	for {
		r, err := x.watch[side].TryReply(20 * time.Second)
		if err != nil || len(r.Elems) != 4 {
			x.t.Fatalf("events: %v, %q", err, r.Raw)
		}
		switch channel, what := r.Elems[2].Str, r.Elems[3].Str; {
		case channel != mark:
			now = append(now, channel+" "+what)
		case what == end:
			return all
		default:
			all, now = append(all, now), nil
		}
	}
}

// eventsExcepted tells of differences that are meant.
func eventsExcepted(args []string, ours, theirs []string) bool {
	switch strings.ToLower(args[0]) {
	case "smove": // the element is in its new place before it leaves the old one, so a new key is told of first
		return slices.Equal(sortedEvents(ours), sortedEvents(theirs))
	case "sort", "sort_ro": // equal elements may come, and be looked up by their names, in any order
		if slices.ContainsFunc(args, func(a string) bool { return strings.EqualFold(a, "limit") }) {
			ours, theirs = changes(ours), changes(theirs) // and which of them are within the limit
		}
		return slices.Equal(sortedEvents(ours), sortedEvents(theirs))
	case "xclaim", "xautoclaim", "xread", "xreadgroup", "xgroup": // 7.2 makes the consumer even if it gets nothing, so it may be there already
		ours, theirs = withoutConsumers(ours), withoutConsumers(theirs) // and the original looks for a stream twice
		return slices.Equal(slices.Compact(sortedEvents(ours)), slices.Compact(sortedEvents(theirs)))
	}
	return false
}

// changes are the events without those of keys that were not there.
func changes(list []string) []string {
	return slices.DeleteFunc(list, func(e string) bool { return strings.HasSuffix(e, " keymiss") || strings.Contains(e, ":keymiss ") })
}

func withoutConsumers(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(e string) bool { return strings.Contains(e, "createconsumer") })
}

func sortedEvents(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}
