// Tests of the report's figures and of their wording.

package bench

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// sampleReport has two targets with two and three rounds, an unknown figure and one to escape.
func sampleReport() *report {
	r := &report{title: "Sample", columns: []column{
		{key: "ops", label: "op/s", format: countText, better: higher, ratio: true, chart: "Requests"},
		{key: "p99_us", label: "p99", format: microText, better: lower, group: "Latency"},
		{key: "rss_mb", label: "RSS", format: megaText},
		{key: "errors", label: "errors", format: plainText, sum: true, hide: true},
	}}
	r.entries = []entry{{target: "one", version: "1.0"}, {target: "two <&>"}}
	r.addRound(0, []float64{1000, 10, missing, 0})
	r.addRound(0, []float64{3000, 30, missing, 0})
	r.addRound(0, []float64{1500, 1250, missing, 0})
	r.addRound(1, []float64{3000, 5, 2.25, 2})
	r.addRound(1, []float64{4500, 7, 2.75, 3})
	r.note("a note")
	r.finish("cachesrv bench", &options{}, pflag.NewFlagSet("", 0))
	r.started, r.host = time.Unix(1_700_000_000, 0), "linux/amd64, 2 cores"
	r.flags = []flagValue{{"keys", "1000"}}
	return r
}

func TestFiguresOverRounds(t *testing.T) {
	r := sampleReport()
	one, two := r.entries[0].values, r.entries[1].values
	if one[0] != 1500 || one[1] != 30 || !math.IsNaN(one[2]) || one[3] != 0 {
		t.Errorf("first: %v", one)
	}
	if two[0] != 3750 || two[1] != 6 || two[2] != 2.5 || two[3] != 5 {
		t.Errorf("second: %v", two)
	}
	if v := r.ratio(1, 0); v != 2.5 {
		t.Errorf("ratio %v", v)
	}
	if v := r.ratio(1, 1); !math.IsNaN(v) {
		t.Errorf("a ratio where none is wanted: %v", v)
	}
}

// TestFormats compares each form with a file; UPDATE=1 rewrites them.
func TestFormats(t *testing.T) {
	r := sampleReport()
	for name, write := range map[string]func(*strings.Builder) error{
		"report.txt":  func(b *strings.Builder) error { return r.writeText(b) },
		"report.json": func(b *strings.Builder) error { return r.writeJSON(b) },
		"report.csv":  func(b *strings.Builder) error { return r.writeCSV(b) },
	} {
		var b strings.Builder
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", name)
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s:\n%s\nwant:\n%s", name, b.String(), want)
		}
	}
}

func TestHTMLStandsAlone(t *testing.T) {
	r := sampleReport()
	var b strings.Builder
	if err := r.writeHTML(&b); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	for _, bad := range []string{"<script", "src=", "http://", "https://", "@import", "two <&>", "NaN", "Inf"} {
		if strings.Contains(html, bad) {
			t.Errorf("holds %q", bad)
		}
	}
	for _, want := range []string{"two &lt;&amp;&gt;", "<svg", "<polyline", "Requests, round by round", "Latency", "2.50x", "1.5k", "a note", "--keys"} {
		if !strings.Contains(html, want) {
			t.Errorf("does not hold %q", want)
		}
	}
	if bars := strings.Count(html, "<svg"); bars != 3 {
		t.Errorf("%d charts, want 3", bars)
	}
}

// workloadReport has two workloads on two targets; the second has failed on the second target.
func workloadReport() *report {
	r := &report{title: "Workloads", columns: []column{{key: "ops", label: "op/s", format: countText, ratio: true, chart: "Requests"}}}
	r.entries = []entry{{workload: "hget", target: "one"}, {workload: "hget", target: "two"}, {workload: "zadd", target: "one"}, {workload: "zadd", target: "two"}}
	for i, v := range []float64{100, 150, 10} {
		r.addRound(i, []float64{v})
		r.addRound(i, []float64{v})
	}
	r.settle()
	return r
}

