// The memory limit of memcached as the system sees it: resident memory under a flood of values of mixed sizes.

package lifecycle

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// TestMemcachedLimitUnderMixedSizes: whatever sizes come in whatever order, resident memory stays within the limit and a fixed overhead over
// that of the empty server, at every moment, and the server goes on taking writes.
func TestMemcachedLimitUnderMixedSizes(t *testing.T) {
	const (
		limit    = 32 << 20
		overhead = 64 << 20 // pages that the compactor, which looks once a second, has not freed yet, free pages on their way back, buffers, the heap
		seed     = 7
	)
	p, ps := port(t)
	s := harness.Start(t, "memcached", link(t, "memcached"), p, "-p", ps, "-l", "127.0.0.1", "-u", "root", "-m", fmt.Sprint(limit>>20))
	s.AwaitReady(t)
	c := s.Dial(t)
	base, most := s.RSS(t), int64(0)
	r := rand.New(rand.NewPCG(seed, seed))
	pattern := strings.Repeat("0123456789abcdef", 4<<10)
	key := 0
	for _, sizes := range [...][2]int{{200, 1000}, {8000, 64000}, {1, 400}, {500, 6000}, {1, 60000}} {
		for sent := 0; sent < 3*limit/2; {
			var b strings.Builder
			for b.Len() < 1<<20 {
				n := sizes[0] + r.IntN(sizes[1]-sizes[0])
				fmt.Fprintf(&b, "set key:%d 0 0 %d noreply\r\n%s\r\n", key, n, pattern[:n])
				key++
			}
			sent += b.Len()
			c.Send(b.String())
			most = max(most, s.RSS(t))
		}
		c.Ask(fmt.Sprintf("set last 0 0 %d\r\n%s\r\n", sizes[1], pattern[:sizes[1]]), "STORED\r\n")
		c.Ask("get last\r\n", fmt.Sprintf("VALUE last 0 %d\r\n%s\r\nEND\r\n", sizes[1], pattern[:sizes[1]]))
		most = max(most, s.RSS(t))
	}
	t.Logf("at most %.1f MB over the empty server's %.1f MB, of a limit of %d MB", float64(most-base)/(1<<20), float64(base)/(1<<20), limit>>20)
	if most > base+limit+overhead {
		t.Errorf("%d MB resident with a limit of %d MB, and %d MB when empty", most>>20, limit>>20, base>>20)
	}
}
