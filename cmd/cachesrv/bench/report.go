// Reports: one table of targets and figures with its rounds, and where it is written to.

package bench

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/pflag"
)

// direction says which figures are the better ones.
type direction int8

const (
	lower  direction = -1
	either direction = 0
	higher direction = 1
)

// column is one figure of a table.
type column struct {
	key    string               // in JSON and CSV, with its unit
	label  string               // in the text table
	format func(float64) string // in the text table and charts
	better direction
	ratio  bool   // shown as a multiple of the first target's, too
	sum    bool   // rounds add up; otherwise their median counts
	hide   bool   // left out of the text table while all figures are 0
	chart  string // title of its chart in the HTML report; "" for none
	group  string // columns with the same group share one chart
}

// entry is one target's line.
type entry struct {
	workload string // what was done to the target, if it was not the same for the whole report
	target   string
	version  string
	rounds   [][]float64 // figures in the order of the columns
	values   []float64   // over the rounds; by finish
}

// report is what a scenario gives.
type report struct {
	title   string
	columns []column
	entries []entry
	notes   []string
	failure error // ends the command with exit status 1, after the report is written

	command string
	started time.Time
	host    string
	flags   []flagValue
}

// flagValue is one setting of the run.
type flagValue struct{ name, value string }

// missing is the figure of something unknown.
var missing = math.NaN()

func (r *report) addTarget(t *target) {
	r.entries = append(r.entries, entry{target: t.name, version: version(t)})
}

// addRound adds the figures of a round of target number i.
func (r *report) addRound(i int, figures []float64) {
	if len(figures) != len(r.columns) {
		panic(fmt.Sprintf("bench: %d figures for %d columns", len(figures), len(r.columns)))
	}
	r.entries[i].rounds = append(r.entries[i].rounds, figures)
}

// severalWorkloads reports whether lines need to say what was done.
func (r *report) severalWorkloads() bool { return len(r.entries) > 0 && r.entries[0].workload != "" }

// label names an entry in charts.
func (e *entry) label() string {
	if e.workload == "" {
		return e.target
	}
	return e.workload + " " + e.target
}

func (r *report) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// finish computes the figures over the rounds and notes how the run was made.
func (r *report) finish(command string, o *options, flags *pflag.FlagSet) {
	r.command, r.started = command, time.Now()
	r.host = fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	flags.VisitAll(func(f *pflag.Flag) {
		switch f.Name {
		case "json", "csv", "html", "quiet", "help", "pid", "spawn":
		default:
			r.flags = append(r.flags, flagValue{f.Name, f.Value.String()})
		}
	})
	r.settle()
}

func (r *report) settle() {
	for i := range r.entries {
		e := &r.entries[i]
		e.values = make([]float64, len(r.columns))
		for c := range r.columns {
			e.values[c] = r.overRounds(e, c)
		}
	}
}

func (r *report) overRounds(e *entry, c int) float64 {
	var all []float64
	sum := 0.0
	for _, figures := range e.rounds {
		all = append(all, figures[c])
		sum += figures[c]
	}
	if r.columns[c].sum {
		return sum
	}
	return median(all)
}

// first is the first entry with entry i's workload.
func (r *report) first(i int) int {
	return slices.IndexFunc(r.entries, func(e entry) bool { return e.workload == r.entries[i].workload })
}

// ratio is entry i's figure c as a multiple of that of the first entry with the same workload; NaN where that says
// nothing.
func (r *report) ratio(i, c int) float64 {
	base := r.entries[r.first(i)].values[c]
	if !r.columns[c].ratio || base == 0 {
		return missing
	}
	return r.entries[i].values[c] / base
}

// write puts the report where the options want it.
func (r *report) write(stdout io.Writer, o *options) error {
	table := true
	for _, form := range []struct {
		file  string
		write func(io.Writer) error
	}{{o.json, r.writeJSON}, {o.csv, r.writeCSV}, {o.html, r.writeHTML}} {
		switch form.file {
		case "":
		case stdoutName:
			table = false
			if err := form.write(stdout); err != nil {
				return err
			}
		default:
			if err := writeFile(form.file, form.write); err != nil {
				return err
			}
		}
	}
	if table {
		return r.writeText(stdout)
	}
	return nil
}

// checkOutputs opens the files that will be written, and makes those that are not there: a run of minutes must not
// end with a path that nobody can write to.
func (o *options) checkOutputs() error {
	for _, name := range []string{o.json, o.csv, o.html} {
		if name == "" || name == stdoutName {
			continue
		}
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		f.Close()
	}
	return nil
}

func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	err = write(f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("report %s: %w", name, err)
	}
	return nil
}

// The formats of figures for people. All of them write "-" for an unknown figure.

// countText: 512, 12.3k, 1.25M
func countText(v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case math.Abs(v) >= 999_950:
		return strconv.FormatFloat(v/1e6, 'f', 2, 64) + "M"
	case math.Abs(v) >= 1000:
		return strconv.FormatFloat(v/1e3, 'f', 1, 64) + "k"
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// rateText: as countText, with two digits after the point where there are few: 1.75
func rateText(v float64) string {
	if math.Abs(v) < 100 {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return countText(v)
}

// microText: microseconds as 87µs, 1.25ms, 2.50s
func microText(v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'f', 2, 64) + "s"
	case v >= 1e3:
		return strconv.FormatFloat(v/1e3, 'f', 2, 64) + "ms"
	}
	return strconv.FormatFloat(v, 'f', 0, 64) + "µs"
}

func fixedText(v float64, digits int, unit string) string {
	if math.IsNaN(v) {
		return "-"
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + unit
}

// megaText: megabytes with one digit
func megaText(v float64) string { return fixedText(v, 1, "MB") }

func percentText(v float64) string { return fixedText(v, 1, "%") }

// percent3Text is for shares far below one percent.
func percent3Text(v float64) string { return fixedText(v, 3, "%") }

func secondsText(v float64) string { return fixedText(v, 2, "s") }

// plainText: as few digits as say it, at most one after the point
func plainText(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

func ratioText(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "-"
	}
	return strconv.FormatFloat(v, 'f', 2, 64) + "x"
}

// megabytes turns a size of rssOf into the figure; unknown sizes are negative.
func megabytes(bytes int64) float64 {
	if bytes < 0 {
		return missing
	}
	return float64(bytes) / (1 << 20)
}
