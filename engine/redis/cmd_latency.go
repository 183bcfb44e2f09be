// LATENCY: what took long, and how long commands take.

package redis

import (
	"fmt"
	"strings"
	"time"
)

func latencyCommands() []*command {
	const f = admin | noscript | loading | stale | free
	shows := []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"}
	sub := func(name string, arity int, since, syntax, cost, sum string, run func(*client) error) *command {
		return &command{name: name, arity: arity, flags: f, since: since, syntax: syntax, cost: cost, sum: sum, tips: shows, run: run}
	}
	reset := sub("reset", -2, "2.8.13", "[event...]", "O(1)", "Forgets the samples of events.", cmdLATENCYRESET)
	reset.tips = []string{"request_policy:all_nodes", "response_policy:all_succeeded"}
	help := sub("help", 2, "2.8.13", "", "O(1)", "Lists the subcommands.", cmdLATENCYHELP)
	help.flags, help.tips = loading|stale|free, nil
	return []*command{{name: "latency", arity: -2, group: "server", since: "2.8.13", cost: "That of the subcommand.", sum: "Commands about what takes long.", subs: []*command{
		sub("doctor", 2, "2.8.13", "", "O(1)", "Says in words what took long.", cmdLATENCYDOCTOR),
		sub("graph", 3, "2.8.13", "event", "O(1)", "Draws the samples of an event.", cmdLATENCYGRAPH),
		help,
		sub("histogram", -2, "7.0.0", "[COMMAND:string...]", "O(N), N being the number of commands shown", "Shows how long commands take.", cmdLATENCYHISTOGRAM),
		sub("history", 3, "2.8.13", "event", "O(1)", "Lists the samples of an event.", cmdLATENCYHISTORY),
		sub("latest", 2, "2.8.13", "", "O(1)", "Shows the latest sample of every event.", cmdLATENCYLATEST),
		reset,
	}}}
}

// LATENCY LATEST
func cmdLATENCYLATEST(c *client) error {
	l := &c.e.latency
	mark, n := len(c.w.Out), 0
	for _, name := range l.names() {
		list, worst := l.samples(name)
		if len(list) == 0 {
			continue
		}
		last := list[len(list)-1]
		c.array(4)
		c.bulkString(name)
		c.integer(last.at)
		c.integer(last.ms)
		c.integer(worst)
		n++
	}
	c.arrayAt(mark, n)
	return nil
}

// LATENCY HISTORY event
func cmdLATENCYHISTORY(c *client) error {
	list, _ := c.e.latency.samples(string(c.args[2]))
	c.array(len(list))
	for _, s := range list {
		c.array(2)
		c.integer(s.at)
		c.integer(s.ms)
	}
	return nil
}

// LATENCY GRAPH event
func cmdLATENCYGRAPH(c *client) error {
	list, worst := c.e.latency.samples(string(c.args[2]))
	if len(list) == 0 {
		return errorf("ERR No samples available for event '%s'", cstr(c.args[2], len(c.args[2])))
	}
	c.verbatim(drawGraph(string(c.args[2]), list, worst, time.Now().Unix()))
	return nil
}

// LATENCY RESET [event …]
func cmdLATENCYRESET(c *client) error {
	l, n := &c.e.latency, int64(0)
	names := l.names()
	if len(c.args) > 2 {
		names = nil
		for _, a := range c.args[2:] {
			names = append(names, string(a))
		}
	}
	for _, name := range names {
		if l.forget(name) {
			n++
		}
	}
	c.integer(n)
	return nil
}

// LATENCY HISTOGRAM [command …]
func cmdLATENCYHISTOGRAM(c *client) error {
	var rows []*command
	add := func(cmd *command) {
		rows = append(rows, cmd)
		rows = append(rows, cmd.subs...)
	}
	if len(c.args) == 2 {
		rows = c.e.table.rows
	}
	for _, name := range c.args[2:] {
		if cmd := c.e.table.findFull(name); cmd != nil {
			add(cmd)
		}
	}
	type measured struct {
		row *command
		t   rowTotals
	}
	var found []measured
	for _, row := range rows {
		if t := c.e.totals(row.id); t.times != nil && t.timed() > 0 {
			found = append(found, measured{row, t})
		}
	}
	c.mapping(len(found))
	for _, m := range found {
		c.bulkString(m.row.full)
		c.mapping(2)
		c.bulkString("calls")
		c.integer(m.t.timed())
		c.bulkString("histogram_usec")
		steps := m.t.doubling()
		c.mapping(len(steps))
		for _, s := range steps {
			c.integer(s.upTo)
			c.integer(s.calls)
		}
	}
	return nil
}

