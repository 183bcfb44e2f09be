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
