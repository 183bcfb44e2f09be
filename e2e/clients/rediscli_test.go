// redis-cli in the modes that look at a server from outside; those that never end are stopped once they have shown what they should.

package clients

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// printed is what a running program has printed so far.
type printed struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// shows starts a program that does not end by itself, does something meanwhile, and waits until all the words have been printed.
func shows(t *testing.T, words []string, meanwhile func(), name string, args ...string) string {
	t.Helper()
	var out printed
	// Through a pipe redis-cli shows nothing before some kilobytes have come together.
	cmd := exec.Command(harness.Need(t, "stdbuf"), append([]string{"-oL", harness.Need(t, name)}, args...)...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = harness.CleanEnv(), t.TempDir(), &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if meanwhile != nil {
			meanwhile()
		}
		missing := ""
		text := out.String()
		for _, w := range words {
			if !strings.Contains(text, w) {
				missing = w
			}
		}
		if missing == "" {
			return text
		}
		if time.Now().After(end) {
			t.Errorf("%s %v: no %q in\n%s", name, args, missing, text)
			return text
		}
	}
}

func TestRedisCLIWatching(t *testing.T) {
	s := harness.Redis(t, "--maxmemory-policy=allkeys-lfu")
	p := []string{"-p", fmt.Sprint(s.Port)}
	c := s.Dial(t)
	for i := range 200 {
		c.Do("SET", fmt.Sprint("key:", i), strings.Repeat("x", i))
	}
	for range 2000 {
		c.Do("GET", "key:7")
	}
	run := func(args ...string) []string { return append(append([]string(nil), p...), args...) }

	out := shows(t, []string{"keys", "mem", "clients", "requests", "connections", "201 "}, func() { c.Do("SET", "one", "more") }, "redis-cli", run("--stat", "-i", "0.1")...)
	if strings.Contains(out, "ERR") {
		t.Errorf("--stat: %s", out)
	}
	wants(t, "", []string{`Hot key '"key:7"'`, "hot key found with counter:", "keyname: \"key:7\""}, "redis-cli", run("--hotkeys")...)
	if out := wants(t, "", nil, "redis-cli", run("--latency", "-i", "0.3", "--raw")...); len(strings.Fields(out)) != 4 {
		t.Errorf("--latency: %q", out)
	}
	shows(t, []string{" -- 0.", "seconds range"}, nil, "redis-cli", run("--latency-history", "-i", "0.2", "--raw")...)
	shows(t, []string{"\x1b[48;5;"}, nil, "redis-cli", run("--latency-dist", "-i", "0.2")...)
	shows(t, []string{"OK", `"set" "shown" "\"quoted\""`, `"ping"`}, func() {
		c.Do("set", "shown", `"quoted"`)
		c.Do("ping")
	}, "redis-cli", run("MONITOR")...)
	if out := wants(t, "", []string{"PONG"}, "redis-cli", run("-r", "3", "-i", "0.01", "PING")...); strings.Count(out, "PONG") != 3 {
		t.Errorf("-r 3: %q", out)
	}
	shows(t, []string{"PONG\nPONG\nPONG\nPONG\n"}, nil, "redis-cli", run("-r", "-1", "-i", "0.01", "PING")...)
	shows(t, []string{"Gets/sec", "Hits:"}, nil, "redis-cli", run("--lru-test", "1000")...)
	if out := wants(t, "", nil, "redis-cli", run("--scan")...); strings.Count(out, "key:") < 200 {
		t.Errorf("--scan: %d keys", strings.Count(out, "key:"))
	}
	wants(t, "", []string{"# Server", "redis_version:7.2.0", "# Commandstats", "# Latencystats", "# Keyspace"}, "redis-cli", run("INFO", "everything")...)
	wants(t, "MULTI\nSET t 1\nEXEC\nCLIENT INFO\n", []string{"QUEUED", "cmd=client|info"}, "redis-cli", p...)
	wants(t, "", []string{"LATENCY <subcommand>", "HISTOGRAM [COMMAND ...]"}, "redis-cli", run("LATENCY", "HELP")...)
	wants(t, "", []string{"ERR This server does not support replication yet"}, "redis-cli", run("REPLICAOF", "127.0.0.1", "1")...)
	s.Alive(t)
}
