// The command table as COMMAND and its subcommands tell it, compared with the real server's.

package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// fieldsOf names the parts of a COMMAND entry in their order.
var fieldsOf = []string{"name", "arity", "flags", "first", "last", "step", "acl", "tips", "keyspecs"}

// unordered are the parts that are sets.
var unordered = map[string]bool{"flags": true, "acl": true, "tips": true}

// entries flattens a COMMAND reply: a command's full name leads to its entry.
func entries(reply harness.Reply) map[string]harness.Reply {
	out := map[string]harness.Reply{}
	for _, e := range reply.Elems {
		if len(e.Elems) < 10 {
			continue
		}
		out[e.Elems[0].Str] = e
		maps.Copy(out, entries(e.Elems[9]))
	}
	return out
}

// render writes a part of an entry so that equal meanings are equal texts.
func render(v harness.Reply, set bool) string {
	if len(v.Elems) == 0 {
		return v.Str
	}
	parts := make([]string, len(v.Elems))
	for i, e := range v.Elems {
		parts[i] = render(e, set || e.Kind == '~')
	}
	if set {
		slices.Sort(parts)
	}
	return "[" + strings.Join(parts, " ") + "]"
}

// renderSpecs is render for key specifications, whose flags are sets inside of lists. Their notes are prose, in our own words.
func renderSpecs(v harness.Reply) string {
	var out []string
	for _, spec := range v.Elems {
		flags, _ := spec.Get("flags")
		begin, _ := spec.Get("begin_search")
		find, _ := spec.Get("find_keys")
		out = append(out, fmt.Sprintf("%s %s %s", render(flags, true), render(begin, false), render(find, false)))
	}
	return strings.Join(out, "; ")
}

func bothServers(t *testing.T) (ours, theirs *harness.Conn) {
	return harness.Redis(t).Dial(t), harness.OracleRedis(t).Dial(t)
}

// check reports a difference that is on no list.
func check(t *testing.T, path, ours, theirs string) {
	t.Helper()
	if ours == theirs {
		return
	}
	if _, ok := allowed(path); !ok {
		t.Errorf("%s\n\tours:   %s\n\ttheirs: %s", path, ours, theirs)
	}
}

func TestCommandTable(t *testing.T) {
	a, b := bothServers(t)
	ours, theirs := entries(a.Do("COMMAND")), entries(b.Do("COMMAND"))
	for _, name := range slices.Sorted(maps.Keys(ours)) {
		e, known := theirs[name]
		if !known {
			check(t, name, "listed", "unknown")
			continue
		}
		for i, field := range fieldsOf {
			x, y := ours[name].Elems[i], e.Elems[i]
			if field == "keyspecs" {
				check(t, name+".keyspecs", renderSpecs(x), renderSpecs(y))
			} else {
				check(t, name+"."+field, render(x, unordered[field]), render(y, unordered[field]))
			}
		}
	}
	for _, name := range requiredCommands {
		if _, ok := ours[name]; !ok {
			t.Errorf("%s: not in COMMAND", name)
		}
	}
}

