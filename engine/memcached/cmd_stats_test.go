// Tests of cmd_stats.go and stats_report.go.

package memcached

import (
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

// stats runs a report and gives its figures by name.
func (c *client) stats(report string) map[string]string {
	got := c.send(strings.TrimSpace("stats "+report) + "\r\n")
	figures := map[string]string{}
	for _, line := range strings.Split(strings.TrimSuffix(got, "END\r\n"), "\r\n") {
		if line == "" {
			continue
		}
		name, value, found := strings.Cut(strings.TrimPrefix(line, "STAT "), " ")
		if _, twice := figures[name]; !strings.HasPrefix(line, "STAT ") || !found || twice {
			c.r.t.Errorf("bad or repeated line %q", line)
		}
		figures[name] = value
	}
	return figures
}

// TestCounters pins what memcached 1.6.18 counts for each command.
func TestCounters(t *testing.T) {
	const one = "set a 0 0 1\r\n5\r\n"
	for in, want := range map[string]string{
		one:                                      "cmd_set=1 total_items=1",
		"get a b\r\n":                            "cmd_get=2 get_misses=2",
		one + "get a b\r\n":                      "cmd_get=2 cmd_set=1 get_hits=1 get_misses=1 total_items=1",
		one + "gat 0 a b\r\n":                    "cmd_set=1 cmd_touch=2 total_items=1 touch_hits=1 touch_misses=1",
		one + "touch a 0\r\n":                    "cmd_set=1 cmd_touch=1 total_items=1 touch_hits=1",
		"touch a 0\r\n":                          "cmd_touch=1 touch_misses=1",
		one + "incr a 1\r\n":                     "cmd_set=1 incr_hits=1 total_items=1",
		"incr a 1\r\ndecr b 1":                   "incr_misses=1",
		"decr a 1\r\n":                           "decr_misses=1",
		one + "decr a 1\r\n":                     "cmd_set=1 decr_hits=1 total_items=1",
		one + "delete a\r\n":                     "cmd_set=1 delete_hits=1 total_items=1",
		"delete a\r\n":                           "delete_misses=1",
		"cas a 0 0 1 1\r\nx\r\n":                 "cas_misses=1 cmd_set=1",
		one + "cas a 0 0 1 1\r\nx\r\n":           "cas_badval=1 cmd_set=2 total_items=1",
		one + "gets a\r\ncas a 0 0 1 1\r\nx\r\n": "cas_hits=1 cmd_get=1 cmd_set=2 get_hits=1 total_items=2",
		one + "add a 0 0 1\r\nx\r\n":             "cmd_set=2 total_items=1",
		one + "append a 0 0 1\r\nx\r\n":          "cmd_set=2 total_items=2",
		"set a 0 0 9999999\r\n":                  "store_too_large=1",
		"flush_all\r\n":                          "cmd_flush=1",
	} {
		c := newRig(t).client()
		c.send(in)
		c.rest, c.s.state = nil, atLine
		figures, got := c.stats(""), []string{}
		for _, name := range append([]string{}, counterNames[:]...) {
			if v := figures[name]; v != "" && v != "0" {
				got = append(got, name+"="+v)
			}
		}
		if !sameWords(strings.Join(got, " "), want) {
			t.Errorf("%q: got %v, want %s", in, got, want)
		}
	}
}

func sameWords(a, b string) bool {
	count := map[string]int{}
	for _, w := range strings.Fields(a) {
		count[w]++
	}
	for _, w := range strings.Fields(b) {
		count[w]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// TestGeneralFigures checks that the names which monitoring reads are there, with numbers.
func TestGeneralFigures(t *testing.T) {
	r := newRig(t)
	c := r.client()
	c.send("set a 0 0 1\r\nx\r\nset b 0 0 1\r\nx\r\n")
	figures := c.stats("")
	for _, name := range strings.Fields(`pid uptime time pointer_size rusage_user rusage_system max_connections curr_connections total_connections
		rejected_connections cmd_get cmd_set cmd_flush cmd_touch get_hits get_misses get_expired get_flushed bytes_read bytes_written
		limit_maxbytes accepting_conns listen_disabled_num threads conn_yields hash_power_level hash_bytes hash_is_expanding malloc_fails
		bytes curr_items total_items expired_unfetched evicted_unfetched evictions reclaimed crawler_reclaimed lru_crawler_running`) {
		if _, err := strconv.ParseFloat(figures[name], 64); err != nil {
			t.Errorf("%s: %q", name, figures[name])
		}
	}
	if figures["curr_items"] != "2" || figures["version"] != Version || figures["pointer_size"] != "64" {
		t.Errorf("curr_items %s, version %s, pointer_size %s", figures["curr_items"], figures["version"], figures["pointer_size"])
	}
	if n, _ := strconv.Atoi(figures["bytes"]); n < 2 {
		t.Errorf("bytes %s", figures["bytes"])
	}
}

func TestStatsReset(t *testing.T) {
	c := newRig(t).client()
	c.send("set a 0 0 1\r\nx\r\nget a\r\nstats detail on\r\nget a:b\r\n")
	if got := c.send("stats reset\r\nstats detail dump\r\n"); got != "RESET\r\nEND\r\n" {
		t.Errorf("got %q", got)
	}
	if figures := c.stats(""); figures["cmd_get"] != "0" || figures["total_items"] != "0" || figures["curr_items"] != "1" {
		t.Errorf("cmd_get %s, total_items %s, curr_items %s", figures["cmd_get"], figures["total_items"], figures["curr_items"])
	}
}

func TestStatsSettings(t *testing.T) {
	c := newRig(t, "CACHESRV_ITEM_SIZE_MAX=2mb", "CACHESRV_DISABLE_CAS=yes", "CACHESRV_PORT=12345").client()
	c.send("lru_crawler disable\r\nverbosity 1\r\n")
	figures := c.stats("settings")
	for name, want := range map[string]string{
		"item_size_max": "2097152", "cas_enabled": "no", "tcpport": "12345", "lru_crawler": "no", "slab_automove": "1",
		"verbosity": "1", "domain_socket": "NULL", "growth_factor": "1.25", "chunk_size": "48", "umask": "700", "udpport": "0",
	} {
		if figures[name] != want {
			t.Errorf("%s is %q, want %q", name, figures[name], want)
		}
	}
}

// TestClassReports compares stats slabs, items and sizes with what was stored.
func TestClassReports(t *testing.T) {
	r := newRig(t, "CACHESRV_TRACK_SIZES=yes")
	c := r.client()
	for i := range 1000 {
		size := 1 + i%2*500
		c.send("set key" + strconv.Itoa(i) + " 0 1000 " + strconv.Itoa(size) + "\r\n" + strings.Repeat("x", size) + "\r\n")
	}
	sum := func(report, suffix string) (n int) {
		for name, value := range c.stats(report) {
			if strings.HasSuffix(name, suffix) {
				v, err := strconv.Atoi(value)
				if err != nil {
					t.Errorf("%s %q", name, value)
				}
				n += v
			}
		}
		return n
	}
	if n := sum("sizes", ""); n != 1000 {
		t.Errorf("stats sizes counts %d items", n)
	}
	if n := len(c.stats("sizes")); n != 2 {
		t.Errorf("stats sizes has %d lines", n)
	}
	movable, fixed := 0, 0
	for _, class := range r.store.Classes() {
		if class.Kind == arena.Fixed {
			fixed += int(class.Used)
		} else {
			movable += int(class.Used)
		}
	}
	if n := sum("items", ":number"); n != 1000 || n >= movable || fixed == 0 {
		t.Errorf("stats items counts %d; the store has %d blocks with its tables', and %d of its wheels", n, movable, fixed)
	}
	if total, used, free := sum("slabs", ":total_chunks"), sum("slabs", ":used_chunks"), sum("slabs", ":free_chunks"); used != movable || used+free != total {
		t.Errorf("stats slabs: %d used, %d free, %d in all", used, free, total)
	}
	if got := c.send("stats sizes_disable\r\nstats sizes\r\nstats sizes_enable\r\n"); got != "STAT sizes_status disabled\r\nSTAT sizes_status disabled\r\nEND\r\nSTAT sizes_status enabled\r\n" {
		t.Errorf("got %q", got)
	}
}

// TestInterfaces: what is listened on is written as -l takes it.
func TestInterfaces(t *testing.T) {
	for want, settings := range map[string][]string{"NULL": nil, "127.0.0.1,::1": {"CACHESRV_BIND=127.0.0.1 ::1"}} {
		if got := newRig(t, settings...).client().stats("settings")["inter"]; got != want {
			t.Errorf("%v: inter is %q, want %q", settings, got, want)
		}
	}
}

func TestSizesNeedVersions(t *testing.T) {
	c := newRig(t, "CACHESRV_DISABLE_CAS=yes").client()
	const want = "STAT sizes_status error\r\nSTAT sizes_error cas_support_disabled\r\nSTAT sizes_status disabled\r\nEND\r\n"
	if got := c.send("stats sizes_enable\r\nstats sizes\r\n"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
