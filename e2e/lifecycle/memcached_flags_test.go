// Flags of memcached whose work shows outside of the protocol.

package lifecycle

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// TestMemcachedLockedMemory: -k keeps pages in memory, but not those that are only reserved.
func TestMemcachedLockedMemory(t *testing.T) {
	p, ps := port(t)
	s := harness.Start(t, "memcached", link(t, "memcached"), p, "-k", "-L", "-p", ps, "-l", "127.0.0.1", "-u", "root")
	s.AwaitReady(t)
	s.Dial(t).Ask("set k 0 0 1\r\nv\r\n", "STORED\r\n")
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Pid()))
	if err != nil {
		t.Skip(err)
	}
	locked := regexp.MustCompile(`VmLck:\s+0 kB`).Find(status) == nil
	if warned := strings.Contains(s.Output(), "lock-memory (-k) is not in force"); locked == warned {
		t.Errorf("locked: %v, said not to be: %v\n%s", locked, warned, s.Output())
	}
	rss := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if len(rss) == 0 || len(rss[1]) > 5 {
		t.Errorf("resident: %s kB", rss[1])
	}
}

// TestMemcachedOptionsSay: whatever is accepted without an effect says in one line what it means here.
func TestMemcachedOptionsSay(t *testing.T) {
	p, ps := port(t)
	s := harness.Start(t, "memcached", link(t, "memcached"), p, "-p", ps, "-l", "127.0.0.1", "-u", "root", "-N", "4", "-t", "4",
		"-o", "hashpower=20,hashpower=21,no_hashexpand,ext_path=/nosuch:1G,no_maxconns_fast,ssl_kernel_tls,sock_cookie_id=4,hash_algorithm=xxh3")
	s.AwaitReady(t)
	out := s.Output()
	for _, name := range []string{"-o hashpower", "-o no_hashexpand", "-o ext_path", "-o no_maxconns_fast", "-o ssl_kernel_tls", "-o sock_cookie_id", "-o hash_algorithm", "napi-ids"} {
		if n := strings.Count(out, name+" is accepted and changes nothing: "); n != 1 {
			t.Errorf("%s is explained %d times\n%s", name, n, out)
		}
	}
}
