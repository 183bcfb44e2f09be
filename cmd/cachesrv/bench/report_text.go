// Reports as text, JSON and CSV.

package bench

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// writeText writes the table: a line per target, figures right-aligned, ratios behind the figures they belong to.
func (r *report) writeText(w io.Writer) error {
	head, names := []string{"target"}, 1
	if r.severalWorkloads() {
		head, names = []string{"workload", "target"}, 2
	}
	for c := range r.columns {
		if !r.hidden(c) {
			head = append(head, r.columns[c].label)
			if r.columns[c].ratio && len(r.entries) > 1 {
				head = append(head, "")
			}
		}
	}
	lines := [][]string{head}
	for i, e := range r.entries {
		line := []string{e.workload, e.target}[2-names:]
		for c := range r.columns {
			if r.hidden(c) {
				continue
			}
			line = append(line, r.columns[c].format(e.values[c]))
			if r.columns[c].ratio && len(r.entries) > 1 {
				line = append(line, ratioText(r.ratio(i, c)))
			}
		}
		lines = append(lines, line)
	}
	var b strings.Builder
	align(&b, lines, names)
	for _, n := range r.notes {
		fmt.Fprintf(&b, "%s\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// hidden reports whether the text table does without column c.
func (r *report) hidden(c int) bool {
	unknown, zero := true, true
	for _, e := range r.entries {
		unknown = unknown && math.IsNaN(e.values[c])
		zero = zero && e.values[c] == 0
	}
	return unknown || zero && r.columns[c].hide
}

// align writes lines of words in columns: the first ones, the names, to the left, the others to the right.
func align(b *strings.Builder, lines [][]string, names int) {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, word := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(word))
		}
	}
	for _, line := range lines {
		var text strings.Builder
		for i, word := range line {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(word))
			switch {
			case i == 0:
				text.WriteString(word + pad)
			case i < names:
				text.WriteString("  " + word + pad)
			case lines[0][i] == "": // a ratio stands close to its figure
				text.WriteString(" " + pad + word)
			default:
				text.WriteString("  " + pad + word)
			}
		}
		b.WriteString(strings.TrimRight(text.String(), " ") + "\n")
	}
}

// figure is a number of the JSON form: unknown ones are null.
type figure float64

func (f figure) MarshalJSON() ([]byte, error) {
	v := float64(f)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, v, 'f', -1, 64), nil
}

// The JSON form. Figures are keyed by column, so that a reader does not depend on their order.
type jsonReport struct {
	Title   string            `json:"title"`
	Command string            `json:"command"`
	Started string            `json:"finished"`
	Host    string            `json:"host"`
	Options map[string]string `json:"options"`
	Targets []jsonTarget      `json:"targets"`
	Notes   []string          `json:"notes,omitempty"`
	Failure string            `json:"failure,omitempty"`
}

type jsonTarget struct {
	Workload string              `json:"workload,omitempty"`
	Target   string              `json:"target"`
	Version  string              `json:"version,omitempty"`
	Figures  map[string]figure   `json:"figures"`
	Ratios   map[string]figure   `json:"ratio_to_first,omitempty"`
	Rounds   []map[string]figure `json:"rounds"`
}

func (r *report) writeJSON(w io.Writer) error {
	j := jsonReport{Title: r.title, Command: r.command, Started: r.started.UTC().Format("2006-01-02T15:04:05Z"),
		Host: r.host, Options: map[string]string{}, Notes: r.notes}
	if r.failure != nil {
		j.Failure = r.failure.Error()
	}
	for _, f := range r.flags {
		j.Options[f.name] = f.value
	}
	for i, e := range r.entries {
		t := jsonTarget{Workload: e.workload, Target: e.target, Version: e.version, Figures: r.keyed(e.values), Ratios: map[string]figure{}}
		for c, col := range r.columns {
			if col.ratio {
				t.Ratios[col.key] = figure(r.ratio(i, c))
			}
		}
		for _, figures := range e.rounds {
			t.Rounds = append(t.Rounds, r.keyed(figures))
		}
		j.Targets = append(j.Targets, t)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(j)
}

func (r *report) keyed(figures []float64) map[string]figure {
	m := map[string]figure{}
	for c, v := range figures {
		m[r.columns[c].key] = figure(v)
	}
	return m
}

// writeCSV writes one line per target over all rounds (round "all"), with ratios, and one per target and round.
func (r *report) writeCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	head, names := []string{"target", "version", "round"}, 1
	if r.severalWorkloads() {
		head, names = append([]string{"workload"}, head...), 2
	}
	for _, col := range r.columns {
		head = append(head, col.key)
	}
	for _, col := range r.columns {
		if col.ratio {
			head = append(head, col.key+"_ratio")
		}
	}
	c.Write(head)
	for i, e := range r.entries {
		line := append([]string{e.workload, e.target, e.version, "all"}[2-names:], csvFigures(e.values)...)
		for n, col := range r.columns {
			if col.ratio {
				line = append(line, csvFigures([]float64{r.ratio(i, n)})...)
			}
		}
		c.Write(line)
	}
	for _, e := range r.entries {
		for n, figures := range e.rounds {
			line := append([]string{e.workload, e.target, e.version, strconv.Itoa(n + 1)}[2-names:], csvFigures(figures)...)
			for len(line) < len(head) {
				line = append(line, "")
			}
			c.Write(line)
		}
	}
	c.Flush()
	return c.Error()
}

func csvFigures(figures []float64) []string {
	var words []string
	for _, v := range figures {
		word := ""
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			word = strconv.FormatFloat(v, 'f', -1, 64)
		}
		words = append(words, word)
	}
	return words
}
