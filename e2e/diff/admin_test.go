// The server's view of itself, compared: single requests, MONITOR, CLIENT PAUSE, the fields of INFO and CLIENT LIST.

package diff

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// both starts ours and the original with the same settings.
func both(t *testing.T) (ours, theirs *harness.Server) {
	flags := []string{"--slowlog-log-slower-than", "-1"}
	return harness.Redis(t, "--slowlog-log-slower-than=-1"), harness.OracleRedis(t, flags...)
}

func TestAdminReplies(t *testing.T) {
	a, b := both(t)
	for _, proto := range []string{"2", "3"} {
		for _, line := range adminLines {
			words := strings.Fields(line)
			var got [2]string
			for i, s := range []*harness.Server{a, b} {
				c := s.Dial(t)
				if proto == "3" {
					c.Do("HELLO", "3")
				}
				got[i] = c.Do(words...).Raw
				c.Close()
			}
			if got[0] != got[1] && !excepted(words, got[0], got[1]) {
				t.Errorf("%s (protocol %s)\n\tours:   %q\n\ttheirs: %q", line, proto, got[0], got[1])
			}
		}
	}
}

var monitorVaries = regexp.MustCompile(`^\+\d+\.\d{6} \[(\d+) [^\]]*\] `)

// TestMonitorTranscript gives both servers the same requests and compares what a monitor sees of them.
func TestMonitorTranscript(t *testing.T) {
	a, b := both(t)
	lines := [][]string{
		{"set", "a", "x\"y\\\n\r\t\a\b\x00\xff\x7f z'"}, {"get"}, {"nosuch"}, {"GeT", "a"}, {"auth", "secret"}, {"auth", "u", "secret"}, {"hello", "3", "auth", "u", "secret", "setname", "q"}, {"hello", "2"},
		{"select", "3"}, {"get", "q"}, {"config", "get", "x"}, {"client", "list"}, {"client", "id"}, {"client", "getname"}, {"multi"}, {"set", "b", "1"}, {"get", "b"}, {"config", "get", "zz"}, {"exec"},
		{"multi"}, {"get", "x"}, {"discard"}, {"multi"}, {"nosuch"}, {"exec"}, {"watch", "k"}, {"unwatch"}, {"lolwut"}, {"slowlog", "len"}, {"incrbyfloat", "f", "1.5"}, {"incr", "b", "c"}, {"lpush", "b", "x"},
		{"role"}, {"info", "server"}, {"dbsize"}, {"time"}, {"command", "count"}, {"latency", "latest"}, {"object", "help"}, {"memory", "usage", "b"}, {"flushall"}, {"swapdb", "0", "1"}, {"ping"}, {"echo", ""}, {"reset"}, {"quit"},
	}
	var seen [2][]string
	for i, s := range []*harness.Server{a, b} {
		m, c := s.Dial(t), s.Dial(t)
		m.Ask(harness.Command("monitor"), "+OK\r\n")
		for _, words := range lines {
			c.Do(words...)
		}
		end := s.Dial(t)
		end.Do("echo", "the end")
		for line := ""; !strings.Contains(line, "the end"); {
			line = m.Line()
			if !monitorVaries.MatchString(line) {
				t.Fatalf("not a monitor's line: %q", line)
			}
			seen[i] = append(seen[i], monitorVaries.ReplaceAllString(line, "[$1] "))
		}
		for _, words := range [][]string{{"get", "a"}, {"set", "a", "b"}, {"pfcount", "a"}, {"dbsize"}, {"reset"}, {"ping"}} {
			seen[i] = append(seen[i], monitorVaries.ReplaceAllString(m.Do(words...).Raw, "[$1] "))
		}
	}
	if len(seen[0]) < len(lines)/2 {
		t.Fatalf("only %d lines", len(seen[0]))
	}
	for i := range max(len(seen[0]), len(seen[1])) {
		if i >= len(seen[0]) || i >= len(seen[1]) || seen[0][i] != seen[1][i] {
			t.Fatalf("from line %d on\n\tours:   %q\n\ttheirs: %q", i, seen[0][min(i, len(seen[0])):], seen[1][min(i, len(seen[1])):])
		}
	}
}

