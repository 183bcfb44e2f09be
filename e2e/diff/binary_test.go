// The comparison of binary frames, and proof that it would notice a difference.

package diff

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestBinaryDifferential(t *testing.T) {
	found := newCollector(t)
	x := &binSession{t: t, s: newSource(seed(t)), found: found, a: binSide{server: harness.Memcached(t)}, b: binSide{server: quietMemcached(t)}}
	x.run(total(t))
	found.finish()
	t.Logf("%d frames compared", x.sent)
}

// TestNoticesABinaryDifference compares the real server with itself and falsifies one rare reply.
func TestNoticesABinaryDifference(t *testing.T) {
	found := newCollector(t)
	x := &binSession{t: t, s: newSource(11), found: found, a: binSide{server: quietMemcached(t)}, b: binSide{server: quietMemcached(t)}}
	x.a.mangle = func(r *binReply) { r.body = strings.Replace(r.body, "Not stored.", "Stored.", 1) }
	x.run(5_000)
	if len(found.found) == 0 {
		t.Fatal("a falsified reply was not noticed")
	}
	for _, m := range found.found {
		if !strings.Contains(m.theirs, "Not stored.") || len(m.history) > 3 {
			t.Errorf("noticed the wrong thing, or did not shrink it: %v", m)
		}
	}
}
