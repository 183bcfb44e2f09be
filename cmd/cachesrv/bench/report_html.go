// Reports as one HTML file: table, settings and charts as inline SVG, nothing loaded from elsewhere.

package bench

import (
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"
)

// palette colours the targets, in their order.
var palette = []string{"#2f6db5", "#d9772b", "#3f9a5f", "#b8434e", "#7d5ba6", "#8a6d3b", "#c45fa0", "#5f6b75"}

func colour(i int) string { return palette[i%len(palette)] }

var page = template.Must(template.New("report").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}}: {{.Names}}</title>
<style>
body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#1c2126;background:#fff}
h1{font-size:1.5em}h2{font-size:1.1em;margin:1.6em 0 .4em}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}
th,td{padding:.3em .7em;text-align:right;border-bottom:1px solid #d8dde2;white-space:nowrap}
th:first-child,td:first-child{text-align:left}
small{color:#68727c}svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#1c2126}
.note{color:#a03030}dl{display:grid;grid-template-columns:max-content 1fr;gap:.1em 1em}dd{margin:0}
</style></head><body>
<h1>{{.Title}}: {{.Names}}</h1>
<p><small>{{.Command}}, {{.When}}, {{.Host}}</small></p>
<div class="wide"><table><tr>{{range .Head}}<th>{{.}}</th>{{end}}</tr>
{{range .Lines}}<tr>{{range .}}<td>{{.Text}}{{if .Ratio}} <small>{{.Ratio}}</small>{{end}}</td>{{end}}</tr>
{{end}}</table></div>
{{range .Notes}}<p class="note">{{.}}</p>
{{end}}{{range .Charts}}<h2>{{.Title}}</h2>
{{.SVG}}
{{end}}<h2>Settings</h2><dl>{{range .Flags}}<dt>--{{.Name}}</dt><dd>{{.Value}}</dd>{{end}}</dl>
</body></html>
`))

type htmlPage struct {
	Title, Names, Command, When, Host string
	Head                              []string
	Lines                             [][]htmlCell
	Notes                             []string
	Charts                            []htmlChart
	Flags                             []htmlFlag
}

type htmlCell struct{ Text, Ratio string }

type htmlFlag struct{ Name, Value string }

type htmlChart struct {
	Title string
	SVG   template.HTML // made here alone, with every text escaped
}

func (r *report) writeHTML(w io.Writer) error {
	p := htmlPage{Title: r.title, Command: r.command, When: r.started.Format("2006-01-02 15:04"), Host: r.host,
		Notes: r.notes, Head: []string{"target"}}
	var names []string
	for i, e := range r.entries {
		if !slices.Contains(names, e.target) {
			names = append(names, e.target)
		}
		line := []htmlCell{{Text: e.label(), Ratio: e.version}}
		for c, col := range r.columns {
			if r.hidden(c) {
				continue
			}
			cell := htmlCell{Text: col.format(e.values[c])}
			if col.ratio && len(r.entries) > 1 {
				cell.Ratio = ratioText(r.ratio(i, c))
			}
			line = append(line, cell)
		}
		p.Lines = append(p.Lines, line)
	}
	for c, col := range r.columns {
		if !r.hidden(c) {
			p.Head = append(p.Head, col.label)
		}
	}
	p.Names = strings.Join(names, ", ")
	for _, f := range r.flags {
		p.Flags = append(p.Flags, htmlFlag{f.name, f.value})
	}
	p.Charts = r.charts()
	return page.Execute(w, p)
}

// charts draws a bar chart per charted column, one per group of columns, and a line chart where there are rounds.
func (r *report) charts() []htmlChart {
	var all []htmlChart
	drawn := map[string]bool{}
	for c, col := range r.columns {
		if r.hidden(c) {
			continue
		}
		if col.chart != "" {
			all = append(all, htmlChart{col.chart, r.bars([]int{c})})
		}
		if col.group != "" && !drawn[col.group] {
			drawn[col.group] = true
			var members []int
			for m := range r.columns {
				if r.columns[m].group == col.group {
					members = append(members, m)
				}
			}
			all = append(all, htmlChart{col.group, r.bars(members)})
		}
	}
	if r.severalWorkloads() { // too many lines
		return all
	}
	for c, col := range r.columns {
		if col.chart != "" && len(r.entries) > 0 && len(r.entries[0].rounds) > 1 && !r.hidden(c) {
			all = append(all, htmlChart{col.chart + ", round by round", r.lines(c)})
		}
	}
	return all
}

const (
	chartWidth = 760
	barHeight  = 20
	labelRoom  = 190 // left of the bars
	valueRoom  = 130 // right of them
)

// bars draws horizontal bars: for every column a block, in it a bar per target. Columns of one chart share a scale.
func (r *report) bars(columns []int) template.HTML {
	top := 0.0
	for _, c := range columns {
		for _, e := range r.entries {
			if v := e.values[c]; !math.IsNaN(v) {
				top = math.Max(top, v)
			}
		}
	}
	var b strings.Builder
	y := 4
	for _, c := range columns {
		if len(columns) > 1 {
			fmt.Fprintf(&b, `<text x="0" y="%d" font-weight="bold">%s</text>`, y+14, escape(r.columns[c].label))
			y += barHeight
		}
		for i, e := range r.entries {
			v := e.values[c]
			width := 0.0
			if top > 0 && v > 0 {
				width = v / top * (chartWidth - labelRoom - valueRoom)
			}
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, labelRoom-8, y+14, escape(shorten(e.label())))
			fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>`, labelRoom, y+1, width, barHeight-4, colour(i-r.first(i)))
			text := r.columns[c].format(v)
			if ratio := r.ratio(i, c); i > r.first(i) && !math.IsNaN(ratio) {
				text += " (" + ratioText(ratio) + ")"
			}
			fmt.Fprintf(&b, `<text x="%.1f" y="%d">%s</text>`, labelRoom+width+6, y+14, escape(text))
			y += barHeight
		}
		y += 6
	}
	return svg(y, b.String())
}

