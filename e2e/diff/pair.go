// Two Redis servers that get the same requests, and the dialects a connection can speak.

package diff

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// replyLimit is how long a batch may take on one server.
const replyLimit = 20 * time.Second

// dialect is a way of speaking to a Redis server.
type dialect struct {
	name   string
	hello  []string // first command of every connection
	encode func(b []byte, args []string) []byte
	flags  []string // of both servers
	batch  int      // requests sent before replies are read; 0 means batchSize
}

var dialects = []dialect{
	{name: "resp2", encode: harness.AppendCommand},
	{name: "resp3", hello: []string{"HELLO", "3"}, encode: harness.AppendCommand},
	{name: "inline", encode: appendInline, flags: []string{"--list-max-listpack-size=3", "--list-compress-depth=1"}},
	{name: "inline-resp3", hello: []string{"HELLO", "3"}, encode: appendInline},
	{name: "password", encode: harness.AppendCommand, flags: []string{"--requirepass=secret"}, batch: 4}, // a client that is not logged in may leave 1 KB unread
}

// appendInline writes a command as one line, quoted where it must be and here and there where it need not be.
func appendInline(b []byte, args []string) []byte {
	for i, a := range args {
		if i > 0 {
			b = append(b, ' ')
		}
		plain := a != "" && !strings.ContainsFunc(a, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\'' || r == '\\' })
		switch {
		case plain && len(a)%3 != 0:
			b = append(b, a...)
		case !strings.ContainsFunc(a, func(r rune) bool { return r < ' ' || r == '\'' || r == '\\' }) && len(a)%2 == 0:
			b = append(b, '\'')
			b = append(b, a...)
			b = append(b, '\'')
		default:
			b = appendQuoted(b, a)
		}
	}
	return append(b, "\r\n"...)
}

func appendQuoted(b []byte, a string) []byte {
	b = append(b, '"')
	for i := range len(a) {
		switch c := a[i]; {
		case c == '"', c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < ' ', c > '~':
			b = fmt.Appendf(b, "\\x%02x", c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// pair is one connection to each of the two servers. mangle, if set, falsifies our replies: the tests' own test.
type pair struct {
	d            *dialect
	ours, theirs *harness.Server
	a, b         *harness.Conn
	mangle       func(args []string, r harness.Reply) harness.Reply
	turn         int
	limit        time.Duration // for each reply; 0 means replyLimit
}

// outcome is what one server answered to a batch: as many replies as came, and why no more did.
type outcome struct {
	replies []harness.Reply
	err     error
}

// open makes fresh connections.
func (p *pair) open() error {
	p.close()
	var err error
	if p.a, err = p.ours.TryDial(); err != nil {
		return fmt.Errorf("ours: %w", err)
	}
	if p.b, err = p.theirs.TryDial(); err != nil {
		return fmt.Errorf("theirs: %w", err)
	}
	if p.d.hello == nil {
		return nil
	}
	a, b := p.exchange([][]string{p.d.hello})
	return errors.Join(a.err, b.err)
}

func (p *pair) close() {
	if p.a != nil {
		p.a.Close()
		p.a = nil
	}
	if p.b != nil {
		p.b.Close()
		p.b = nil
	}
}

// exchange sends the batch to both and reads one reply a command. An ECHO behind the batch proves that both are in step.
func (p *pair) exchange(cmds [][]string) (ours, theirs outcome) {
	p.turn++
	token := fmt.Sprintf("in-step-%d", p.turn)
	var out []byte
	for _, c := range cmds {
		out = p.d.encode(out, c)
	}
	out = p.d.encode(out, []string{"ECHO", token})
	sent := make(chan struct{})
	harness.Go(func() { // ends when both have taken the batch or their deadline is over
		defer close(sent)
		for _, c := range []*harness.Conn{p.a, p.b} {
			c.SetWriteDeadline(time.Now().Add(replyLimit))
			c.Write(out)
		}
	})
	ours, theirs = p.read(p.a, len(cmds), token), p.read(p.b, len(cmds), token)
	<-sent
	if p.mangle != nil {
		for i := range ours.replies {
			ours.replies[i] = p.mangle(cmds[i], ours.replies[i])
		}
	}
	return ours, theirs
}

func (p *pair) patience() time.Duration {
	if p.limit > 0 {
		return p.limit
	}
	return replyLimit
}

func (p *pair) read(c *harness.Conn, n int, token string) (o outcome) {
	for range n {
		r, err := c.TryReply(p.patience())
		if err != nil {
			o.err = plainError(err)
			return o
		}
		o.replies = append(o.replies, r)
	}
	r, err := c.TryReply(p.patience())
	switch {
	case err != nil:
		o.err = plainError(err)
	case r.Str != token && !strings.HasPrefix(r.Str, "NOAUTH"):
		o.err = fmt.Errorf("out of step: %q instead of the closing echo", r.Raw)
	}
	return o
}

// plainError makes errors of two connections comparable: addresses and ports differ.
func plainError(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("silent")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "reset by peer"), strings.Contains(err.Error(), "broken pipe"):
		return errors.New("closed")
	}
	return err
}

// reset brings both servers to the same empty state over fresh connections.
func (p *pair) reset() error {
	if err := p.open(); err != nil {
		return err
	}
	cmds := [][]string{{"FLUSHALL"}, {"CONFIG", "SET", "maxmemory", "0", "maxmemory-policy", "noeviction"}}
	if len(p.d.flags) > 0 {
		cmds = append([][]string{{"AUTH", "secret"}}, cmds...)
	}
	a, b := p.exchange(cmds)
	if err := errors.Join(a.err, b.err); err != nil {
		return err
	}
	if len(p.d.flags) > 0 {
		return p.open() // back to a connection that is not logged in
	}
	return nil
}

// step is one command that was sent, with the row it came from.
type step struct {
	row  *row
	args []string
}

// difference is the first place where the two answered differently; at is its index in the batch.
type difference struct {
	at           int
	ours, theirs string
}

// compareBatch finds the first difference that is no exception.
func compareBatch(steps []step, a, b outcome) (difference, bool) {
	var q queue
	for i, s := range steps {
		x, y := replyAt(a, i), replyAt(b, i)
		if i >= len(a.replies) || i >= len(b.replies) {
			if x == y { // both ended here
				return difference{}, false
			}
			return difference{i, x, y}, true
		}
		if !sameReply(s.row, s.args, a.replies[i], b.replies[i]) && !excepted(s.args, x, y) && !(s.row == execRow && q.same(a.replies[i], b.replies[i])) {
			return difference{i, x, y}, true
		}
		q.follow(s, a.replies[i])
	}
	if ea, eb := fmt.Sprint(a.err), fmt.Sprint(b.err); ea != eb {
		return difference{len(steps) - 1, ea, eb}, true
	}
	return difference{}, false
}

func replyAt(o outcome, i int) string {
	if i < len(o.replies) {
		return o.replies[i].Raw
	}
	return fmt.Sprint(o.err)
}
