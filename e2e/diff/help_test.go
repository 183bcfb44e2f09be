// The HELP subcommands: their usage lines are facts, which the original's readers know; what stands under them is in our own words.

package diff

import (
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// laterUsage are usage lines that came after the version we compare with.
var laterUsage = []string{"NO-TOUCH (ON|OFF)", "SETINFO <option> <value>"}

// usage are the lines of a HELP reply that are not indented.
func usage(reply harness.Reply) (lines []string) {
	for _, e := range reply.Elems {
		if !strings.HasPrefix(e.Str, "    ") || strings.HasPrefix(e.Str, "         ") {
			lines = append(lines, e.Str)
		}
	}
	return lines
}

func TestHelpUsage(t *testing.T) {
	a, b := bothServers(t)
	ours, theirs := entries(a.Do("COMMAND")), entries(b.Do("COMMAND"))
	compared := 0
	for name := range ours {
		container, sub, _ := strings.Cut(name, "|")
		if _, known := theirs[name]; sub != "help" || !known || container == "cluster" {
			continue
		}
		x, y := a.Do(container, "HELP"), b.Do(container, "HELP")
		got := slices.DeleteFunc(usage(x), func(l string) bool { return slices.Contains(laterUsage, l) })
		if want := usage(y); !slices.Equal(got, want) {
			t.Errorf("%s HELP\n\tours:   %q\n\ttheirs: %q", container, got, want)
		}
		for i, e := range x.Elems {
			if e.Kind != '+' || i > 0 && e.Str == "" {
				t.Errorf("%s HELP: line %d is %q", container, i, e.Raw)
			}
		}
		compared++
	}
	if compared < 9 {
		t.Errorf("only %d compared", compared)
	}
}
