// Settings as command-line flags: one --name for every row.

package config

import (
	"strings"

	"github.com/spf13/pflag"
)

// flagValue keeps what a flag was given until all of them are known.
type flagValue struct {
	row  *Row
	text string
}

func (f *flagValue) String() string { return f.text }
func (f *flagValue) Type() string   { return "value" }

// Set checks at once, so that the message names the flag.
func (f *flagValue) Set(text string) error {
	text = relaxed(f.row.Kind, text)
	if _, _, err := f.row.Kind.parse(text); err != nil {
		return err
	}
	f.text = text
	return nil
}

// AddFlags defines a flag for every setting. Those that have no effect yet work, but the help does not list them.
func AddFlags(set *pflag.FlagSet) {
	for _, r := range all.rows {
		if r.Directive {
			continue
		}
		flag := set.VarPF(&flagValue{row: r}, r.Name, "", usage(r))
		if _, is := r.Kind.(boolKind); is {
			flag.NoOptDefVal = "yes"
		}
		flag.Hidden = r.State != Works
	}
}

// JoinSwitches turns "--name yes" into "--name=yes" for settings that are yes or no. Those may stand alone, so a flag would not take the word behind it,
// which people who know redis-server write.
func JoinSwitches(args []string) (joined []string) {
	for _, a := range args {
		if last := len(joined) - 1; last >= 0 && (a == "yes" || a == "no") && isSwitch(joined[last]) {
			joined[last] += "=" + a
			continue
		}
		joined = append(joined, a)
	}
	return joined
}

func isSwitch(arg string) bool {
	name, long := strings.CutPrefix(arg, "--")
	if !long {
		return false
	}
	at, known := all.index[name]
	if !known {
		return false
	}
	_, is := all.rows[at].Kind.(boolKind)
	return is
}

func usage(r *Row) string {
	text := strings.ReplaceAll(r.Doc, "`", "")
	switch {
	case r.MemcachedDefault == "none" || r.MemcachedDefault != "" && r.Default == "":
	case r.MemcachedDefault != "" && r.Engines == Both && r.Name != "engine":
		text += " (default " + r.Default + ", memcached " + r.MemcachedDefault + ")"
	case r.Default != "":
		text += " (default " + r.Default + ")"
	}
	return text
}

// FromFlags gives the flags that were set.
func FromFlags(set *pflag.FlagSet) []Assignment {
	var found []Assignment
	set.Visit(func(f *pflag.Flag) {
		if v, ours := f.Value.(*flagValue); ours {
			found = append(found, Assignment{v.row.Name, []string{v.text}, Where{Layer: FromFlag, Name: "--" + f.Name}})
		}
	})
	return found
}
