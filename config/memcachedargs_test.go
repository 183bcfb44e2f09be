// memcached's command line and the words of its refusals, recorded from 1.6.18.

package config

import (
	"errors"
	"strings"
	"testing"
)

func TestMemcachedArgs(t *testing.T) {
	cases := []struct{ args, want string }{
		{"", "port=11211;maxmemory=67108864;maxclients=1024;bind=* -::*;protected-mode=no;unixsocketperm=700"},
		{"-p 7000 -m 128 -c 5 -t 2", "port=7000;maxmemory=134217728;maxclients=5;threads=2"},
		{"-p7000 -vvU0", "port=7000;verbosity=2;udp-port=0"},
		{"-vvp 7001", "port=7001;verbosity=2"},
		{"-v -vvv", "verbosity=3"},
		{"-MCA", "maxmemory-policy=noeviction;disable-cas=yes;enable-shutdown=yes"},
		{"--port=7002 --max-item-size=2m --conn-limit 9", "port=7002;item-size-max=2097152;maxclients=9"},
		{"--max-item=512k", "item-size-max=524288"},
		{"-l 127.0.0.1 -l ::1,10.0.0.1:7003", "bind=127.0.0.1 ::1 10.0.0.1:7003"},
		{"-s /tmp/x.sock -a 750", "unixsocket=/tmp/x.sock;port=0;unixsocketperm=750"},
		{"-s /tmp/x.sock -p 7000", "port=0"},
		{"-D /", "prefix-delimiter=/;stats-detail=yes"},
		{"-o idle_timeout=30,track_sizes", "timeout=30;track-sizes=yes"},
		{"-I 512k -n 10 -f 1.1 -R 5 -b 99", "item-size-max=524288;slab-min-size=10;slab-growth-factor=1.1;requests-per-event=5;tcp-backlog=99"},
		{"-B ascii -u nobody -d -P /tmp/x.pid -r", "protocol=ascii;run-as=nobody;daemonize=yes;pidfile=/tmp/x.pid;core-dumps=yes"},
		{"-b x", "tcp-backlog=0"},
		{"-a zz", "unixsocketperm=0"},
		{"stray -p 7000 words", "port=7000"},
		{"-p 7000 -- -Q", "port=7000"},
		{"-p 7000abc", "port=7000"},
		{"-U 7000", "port=7000;udp-port=7000"},
		{"-U 7000 -p 7001", "port=7001;udp-port=7000"},
		{"-U -1 -p 0", "port=0;udp-port=-1"},
		{"-U 7000 -s /tmp/x.sock", "port=0;udp-port=0"},
		{"-p -1", "port=-1;udp-port=0"},
		{"-k -L", "lock-memory=yes;large-pages=yes"},
		{"-o modern,", "port=11211"},
	}
	for _, c := range cases {
		call, err := MemcachedArgs("memcached", strings.Fields(c.args), nil)
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
			continue
		}
		s, err := call.Plan.Load()
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
			continue
		}
		for _, pair := range strings.Split(c.want, ";") {
			name, want, _ := strings.Cut(pair, "=")
			if got := s.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", c.args, name, got, want)
			}
		}
	}
}