// TestPauseTranscript asks which requests a pause of writes holds back.
func TestPauseTranscript(t *testing.T) {
	a, b := both(t)
	lines := []string{"ping", "get k", "set k v", "pfcount h", "pfadd h a", "flushall", "swapdb 0 1", "expire k 1", "touch k", "sort k", "getex k", "config set timeout 0", "client id", "dbsize", "copy a b", "nosuch", "set k",
		"xread streams s 0", "randomkey", "scan 0", "object encoding k", "info nosuch", "select 1", "auth x", "multi", "watch k", "bitfield k", "bitfield_ro k", "geosearch g fromlonlat 1 1 byradius 1 m", "georadius g 1 1 1 m",
		"zrange z 0 1", "spop s", "lpop l", "hello 2", "role", "exec", "del k"}
	for _, line := range lines {
		var held [2]bool
		for i, s := range []*harness.Server{a, b} {
			admin, c := s.Dial(t), s.Dial(t)
			c.Do("ping")
			admin.Do("CLIENT", "PAUSE", "100000", "WRITE")
			c.Send(harness.Command(strings.Fields(line)...))
			for end := time.Now().Add(10 * time.Second); time.Now().Before(end); { // held or answered, one of the two comes
				if info := admin.Do("INFO", "clients").Str; strings.Contains(info, "blocked_clients:1\r\n") {
					held[i] = true
					break
				}
				if got, _ := c.Drain(5 * time.Millisecond); got != "" {
					break
				}
			}
			admin.Do("CLIENT", "UNPAUSE")
			if held[i] {
				c.Reply()
			}
			c.Close()
			admin.Close()
		}
		if held[0] != held[1] {
			t.Errorf("%s: held back by ours %v, by theirs %v", line, held[0], held[1])
		}
	}
}

// TestClientReplyTranscript: which replies CLIENT REPLY keeps back.
func TestClientReplyTranscript(t *testing.T) {
	a, b := both(t)
	for _, line := range []string{
		"CLIENT REPLY SKIP;PING;ECHO a", "CLIENT REPLY OFF;PING;CLIENT REPLY ON;ECHO a", "CLIENT REPLY OFF;CLIENT REPLY SKIP;PING;CLIENT REPLY ON;ECHO a", "CLIENT REPLY SKIP;CLIENT REPLY OFF;PING;CLIENT REPLY ON;ECHO a",
		"CLIENT REPLY SKIP;CLIENT REPLY SKIP;PING;ECHO a", "CLIENT REPLY SKIP;CLIENT REPLY ON;ECHO a", "CLIENT REPLY SKIP;NOSUCH;ECHO a", "CLIENT REPLY SKIP;GET;ECHO a", "CLIENT REPLY OFF;NOSUCH;GET;CLIENT REPLY ON",
		"CLIENT REPLY SKIP;MULTI;PING;EXEC;ECHO a", "CLIENT REPLY OFF;MULTI;PING;EXEC;CLIENT REPLY ON;ECHO a", "CLIENT REPLY OFF;RESET;ECHO a", "CLIENT REPLY SKIP;RESET;ECHO a", "CLIENT REPLY SKIP;CLIENT REPLY foo;ECHO a;ECHO b",
		"MULTI;CLIENT REPLY foo;CLIENT PAUSE 0;CLIENT UNPAUSE;EXEC", "CLIENT REPLY OFF;SELECT 99;AUTH x;CLIENT REPLY ON", "CLIENT REPLY SKIP;HELLO 3;ECHO a",
	} {
		var got [2]string
		for i, s := range []*harness.Server{a, b} {
			c := s.Dial(t)
			c.Send(strings.ReplaceAll(line, ";", "\r\n") + "\r\nECHO end\r\n")
			for !strings.HasSuffix(got[i], "$3\r\nend\r\n") {
				r, err := c.TryReply(10 * time.Second)
				if err != nil {
					t.Fatalf("%s: %v after %q", line, err, got[i])
				}
				got[i] += r.Raw
			}
			c.Close()
		}
		if got[0] != got[1] {
			t.Errorf("%s\n\tours:   %q\n\ttheirs: %q", line, got[0], got[1])
		}
	}
}

// infoLeftOut are fields of the original that mean nothing here.
var infoLeftOut = map[string]string{
	"used_cpu_sys_main_thread":  "there is no main thread",
	"used_cpu_user_main_thread": "there is no main thread",
}

// infoMore are fields that came later than the version we compare with, and our own.
var infoMore = regexp.MustCompile(`^(cachesrv_version|go_version|go_heap|go_heap_system|listener\d+|loops|loops_busy|loops_handed_over|connections_moved|protocol_errors|disk_unanswered_seconds|disk_unanswered_call|` +
	`pubsub_clients|watching_clients|total_watched_keys|total_blocking_keys|total_blocking_keys_on_nokey|expired_subkeys|evicted_scripts|eventloop_cycles|eventloop_duration_sum|eventloop_duration_cmd_sum|instantaneous_eventloop_cycles_per_sec|instantaneous_eventloop_duration_usec|` +
	`client_(query|output)_buffer_limit_disconnections|acl_access_denied_(auth|cmd|key|channel))$`)

