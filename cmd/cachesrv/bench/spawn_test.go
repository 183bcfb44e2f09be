// Tests of started servers: their command lines, a start that fails, an end that comes too early.

package bench

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestCommandLines(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		spawn   string
		extra   []string
		program string
		args    string
	}{
		{"redis", nil, self, "--engine=redis|--save=|--port|7000"},
		{"memcached --threads 2", []string{"--maxclients", "9"}, self, "--engine=memcached|--port|7000|--maxmemory=4096mb|--threads|2|--maxclients|9"},
		{"memcached --maxmemory-policy=allkeys-lru", nil, self, "--engine=memcached|--port|7000|--maxmemory=4096mb|--maxmemory-policy=allkeys-lru"},
		{"memcached --maxmemory 64mb", nil, self, "--engine=memcached|--port|7000|--maxmemory|64mb"},
		{"memcached --maxmemory=64mb", nil, self, "--engine=memcached|--port|7000|--maxmemory=64mb"},
		{"/x/redis-server --hz 20", nil, "/x/redis-server", "--port|7000|--save||--appendonly|no|--hz|20"},
		{"/x/memcached -t 1 -u me", nil, "/x/memcached", "-p|7000|-l|127.0.0.1|-U|0|-m|4096|-t|1|-u|me"},
		{"/x/memcached -m64 -u me", nil, "/x/memcached", "-p|7000|-l|127.0.0.1|-U|0|-m64|-u|me"},
		{"/x/memcached -u me", []string{"-m", "5"}, "/x/memcached", "-p|7000|-l|127.0.0.1|-U|0|-u|me|-m|5"},
		{"/x/memcached --memory-limit=64 --user=me", nil, "/x/memcached", "-p|7000|-l|127.0.0.1|-U|0|--memory-limit=64|--user=me"},
	} {
		targets, err := parseSpawn(c.spawn)
		if err != nil {
			t.Fatal(err)
		}
		program, args, err := targets[0].recipe.commandLine(7000, c.extra)
		if err != nil || program != c.program || strings.Join(args, "|") != c.args {
			t.Errorf("%s: %s %q, %v", c.spawn, program, args, err)
		}
	}
	targets, _ := parseSpawn("/x/memcached")
	_, args, _ := targets[0].recipe.commandLine(7000, nil)
	if slices.Contains(args, "-u") != (os.Geteuid() == 0) {
		t.Errorf("-u belongs to root alone: %q", args)
	}
}

// spawned gives a target for an installed server, or skips.
func spawned(t *testing.T, program, args string) *target {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed: %v", program, err)
	}
	targets, err := parseSpawn(path + " " + args)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(targets[0].stop)
	return targets[0]
}

// running asks whether there is a process of that number.
func running(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer p.Release()
	return p.Signal(syscall.Signal(0)) == nil
}

func kill(t *testing.T, pid int) {
	t.Helper()
	p, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
}

func TestStartAndStop(t *testing.T) {
	t.Parallel() // servers of its own
	for _, program := range []string{"redis-server", "memcached"} {
		t.Run(program, func(t *testing.T) {
			x := spawned(t, program, "")
			if err := x.start(context.Background()); err != nil {
				t.Fatal(err)
			}
			first := x.pid
			if err := x.restart(context.Background()); err != nil {
				t.Fatal(err)
			}
			if first == x.pid || running(first) {
				t.Errorf("the first process, %d, still runs; the second is %d", first, x.pid)
			}
			if v := version(x); v == "" {
				t.Error("no version")
			}
			pid := x.pid
			x.stop()
			x.stop()
			if running(pid) {
				t.Errorf("process %d still runs", pid)
			}
		})
	}
}

func TestStartThatFailsSaysWhy(t *testing.T) {
	x := spawned(t, "redis-server", "--no-such-setting 1")
	err := x.start(context.Background())
	if err == nil || !strings.Contains(err.Error(), "redis-server: the server did not start") {
		t.Errorf("%v", err)
	}
	x = spawned(t, "memcached", "-Z9 --nonsense")
	if err := x.start(context.Background()); err == nil || !strings.Contains(err.Error(), "memcached: the server did not start") {
		t.Errorf("%v", err)
	}
	missing := filepath.Join(t.TempDir(), "redis-server")
	targets, err := parseSpawn(missing)
	if err != nil {
		t.Fatal(err)
	}
	if err := targets[0].start(context.Background()); err == nil || !strings.Contains(err.Error(), "redis-server: cannot start") {
		t.Errorf("%v", err)
	}
}

func TestServerThatDiesIsNamed(t *testing.T) {
	x := spawned(t, "redis-server", "")
	if err := x.start(context.Background()); err != nil {
		t.Fatal(err)
	}
	g := generatorFor(t, x, 5, 1, false)
	k := keysFor(t, 1000, 16, 5, 5)
	if _, err := g.run(context.Background(), loadOf(k, 4)); err != nil {
		t.Fatal(err)
	}
	kill(t, x.pid)
	<-x.process.done
	_, err := g.run(context.Background(), loadOf(k, 4))
	if err == nil || !strings.Contains(err.Error(), "redis-server: the server is gone (signal: killed") {
		t.Errorf("%v", err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var x tail
	for range 1000 {
		x.Write([]byte("a line of output\n"))
	}
	x.Write([]byte("the last words\n\n"))
	if got := x.last(); got != "the last words" || len(x.text) > tailBytes {
		t.Errorf("%q, %d bytes", got, len(x.text))
	}
}
