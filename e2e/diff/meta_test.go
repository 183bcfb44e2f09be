// The comparison run of the meta commands.

package diff

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// metaShare is how many meta lines are compared, in percent of the commands of a whole run: they come on top of it.
const metaShare = 25

// newMetaSession drives a pair of servers with the meta commands.
func newMetaSession(t testing.TB, ours *harness.Server, n uint64) *mcSession {
	x := &mcSession{t: t, s: newSource(n), found: newCollector(t), a: side{server: ours}, b: side{server: quietMemcached(t)}}
	x.a.mangle, x.b.mangle = x.a.metaNormal, x.b.metaNormal
	return x
}

// runVerbs is run with commands of another wheel.
func (x *mcSession) runVerbs(wheel []*verb, total int) {
	if err := x.reset(); err != nil {
		x.t.Fatal(err)
	}
	defer func() { x.a.c.Close(); x.b.c.Close() }()
	for x.sent < total && !x.found.full() && !x.t.Failed() {
		batch := x.draw(wheel)
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

func TestMetaDifferential(t *testing.T) {
	x := newMetaSession(t, harness.Memcached(t), seed(t))
	x.runVerbs(metaWheel(), total(t)*metaShare/100)
	x.found.finish()
	t.Logf("%d requests compared", x.sent)
}

// TestNoticesAMetaDifference compares the real server with itself and falsifies one rare reply.
func TestNoticesAMetaDifference(t *testing.T) {
	x := newMetaSession(t, quietMemcached(t), 5)
	x.a.mangle = func(stream string) string { return strings.Replace(x.a.metaNormal(stream), " X W\r\n", " X\r\n", 1) }
	for len(x.found.found) == 0 && x.sent < 20_000 {
		x.runVerbs(metaWheel(), x.sent+500)
	}
	if len(x.found.found) == 0 {
		t.Fatal("a falsified reply was not noticed")
	}
	for _, m := range x.found.found {
		if !strings.Contains(m.theirs, " X W") || len(m.history) > 4 {
			t.Errorf("noticed the wrong thing, or did not shrink it: %v", m)
		}
	}
}
