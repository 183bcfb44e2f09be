// A run of random commands over one pair of connections: batches, the moments in between, and what follows a mismatch.

package diff

import (
	"testing"
	"time"
)

const (
	batchSize  = 60   // commands sent before replies are read
	resetAfter = 2000 // commands after which both servers are emptied, which bounds the history of a mismatch
)

// shrinkTime is how long one mismatch may be worked on.
const shrinkTime = 10 * time.Second

// session drives one pair.
type session struct {
	once    int // differences seen that did not repeat
	t       testing.TB
	p       *pair
	s       *source
	wheel   wheel
	found   *collector
	history []step
	sent    int
}

// run sends at least total commands.
func (x *session) run(total int) {
	if err := x.p.reset(); err != nil {
		x.t.Fatal(err)
	}
	defer func() { x.p.close() }()
	since := 0
	for x.sent < total && !x.found.full() && !x.t.Failed() {
		steps := x.batch()
		if !x.play(steps) || since > resetAfter {
			since = 0
			x.history = x.history[:0]
			if err := x.p.reset(); err != nil {
				x.t.Fatalf("after %d commands: %v", x.sent, err)
			}
			continue
		}
		since += len(steps)
		switch x.s.IntN(40) {
		case 0:
			x.expired()
		case 1:
			x.silent()
		case 2:
			x.quit()
		}
	}
}

func (x *session) batch() []step {
	size := batchSize
	if x.p.d.batch > 0 {
		size = x.p.d.batch
	}
	steps := make([]step, 0, size)
	for len(steps) < size {
		if x.s.chance(40) {
			steps = append(steps, x.transaction()...)
			continue
		}
		r := x.wheel.draw(x.s)
		for r.open && len(x.p.d.flags) > 0 {
			r = x.wheel.draw(x.s)
		}
		steps = append(steps, step{r, r.line(x.s)})
	}
	return steps
}

// play sends one batch and compares; false means that the two are no longer in the same state.
func (x *session) play(steps []step) bool {
	a, b := x.p.exchange(lines(steps))
	x.sent += len(steps)
	before := len(x.history)
	x.history = append(x.history, steps...)
	d, differs := compareBatch(steps, a, b)
	if differs {
		x.report(x.history[:before+d.at+1], steps[d.at].args, d)
		return false
	}
	if a.err != nil { // both closed the connection at the same place
		return false
	}
	return true
}

func lines(steps []step) [][]string {
	out := make([][]string, len(steps))
	for i, s := range steps {
		out[i] = s.args
	}
	return out
}

// report shrinks a difference of a new kind and keeps it.
func (x *session) report(history []step, args []string, d difference) {
	if !x.found.fresh(args, d.ours, d.theirs) {
		return
	}
	last := difference{ours: d.ours, theirs: d.theirs}
	x.p.limit = 500 * time.Millisecond // what stays silent shall not cost the long wait at every attempt
	defer func() { x.p.limit = 0 }()
	until := time.Now().Add(shrinkTime)
	shows := func(h []step) bool {
		if time.Now().After(until) || x.p.reset() != nil {
			return false
		}
		a, b := x.p.exchange(lines(h))
		got, differs := compareBatch(h, a, b)
		if differs && got.at == len(h)-1 {
			last = got
			return true
		}
		return false
	}
	m := mismatch{where: x.p.d.name}
	if shows(history) {
		history = shrink(append([]step(nil), history...), shows)
	} else if x.once++; x.once == 1 && d.theirs == "closed" {
		// The original ends connections by the clock too (replies that a client which is not logged in has not read yet, for one).
		x.t.Logf("seen once, not repeatable: the original closed the connection where ours said %s, after %q", short(d.ours), lines(history[max(0, len(history)-8):]))
		return
	} else {
		m.where += " (does not repeat; the last commands were)"
		history = history[max(0, len(history)-8):]
	}
	for _, s := range history {
		m.history = append(m.history, typed(s.args))
	}
	m.ours, m.theirs = last.ours, last.theirs
	x.found.add(m)
}

