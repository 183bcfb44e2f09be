// The progress of something long: a bar on a terminal, a line now and then anywhere else.

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress writes what it is told of to w, from one goroutine at a time.
type progress struct {
	w        io.Writer
	terminal bool
	what     string
	began    time.Time
	shown    time.Time
	tenth    int64
	now      func() time.Time
}

func newProgress(w io.Writer) *progress {
	p := &progress{w: w, now: time.Now}
	if f, is := w.(*os.File); is {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// begin names what comes next.
func (p *progress) begin(what string) {
	p.what, p.began, p.shown, p.tenth = what, p.now(), time.Time{}, 0
}

const (
	barWidth = 30
	barEvery = 100 * time.Millisecond
	lineStep = 256 << 20 // between lines where the end is not known
)

// at tells how far it is. total is 0 while that is not known.
func (p *progress) at(done, total int64) {
	now := p.now()
	if p.terminal {
		if now.Sub(p.shown) >= barEvery || done == total {
			p.shown = now
			fmt.Fprintf(p.w, "\r\x1b[K%s", p.text(done, total, now))
		}
		return
	}
	tenth := done / lineStep
	if total > 0 {
		tenth = done * 10 / total
	}
	if tenth > p.tenth {
		p.tenth = tenth
		fmt.Fprintln(p.w, p.text(done, total, now))
	}
}

func (p *progress) text(done, total int64, now time.Time) string {
	var b strings.Builder
	b.WriteString(p.what)
	if total > 0 {
		part := min(done, total)
		if p.terminal {
			full := int(part * barWidth / total)
			fmt.Fprintf(&b, " [%s%s]", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full))
		}
		fmt.Fprintf(&b, " %3d %%", part*100/total)
		fmt.Fprintf(&b, "  %s of %s", sizeText(done), sizeText(total))
	} else {
		fmt.Fprintf(&b, "  %s", sizeText(done))
	}
	if spent := now.Sub(p.began).Seconds(); spent >= 1 {
		fmt.Fprintf(&b, "  %s/s", sizeText(int64(float64(done)/spent)))
	}
	return b.String()
}

// end leaves the last state of a bar on its own line.
func (p *progress) end() {
	if p.terminal && !p.shown.IsZero() {
		fmt.Fprintln(p.w)
	}
	p.shown = time.Time{}
}

// sizeText writes a number of bytes for people.
func sizeText(n int64) string {
	units := []string{"B", "KB", "MB", "GB", "TB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1024, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}