func TestCommandInfoListCount(t *testing.T) {
	a, b := bothServers(t)
	all := a.Do("COMMAND")
	if got := a.Do("COMMAND", "COUNT").Str; got != fmt.Sprint(len(all.Elems)) {
		t.Errorf("COMMAND COUNT is %s, COMMAND lists %d", got, len(all.Elems))
	}
	list := a.Do("COMMAND", "LIST").Strings()
	if len(list) == 0 {
		t.Error("COMMAND LIST is empty")
	}
	full := entries(all)
	for _, name := range list {
		if _, ok := full[name]; !ok {
			t.Errorf("COMMAND LIST has %s, COMMAND has not", name)
		}
	}
	theirList := strings.Join(b.Do("COMMAND", "LIST").Strings(), " ")
	if strings.Contains(strings.Join(list, " "), "|") != strings.Contains(theirList, "|") {
		t.Error("COMMAND LIST shows subcommands on one server only")
	}
	for name, e := range full {
		if got := a.Do("COMMAND", "INFO", name); len(got.Elems) != 1 || render(got.Elems[0], true) != render(e, true) {
			t.Errorf("COMMAND INFO %s: %v, COMMAND says %v", name, got, e)
		}
	}
	same := func(args ...string) {
		t.Helper()
		x, y := a.Do(args...), b.Do(args...)
		if x.Raw != y.Raw && !excepted(args, x.Raw, y.Raw) {
			t.Errorf("%v\n\tours:   %v\n\ttheirs: %v", args, x, y)
		}
	}
	same("COMMAND", "INFO", "nosuch", "config|nosuch", "get|x", "")
	same("COMMAND", "INFO", "GET")
	same("COMMAND", "COUNT", "x")
	same("COMMAND", "LIST", "FILTERBY", "FOO", "x")
	same("COMMAND", "LIST", "FILTERBY", "PATTERN", "getd*")
	same("COMMAND", "LIST", "FILTERBY", "PATTERN", "nosuch*")
	same("COMMAND", "LIST", "FILTERBY", "MODULE", "nosuch")
	same("COMMAND", "LIST", "FILTERBY", "ACLCAT", "nosuch")
	same("COMMAND", "LIST", "FILTERBY")
	same("COMMAND", "DOCS", "nosuch")
	same("COMMAND", "NOSUCH")
	same("COMMAND", "GETKEYS")
	same("COMMAND", "HELP")
	ourFast := a.Do("COMMAND", "LIST", "FILTERBY", "ACLCAT", "string").Strings()
	theirFast := b.Do("COMMAND", "LIST", "FILTERBY", "ACLCAT", "string").Strings()
	for _, name := range ourFast {
		if _, ok := full[name]; ok && !slices.Contains(theirFast, name) && name != "client|setinfo" {
			t.Errorf("COMMAND LIST FILTERBY ACLCAT string has %s, theirs has not", name)
		}
	}
}

func TestCommandDocs(t *testing.T) {
	a, b := bothServers(t)
	ours, theirs := a.Do("COMMAND", "DOCS"), b.Do("COMMAND", "DOCS")
	compareDocs(t, ours, theirs)
	one := a.Do("COMMAND", "DOCS", "get", "nosuch", "set")
	if len(one.Elems) != 4 {
		t.Errorf("COMMAND DOCS get nosuch set: %v", one)
	}
}

// compareDocs compares the documentation entries of commands, subcommands included.
func compareDocs(t *testing.T, ours, theirs harness.Reply) {
	for i := 0; i+1 < len(ours.Elems); i += 2 {
		name, doc := ours.Elems[i].Str, ours.Elems[i+1]
		other, ok := theirs.Get(name)
		if !ok {
			check(t, name, "documented", "unknown")
			continue
		}
		for j := 0; j+1 < len(doc.Elems); j += 2 {
			field := doc.Elems[j].Str
			theirField, _ := other.Get(field)
			if field == "subcommands" {
				compareDocs(t, doc.Elems[j+1], theirField)
				continue
			}
			check(t, name+".docs."+field, render(doc.Elems[j+1], false), render(theirField, false))
		}
		for j := 0; j+1 < len(other.Elems); j += 2 {
			if _, ok := doc.Get(other.Elems[j].Str); !ok {
				check(t, name+".docs."+other.Elems[j].Str, "missing", "there")
			}
		}
	}
}

// TestCommandGetKeys asks both servers for the keys of random command lines.
func TestCommandGetKeys(t *testing.T) {
	a, b := bothServers(t)
	s := newSource(seed(t))
	w := newWheel(redisRows())
	bad := map[string]bool{}
	for range 3000 {
		r := w.draw(s)
		line := r.line(s)
		for _, ask := range []string{"GETKEYS", "GETKEYSANDFLAGS"} {
			args := append([]string{"COMMAND", ask}, line...)
			x, y := a.Do(args...), b.Do(args...)
			k := ask + strings.ToLower(line[0]) + class(x.Raw) + class(y.Raw)
			if x.Raw != y.Raw && !excepted(args, x.Raw, y.Raw) && !bad[k] {
				bad[k] = true
				t.Errorf("%s\n\tours:   %v\n\ttheirs: %v", typed(args), x, y)
			}
		}
	}
}
