// The reference of all settings, written from the table.

package config

import (
	"fmt"
	"strings"
)

const referenceTop = `# Configuration

This file is written from the table in the package config: ` + "`cachesrv config reference > docs/configuration.md`" + `. A test
compares the two.

## Where settings come from

| wins over | source | example |
|---|---|---|
| everything below | flag | ` + "`cachesrv --maxmemory=1gb`" + ` |
| | environment | ` + "`CACHESRV_MAXMEMORY=1gb cachesrv`" + ` |
| | file | ` + "`maxmemory: 1gb` in `cachesrv.yaml`, `cachesrv --config=cachesrv.yaml`" + ` |
| | default | |

- The file is YAML (` + "`.yaml`, `.yml`), TOML (`.toml`" + `), or, with any other ending, redis.conf syntax with include, quotes and
  units. ` + "`CACHESRV_CONFIG`" + ` names it as well as ` + "`--config`" + `.
- An environment variable is ` + "`CACHESRV_`" + ` and the setting in capitals, with ` + "`_` for `-`" + `.
- A name that does not exist, a value that does not fit or an address in use ends the start with one line that names the
  place, the line and the setting, and exit status 1. ` + "`cachesrv config check FILE`" + ` says it beforehand.
- ` + "`cachesrv config show`" + ` lists the effective values and where each comes from.
- SIGHUP reads all sources again. What is marked *live* below and changed there is applied; the log names what needs a
  restart. A file with a mistake changes nothing. Values set by CONFIG SET stay unless the sources changed them.
- CONFIG SET changes the running server only; CONFIG REWRITE writes the values into the redis.conf of the start.
- Sizes take redis's units: ` + "`k`, `m`, `g` are powers of 1000, `kb`, `mb`, `gb`" + ` powers of 1024.

## Called by another name

Through a link named ` + "`redis-server`" + ` the program takes ` + "`redis-server [file|-] [--option value …]`" + `, through one named ` + "`memcached`" + `
memcached's flags. The environment is read there too. Both then listen on every address unless told otherwise, as the
originals do; the redis personality still refuses clients from other machines while it has no password.

Parameters of redis whose feature is not there yet are accepted with one warning each and have no effect.

## Signals

SIGTERM and SIGINT stop the server in order: it saves if ` + "`save`" + ` says so, lets running commands end for ` + "`shutdown-timeout`" + ` at most, and
goes on if it cannot save. SIGINT (Ctrl-C) while it stops ends it at once, without saving; SIGTERM again does nothing more.
`

// Reference is docs/configuration.md.
func Reference() string {
	var b strings.Builder
	b.WriteString(referenceTop)
	section(&b, "Settings that work", "", func(r *Row) bool { return r.State == Works && !r.Directive })
	section(&b, "Settings without effect here",
		"They are taken, kept and shown, because files and tools set them; nothing in this server depends on them.",
		func(r *Row) bool { return r.State == Moot })
	section(&b, "Known settings whose feature is not there yet",
		"They keep their default, whatever a file or flag says; a start warns, and CONFIG SET refuses another value.",
		func(r *Row) bool { return r.State == NotYet && !r.Directive })
	section(&b, "Lines of redis.conf that are no parameters", "",
		func(r *Row) bool { return r.Directive })
	return b.String()
}

func section(b *strings.Builder, title, text string, in func(*Row) bool) {
	fmt.Fprintf(b, "\n## %s\n\n", title)
	if text != "" {
		fmt.Fprintf(b, "%s\n\n", text)
	}
	b.WriteString("| setting | default | values | engine | |\n|---|---|---|---|---|\n")
	for _, r := range all.rows {
		if !in(r) {
			continue
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", names(r), defaults(r), r.Kind.describe(), r.Engines, remarks(r))
	}
}

func names(r *Row) string {
	text := "`" + r.Name + "`"
	if r.Alias != "" {
		text += ", `" + r.Alias + "`"
	}
	if r.Memcached != "" {
		text += "<br>memcached `" + r.Memcached + "`"
	}
	return text
}

func defaults(r *Row) string {
	show := func(e Engines) string {
		if r.DefaultFor(e) == "" {
			return "empty"
		}
		return "`" + r.DefaultFor(e) + "`"
	}
	switch {
	case r.Directive:
		return ""
	case r.Engines == Both && show(Redis) != show(Memcached):
		return show(Redis) + "<br>memcached " + show(Memcached)
	case r.Engines == Memcached:
		return show(Memcached)
	}
	return show(Redis)
}

func remarks(r *Row) string {
	var marks []string
	if r.Changeable() {
		marks = append(marks, "*live*")
	}
	if r.Secret {
		marks = append(marks, "*secret*")
	}
	if r.Protected {
		marks = append(marks, "*protected*")
	}
	return strings.Join(append(marks, strings.ReplaceAll(r.Doc, "|", "\\|")), " ")
}

// MemcachedUsage is the help of a binary called as memcached, from its flags and the rows they set.
func MemcachedUsage() string {
	var b strings.Builder
	fmt.Fprintf(&b, "memcached %s\n", MemcachedVersion)
	for _, f := range memFlags {
		name := "-" + string(f.short)
		if f.long != "" {
			name += ", --" + f.long
		}
		if f.arg {
			name += "=<arg>"
		}
		fmt.Fprintf(&b, "%-30s %s\n", name, flagHelp(f))
	}
	b.WriteString("\nSub-options of -o, separated by commas:")
	for i, o := range subOptions {
		if i%4 == 0 {
			b.WriteString("\n  ")
		}
		fmt.Fprintf(&b, "%-24s", o.name)
	}
	b.WriteString("\n")
	return b.String()
}

func flagHelp(f memFlag) string {
	switch f.short {
	case 'v':
		return "more words in the log; -vv commands and replies, -vvv everything"
	case 'h':
		return "this help"
	case 'V':
		return "print the version"
	case 'i':
		return "print the licence"
	case 'o':
		return "further options, see below"
	case 'm':
		return "memory for items in megabytes (default: 64)"
	case 'M':
		return "an error instead of evicting when the memory is full"
	}
	for _, r := range all.rows {
		if strings.HasPrefix(r.Memcached, "-"+string(f.short)) {
			text := strings.ReplaceAll(r.Doc, "`", "")
			if r.State == NotYet {
				text += " (not there yet)"
			}
			return text
		}
	}
	return ""
}