// TestRatiosAreWithinAWorkload: and each form says which workload a line is about.
func TestRatiosAreWithinAWorkload(t *testing.T) {
	r := workloadReport()
	var text, csv, json, html strings.Builder
	for _, err := range []error{r.writeText(&text), r.writeCSV(&csv), r.writeJSON(&json), r.writeHTML(&html)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := "workload  target  op/s\nhget      one      100 1.00x\nhget      two      150 1.50x\nzadd      one       10 1.00x\nzadd      two        -     -\n"
	if text.String() != want {
		t.Errorf("\n%s\nwant\n%s", text.String(), want)
	}
	want = "workload,target,version,round,ops,ops_ratio\nhget,one,,all,100,1\nhget,two,,all,150,1.5\nzadd,one,,all,10,1\nzadd,two,,all,,\nhget,one,,1,100,\n"
	if !strings.HasPrefix(csv.String(), want) {
		t.Errorf("\n%s\nwant\n%s", csv.String(), want)
	}
	if !strings.Contains(json.String(), `"workload": "zadd"`) {
		t.Errorf("%s", json.String())
	}
	if !strings.Contains(html.String(), "hget two") || !strings.Contains(html.String(), "1.50x") || strings.Count(html.String(), "<svg") != 1 {
		t.Errorf("%s", html.String())
	}
}

func TestNumbersForPeople(t *testing.T) {
	for _, c := range []struct {
		format func(float64) string
		v      float64
		want   string
	}{
		{countText, 0, "0"}, {countText, 999, "999"}, {countText, 1000, "1.0k"}, {countText, 65_432, "65.4k"},
		{countText, 999_949, "999.9k"}, {countText, 999_950, "1.00M"}, {countText, 1_234_567, "1.23M"}, {countText, missing, "-"},
		{rateText, 0.25, "0.25"}, {rateText, 99, "99.00"}, {rateText, 100, "100"}, {rateText, 2500, "2.5k"}, {rateText, missing, "-"},
		{microText, 87, "87µs"}, {microText, 1250, "1.25ms"}, {microText, 2_500_000, "2.50s"}, {microText, missing, "-"},
		{megaText, 12.34, "12.3MB"}, {megaText, missing, "-"}, {percentText, 99.96, "100.0%"}, {percent3Text, 0.1234, "0.123%"},
		{plainText, 3, "3"}, {plainText, 3.14, "3.1"}, {plainText, missing, "-"},
		{ratioText, 1.005, "1.00x"}, {ratioText, missing, "-"}, {ratioText, math.Inf(1), "-"}, {secondsText, 0.5, "0.50s"},
	} {
		if got := c.format(c.v); got != c.want {
			t.Errorf("%v: %q, want %q", c.v, got, c.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want float64
	}{{[]float64{3, 1, 2}, 2}, {[]float64{4, 1}, 2.5}, {[]float64{missing, 7}, 7}, {[]float64{5}, 5}} {
		if got := median(c.in); got != c.want {
			t.Errorf("%v: %v", c.in, got)
		}
	}
	if !math.IsNaN(median(nil)) || !math.IsNaN(median([]float64{missing})) {
		t.Error("a median of nothing")
	}
}

func TestReportsGoWhereTheyAreSent(t *testing.T) {
	r := sampleReport()
	file := filepath.Join(t.TempDir(), "r.html")
	for _, c := range []struct {
		o    options
		want string
	}{
		{options{html: file}, "target"},
		{options{json: stdoutName}, "{"},
		{options{csv: stdoutName}, "target,version"},
		{options{csv: file}, "target  "},
	} {
		os.Remove(file)
		var b strings.Builder
		if err := r.write(&b, &c.o); err != nil || !strings.HasPrefix(b.String(), c.want) {
			t.Errorf("%+v: %v, %.40q", c.o, err, b.String())
		}
		if _, err := os.Stat(file); (err == nil) != (c.o.html == file || c.o.csv == file) {
			t.Errorf("%+v: the file: %v", c.o, err)
		}
	}
	if err := r.write(&strings.Builder{}, &options{json: t.TempDir()}); err == nil || errors.Is(err, os.ErrNotExist) {
		t.Errorf("writing to a directory: %v", err)
	}
}
