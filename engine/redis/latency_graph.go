// The drawing of LATENCY GRAPH: a column a sample, and below it, from top to bottom, how long ago that was.

package redis

import (
	"fmt"
	"strings"
)

const (
	graphColumns = 80
	graphRows    = 4
	graphSteps   = "_o#" // heights within one row
)

// drawGraph draws the samples of an event; now is Unix time.
func drawGraph(event string, list []latencySample, worst, now int64) string {
	low, high := list[0].ms, list[0].ms
	ages := make([]string, len(list))
	for i, s := range list {
		low, high = min(low, s.ms), max(high, s.ms)
		ages[i] = shortAge(now - s.at)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s - high %d ms, low %d ms (all time high %d ms)\n", event, high, low, worst)
	b.WriteString(strings.Repeat("-", graphColumns) + "\n")
	for from := 0; from < len(list); from += graphColumns {
		if from > 0 {
			b.WriteByte('\n')
		}
		to := min(from+graphColumns, len(list))
		drawColumns(&b, list[from:to], ages[from:to], low, high)
	}
	return b.String()
}

func drawColumns(b *strings.Builder, list []latencySample, ages []string, low, high int64) {
	const steps = graphRows * len(graphSteps)
	for row := range graphRows {
		for _, s := range list {
			step := min(int((s.ms-low)*int64(steps)/max(high-low, 1)), steps-1)
			switch at := step - (graphRows-1-row)*len(graphSteps); {
			case at < 0:
				b.WriteByte(' ')
			case at >= len(graphSteps):
				b.WriteByte('|')
			default:
				b.WriteByte(graphSteps[at])
			}
		}
		b.WriteByte('\n')
	}
	b.WriteString(strings.Repeat(" ", len(list)) + "\n")
	for line, more := 0, true; more; line++ {
		text := make([]byte, len(list))
		more = false
		for i, age := range ages {
			if text[i] = ' '; line < len(age) {
				text[i], more = age[line], true
			}
		}
		if more {
			b.Write(append(text, '\n'))
		}
	}
}

// shortAge writes seconds in the largest unit that they fill.
func shortAge(seconds int64) string {
	switch {
	case seconds < 60:
		return fmt.Sprintf("%ds", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%dm", seconds/60)
	case seconds < 24*3600:
		return fmt.Sprintf("%dh", seconds/3600)
	}
	return fmt.Sprintf("%dd", seconds/(24*3600))
}
