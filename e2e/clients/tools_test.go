// The originals' own tools: redis-cli, redis-benchmark, memccapable and the rest of libmemcached-tools; and scripts in Python and JavaScript.

package clients

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// tool runs a program to its end and gives what it printed.
func tool(t *testing.T, stdin, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(harness.Need(t, name), args...)
	cmd.Env = harness.CleanEnv()
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Dir = t.TempDir()
	timer := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.CombinedOutput()
	if len(out) > 8000 {
		out = append(out[:4000], out[len(out)-4000:]...)
	}
	return string(out), err
}

// wants runs a program and fails unless it ends well and prints each of the texts.
func wants(t *testing.T, stdin string, words []string, name string, args ...string) string {
	t.Helper()
	out, err := tool(t, stdin, name, args...)
	if err != nil {
		t.Errorf("%s %v: %v\n%s", name, args, err, out)
	}
	for _, w := range words {
		if !strings.Contains(out, w) {
			t.Errorf("%s %v: no %q in\n%s", name, args, w, out)
		}
	}
	return out
}

func TestRedisCLI(t *testing.T) {
	s := harness.Redis(t)
	p := []string{"-p", fmt.Sprint(s.Port)}
	cli := func(stdin string, words []string, args ...string) string {
		t.Helper()
		return wants(t, stdin, words, "redis-cli", append(p, args...)...)
	}
	cli("", []string{"OK"}, "SET", "k", "v")
	cli("", []string{"v"}, "GET", "k")
	cli("", []string{"PONG"}, "-3", "PING")
	cli("", []string{`"v"`, "(nil)"}, "--no-raw", "-3", "MGET", "k", "nosuch")
	cli("SET a 1\nINCR a\nGET a\n", []string{"OK", "2"})
	cli("", []string{"redis_version:7.2.0", "cachesrv_version:"}, "INFO", "server")
	var pipe strings.Builder
	for i := range 20_000 {
		pipe.WriteString(harness.Command("SET", fmt.Sprint("pipe:", i), strings.Repeat("x", i%100)))
	}
	cli(pipe.String(), []string{"errors: 0, replies: 20000"}, "--pipe")
	if out := cli("", nil, "--scan", "--pattern", "pipe:199*"); strings.Count(out, "\n") != 111 {
		t.Errorf("--scan lists %d keys, want 111", strings.Count(out, "\n"))
	}
	cli("", []string{"Biggest string found", "20002 strings"}, "--bigkeys")
	cli("", []string{"OK"}, "-n", "5", "SET", "k", "in five")
	cli("", []string{"in five"}, "-u", fmt.Sprintf("redis://127.0.0.1:%d/5", s.Port), "GET", "k")
	cli("", []string{"ERR wrong number of arguments"}, "GET")
	cli("-", []string{"OK"}, "-x", "SET", "stdin")
}

// TestRedisCLISurveys lets redis-cli look at all keys with a small and a large value of every type.
func TestRedisCLISurveys(t *testing.T) {
	s := harness.Redis(t)
	p := []string{"-p", fmt.Sprint(s.Port)}
	var fill strings.Builder
	for size, many := range map[string]int{"small": 3, "large": 3000} {
		fill.WriteString(harness.Command("SET", size+":string", strings.Repeat("x", many)))
		for i := range many {
			n := fmt.Sprint(i)
			fill.WriteString(harness.Command("RPUSH", size+":list", "element "+n))
			fill.WriteString(harness.Command("SADD", size+":set", "member "+n))
			fill.WriteString(harness.Command("SADD", size+":ints", n))
			fill.WriteString(harness.Command("ZADD", size+":zset", n, "member "+n))
			fill.WriteString(harness.Command("HSET", size+":hash", "field "+n, "value"))
			fill.WriteString(harness.Command("XADD", size+":stream", "1-"+fmt.Sprint(i+1), "field", n))
			fill.WriteString(harness.Command("GEOADD", size+":geo", fmt.Sprint(float64(i)/100), "1", "place "+n))
		}
	}
	wants(t, fill.String(), []string{"errors: 0, replies: 21023"}, "redis-cli", append(p, "--pipe")...)
	wants(t, "", []string{"Sampled 16 keys", `"large:list"' has 3000 items`, `' has 3000 fields`, `"large:stream"' has 3000 entries`, "4 sets with 6006 members",
		"4 zsets with 6006 members", "2 strings with 3003 bytes"}, "redis-cli", append(p, "--bigkeys")...)
	for _, samples := range [][]string{{"--memkeys"}, {"--memkeys-samples", "0"}} {
		wants(t, "", []string{"Sampled 16 keys", `Biggest   list found '"large:list"'`, `Biggest   hash found '"large:hash"'`, `Biggest stream found '"large:stream"'`,
			`Biggest string found '"large:string"'`, "4 sets with", "4 zsets with"}, "redis-cli", append(p, samples...)...)
	}
	s.Alive(t)
}

