// Two memcached servers that get the same request stream: batches, versions, comparison and shrinking.

package diff

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// side is one of the two servers, with the versions it has shown on this connection.
type side struct {
	server *harness.Server
	c      *harness.Conn
	cas    map[string]string
	buf    []byte                     // of read
	mangle func(stream string) string // falsifies replies, for the tests' own test
}

// maxOnce is how many differences of a run may be such that the same requests do not show again. The original pads a
// number that decr made shorter only if nothing else holds the item at that moment, which depends on its timing.
const maxOnce = 3

// mcSession drives a pair of memcached servers.
type mcSession struct {
	t       testing.TB
	a, b    side
	s       *source
	found   *collector
	history []request
	sent    int
	turn    int
	limit   time.Duration
	dense   bool // draw no request that must be sent alone: a batch then takes few round trips
	once    int  // differences seen that did not repeat
	strays  strays
}

// strays counts numbers of twenty digits in which the original found none, because another digit happened to lie behind them in its memory. Once an
// item has left some there they come in heaps, but a fault of ours would show far more often.
type strays int

const notNumber = "cannot increment or decrement non-numeric value"

func (n *strays) allows(is bool, sent int) bool {
	if !is {
		return false
	}
	*n++
	return int(*n) <= 5+sent/5_000
}

// valueLine is the head of a returned item that shows its version.
var valueLine = regexp.MustCompile(`(?m)^VALUE ([^ \r\n]+) (\d+) (\d+) (\d+)\r$`)

// versionLine names the server.
var versionLine = regexp.MustCompile(`(?m)^VERSION [^\r\n]*\r$`)

// normal replaces what must differ: version numbers of items are the server's own, and so is its name.
func normal(stream string) string {
	stream = valueLine.ReplaceAllString(stream, "VALUE $1 $2 $3 #\r")
	return versionLine.ReplaceAllString(stream, "VERSION #\r")
}

func (x *mcSession) open() error {
	for _, s := range []*side{&x.a, &x.b} {
		if s.c != nil {
			s.c.Close()
		}
		s.cas = map[string]string{}
		var err error
		if s.c, err = s.server.TryDial(); err != nil {
			return fmt.Errorf("%s: %w", s.server.Name, err)
		}
	}
	return nil
}

func (x *mcSession) reset() error {
	if err := x.open(); err != nil {
		return err
	}
	a, b := x.exchange([]request{{raw: "flush_all\r\n"}})
	if a != b || a != "OK\r\n" {
		return fmt.Errorf("flush_all: ours %q, theirs %q", a, b)
	}
	return nil
}

// exchange sends requests to both and gives the two normalised streams of replies. A request that needs a version
// or settled items waits until the replies before it are read.
func (x *mcSession) exchange(reqs []request) (ours, theirs string) {
	var a, b strings.Builder
	flush := func(part []request) bool {
		pa, pb := x.send(part)
		if len(part) == 1 && part[0].alone {
			pa, pb = withoutFollowUps(pa), withoutFollowUps(pb)
		}
		a.WriteString(pa)
		b.WriteString(pb)
		return pa == pb && !strings.HasSuffix(pa, closedMark)
	}
	from, reads := 0, false
	for i, r := range reqs {
		if i > from && (r.alone || reqs[i-1].alone || (r.casKey != "" || r.settled) && reads) {
			if !flush(reqs[from:i]) {
				return a.String(), b.String()
			}
			from, reads = i, false
		}
		reads = reads || r.reads
	}
	flush(reqs[from:])
	return a.String(), b.String()
}

// withoutFollowUps drops the ERROR lines at the end of the replies to a request that stood alone. When a storage line
// is refused, or its body has another length than announced, the original takes the body or its rest for commands; we
// swallow it, as newer versions do, to stay in step.
func withoutFollowUps(stream string) string {
	for strings.HasSuffix(stream, "ERROR\r\n") && !strings.HasSuffix(stream, "_ERROR\r\n") {
		stream = strings.TrimSuffix(stream, "ERROR\r\n")
	}
	return stream
}

const (
	closedMark = "<closed>"
	silentMark = "<silent>"
)

// send writes one part to both, with a closing get whose answer cannot come from anything else, and reads up to it.
func (x *mcSession) send(part []request) (ours, theirs string) {
	x.turn++
	mark := fmt.Sprintf("in-step-%d", x.turn)
	closing := fmt.Sprintf("set %s 0 0 2\r\nok\r\nget %s\r\ndelete %s\r\n", mark, mark, mark)
	for _, r := range part {
		if r.offStep { // up to so many bytes may be taken for a body
			closing = strings.Repeat("sync\r\n", 4) + closing
			break
		}
	}
	for _, s := range []*side{&x.a, &x.b} {
		var out bytes.Buffer
		for _, r := range part {
			out.WriteString(s.fill(r))
		}
		out.WriteString(closing)
		s.c.SetWriteDeadline(time.Now().Add(replyLimit))
		s.c.Write(out.Bytes())
	}
	tail := fmt.Sprintf("STORED\r\nVALUE %s 0 2\r\nok\r\nEND\r\nDELETED\r\n", mark)
	return x.a.read(tail, x.limit), x.b.read(tail, x.limit)
}