func TestMemcachedRefusals(t *testing.T) {
	cases := []struct {
		args   string
		status int
		text   string
	}{
		{"-Q", 1, "memcached: invalid option -- 'Q'\nIllegal argument \"?\""},
		{"--nope", 1, "memcached: unrecognized option '--nope'\nIllegal argument \"?\""},
		{"-p", 1, "memcached: option requires an argument -- 'p'\nIllegal argument \"?\""},
		{"-p 99999", 64, "ERROR: Invalid port number 99999."},
		{"-I 100", 64, "Item max size cannot be less than 1024 bytes."},
		{"-I 2g", 64, "Item max size cannot be less than 1024 bytes."},
		{"-I 2m -m 1", 64, "Cannot set item size limit higher than 1/2 of memory max."},
		{"-I 600m -m 1000", 64, "Cannot set item size limit higher than 1/2 of memory max."},
		{"-I 1023", 64, "Item max size cannot be less than 1024 bytes."},
		{"-I 1025m", 64, "Cannot set item size limit higher than 1/2 of memory max."},
		{"-I 1025m -m 4000", 64, "Cannot set item size limit higher than a gigabyte."},
		{"-I 1k", 64, "slab_chunk_max (bytes: 524288) cannot be larger than -I (item_size_max 1024)"},
		{"-I 1k -o slab_chunk_max=2048", 64, "slab_chunk_max (bytes: 2048) cannot be larger than -I (item_size_max 1024)"},
		{"-I 600k", 64, "-I (item_size_max: 614400) must be evenly divisible by slab_chunk_max (bytes: 524288)"},
		{"-o slab_chunk_max=1000", 64, "-I (item_size_max: 1048576) must be evenly divisible by slab_chunk_max (bytes: 1000)"},
		{"-f 1.0", 1, "Factor must be greater than 1"},
		{"-n abc", 1, "Chunk size must be greater than 0"},
		{"-m abc", 64, "Cannot set item size limit higher than 1/2 of memory max."},
		{"-c 0", 1, "Maximum connections must be greater than 0"},
		{"-t abc", 1, "Number of threads must be greater than 0"},
		{"-R 0", 1, "Number of requests per event must be greater than 0"},
		{"-f 0.5", 1, "Factor must be greater than 1"},
		{"-n 0", 1, "Chunk size must be greater than 0"},
		{"-B foo", 64, "Invalid value for binding protocol: foo\n -- should be one of auto, binary, or ascii"},
		{"-N x", 1, "Maximum number of NAPI IDs must be greater than 0"},
		{"-o foo", 1, "Illegal suboption \"foo\""},
		{"-o modern,foo=1", 1, "Illegal suboption \"foo=1\""},
		{"-o hashpower", 1, "Missing numeric argument for hashpower"},
		{"-o hashpower=5", 1, "Initial hashtable multiplier of 5 is too low"},
		{"-o hashpower=99", 1, "Initial hashtable multiplier of 99 is too high\nChoose a value based on \"STAT hash_power_level\" from a running instance"},
		{"-o tail_repair_time=1", 1, "Cannot set tail_repair_time to less than 10 seconds"},
		{"-o lru_crawler,slab_automove=9", 1, "slab_automove must be between 0 and 2"},
		{"-o lru_crawler_sleep=99999999", 1, "LRU crawler sleep must be between 0 and 1 second"},
		{"-o hot_max_factor=x", 1, "hot_max_factor must be > 0"},
		{"-o ssl_verify_mode=4", 1, "Invalid ssl_verify_mode. Use help to see valid options."},
		{"-o ssl_min_version=9", 1, "Invalid ssl_min_version. Use help to see valid options."},
		{"-o ssl_chain_cert", 1, "Missing ssl_chain_cert argument"},
		{"-o read_buf_mem_limit=abc", 1, "could not parse argument to read_buf_mem_limit"},
		{"-o ext_max_frag=x", 1, "could not parse argument to ext_max_frag"},
		{"-o ext_path=/x", 1, "must supply size to ext_path, ie: ext_path=/f/e:64m (M|G|T|P supported)\nfailed to parse ext_path argument"},
		{"-o ,modern", 1, "Illegal suboption \"\""},
		{"-o modern,,track_sizes", 1, "Illegal suboption \"\""},
		{"-o hash_algorithm=foo", 1, "Unknown hash_algorithm option (jenkins, murmur3, xxh3)"},
	}
	for _, c := range cases {
		_, err := MemcachedArgs("memcached", strings.Fields(c.args), nil)
		var refused *Refusal
		if !errors.As(err, &refused) || refused.Status != c.status || refused.Text != c.text {
			t.Errorf("%s: %v, want %d %q", c.args, err, c.status, c.text)
		}
	}
	for _, args := range []string{"-Z", "-Z -o ssl_chain_cert=x", "-Z -o ssl_key=x"} {
		call, err := MemcachedArgs("memcached", strings.Fields(args), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := call.Plan.Load(); err == nil || !strings.Contains(err.Error(), "enable-ssl: needs ssl-chain-cert and ssl-key") {
			t.Errorf("%s: %v: a server without the protection asked for must not start", args, err)
		}
	}
}

// TestMemcachedOddNumbers: the original starts with these.
func TestMemcachedOddNumbers(t *testing.T) {
	for _, args := range []string{"-n -1", "-R -1", "-I 512k", "-I 3m", "-I 1k -o slab_chunk_max=512", "-o slab_chunk_max=2048"} {
		call, err := MemcachedArgs("memcached", strings.Fields(args), nil)
		if err == nil {
			_, err = call.Plan.Load()
		}
		if err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestMemcachedNotes(t *testing.T) {
	call, err := MemcachedArgs("memcached", []string{"-o", "no_modern,no_modern,modern,ext_drop_unread,hot_lru_pct=20", "-t", "100"}, nil)
	if err != nil || len(call.Notes) != 3 {
		t.Errorf("%q, %v", call.Notes, err)
	}
	for arg, want := range map[string]Asked{"-h": ShowHelp, "-V": ShowVersion, "--version": ShowVersion, "-i": ShowLicense} {
		if call, err := MemcachedArgs("memcached", []string{arg, "-Q"}, nil); err != nil || call.Asked != want {
			t.Errorf("%s: %+v, %v", arg, call, err)
		}
	}
	for _, f := range memFlags {
		if flagHelp(f) == "" {
			t.Errorf("-%c has no help", f.short)
		}
	}
}

// Whatever the words, reading them ends in settings or in words.
func FuzzMemcachedArgs(f *testing.F) {
	f.Add("-p 7000 -vvv -l ::1")
	f.Add("--port= -I 2m -o modern,hashpower=12")
	f.Add("-oo -D -a 9 --")
	f.Fuzz(func(t *testing.T, line string) {
		call, err := MemcachedArgs("memcached", strings.Fields(line), nil)
		if err == nil && call.Asked == Start {
			_, err = call.Plan.Load()
		}
		if err != nil && err.Error() == "" {
			t.Fatal("an error without words")
		}
	})
}

// TestEmptySuboptions: a script may give a variable that holds nothing.
func TestEmptySuboptions(t *testing.T) {
	call, err := MemcachedArgs("memcached", []string{"-o", "", "-p", "7000"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := call.Plan.Load(); err != nil || s.Get("port") != "7000" {
		t.Errorf("%v", err)
	}
}