func TestRedisBenchmark(t *testing.T) {
	s := harness.Redis(t)
	for _, args := range [][]string{
		{"-t", "ping_inline,ping_mbulk,get,set,incr,mset", "-n", "20000", "-q"},
		{"-t", "get,set", "-n", "50000", "-P", "16", "-q", "-3"},
		{"-t", "lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange_100,lrange_600", "-n", "20000", "-r", "5000", "-P", "8", "-q"},
		{"-t", "set", "-n", "20000", "-r", "100000", "-d", "2000", "-c", "200", "-q", "--threads", "2"},
	} {
		out := wants(t, "", []string{"requests per second"}, "redis-benchmark", append([]string{"-p", fmt.Sprint(s.Port)}, args...)...)
		if strings.Contains(out, "ERR") || strings.Contains(out, "Error from server") {
			t.Errorf("redis-benchmark %v: %s", args, out)
		}
	}
	s.Alive(t)
}

func TestMemccapable(t *testing.T) {
	s := harness.Memcached(t)
	out, err := tool(t, "", "memccapable", "-a", "-h", "127.0.0.1", "-p", fmt.Sprint(s.Port))
	if err != nil || !strings.Contains(out, "All tests passed") {
		t.Errorf("memccapable -a: %v\n%s", err, out)
	}
	for line := range strings.Lines(out) {
		if strings.Contains(line, "[FAIL]") || strings.Contains(line, "[fail]") {
			t.Errorf("memccapable: %s", line)
		}
	}
	if n := strings.Count(out, "[pass]"); n < 15 {
		t.Errorf("only %d tests passed\n%s", n, out)
	}
}