// infoNames are the names of a section's lines, those of single commands, errors and databases left out.
func infoNames(info string) (names []string) {
	for line := range strings.SplitSeq(info, "\r\n") {
		name, _, ok := strings.Cut(line, ":")
		if ok && !strings.HasPrefix(name, "cmdstat_") && !strings.HasPrefix(name, "errorstat_") && !strings.HasPrefix(name, "latency_percentiles") && !regexp.MustCompile(`^db\d`).MatchString(name) {
			names = append(names, name)
		}
	}
	return names
}

func TestInfoFields(t *testing.T) {
	a, b := bothServers(t)
	for _, section := range []string{"server", "clients", "memory", "persistence", "stats", "replication", "cpu", "modules", "commandstats", "errorstats", "latencystats", "cluster", "keyspace", "all", "everything", "default"} {
		x, y := a.Do("INFO", section).Str, b.Do("INFO", section).Str
		ours, theirs := infoNames(x), infoNames(y)
		for _, name := range theirs {
			if !slices.Contains(ours, name) && infoLeftOut[name] == "" {
				t.Errorf("%s: %s is missing", section, name)
			}
		}
		for _, name := range ours {
			if !slices.Contains(theirs, name) && !infoMore.MatchString(name) {
				t.Errorf("%s: %s is ours alone", section, name)
			}
		}
		heading := func(s string) []string { return regexp.MustCompile(`(?m)^# .*$`).FindAllString(s, -1) }
		if h, want := heading(x), heading(y); !slices.Equal(h, want) {
			t.Errorf("%s: sections %q, want %q", section, h, want)
		}
	}
}

// TestInfoFormats compares the shape of every value: digits for digits, a unit for a unit.
func TestInfoFormats(t *testing.T) {
	a, b := bothServers(t)
	for _, c := range []*harness.Conn{a, b} {
		c.Do("SET", "k", "v", "EX", "100")
		c.Do("GET")
		c.Do("CONFIG", "SET", "latency-tracking-info-percentiles", "50 99.9 100")
	}
	shape := func(s string) string {
		s = regexp.MustCompile(`\d+`).ReplaceAllString(s, "1")
		s = regexp.MustCompile(`[KMGT]B?$|1B$`).ReplaceAllString(s, "U")
		return strings.ReplaceAll(s, "-1", "1")
	}
	values := func(info string) map[string]string {
		out := map[string]string{}
		for line := range strings.SplitSeq(info, "\r\n") {
			if name, v, ok := strings.Cut(line, ":"); ok {
				out[name] = v
			}
		}
		return out
	}
	free := regexp.MustCompile(`^(redis_build_id|os|executable|config_file|gcc_version|run_id|master_replid|mem_allocator|atomicvar_api|monotonic_clock|.*_human|mem_fragmentation_bytes|allocator_rss_bytes)$`)
	x, y := values(a.Do("INFO", "everything").Str), values(b.Do("INFO", "everything").Str)
	for name, theirs := range y {
		ours, ok := x[name]
		if !ok || free.MatchString(name) {
			continue
		}
		if shape(ours) != shape(theirs) {
			t.Errorf("%s: ours %s, theirs %s", name, ours, theirs)
		}
	}
	for _, name := range []string{"cmdstat_set", "errorstat_ERR", "db0", "latency_percentiles_usec_set"} {
		if x[name] == "" || y[name] == "" {
			t.Errorf("%s: ours %q, theirs %q", name, x[name], y[name])
		}
	}
}

func TestClientListFields(t *testing.T) {
	a, b := bothServers(t)
	names := func(c *harness.Conn) (list []string) {
		for _, f := range strings.Fields(c.Do("CLIENT", "INFO").Str) {
			name, _, _ := strings.Cut(f, "=")
			list = append(list, name)
		}
		return list
	}
	ours, theirs := names(a), names(b)
	theirs = slices.Insert(theirs, slices.Index(theirs, "multi")+1, "watch")      // came with 7.4
	if want := append(theirs, "lib-name", "lib-ver"); !slices.Equal(ours, want) { // with 7.2
		t.Errorf("ours %v\ntheirs %v", ours, theirs)
	}
}