// lines draws a column over the rounds, a line per target, from zero up so that slopes are not exaggerated.
func (r *report) lines(c int) template.HTML {
	const height, bottom = 220, 24
	top, rounds := 0.0, 0
	for _, e := range r.entries {
		rounds = max(rounds, len(e.rounds))
		for _, figures := range e.rounds {
			if !math.IsNaN(figures[c]) {
				top = math.Max(top, figures[c])
			}
		}
	}
	if top == 0 {
		top = 1
	}
	at := func(n int, v float64) (x, y float64) {
		x = 80 + float64(n)*float64(chartWidth-80-valueRoom-60)/float64(max(rounds-1, 1))
		return x, 10 + (1-v/top)*(height-bottom-10)
	}
	var b strings.Builder
	for _, share := range []float64{0, 0.5, 1} {
		_, y := at(0, share*top)
		fmt.Fprintf(&b, `<line x1="80" x2="%d" y1="%.1f" y2="%.1f" stroke="#d8dde2"/>`, chartWidth-valueRoom-60, y, y)
		fmt.Fprintf(&b, `<text x="72" y="%.1f" text-anchor="end">%s</text>`, y+4, escape(r.columns[c].format(share*top)))
	}
	for n := range rounds {
		x, _ := at(n, 0)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%d</text>`, x, height-6, n+1)
	}
	for i, e := range r.entries {
		var points []string
		for n, figures := range e.rounds {
			if v := figures[c]; !math.IsNaN(v) {
				x, y := at(n, v)
				points = append(points, fmt.Sprintf("%.1f,%.1f", x, y))
				fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`, x, y, colour(i))
			}
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, strings.Join(points, " "), colour(i))
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="10" height="10" fill="%s"/>`, chartWidth-180, 10+i*18, colour(i))
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`, chartWidth-164, 20+i*18, escape(shorten(e.target)))
	}
	return svg(max(height, 20+18*len(r.entries)), b.String())
}

func svg(height int, body string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %d %d" width="%d" height="%d" role="img">%s</svg>`,
		chartWidth, height, chartWidth, height, body))
}

func escape(s string) string { return template.HTMLEscapeString(s) }

// shorten keeps the end of a long name, where addresses differ.
func shorten(s string) string {
	const most = 27
	if r := []rune(s); len(r) > most {
		return "…" + string(r[len(r)-most+1:])
	}
	return s
}
