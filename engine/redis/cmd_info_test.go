// Tests of INFO.

package redis

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// headings are the sections of a reply, in order.
func headings(info string) string {
	var out []string
	for line := range strings.SplitSeq(info, "\r\n") {
		if name, ok := strings.CutPrefix(line, "# "); ok {
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}

func TestInfoSections(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	const usual = "Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace"
	const all = "Server Clients Memory Persistence Stats Replication CPU Modules Commandstats Errorstats Latencystats Cluster Keyspace"
	for line, want := range map[string]string{
		"info": usual, "info default": usual, "info all": all, "info everything": all, "info nosuch": "", "info keyspace SERVER": "Server Keyspace",
		"info default commandstats": strings.Replace(usual, "Modules", "Modules Commandstats", 1),
	} {
		if got := headings(c.do(strings.Fields(line)...)); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestInfoFields(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.do("mset", "a", "1", "b", "2")
	c.do("expire", "a", "100")
	c.do("get", "a")
	c.do("get", "no")
	c.do("get")
	c.do("incr", "a", "b")
	c.do("set", "a", "x")
	c.do("incr", "a")
	c.do("set", "e", "1", "ex", "50")
	info := c.do("info", "everything")
	for _, want := range []string{
		"redis_version:7.2.0\r\n", "\r\ncachesrv_version:", "\r\nkeyspace_hits:1\r\n", "\r\nkeyspace_misses:1\r\n", "\r\ntotal_error_replies:3\r\n", "\r\nerrorstat_ERR:count=3\r\n",
		"\r\ncmdstat_get:calls=2,usec=", ",rejected_calls=1,failed_calls=0\r\n", "\r\nrdb_changes_since_last_save:5\r\n", "\r\ndb0:keys=3,expires=1,avg_ttl=50000\r\n", "\r\nlatency_percentiles_usec_get:p50=",
		"\r\nmaxmemory_policy:noeviction\r\n", "\r\nrole:master\r\n", "\r\ncluster_enabled:0\r\n",
	} {
		if !strings.Contains(info, want) {
			t.Errorf("no %q", want)
		}
	}
	seen := map[string]bool{}
	for line := range strings.SplitSeq(info, "\r\n") {
		name, _, ok := strings.Cut(line, ":")
		if ok && seen[name] {
			t.Errorf("%s twice", name)
		}
		seen[name] = true
	}
}

func TestInfoTrueNumbers(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.do("set", "k", "v", "px", "10")
	c.do("hset", "h", "f", "1", "g", "2")
	c.do("hpexpire", "h", "10", "fields", "1", "f")
	c.do("watch", "a", "b", "a")
	c.do("restore", "bad", "0", "payload")
	r.now.Add(1000)
	c.want("$-1\r\n", "get", "k")
	has := func(section, want string) {
		t.Helper()
		if got := c.do("info", section); !strings.Contains(got, "\r\n"+want+"\r\n") {
			t.Errorf("no %s in %s", want, got)
		}
	}
	has("stats", "expired_keys:1")
	for i := range 3000 {
		c.do("rpush", "big", strings.Repeat("x", 100)+strconv.Itoa(i))
	}
	c.do("del", "big")
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		pending, freed := r.store.Freeing()
		if pending == 0 && freed == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d values wait to be freed, %d are", pending, freed)
		}
	}
	has("memory", "lazyfreed_objects:1")
	has("memory", "lazyfree_pending_objects:0")
	has("stats", "dump_payload_sanitizations:1")
	has("clients", "watching_clients:1")
	has("clients", "total_watched_keys:2")
	c.do("unwatch")
	has("clients", "watching_clients:0")
	has("clients", "total_watched_keys:0")
	has("stats", "total_eviction_exceeded_time:0")
	r.store.SetMaxMemory(1000)
	c.do("set", "k", "v")
	r.now.Add(70)
	has("stats", "current_eviction_exceeded_time:70")
	has("stats", "total_eviction_exceeded_time:70")
	r.store.SetMaxMemory(1 << 30)
	c.do("set", "k", "v")
	has("stats", "current_eviction_exceeded_time:0")
}

func TestListenerLines(t *testing.T) {
	tcp := func(ip string, port int) engine.Address {
		return engine.Address{Addr: &net.TCPAddr{IP: net.ParseIP(ip), Port: port}}
	}
	secure := tcp("::1", 6379)
	secure.TLS = true
	got := listenerLines([]engine.Address{tcp("127.0.0.1", 6379), {Addr: &net.UnixAddr{Net: "unix", Name: "/tmp/s"}}, tcp("::1", 6379), tcp("0.0.0.0", 7000), secure})
	want := []string{"name=tcp,bind=127.0.0.1,bind=::1,port=6379", "name=tcp,bind=0.0.0.0,port=7000", "name=tls,bind=::1,port=6379", "name=unix,bind=/tmp/s"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestHuman(t *testing.T) {
	for n, want := range map[int64]string{0: "0B", 1023: "1023B", 1024: "1.00K", 1536: "1.50K", 1 << 20: "1.00M", 5 << 30: "5.00G", 1 << 62: "4096.00P"} {
		if got := human(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
