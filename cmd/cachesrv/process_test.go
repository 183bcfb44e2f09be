// The program as a process: this test binary runs itself as cachesrv, redis-server and memcached.

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// asProgram makes the test binary the program. Its name is none of the settings'.
const asProgram = "_CACHESRV_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is the command that runs it under a name. Its log goes to one reader, standard error included.
func program(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = name
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// running starts it and reads its log until it takes connections; the reader gives the rest.
func running(t *testing.T, cmd *exec.Cmd) *bufio.Reader {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	t.Cleanup(func() { _ = cmd.Process.Kill(); read.Close() })
	log := bufio.NewReader(read)
	until(t, log, "Ready to accept connections")
	return log
}

// until gives the log up to the first line with word in it.
func until(t *testing.T, log *bufio.Reader, word string) string {
	t.Helper()
	var all strings.Builder
	for {
		line, err := log.ReadString('\n')
		all.WriteString(line)
		if strings.Contains(line, word) {
			return all.String()
		}
		if err != nil {
			t.Fatalf("the log ended without %q:\n%s", word, all.String())
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

func signalTo(t *testing.T, p *os.Process, s syscall.Signal) {
	t.Helper()
	if err := p.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// Container tests wait for redis's line with the sign of its level; nobody else is shown it.
func TestReadyWords(t *testing.T) {
	for _, s := range []struct {
		style style
		want  string
	}{
		{redisStyle{}, "* Ready to accept connections tcp"},
		{plainStyle{}, "Ready to accept connections tcp"},
		{memcachedStyle{}, "Ready to accept connections tcp"},
	} {
		if got := s.style.ready("tcp"); got != s.want {
			t.Errorf("%T: %q", s.style, got)
		}
	}
}

func TestTermStops(t *testing.T) {
	for name, args := range map[string][]string{
		"cachesrv":     {"--engine=memcached", "--port=" + freePort(t)},
		"redis-server": {"--port", freePort(t), "--bind", "127.0.0.1"},
		"memcached":    {"-p", freePort(t), "-l", "127.0.0.1", "-u", "root"},
	} {
		cmd := program(t, name, args...)
		log := running(t, cmd)
		signalTo(t, cmd.Process, syscall.SIGTERM)
		rest, _ := io.ReadAll(log)
		if err := cmd.Wait(); err != nil || !strings.Contains(string(rest), "bye") {
			t.Errorf("%s: %v\n%s", name, err, rest)
		}
	}
}

// TestSigintWhileStoppingEndsAtOnce: a second SIGTERM does not. timeout(1) sends two, and a stop may be saving.
func TestSigintWhileStoppingEndsAtOnce(t *testing.T) {
	port := freePort(t)
	cmd := program(t, "cachesrv", "--port="+port, "--shutdown-timeout=600")
	log := running(t, cmd)
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// More replies than the system's buffers take, and nobody reads them: the server waits for the client.
	if _, err := fmt.Fprintf(c, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n%s\r\n%s", 8<<20, make([]byte, 8<<20), strings.Repeat("GET k\r\n", 8)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	signalTo(t, cmd.Process, syscall.SIGTERM)
	until(t, log, "stopping: ")
	signalTo(t, cmd.Process, syscall.SIGTERM)
	until(t, log, "SIGTERM again")
	signalTo(t, cmd.Process, syscall.SIGINT)
	until(t, log, "ending at once")
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("%v", err)
	}
}

func TestPortInUseIsOneLine(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	dir := t.TempDir()
	file := filepath.Join(dir, "c.yaml")
	if err := os.WriteFile(file, []byte("# c\nport: "+port+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		cmd    *exec.Cmd
		status int
		want   string
	}{
		{program(t, "cachesrv", "--config="+file), 1, "cachesrv: " + file + ":2: port: cannot listen on tcp 127.0.0.1:" + port},
		{program(t, "redis-server", "--port", port, "--bind", "127.0.0.1"), 1, "Failed listening on port " + port + " (TCP), aborting."},
		{program(t, "memcached", "-u", "root", "-p", port, "-l", "127.0.0.1"), 71, "failed to listen on one of interface(s) 127.0.0.1: Address already in use"},
		{program(t, "memcached", "-d", "-u", "root", "-p", port, "-l", "127.0.0.1"), 71, "failed to listen on one of interface(s) 127.0.0.1: Address already in use"},
	}
	for _, c := range cases {
		var words bytes.Buffer
		c.cmd.Stderr = &words
		err := c.cmd.Run()
		if c.cmd.ProcessState == nil || c.cmd.ProcessState.ExitCode() != c.status || !strings.Contains(words.String(), c.want) {
			t.Errorf("%v: %v, %s", c.cmd.Args, err, words.String())
		}
	}
}

func TestHangupReloads(t *testing.T) {
	cmd := program(t, "redis-server", "r.conf")
	file := filepath.Join(cmd.Dir, "r.conf")
	put := func(text string) {
		if err := os.WriteFile(file, []byte("bind 127.0.0.1\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	port := freePort(t)
	put("port " + port + "\ntimeout 0\n")
	log := running(t, cmd)
	put("port 1\ntimeout 33\nrequirepass sesame\n")
	signalTo(t, cmd.Process, syscall.SIGHUP)
	got := until(t, log, "configuration reloaded")
	for _, want := range []string{"setting=timeout value=33", "setting=requirepass", "only a restart applies it: settings=port"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	put("foo bar\n")
	signalTo(t, cmd.Process, syscall.SIGHUP)
	got += until(t, log, "not reloaded")
	if !strings.Contains(got, "r.conf:2") || strings.Contains(got, "sesame") {
		t.Errorf("the log:\n%s", got)
	}
}

func TestBackground(t *testing.T) {
	port := freePort(t)
	cmd := program(t, "redis-server", "-")
	pidfile, logfile := filepath.Join(cmd.Dir, "r.pid"), filepath.Join(cmd.Dir, "r.log")
	cmd.Stdin = strings.NewReader(fmt.Sprintf("port %s\nbind 127.0.0.1\ndaemonize yes\npidfile %s\nlogfile %s\n", port, pidfile, logfile))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(pidfile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid == cmd.Process.Pid {
		t.Fatalf("pid %q", text)
	}
	server, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Kill()
	// The parent has gone, so the child listens.
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	signalTo(t, server, syscall.SIGTERM)
	// The server closes the connection when it stops.
	_, _ = io.ReadAll(c)
	log, err := os.ReadFile(logfile)
	if err != nil || !strings.Contains(string(log), "PID: "+strconv.Itoa(pid)) {
		t.Errorf("%v: %s", err, log)
	}
}

func TestSubcommands(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.toml"), filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(good, []byte("port = 7000\nrequirepass = \"sesame\"\nrepl-diskless-sync = false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, []byte("port: 7000\nmaxmemory: much\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	including := filepath.Join(dir, "including.conf")
	if err := os.WriteFile(including, []byte("port 7000\ninclude /nonexistent/x.conf\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	users, named, list := filepath.Join(dir, "users.conf"), filepath.Join(dir, "named.conf"), filepath.Join(dir, "users.acl")
	for name, text := range map[string]string{
		users: "port 7000\nuser alice on >pw ~* +@all\nuser bob on +nosuch\n",
		named: "dir " + dir + "\naclfile users.acl\n",
		list:  "user alice on >pw ~* +@all\n\nuser bob on +@nosuch\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct {
		args   string
		status int
		want   string
	}{
		{"version", 0, "cachesrv "},
		{"config check " + good, 0, "good.toml: ok (engine redis)"},
		{"config check " + bad, 1, "bad.yaml:2: maxmemory: argument must be a memory value; a size is"},
		{"config check " + users, 1, "users.conf:3: user: Error in user declaration '+nosuch'"},
		{"config check " + named, 1, "users.acl:3: "},
		{"config show --changed --timeout=5 --config " + good, 0, "flag --timeout"},
		{"config show --config " + good, 0, "good.toml:3 (no effect yet)"},
		{"completion bash", 0, "bash completion"},
		{"--help", 0, "Examples:"},
		{"--prot=1", 1, "unknown flag --prot; did you mean --port?"},
		{"confg", 1, "unknown command \"confg\"; did you mean config?"},
		{"--maxmemory=1.5gb", 1, "argument must be a memory value; a size is a whole number of bytes, or one with k, kb, m, mb, g or gb behind it"},
		{"--save 900 1", 1, "Invalid save parameters; seconds and changes in pairs"},
		{"--engine=memcached -m 64", 1, "unknown flag -m; memcached's -m is --maxmemory here"},
		{"--port=1 -o x", 1, "unknown flag -o; flags have two dashes"},
		{"redis --port=1", 1, "to start that server: cachesrv --engine=redis"},
		{good, 1, "to start with this configuration: cachesrv --config=" + good},
		{"start", 1, "the server is started by flags alone"},
		{"version x", 1, "unexpected word \"x\""},
		{"config check " + including, 1, "including.conf:2: include: can't open config file '/nonexistent/x.conf': No such file or directory"},
		{"--logfile=/nonexistent/x.log", 1, "flag --logfile: logfile: Can't open the log file: No such file or directory (/nonexistent/x.log)"},
		{"config check", 1, "config check takes the name of one file, not 0"},
		{"keys create", 1, "keys create takes the name of one file, not 0"},
		{"keys rotate --key-file=" + good, 1, "32 bytes"},
		{"keys rotate", 1, "say which present key with --key-file or --key-command"},
		{"backup create --addr=nowhere.invalid --target=" + dir + " --spool=" + dir, 1, "nowhere.invalid"},
		{"config chekc", 1, "unknown command \"chekc\"; did you mean check?"},
		{"--version", 0, "cachesrv "},
		{"__complete --engine=", 0, "redis\nmemcached\n"},
		{"__complete config show --maxmemory-policy allkeys-l", 0, "allkeys-lru\nallkeys-lfu\n"},
	}
	for _, c := range cases {
		out, _ := programOutput(t, strings.Fields(c.args))
		if out.status != c.status || !strings.Contains(out.text, c.want) || strings.Contains(out.text, "sesame") {
			t.Errorf("%s: %d\n%s", c.args, out.status, out.text)
		}
	}
}

type output struct {
	status int
	text   string
}

func programOutput(t *testing.T, args []string) (output, error) {
	cmd := program(t, "cachesrv", args...)
	text, err := cmd.CombinedOutput()
	return output{cmd.ProcessState.ExitCode(), string(text)}, err
}