var (
	plainRow   = &row{name: "plain"}
	getRow     = &row{name: "get"}
	expireRows = func() wheel {
		var rows []row
		for _, r := range append(append([]row(nil), stringRows...), genericRows...) {
			switch r.name {
			case "randomkey", "move", "copy": // the first sees what is not deleted yet, the others reach other databases
				continue
			}
			rows = append(rows, r)
		}
		return newWheel(rows)
	}()
)

// expired lets keys run out on both servers and then meets them with random commands: nobody may see them again.
func (x *session) expired() {
	var due []step
	for _, k := range keyNames {
		due = append(due, step{plainRow, append([]string{"SET", k, "due"}, word("PX", "EXAT", "PXAT")(x.s)[0], "1")})
	}
	if !x.playAlone(due) {
		return
	}
	time.Sleep(8 * time.Millisecond)
	var steps []step
	for range 12 {
		r := expireRows.draw(x.s)
		steps = append(steps, step{r, r.line(x.s)})
	}
	// Every key is looked at once, so that none is left that one server has deleted and the other not yet.
	steps = append(steps, step{plainRow, append([]string{"EXISTS"}, keyNames...)})
	x.playAlone(steps)
}

// playAlone is play for batches whose history cannot be replayed at once (they wait): a difference is kept as it is.
func (x *session) playAlone(steps []step) bool {
	a, b := x.p.exchange(lines(steps))
	x.sent += len(steps)
	x.history = append(x.history, steps...)
	d, differs := compareBatch(steps, a, b)
	if !differs && a.err == nil {
		return true
	}
	if differs && x.found.fresh(steps[d.at].args, d.ours, d.theirs) {
		m := mismatch{where: x.p.d.name + " (after waiting)", ours: d.ours, theirs: d.theirs}
		for _, s := range steps[:d.at+1] {
			m.history = append(m.history, typed(s.args))
		}
		x.found.add(m)
	}
	x.history = x.history[:0]
	if err := x.p.reset(); err != nil {
		x.t.Fatal(err)
	}
	return false
}

// silent tries CLIENT REPLY OFF and SKIP, which change how many replies there are.
func (x *session) silent() {
	if len(x.p.d.flags) > 0 {
		return // nobody is logged in: nothing would be silenced
	}
	set := func(v string) step { return step{plainRow, []string{"SET", "k1", v}} }
	reply := func(w string) step { return step{plainRow, []string{"CLIENT", "REPLY", w}} }
	get := step{getRow, []string{"GET", "k1"}}
	var steps []step
	switch x.s.IntN(3) {
	case 0:
		steps = []step{set("1"), reply("SKIP"), set("2"), get}
	case 1:
		steps = []step{reply("off"), set("3"), get, {plainRow, []string{"GET"}}, reply("on"), get}
	case 2:
		steps = []step{reply("SKIP"), reply("SKIP"), set("4"), get}
	}
	// The closing echo comes sooner than counted, so both run out of replies: what came until then is compared.
	var out []byte
	for _, s := range steps {
		out = x.p.d.encode(out, s.args)
	}
	out = x.p.d.encode(out, []string{"ECHO", "end of silence"})
	x.p.a.Write(out)
	x.p.b.Write(out)
	a, b := x.untilEcho(true), x.untilEcho(false)
	if a != b && x.found.fresh([]string{"client reply"}, a, b) {
		m := mismatch{where: x.p.d.name, ours: a, theirs: b}
		for _, s := range steps {
			m.history = append(m.history, typed(s.args))
		}
		x.found.add(m)
	}
	x.sent += len(steps)
	x.history = x.history[:0]
	if err := x.p.reset(); err != nil {
		x.t.Fatal(err)
	}
}

func (x *session) untilEcho(ours bool) string {
	c := x.p.b
	if ours {
		c = x.p.a
	}
	var all string
	for range 20 {
		r, err := c.TryReply(replyLimit)
		all += r.Raw
		if err != nil {
			return all + plainError(err).Error()
		}
		if r.Str == "end of silence" {
			break
		}
	}
	return all
}

// quit ends the connections in the protocol's own way, with a command behind it that must not be answered.
func (x *session) quit() {
	steps := []step{{plainRow, []string{"PING"}}, {plainRow, []string{"QUIT"}}, {plainRow, []string{"PING"}}}
	if len(x.p.d.flags) > 0 {
		steps = steps[1:]
	}
	x.playAlone(steps)
}
