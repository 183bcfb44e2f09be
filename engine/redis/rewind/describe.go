// Describe: what can be restored, in words.

package rewind

import (
	"fmt"
	"strings"
)

// Describe lists what a directory holds, oldest first.
func (a *Archive) Describe() string {
	var b strings.Builder
	for i := range a.Generations {
		g := &a.Generations[i]
		what := "log"
		if i < len(a.Generations)-1 {
			what = "old log"
		}
		if g.timed() {
			fmt.Fprintf(&b, "%s: any second from %s to %s\n", what, Text(g.From()), Text(g.To()))
		} else {
			fmt.Fprintf(&b, "%s: from %s, without times\n", what, Text(g.From()))
		}
		if g.Base != nil {
			fmt.Fprintf(&b, "  base %s: %d bytes, as of %s\n", g.Base.Name, g.Base.Size, Text(g.Base.At))
		}
		for j := range g.Incrs {
			describeIncrement(&b, &g.Incrs[j])
		}
	}
	if a.Unordered {
		b.WriteString("old files are there too, but the manifest does not tell how they follow each other\n")
	}
	if s := a.Snapshot; s != nil {
		fmt.Fprintf(&b, "snapshot %s: %d bytes, as of %s\n", s.Name, s.Size, Text(s.At))
	}
	return b.String()
}

func describeIncrement(b *strings.Builder, inc *Increment) {
	r := &inc.Found
	fmt.Fprintf(b, "  increment %s: %d bytes, %d records", inc.Name, r.Size, r.Records)
	if r.First > 0 {
		fmt.Fprintf(b, ", from %s to %s", Text(r.First), Text(r.Last))
	}
	switch {
	case r.Good == r.Size:
	case r.Torn && inc.Latest:
		fmt.Fprintf(b, "; its last %d bytes are torn and left out", r.Size-r.Good)
	case r.Damage != nil:
		fmt.Fprintf(b, "; damaged at offset %d: %s", r.Damage.Offset, r.Damage.Why)
	default:
		fmt.Fprintf(b, "; damaged at offset %d", r.Good)
	}
	b.WriteByte('\n')
}
