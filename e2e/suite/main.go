// The test command behind the Taskfile: runs stages of go test, repeats what failed and what was skipped, and ends with one line per package.

// Command suite runs `go test` over lists of packages, one stage after the other, and reports so that the last lines
// say all: a closing line per package and stage, then every skipped test with its reason. With CI=true a skip fails the run.
//
// Usage: suite STAGE...   where a stage is name=flags and packages, for instance "race=-race ./..."; words like
// VARIABLE=value before the flags are its environment.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// event is one line of go test -json.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
	Elapsed    float64
}

// test names one test of one package.
type test struct{ pkg, name string }

// skip is a test that was left out of a stage, with the line that says so.
type skip struct {
	test test
	line string
}

// report is what a whole run adds up to. ran holds the tests that passed in some stage: one that the race detector's
// stage leaves out and another runs is not skipped.
type report struct {
	closing []string
	// failures names the tests that failed, and tells of those that never ended where they were.
	failures []string
	skipped  []skip
	ran      map[test]bool
	failed   bool
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: suite name=\"flags packages\"...")
		os.Exit(2)
	}
	r := report{ran: map[test]bool{}}
	for _, arg := range os.Args[1:] {
		name, rest, ok := strings.Cut(arg, "=")
		if !ok {
			fmt.Fprintf(os.Stderr, "suite: %q is not name=arguments\n", arg)
			os.Exit(2)
		}
		start := time.Now()
		fmt.Printf("== %s: go test %s\n", name, rest)
		r.stage(name, strings.Fields(rest))
		fmt.Printf("== %s took %.0f s\n", name, time.Since(start).Seconds())
	}
	r.print()
	if r.failed {
		os.Exit(1)
	}
}

// stage runs one go test and takes in its events.
func (r *report) stage(name string, args []string) {
	env := os.Environ()
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") && strings.Contains(args[0], "=") {
		env, args = append(env, args[0]), args[1:]
	}
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Env = env
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.fail(name, err)
		return
	}
	bad := r.read(name, out)
	if err := cmd.Wait(); err != nil && !bad {
		r.fail(name, err)
	}
}

func (r *report) fail(name string, err error) {
	r.failed = true
	r.closing = append(r.closing, fmt.Sprintf("FAIL\t%s\t%v", name, err))
}

// read follows the events of a stage; it says whether a package failed.
func (r *report) read(stage string, out io.Reader) (bad bool) {
	output := map[test][]string{}
	lines := bufio.NewReaderSize(out, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return bad
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			fmt.Print(string(line))
			continue
		}
		k := test{e.Package, e.Test}
		switch e.Action {
		case "build-output":
			fmt.Print(e.Output)
		case "output":
			output[k] = append(output[k], e.Output)
			if e.Test == "" && strings.Contains(e.Output, ": seed ") {
				fmt.Print(e.Output)
			}
		case "skip":
			if e.Test != "" {
				r.skipped = append(r.skipped, skip{k, fmt.Sprintf("SKIPPED: %s: %s %s: %s", stage, e.Package, e.Test, reason(output[k]))})
			}
			delete(output, k)
		case "fail":
			if e.Test != "" {
				fmt.Print(strings.Join(output[k], ""))
				r.failures = append(r.failures, fmt.Sprintf("FAIL\t%s %s\t(%s)", e.Package, e.Test, stage))
			} else {
				fmt.Print(strings.Join(append(r.unended(stage, e.Package, output), output[k]...), ""))
				bad, r.failed = true, true
				r.close("FAIL", stage, e)
			}
			delete(output, k)
		case "pass":
			r.ran[k] = true
			if e.Test == "" {
				r.close("ok  ", stage, e)
			} else if strings.Contains(strings.Join(output[k], ""), ": seed ") {
				fmt.Print(seeds(output[k]))
			}
			delete(output, k)
		}
	}
}

// close keeps a package's closing line, in go test's own form.
func (r *report) close(word, stage string, e event) {
	line := fmt.Sprintf("%s\t%s\t%.3fs", word, e.Package, e.Elapsed)
	fmt.Printf("%s\t(%s)\n", line, stage)
	r.closing = append(r.closing, line+"\t("+stage+")")
}

// unended takes out what the tests of a package have printed that neither passed nor failed: one of them panicked or hung, and go test says nothing more of it.
func (r *report) unended(stage, pkg string, output map[test][]string) (lines []string) {
	for k, o := range output {
		if k.pkg != pkg || k.name == "" {
			continue
		}
		lines = append(lines, o...)
		r.failures = append(r.failures, fmt.Sprintf("FAIL\t%s %s did not end\t(%s)", pkg, k.name, stage))
		for _, stack := range strings.Split(strings.Join(o, ""), "\n\n") {
			if strings.HasPrefix(stack, "panic: ") || strings.Contains(stack, "_test.go:") {
				r.failures = append(r.failures, stack)
			}
		}
		delete(output, k)
	}
	return lines
}

// reason is the line in which a test said why it was skipped.
func reason(output []string) string {
	why := ""
	for _, l := range output {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "=== ") && !strings.HasPrefix(l, "--- ") {
			why = l
		}
	}
	return why
}

// seeds are the lines with which randomised tests can be repeated.
func seeds(output []string) string {
	var b strings.Builder
	for _, l := range output {
		if strings.Contains(l, ": seed ") {
			b.WriteString(l)
		}
	}
	return b.String()
}

// print ends the run.
func (r *report) print() {
	fmt.Println()
	for _, l := range r.closing {
		fmt.Println(l)
	}
	for _, l := range r.failures {
		fmt.Println(l)
	}
	n := 0
	for _, s := range r.skipped {
		if !r.ran[s.test] {
			fmt.Println(s.line)
			n++
		}
	}
	if n == 0 {
		fmt.Println("SKIPPED: nothing")
		return
	}
	fmt.Printf("SKIPPED: %d tests\n", n)
	if os.Getenv("CI") == "true" {
		fmt.Println("FAIL: CI must run every test")
		r.failed = true
	}
}
