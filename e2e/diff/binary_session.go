// A run of random binary frames over a pair of memcached servers.

package diff

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// binSide is one of the two servers, with the versions it has shown since it was emptied.
type binSide struct {
	server *harness.Server
	c      *harness.Conn
	cas    map[string]uint64
	mangle func(r *binReply) // falsifies replies, for the tests' own test
}

// binSession drives a pair.
type binSession struct {
	once    int // differences seen that did not repeat
	t       testing.TB
	a, b    binSide
	s       *source
	found   *collector
	history []binFrame
	sent    int
	limit   time.Duration
}

func (x *binSession) open() error {
	for _, s := range []*binSide{&x.a, &x.b} {
		if s.c != nil {
			s.c.Close()
		}
		var err error
		if s.c, err = s.server.TryDial(); err != nil {
			return fmt.Errorf("%s: %w", s.server.Name, err)
		}
	}
	return nil
}

// reset empties both over fresh connections.
func (x *binSession) reset() error {
	x.a.cas, x.b.cas = map[string]uint64{}, map[string]uint64{}
	if err := x.open(); err != nil {
		return err
	}
	a, b := x.exchange([]binFrame{{magic: 0x80, opcode: 8, lengths: [3]int{-1, -1, -1}}})
	if len(a) != 1 || len(b) != 1 || a[0] != b[0] {
		return fmt.Errorf("flush: ours %v, theirs %v", a, b)
	}
	return nil
}

// exchange sends the frames to both at once, and a noop that must come back last. Replies are given as text that can be
// compared.
func (x *binSession) exchange(frames []binFrame) (ours, theirs []string) {
	done := make(chan struct{})
	harness.Go(func() { // ends with the deadline of its reads at the latest
		defer close(done)
		ours = x.a.ask(frames, x.limit)
	})
	theirs = x.b.ask(frames, x.limit)
	<-done
	return ours, theirs
}

// ask sends in parts: a version that was just shown is known only when the part before has been answered, and at a bad
// magic byte the original closes without sending the replies that it has ready.
func (s *binSide) ask(frames []binFrame, limit time.Duration) (out []string) {
	from := 0
	for i := range frames {
		if i > from && (frames[i].casKey != "" || frames[i].magic != 0x80) {
			part, closed := s.part(frames[from:i], from, limit)
			out, from = append(out, part...), i
			if closed {
				return out
			}
		}
	}
	part, _ := s.part(frames[from:], from, limit)
	return append(out, part...)
}

// part sends frames whose opaques begin at first. closed: the server has ended the connection, or is silent.
func (s *binSide) part(frames []binFrame, first int, limit time.Duration) (out []string, closed bool) {
	noop := binFrame{magic: 0x80, opcode: opNoop, lengths: [3]int{-1, -1, -1}}
	var raw []byte
	read, ends := false, false
	for i, f := range frames {
		if f.counts() && read { // let go of what is read: see readsItem
			raw, read = noop.append(raw, unsetOpaque, 0), false
		}
		read = read || f.readsItem()
		raw = f.append(raw, uint32(first+i), s.version(f))
		if ends = f.ends; ends {
			frames = frames[:i+1]
			break
		}
	}
	if !ends {
		raw = noop.append(raw, syncOpaque, 0)
	}
	done := make(chan struct{})
	harness.Go(func() { // ends when the server has taken the part, or its deadline is over
		defer close(done)
		s.c.SetWriteDeadline(time.Now().Add(replyLimit))
		s.c.Write(raw)
	})
	defer func() { <-done }()
	replies, err := s.read(limit)
	for i := range replies {
		r := &replies[i]
		if int(r.opaque) >= first && int(r.opaque) < first+len(frames) {
			s.learn(frames[int(r.opaque)-first], r)
		}
		if s.mangle != nil {
			s.mangle(r)
		}
		out = append(out, r.String())
	}
	if err != nil {
		return append(out, "-"+err.Error()), true
	}
	return out, false
}

// version is the one that a frame carries to this server; a key that has shown none gets one that fits nothing.
func (s *binSide) version(f binFrame) uint64 {
	if f.casKey == "" {
		return f.cas
	}
	if v := s.cas[f.casKey]; v != 0 {
		return v
	}
	return 1<<41 + 3
}

