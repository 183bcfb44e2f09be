// Servers that a run starts and stops: free port, wait until it answers, stop by process id.

package bench

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startTimeout = 20 * time.Second // for the first answer of a started server
	stopTimeout  = 10 * time.Second // between SIGTERM and SIGKILL
	stopsGrace   = 100 * time.Millisecond
)

// defaultCacheMB is the -m of a started memcached when its arguments give none: its own 64 MB would evict, and a
// server that forgets keys does less work than one that keeps them.
const defaultCacheMB = "4096"

// process is a started server. Its goroutine waits for the end; done is closed then.
type process struct {
	cmd    *exec.Cmd
	output tail
	done   <-chan struct{}
	err    error // of Wait; readable once done is closed
}

// tail keeps the end of what a server prints. The mutex guards text.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailBytes = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if n := len(t.text); n > tailBytes {
		t.text = append(t.text[:0], t.text[n-tailBytes:]...)
	}
	return len(p), nil
}

// last is the last line that is not empty.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := bytes.TrimSpace(t.text)
	if at := bytes.LastIndexByte(text, '\n'); at >= 0 {
		text = text[at+1:]
	}
	return string(text)
}

// commandLine is the program and its arguments for listening on port.
func (r *recipe) commandLine(port int, extra []string) (program string, args []string, err error) {
	p, option := strconv.Itoa(port), "--port"
	given := append(slices.Clone(r.args), extra...)
	if r.secure != nil {
		option = "--tls-port"
		given = append(append([]string{"--port", "0"}, r.secure...), given...)
	}
	if r.program == "" {
		program, err = os.Executable()
		own := []string{"--engine=redis", "--save=", option, p} // a measurement leaves nothing behind
		if r.proto.memcached() {
			own = []string{"--engine=memcached", option, p}
			if !hasFlag(given, "", "--maxmemory") {
				own = append(own, "--maxmemory="+defaultCacheMB+"mb")
			}
		}
		return program, append(own, given...), err
	}
	if r.proto == protoRedis {
		return r.program, append([]string{option, p, "--save", "", "--appendonly", "no"}, given...), nil
	}
	args = []string{"-p", p, "-l", "127.0.0.1", "-U", "0"}
	if !hasFlag(given, "-m", "--memory-limit") {
		args = append(args, "-m", defaultCacheMB)
	}
	if os.Geteuid() == 0 && !hasFlag(given, "-u", "--user") {
		if u, err := user.Current(); err == nil { // memcached refuses to run as root unless told so
			args = append(args, "-u", u.Username)
		}
	}
	return r.program, append(args, given...), nil
}

// hasFlag tells whether one of args is the long flag, with or without "=", or the short one, which may have its value at it; short is "" if there is none.
func hasFlag(args []string, short, long string) bool {
	return slices.ContainsFunc(args, func(a string) bool {
		return short != "" && strings.HasPrefix(a, short) && !strings.HasPrefix(a, "--") || a == long || strings.HasPrefix(a, long+"=")
	})
}

// start starts the target's server on a free port and waits until it answers.
func (t *target) start(ctx context.Context, extra ...string) error {
	port, err := freePort()
	if err != nil {
		return fmt.Errorf("%s: no free port: %w", t.name, err)
	}
	program, args, err := t.recipe.commandLine(port, extra)
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	p := &process{cmd: exec.Command(program, args...)}
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	p.cmd.Dir = os.TempDir()
	p.cmd.WaitDelay = stopsGrace // a grandchild that keeps the output open holds nobody up
	p.cmd.SysProcAttr = childAttributes()
	if !filepath.IsAbs(program) {
		if p.cmd.Path, err = filepath.Abs(program); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	started := make(chan error, 1)
	p.done = guarded(func(err error) { p.err = err }, func() {
		// The kernel ends the server when the thread that started it ends, so this goroutine keeps its thread.
		runtime.LockOSThread()
		if err := p.cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		p.err = p.cmd.Wait()
	})
	if err := <-started; err != nil {
		return fmt.Errorf("%s: cannot start: %w", t.name, err)
	}
	t.process, t.pid = p, p.cmd.Process.Pid
	t.address = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if err := t.await(ctx); err != nil {
		t.stop()
		return err
	}
	return nil
}

// await waits until the started server answers a ping.
func (t *target) await(ctx context.Context) error {
	patience := cmp.Or(t.patience, startTimeout)
	deadline := time.Now().Add(patience)
	for {
		k, err := openControl(t)
		if err == nil {
			err = k.ping()
			k.close()
		}
		if err == nil {
			return nil
		}
		if end := t.process.ended(); end != "" {
			return fmt.Errorf("%s: the server did not start: %s", t.name, end)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: no answer %v after its start: %w", t.name, patience, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.process.done:
		case <-time.After(readyEvery):
		}
	}
}

// stop ends the started server, hard if it takes too long. Stopping twice is harmless.
func (t *target) stop() {
	p := t.process
	if p == nil {
		return
	}
	t.process, t.pid = nil, 0
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopTimeout):
		p.cmd.Process.Kill()
		<-p.done
	}
}

// restart gives a fresh process for the same target.
func (t *target) restart(ctx context.Context, extra ...string) error {
	t.stop()
	return t.start(ctx, extra...)
}

// ended says how the process ended, "" while it runs.
func (p *process) ended() string {
	select {
	case <-p.done:
	default:
		return ""
	}
	how := "exit status 0"
	if p.err != nil {
		how = p.err.Error()
	}
	if last := p.output.last(); last != "" {
		how += ": " + last
	}
	return how
}

// freePort finds a TCP port nobody listens on. Between this and the server's start somebody else may take it; the
// server then says so and the run ends.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// guarded runs f in a goroutine of its own; a panic becomes an error for report instead of the end of the program,
// so that the servers of the run are still stopped. The channel is closed after f and report.
func guarded(report func(error), f func()) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				report(fmt.Errorf("bench: %v", v))
			}
		}()
		f()
	}()
	return done
}

var errClosed = errors.New("the server closed the connection")