func TestLibmemcachedTools(t *testing.T) {
	s := harness.Memcached(t)
	at := "--servers=" + s.Addr
	wants(t, "", nil, "memcping", at)
	dir := t.TempDir()
	file := filepath.Join(dir, "one.txt")
	if err := os.WriteFile(file, []byte("the content\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	wants(t, "", nil, "memccp", at, "--set", "--flag=7", file)
	wants(t, "", []string{"the content"}, "memccat", at, "one.txt")
	wants(t, "", nil, "memcexist", at, "one.txt")
	wants(t, "", nil, "memctouch", at, "--expire=1000", "one.txt")
	wants(t, "", []string{"curr_items: 1", "total_items: 1", "touch_hits: 1"}, "memcstat", at)
	wants(t, "", []string{"items:"}, "memcstat", at, "--args=items")
	wants(t, "", []string{"1.6.18"}, "memcstat", at, "--server-version")
	wants(t, "", []string{"one.txt"}, "memcdump", at)
	wants(t, "", nil, "memcrm", at, "one.txt")
	if out, err := tool(t, "", "memcexist", at, "one.txt"); err == nil {
		t.Errorf("memcexist finds what memcrm removed: %s", out)
	}
	wants(t, "", nil, "memcslap", at, "--concurrency=4", "--execute-number=1000", "--test=set", "--flush")
	wants(t, "", nil, "memcslap", at, "--concurrency=4", "--execute-number=1000", "--test=get")
	wants(t, "", nil, "memcflush", at)
	s.Alive(t)
}

// TestMemcaslap loads the server over all three transports; it counts answers of UDP that are lost, out of order or late.
func TestMemcaslap(t *testing.T) {
	port := harness.FreePort(t)
	s := harness.Start(t, "memcached", harness.Bin(t), port, "--engine=memcached", fmt.Sprintf("--port=%d", port), fmt.Sprintf("--udp-port=%d", port))
	s.AwaitReady(t)
	for _, more := range [][]string{nil, {"--binary"}, {"--udp"}} {
		args := append([]string{fmt.Sprintf("--servers=127.0.0.1:%d", port), "--execute_number=5000", "--concurrency=8", "--threads=1"}, more...)
		out := wants(t, "", []string{"get_misses: 0"}, "memcaslap", args...)
		if more != nil && more[0] == "--udp" && !(strings.Contains(out, "packet_drop: 0") && strings.Contains(out, "packet_disorder: 0")) {
			t.Errorf("%v: %s", more, out)
		}
	}
	s.Dial(t).Ask("version\r\n", "VERSION 1.6.18\r\n")
}

// TestGuideOfMemcached runs the guide's example as it stands, but for the port.
func TestGuideOfMemcached(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(harness.Root(), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "### As Memcached")
	_, rest, found2 := strings.Cut(rest, "```python\n")
	example, _, found3 := strings.Cut(rest, "```")
	if !found || !found2 || !found3 {
		t.Fatal("the guide has no example in Python")
	}
	s := harness.Memcached(t)
	path := filepath.Join(t.TempDir(), "guide.py")
	example = strings.ReplaceAll(example, "11300", fmt.Sprint(s.Port)) + "\nassert c.get('page:home') == b'<html></html>'\nprint('all good')\n"
	if err := os.WriteFile(path, []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	script(t, harness.Python(t, "pymemcache"), path, s)
}

// script runs a file of this folder's neighbours with a server's port; it prints "all good" when it is content.
func script(t *testing.T, interpreter, path string, s *harness.Server) {
	t.Helper()
	cmd := exec.Command(interpreter, filepath.Base(path), fmt.Sprint(s.Port))
	cmd.Env = harness.CleanEnv()
	cmd.Dir = filepath.Dir(path)
	timer := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "all good") {
		t.Errorf("%s: %v\n%s", path, err, out)
	}
}

func TestPythonRedis(t *testing.T) {
	script(t, harness.Python(t, "redis"), filepath.Join(harness.Root(), "e2e/python/redis_client.py"), harness.Redis(t))
}

func TestPythonRedisTypes(t *testing.T) {
	script(t, harness.Python(t, "redis"), filepath.Join(harness.Root(), "e2e/python/redis_types.py"), harness.Redis(t))
}

func TestPythonRQ(t *testing.T) {
	script(t, harness.Python(t, "rq"), filepath.Join(harness.Root(), "e2e/python/job_queue.py"), harness.Redis(t))
}

func TestPythonPymemcache(t *testing.T) {
	script(t, harness.Python(t, "pymemcache"), filepath.Join(harness.Root(), "e2e/python/memcached_client.py"), harness.Memcached(t))
}

// nodeModule skips the test unless npm has put a module into the folder of the scripts.
func nodeModule(t *testing.T, module string) string {
	t.Helper()
	node := harness.Need(t, "node")
	if _, err := os.Stat(filepath.Join(harness.Root(), "e2e/node/node_modules", module)); err != nil {
		harness.Missing(t, "npm "+module)
	}
	return node
}

func TestNodeRedis(t *testing.T) {
	script(t, nodeModule(t, "redis"), filepath.Join(harness.Root(), "e2e/node/redis_client.js"), harness.Redis(t))
}

func TestNodeTypes(t *testing.T) {
	script(t, nodeModule(t, "ioredis"), filepath.Join(harness.Root(), "e2e/node/ioredis_types.js"), harness.Redis(t))
}

func TestNodeSessionStore(t *testing.T) {
	script(t, nodeModule(t, "connect-redis"), filepath.Join(harness.Root(), "e2e/node/session_store.js"), harness.Redis(t))
}

func TestNodeServer(t *testing.T) {
	script(t, nodeModule(t, "redlock"), filepath.Join(harness.Root(), "e2e/node/ioredis_server.js"), harness.Redis(t))
}

func TestNodeBullMQ(t *testing.T) {
	script(t, nodeModule(t, "bullmq"), filepath.Join(harness.Root(), "e2e/node/jobs_bullmq.js"), harness.Redis(t))
}

func TestNodeBeeQueue(t *testing.T) {
	script(t, nodeModule(t, "bee-queue"), filepath.Join(harness.Root(), "e2e/node/jobs_bee.js"), harness.Redis(t))
}

// The first two speak the text protocol, memjs the binary one.
func TestNodeMemcachePlus(t *testing.T) {
	script(t, nodeModule(t, "memcache-plus"), filepath.Join(harness.Root(), "e2e/node/memcacheplus_client.js"), harness.Memcached(t))
}

func TestNodeMemJS(t *testing.T) {
	script(t, nodeModule(t, "memjs"), filepath.Join(harness.Root(), "e2e/node/memjs_client.js"), harness.Memcached(t))
}

// TestRubyDalli is about Debian's version, which speaks the binary protocol.
func TestRubyDalli(t *testing.T) {
	ruby := harness.Need(t, "ruby")
	if err := exec.Command(ruby, "-e", `require "dalli"`).Run(); err != nil {
		harness.Missing(t, "ruby-dalli")
	}
	script(t, ruby, filepath.Join(harness.Root(), "e2e/ruby/dalli_client.rb"), harness.Memcached(t))
}

func TestNodeMemcached(t *testing.T) {
	script(t, nodeModule(t, "memcached"), filepath.Join(harness.Root(), "e2e/node/memcached_client.js"), harness.Memcached(t))
}