func (s *binSide) learn(f binFrame, r *binReply) {
	if f.key != "" && r.cas != 0 {
		s.cas[f.key] = r.cas
	}
}

// read collects responses up to the closing noop. Others that stand for nothing are left out.
func (s *binSide) read(limit time.Duration) (replies []binReply, err error) {
	if limit == 0 {
		limit = 5 * time.Second
	}
	var rest []byte
	buf := make([]byte, 64<<10)
	for {
		s.c.SetReadDeadline(time.Now().Add(limit))
		n, err := s.c.R.Read(buf)
		var more []binReply
		more, rest = cutReplies(append(rest, buf[:n]...))
		for _, r := range more {
			switch r.opaque {
			case syncOpaque:
				return replies, nil
			case unsetOpaque:
			default:
				replies = append(replies, r)
			}
		}
		if err != nil {
			if len(rest) > 0 {
				return replies, errors.New("an unfinished response")
			}
			return replies, plainError(err)
		}
	}
}

// binaryBatch is how many frames are sent before replies are read, and binaryReset after how many both are emptied.
const (
	binaryBatch = 200
	binaryReset = 4000
)

// run sends at least total frames.
func (x *binSession) run(total int) {
	if err := x.reset(); err != nil {
		x.t.Fatal(err)
	}
	defer func() { x.a.c.Close(); x.b.c.Close() }()
	for x.sent < total && !x.found.full() && !x.t.Failed() {
		batch := make([]binFrame, binaryBatch)
		for i := range batch {
			batch[i] = randomFrame(x.s)
		}
		broken := x.s.chance(8)
		if broken {
			batch = append(batch, breakFrame(x.s))
		}
		x.history = append(x.history, batch...)
		a, b := x.exchange(batch)
		x.sent += len(batch)
		at := departure(a, b)
		if at >= 0 {
			x.report(a, b, at)
		}
		if at >= 0 || broken || len(x.history) > binaryReset {
			x.history = x.history[:0]
			if err := x.reset(); err != nil {
				x.t.Fatalf("after %d frames: %v", x.sent, err)
			}
		}
	}
}

// departure is where two lists first differ, -1 if they do not.
func departure(a, b []string) int {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return i
		}
	}
	return -1
}

func replyOf(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "-nothing"
}

// strayDigits is the original's incr or decr of a number behind which, in its memory, another digit happens to lie: it then finds no number. The
// other way round it would be a fault of ours, and the text protocol compares the same values.
func strayDigits(ours, theirs string) bool {
	return strings.Contains(theirs, "Non-numeric server-side value for incr or decr") && !strings.Contains(ours, "Non-numeric")
}

// report cuts the history down and keeps the difference if it is of a new kind.
func (x *binSession) report(a, b []string, at int) {
	if strayDigits(replyOf(a, at), replyOf(b, at)) || !x.found.fresh([]string{"binary"}, replyOf(a, at), replyOf(b, at)) {
		return
	}
	x.limit = 300 * time.Millisecond
	defer func() { x.limit = 0 }()
	until := time.Now().Add(shrinkTime)
	shows := func(h []binFrame) bool {
		if time.Now().After(until) || x.reset() != nil {
			return false
		}
		oa, ob := x.exchange(h)
		if i := departure(oa, ob); i >= 0 {
			a, b, at = oa, ob, i
			return true
		}
		return false
	}
	m := mismatch{where: "memcached binary"}
	history := append([]binFrame(nil), x.history...)
	if shows(history) {
		history = shrink(history, shows)
	} else if x.once++; x.once <= maxOnce { // the original counts on what lies behind a value
		x.t.Logf("seen once, not repeatable: ours %s, theirs %s", short(replyOf(a, at)), short(replyOf(b, at)))
		return
	} else {
		m.where += " (does not repeat)"
		history = history[max(0, len(history)-8):]
	}
	for _, f := range history {
		m.history = append(m.history, f.String())
	}
	m.ours, m.theirs = replyOf(a, at), replyOf(b, at)
	x.found.add(m)
}
