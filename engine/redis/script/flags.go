// Flags: the first line of a script, "#!lua flags=no-writes", and what it may say.

package script

import (
	"fmt"
	"strings"
)

// Flags are what a script or function declares about itself.
type Flags uint16

// The flags, in the order in which FUNCTION LIST names them.
const (
	NoWrites Flags = 1 << iota
	AllowOOM
	AllowStale
	NoCluster
	AllowCrossSlot
	hasHeader // an EVAL text with a first line: without one, no flag is checked before it runs
)

var flagNames = []struct {
	flag Flags
	name string
}{
	{NoWrites, "no-writes"}, {AllowOOM, "allow-oom"}, {AllowStale, "allow-stale"}, {NoCluster, "no-cluster"}, {AllowCrossSlot, "allow-cross-slot-keys"},
}

// Declared reports that the script has a first line, so that its flags say everything.
func (f Flags) Declared() bool { return f&hasHeader != 0 }

// Names lists the flags.
func (f Flags) Names() []string {
	var names []string
	for _, n := range flagNames {
		if f&n.flag != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// flagNamed is a flag by its name, 0 for an unknown one.
func flagNamed(name string) Flags {
	for _, n := range flagNames {
		if n.name == name {
			return n.flag
		}
	}
	return 0
}

// header reads the first line of an EVAL text.
func header(src string) (Flags, error) {
	if !strings.HasPrefix(src, "#!") {
		return 0, nil
	}
	line, _, ok := strings.Cut(src, "\n")
	if !ok {
		return 0, fmt.Errorf("ERR Invalid script shebang")
	}
	words := strings.Fields(line)
	if words[0] != "#!lua" {
		return 0, fmt.Errorf("ERR Unexpected engine in script shebang: %s", words[0])
	}
	flags := hasHeader
	for _, w := range words[1:] {
		list, ok := strings.CutPrefix(w, "flags=")
		if !ok {
			return 0, fmt.Errorf("ERR Unknown lua shebang option: %s", w)
		}
		if list == "" {
			continue
		}
		for _, name := range strings.Split(list, ",") {
			f := flagNamed(name)
			if f == 0 {
				return 0, fmt.Errorf("ERR Unexpected flag in script shebang: %s", name)
			}
			flags |= f
		}
	}
	return flags, nil
}
