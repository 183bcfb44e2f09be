// slowlog: the latest commands that took long, and the SLOWLOG command.

package redis

import (
	"fmt"
	"sync"
	"time"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// What an entry keeps of a command.
const (
	slowArgs  = 32
	slowBytes = 128
)

// slowlog is a bounded list, the newest entry last.
type slowlog struct {
	after, max *config.Value // microseconds from which a command is kept; how many are

	mu      sync.Mutex // guards what is below
	entries []slowEntry
	next    int64
}

type slowEntry struct {
	id         int64
	at         time.Time
	took       time.Duration
	args       []string
	addr, name string
}

// add keeps what is shown of a command, or of n equal ones of a pipeline that were timed together: of those only the name
// is known any more, unless intact says that the client's args are still the command's.
func (s *slowlog) add(c *client, cmd *command, took time.Duration, n int, intact bool) {
	limit := int(min(s.max.Int(), 1<<20))
	if limit <= 0 {
		return
	}
	args := []string{cmd.name, fmt.Sprintf("... (%d in one pipeline)", n)}
	if intact {
		args = c.shownArgs()
	}
	e := slowEntry{at: time.Now(), took: took, args: args, addr: addr(c.conn.Remote()), name: text(&c.public.name)}
	s.mu.Lock()
	defer s.mu.Unlock()
	e.id = s.next
	s.next++
	s.entries = append(s.entries, e)
	s.cut(limit)
}

// shownArgs copies the current request without its secrets and without what is too long.
func (c *client) shownArgs() []string {
	args := make([]string, 0, min(len(c.args), slowArgs))
	for i, a := range c.args {
		switch {
		case i == slowArgs-1 && len(c.args) > slowArgs:
			return append(args, fmt.Sprintf("... (%d more arguments)", len(c.args)-slowArgs+1))
		case c.secret(i):
			args = append(args, "(redacted)")
		case len(a) > slowBytes:
			args = append(args, fmt.Sprintf("%s... (%d more bytes)", a[:slowBytes], len(a)-slowBytes))
		default:
			args = append(args, string(a))
		}
	}
	return args
}

// cut drops the oldest entries; the caller holds mu.
func (s *slowlog) cut(limit int) {
	if drop := len(s.entries) - limit; drop > 0 {
		s.entries = append(s.entries[:0], s.entries[drop:]...)
	}
}

// trim follows a new slowlog-max-len.
func (s *slowlog) trim() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut(int(min(s.max.Int(), 1<<20)))
}

func slowlogCommands() []*command {
	const all = "request_policy:all_nodes"
	return []*command{{name: "slowlog", arity: -2, group: "server", since: "2.2.12", cost: "That of the subcommand.", sum: "Commands about the log of slow commands.", subs: []*command{
		{name: "get", arity: -2, flags: admin | loading | stale | free, tips: []string{all, "nondeterministic_output"}, run: cmdSLOWLOGGET,
			since: "2.2.12", syntax: "[count:int]", cost: "O(N), N being the number of entries returned", past: []change{{"4.0.0", "Address and name of the client."}},
			sum: "Shows the latest slow commands."},
		{name: "len", arity: 2, flags: admin | loading | stale | free, tips: []string{all, "response_policy:agg_sum", "nondeterministic_output"}, run: cmdSLOWLOGLEN,
			since: "2.2.12", cost: "O(1)", sum: "Tells how many slow commands are kept."},
		{name: "reset", arity: 2, flags: admin | loading | stale | free, tips: []string{all, "response_policy:all_succeeded"}, run: cmdSLOWLOGRESET,
			since: "2.2.12", cost: "O(N), N being the number of entries", sum: "Forgets the slow commands."},
		{name: "help", arity: 2, flags: loading | stale | free, run: cmdSLOWLOGHELP, since: "6.2.0", cost: "O(1)", sum: "Lists the subcommands."},
	}}}
}

// SLOWLOG GET [count]
func cmdSLOWLOGGET(c *client) error {
	count := int64(10)
	if len(c.args) > 3 {
		return errSubSyntax(c)
	}
	if len(c.args) == 3 {
		n, ok := resp.ParseInt(c.args[2])
		if !ok || n < -1 {
			return replyError("ERR count should be greater than or equal to -1")
		}
		count = n
	}
	s := &c.e.slow
	s.mu.Lock()
	defer s.mu.Unlock()
	if count < 0 || count > int64(len(s.entries)) {
		count = int64(len(s.entries))
	}
	c.array(int(count))
	for i := len(s.entries) - 1; i >= len(s.entries)-int(count); i-- {
		e := &s.entries[i]
		c.array(6)
		c.integer(e.id)
		c.integer(e.at.Unix())
		c.integer(e.took.Microseconds())
		c.array(len(e.args))
		for _, a := range e.args {
			c.bulkString(a)
		}
		c.bulkString(e.addr)
		c.bulkString(e.name)
	}
	return nil
}

// SLOWLOG LEN
func cmdSLOWLOGLEN(c *client) error {
	s := &c.e.slow
	s.mu.Lock()
	defer s.mu.Unlock()
	c.integer(int64(len(s.entries)))
	return nil
}

// SLOWLOG RESET
func cmdSLOWLOGRESET(c *client) error {
	s := &c.e.slow
	s.mu.Lock()
	s.entries = nil
	s.mu.Unlock()
	c.ok()
	return nil
}

// SLOWLOG HELP
func cmdSLOWLOGHELP(c *client) error {
	c.help(
		"GET [<count>]", "    The latest <count> entries (10 if not given, -1 for all): number, Unix time,",
		"    microseconds, arguments, address and name of the client.",
		"LEN", "    Number of entries.",
		"RESET", "    Forget all entries.")
	return nil
}