// timed is how many calls the histogram has seen.
func (t *rowTotals) timed() (n int64) {
	for _, x := range t.times {
		n += int64(x)
	}
	return n
}

// step says that so many calls took no more than so many microseconds.
type step struct{ upTo, calls int64 }

// Steps double from about a microsecond to about a second, which longer calls count for too. The original's histogram rounds the end of a step up by
// 1/128 of it, and its numbers are what clients know.
const (
	firstStep = 10 // 1024 ns
	lastStep  = 30
)

// doubling gives the steps in which calls ended.
func (t *rowTotals) doubling() (list []step) {
	seen, at := int64(0), 0
	for s := firstStep; s <= lastStep; s++ {
		before := seen
		for ; at < len(t.times) && (s == lastStep || bucketTop(at) < 1<<s); at++ {
			seen += int64(t.times[at])
		}
		if seen > before {
			list = append(list, step{(1<<s + 1<<(s-7) - 1) / 1000, seen})
		}
	}
	return list
}

// LATENCY DOCTOR
func cmdLATENCYDOCTOR(c *client) error {
	l := &c.e.latency
	names := l.names()
	switch {
	case l.threshold.Int() <= 0 && len(names) == 0:
		c.verbatim("Nothing is known: latency monitoring is off. \"CONFIG SET latency-monitor-threshold <milliseconds>\" turns it on.\n")
		return nil
	case len(names) == 0:
		c.verbatim("Nothing took longer than latency-monitor-threshold allows.\n")
		return nil
	}
	var b strings.Builder
	for _, name := range names {
		list, worst := l.samples(name)
		if len(list) == 0 {
			continue
		}
		mean, spread, period := judge(list)
		fmt.Fprintf(&b, "%s: %d spikes kept, on average %d ms (mean deviation %d ms), one in %.1f s; the worst ever took %d ms.\n", name, len(list), mean, spread, period, worst)
		b.WriteString(latencyAdvice[name])
	}
	c.verbatim(b.String())
	return nil
}

var latencyAdvice = map[string]string{
	eventCommand:     "  SLOWLOG GET names the commands and their arguments. Commands whose cost grows with the data (KEYS, SORT, large ranges) are slow by nature; SCAN and its kin do the same in steps.\n",
	eventFastCommand: "  These commands do constant work: what made them slow is the machine (other processes, swapping, a virtual machine that was not given the CPU).\n",
	eventExpire:      "  Many keys are due at the same moment. Spread their expiry by some chance.\n",
	eventEvict:       "  Writes wait for memory. Raise maxmemory, or write less at once; one large value has much evicted.\n",
}

// judge gives the mean of samples, their mean distance from it, and the mean time in seconds between them.
func judge(list []latencySample) (mean, spread int64, period float64) {
	for _, s := range list {
		mean += s.ms
	}
	mean /= int64(len(list))
	for _, s := range list {
		spread += max(s.ms-mean, mean-s.ms)
	}
	spread /= int64(len(list))
	return mean, spread, float64(list[len(list)-1].at-list[0].at) / float64(max(len(list)-1, 1))
}

// LATENCY HELP
func cmdLATENCYHELP(c *client) error {
	c.help(
		"DOCTOR", "    What took long, in words.",
		"GRAPH <event>", "    A drawing of the samples of <event>.",
		"HISTORY <event>", "    The samples of <event>: Unix time and milliseconds.",
		"LATEST", "    Of every event the latest sample and the worst.",
		"RESET [<event> ...]", "    Forget the samples of these events, or of all.",
		"HISTOGRAM [COMMAND ...]", "    How many calls of these commands, or of all, took up to how many microseconds.")
	return nil
}
