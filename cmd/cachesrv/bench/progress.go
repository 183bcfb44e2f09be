// The progress line on standard error: redrawn on a terminal, otherwise a line a second.

package bench

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
)

// progress writes what is going on. The mutex guards out and drawn.
type progress struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
	quiet    bool
	drawn    bool // a line stands on the terminal that the next output replaces
}

func newProgress(out io.Writer, quiet bool) *progress {
	f, ok := out.(*os.File)
	return &progress{out: out, quiet: quiet, terminal: ok && isatty.IsTerminal(f.Fd())}
}

// say writes a line that stays.
func (p *progress) say(format string, args ...any) {
	p.line(false, fmt.Sprintf(format, args...))
}

// clear removes the line that is redrawn.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.drawn = false
	}
}

// line writes one line; on a terminal a passing one is replaced by the next.
func (p *progress) line(passing bool, text string) {
	if p.quiet {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.drawn = false
	}
	if passing && p.terminal {
		fmt.Fprint(p.out, text)
		p.drawn = true
		return
	}
	fmt.Fprintln(p.out, text)
}

// follow writes the rate at which count grows, until the returned function is called.
func (p *progress) follow(what string, count func() int64) (end func()) {
	if p.quiet {
		return func() {}
	}
	every := time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	stop := make(chan struct{})
	done := guarded(func(err error) { p.say("%v", err) }, func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		start, last := time.Now(), int64(0)
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				n := count()
				p.line(true, fmt.Sprintf("%s  %4.1fs  %s requests, %s op/s", what, time.Since(start).Seconds(),
					countText(float64(n)), countText(float64(n-last)/every.Seconds())))
				last = n
			}
		}
	})
	return func() {
		close(stop)
		<-done
		p.clear()
	}
}