// fill puts the last seen version in its place; a key that was never seen gets one that fits nothing.
func (s *side) fill(r request) string {
	if r.casKey == "" {
		return r.raw
	}
	version, ok := s.cas[r.casKey]
	if !ok {
		version = "987654321987"
	}
	return strings.Replace(r.raw, casMark, version, 1)
}

func (s *side) read(tail string, limit time.Duration) string {
	if limit == 0 {
		limit = 3 * time.Second
	}
	var got []byte
	if s.buf == nil {
		s.buf = make([]byte, 64<<10)
	}
	why := ""
	for why == "" && !bytes.HasSuffix(got, []byte(tail)) {
		s.c.SetReadDeadline(time.Now().Add(limit))
		n, err := s.c.R.Read(s.buf)
		got = append(got, s.buf[:n]...)
		if err != nil {
			why = silentMark
			if plainError(err).Error() == "closed" {
				why = closedMark
			}
		}
	}
	stream := strings.TrimSuffix(string(got), tail)
	for _, m := range valueLine.FindAllStringSubmatch(stream, -1) {
		s.cas[m[1]] = m[4]
	}
	if s.mangle != nil {
		stream = s.mangle(stream)
	}
	return normal(stream) + why
}

// run sends at least total requests.
func (x *mcSession) run(total int) {
	if err := x.reset(); err != nil {
		x.t.Fatal(err)
	}
	defer func() { x.a.c.Close(); x.b.c.Close() }()
	wheel := verbWheel()
	for x.sent < total && !x.found.full() && !x.t.Failed() {
		batch := x.draw(wheel)
		if x.s.chance(50) {
			batch = append(batch, request{raw: "quit" + pick(x.s, "", " x", " noreply") + end(x.s)})
		}
		x.history = append(x.history, batch...)
		a, b := x.exchange(batch)
		x.sent += len(batch)
		if a != b {
			x.report(a, b)
		}
		if a != b || strings.HasSuffix(a, closedMark) || len(x.history) > resetAfter {
			x.history = x.history[:0]
			if err := x.reset(); err != nil {
				x.t.Fatalf("after %d requests: %v", x.sent, err)
			}
		}
	}
}

// draw makes a batch. A dense one is longer, and its versions and settled items are only those of requests in batches before it.
func (x *mcSession) draw(wheel []*verb) []request {
	batch := make([]request, 0, denseBatch)
	for len(batch) < cap(batch) && (x.dense || len(batch) < batchSize) {
		v := wheel[x.s.IntN(len(wheel))]
		r := v.make(x.s, v.name)
		if x.dense && (r.alone || (r.casKey != "" || r.settled) && len(batch) > 0 && !x.s.chance(20)) {
			continue
		}
		batch = append(batch, r)
	}
	return batch
}

// denseBatch is batchSize of dense runs.
const denseBatch = 300

// report cuts the history down and keeps the difference if it is of a new kind.
func (x *mcSession) report(a, b string) {
	fa, fb := firstDifference(a, b)
	if x.strays.allows(strings.Contains(fb, notNumber) && !strings.Contains(fa, "ERROR"), x.sent) {
		return
	}
	if !x.found.fresh([]string{"memcached"}, fa, fb) {
		return
	}
	x.limit = 300 * time.Millisecond
	defer func() { x.limit = 0 }()
	until := time.Now().Add(shrinkTime)
	shows := func(h []request) bool {
		if time.Now().After(until) || x.reset() != nil {
			return false
		}
		oa, ob := x.exchange(h)
		if oa != ob && !exceptedRequest(h, oa, ob) {
			a, b = oa, ob
			return true
		}
		return false
	}
	m := mismatch{where: "memcached"}
	history := append([]request(nil), x.history...)
	if shows(history) {
		history = shrink(history, shows)
	} else if x.once++; x.once <= maxOnce {
		x.t.Logf("seen once, not repeatable: ours %s, theirs %s", short(fa), short(fb))
		return
	} else {
		m.where += " (does not repeat)"
		history = history[max(0, len(history)-8):]
	}
	for _, r := range history {
		m.history = append(m.history, short(r.raw))
	}
	m.ours, m.theirs = around(a, b), around(b, a)
	if len(history) <= 8 && !x.found.fresh([]string{"shrunk"}, history[len(history)-1].raw[:min(6, len(history[len(history)-1].raw))]+a, b) {
		return
	}
	x.found.add(m)
}

// exceptedRequest says whether a shrunk difference is on the list of exceptions.
func exceptedRequest(h []request, ours, theirs string) bool {
	if len(h) > 6 {
		return false
	}
	var all strings.Builder
	for _, r := range h {
		all.WriteString(r.raw)
	}
	return excepted([]string{"memcached", all.String()}, ours, theirs)
}

// around is the part of stream a that begins shortly before it departs from b.
func around(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	if i < 200 {
		return a
	}
	return "..." + a[i-150:]
}

// firstDifference is the first line in which two streams differ.
func firstDifference(a, b string) (string, string) {
	la, lb := strings.Split(a, "\r\n"), strings.Split(b, "\r\n")
	for i := range max(len(la), len(lb)) {
		x, y := "", ""
		if i < len(la) {
			x = la[i]
		}
		if i < len(lb) {
			y = lb[i]
		}
		if x != y {
			return "-" + x, "-" + y
		}
	}
	return "", ""
}
