// What is done with a mismatch: cut its history down to what is needed, and say it in a form that can be typed in again.

package diff

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// mismatch is one difference with the commands that lead to it.
type mismatch struct {
	where        string // dialect
	history      []string
	ours, theirs string
}

func (m mismatch) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", m.where)
	for _, h := range m.history {
		fmt.Fprintf(&b, "    %s\n", h)
	}
	fmt.Fprintf(&b, "      ours:   %s\n      theirs: %s", short(m.ours), short(m.theirs))
	return b.String()
}

func short(s string) string {
	if len(s) > 700 {
		return fmt.Sprintf("%q... (%d bytes)", s[:700], len(s))
	}
	return fmt.Sprintf("%q", s)
}

// typed writes a command line so that a reader sees every byte of it.
func typed(args []string) string {
	out := make([]string, len(args))
	for i, a := range args {
		if len(a) > 120 {
			a = a[:100] + fmt.Sprintf("...%d bytes", len(a))
		}
		out[i] = strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%q", a), `"`), `"`)
		if a == "" || strings.ContainsAny(out[i], " \\") {
			out[i] = `"` + out[i] + `"`
		}
	}
	return strings.Join(out, " ")
}

// collector gathers the mismatches of a run, each kind once.
type collector struct {
	t     testing.TB
	seen  map[string]int
	found []mismatch
}

// maxKinds ends a run that finds too much to be read.
const maxKinds = 60

func newCollector(t testing.TB) *collector { return &collector{t: t, seen: map[string]int{}} }

var digits = regexp.MustCompile(`[0-9]+`)

// fresh says whether a difference is of a kind not seen before in this run.
func (c *collector) fresh(args []string, ours, theirs string) bool {
	name := "?"
	if len(args) > 0 {
		name = strings.ToLower(args[0])
	}
	k := name + "|" + class(ours) + "|" + class(theirs)
	c.seen[k]++
	return c.seen[k] == 1
}

func class(reply string) string {
	s := digits.ReplaceAllString(reply, "#")
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		return s[:min(len(s), 60)]
	}
	return s[:min(len(s), 2)]
}

func (c *collector) add(m mismatch) { c.found = append(c.found, m) }

func (c *collector) full() bool { return len(c.found) >= maxKinds }

var reportMu sync.Mutex // guards the report file against tests that run side by side

// finish prints what was found and fails the test if that is anything.
func (c *collector) finish() {
	c.t.Helper()
	for _, m := range c.found {
		c.t.Errorf("mismatch: %v", m)
	}
	path := os.Getenv("CACHESRV_DIFF_REPORT")
	if path == "" || len(c.found) == 0 {
		return
	}
	reportMu.Lock()
	defer reportMu.Unlock()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		c.t.Error(err)
		return
	}
	defer f.Close()
	for _, m := range c.found {
		fmt.Fprintf(f, "%v\n", m)
	}
}

// shrink cuts a history while shows still finds a difference in it: first halves and quarters, then single steps.
func shrink[S any](history []S, shows func([]S) bool) []S {
	for size := len(history) / 2; size >= 1; size /= 2 {
		for from := 0; from+size <= len(history) && len(history) > 1; {
			cut := append(append([]S(nil), history[:from]...), history[from+size:]...)
			if len(cut) > 0 && shows(cut) {
				history = cut
			} else {
				from += size
			}
		}
	}
	return history
}
