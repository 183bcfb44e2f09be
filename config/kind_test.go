// Values of every kind: what is taken, what it becomes, and the words of refusals.

package config

import "testing"

func TestKinds(t *testing.T) {
	cases := []struct {
		setting, text string
		want          string // canonical
		number        int64
		refusal       string
	}{
		{"port", "7000", "7000", 7000, ""},
		{"port", "65536", "", 0, "argument must be between 0 and 65535 inclusive"},
		{"port", "+7", "", 0, "argument couldn't be parsed into an integer"},
		{"port", "07", "", 0, "argument couldn't be parsed into an integer"},
		{"port", " 7", "", 0, "argument couldn't be parsed into an integer"},
		{"port", "", "", 0, "argument couldn't be parsed into an integer"},
		{"timeout", "1kb", "", 0, "argument couldn't be parsed into an integer"},
		{"slowlog-log-slower-than", "-1", "-1", -1, ""},
		{"slowlog-log-slower-than", "-5", "", 0, "argument must be between -1 and 9223372036854775807 inclusive"},
		{"maxmemory", "1k", "1000", 1000, ""},
		{"maxmemory", "1Kb", "1024", 1024, ""},
		{"maxmemory", "2GB", "2147483648", 2 << 30, ""},
		{"maxmemory", "", "0", 0, ""},
		{"maxmemory", "1B", "1", 1, ""},
		{"maxmemory", "-1", "", 0, "argument must be a memory value"},
		{"maxmemory", "1gg", "", 0, "argument must be a memory value"},
		{"maxmemory", "kb", "", 0, "argument must be a memory value"},
		{"maxmemory", "0x10", "", 0, "argument must be a memory value"},
		{"maxmemory", "9999999999999gb", "", 0, "argument must be a memory value"},
		{"proto-max-bulk-len", "1", "", 0, "argument must be between 1048576 and 9223372036854775807 inclusive"},
		{"maxmemory-clients", "5%", "5%", -5, ""},
		{"maxmemory-clients", "101%", "", 0, "percentage argument must be less or equal to 100"},
		{"protected-mode", "YES", "yes", 1, ""},
		{"protected-mode", "true", "", 0, "argument must be 'yes' or 'no'"},
		{"unixsocketperm", "0700", "700", 0o700, ""},
		{"unixsocketperm", "999", "", 0, "argument couldn't be parsed as an octal number"},
		{"maxmemory-policy", "ALLKEYS-LRU", "allkeys-lru", 4, ""},
		{"maxmemory-policy", "foo", "", 0, "argument(s) must be one of the following: volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction"},
		{"loglevel", "info", "notice", 2, ""},
		{"loglevel", "loud", "", 0, "argument(s) must be one of the following: debug, verbose, notice, warning"},
		{"save", "900 1 300 10", "900 1 300 10", 2, ""},
		{"save", "900", "", 0, "Invalid save parameters"},
		{"save", "0 1", "", 0, "Invalid save parameters"},
		{"client-output-buffer-limit", "normal 1kb 2 3", "normal 1024 2 3 slave 0 0 0 pubsub 0 0 0", 0, ""},
		{"client-output-buffer-limit", "normal 1 2", "", 0, "Wrong number of arguments in buffer limit configuration."},
		{"client-output-buffer-limit", "foo 1 2 3", "", 0, "Invalid client class specified in buffer limit configuration."},
		{"client-output-buffer-limit", "normal -1 2 3", "", 0, "Error in hard, soft or soft_seconds setting in buffer limit configuration."},
		{"notify-keyspace-events", "KEA", "AKE", 1<<13 - 1 - 1<<10, ""},
		{"notify-keyspace-events", "Kq", "", 0, "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."},
		{"latency-tracking-info-percentiles", "50 101", "", 0, "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"},
		{"oom-score-adj-values", "1 2", "", 0, "wrong number of arguments"},
		{"shutdown-on-sigint", "now save force", "save now force", 0b1101, ""},
		{"shutdown-on-sigint", "save nosave", "", 0, "shutdown options SAVE and NOSAVE can't be used simultaneously"},
		{"hz", "1000", "500", 500, ""},
		{"requirepass", "a\x00b", "", 0, "argument must not contain a NUL byte"},
		{"dbfilename", "a/b", "", 0, "dbfilename can't be a path, just a filename"},
		{"cluster-announce-hostname", "a b", "", 0, "Hostnames may only contain alphanumeric characters, hyphens or dots"},
		{"slab-growth-factor", "1", "", 0, "argument must be greater than 1"},
		{"prefix-delimiter", "ab", "", 0, "argument must be one character"},
	}
	for _, c := range cases {
		got, number, err := Find(c.setting).Kind.parse(c.text)
		switch {
		case c.refusal != "" && (err == nil || err.Error() != c.refusal):
			t.Errorf("%s %q: error %v, want %q", c.setting, c.text, err, c.refusal)
		case c.refusal == "" && (err != nil || got != c.want || number != c.number):
			t.Errorf("%s %q: %q, %d, %v; want %q, %d", c.setting, c.text, got, number, err, c.want, c.number)
		}
	}
}

// What a kind made of a text, it must take again and leave alone: CONFIG REWRITE and reloads rely on it.
func FuzzKindsAreStable(f *testing.F) {
	for _, text := range []string{"", "0", "1kb", "yes", "700", "a b", "KEA", "1 2 3 4", "normal 1 2 3", "50 99.9", "save now", "5%"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range Rows() {
			once, n, err := r.Kind.parse(text)
			if err != nil {
				continue
			}
			twice, again, err := r.Kind.parse(once)
			if err != nil || twice != once || again != n {
				t.Fatalf("%s: %q became %q (%d), and that %q (%d), %v", r.Name, text, once, n, twice, again, err)
			}
		}
	})
}
