// Functions: FUNCTION and its subcommands, FCALL.

package redis

import (
	"github.com/cachesrv/cachesrv/engine/redis/glob"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
	"github.com/cachesrv/cachesrv/engine/redis/script"
)

func functionCommands() []*command {
	const plain = noscript | stale | skipMonitor | someKeys | ownLocks
	all := []string{"request_policy:all_shards", "response_policy:all_succeeded"}
	fcall := func(name, sum string, fl flags, a access) *command {
		return &command{name: name, arity: -3, flags: plain | fl, cats: catScripting, keys: anyKeys(a, true), run: cmdFCALL,
			group: "scripting", since: "7.0.0", syntax: "function numkeys:int [key:key0...] [arg...]", cost: "That of the function.", sum: sum}
	}
	sub := func(name string, arity int, fl flags, syntax, cost, sum string, tips []string, run func(*client) error) *command {
		return &command{name: name, arity: arity, flags: noscript | fl, cats: catScripting, run: run, tips: tips, since: "7.0.0", syntax: syntax, cost: cost, sum: sum}
	}
	return []*command{
		fcall("fcall", "Calls a function.", 0, rw|reads|updates),
		fcall("fcall_ro", "Calls a function that may not write.", readonly, ro|reads),
		{name: "function", arity: -2, group: "scripting", since: "7.0.0", cost: "That of the subcommand.", sum: "Commands for functions.", subs: []*command{
			sub("delete", 3, write, "library-name", "O(1)", "Deletes a library.", all, cmdFUNCTIONDELETE),
			sub("dump", 2, free, "", "O(N), N being the number of functions", "Serializes all libraries.", nil, cmdFUNCTIONDUMP),
			sub("flush", -2, write, "[async:<ASYNC | SYNC>]", "O(N), N being the number of functions", "Deletes all libraries.", all, cmdFUNCTIONFLUSH),
			{name: "help", arity: 2, flags: loading | stale | free, cats: catScripting, run: cmdFUNCTIONHELP, since: "7.0.0", cost: "O(1)", sum: "Lists the subcommands."},
			sub("kill", 2, allowBusy|free, "", "O(1)", "Ends a function that has not written yet.",
				[]string{"request_policy:all_shards", "response_policy:one_succeeded"}, cmdFUNCTIONKILL),
			sub("list", -2, free, `["LIBRARYNAME" library-name-pattern] [WITHCODE]`, "O(N), N being the number of functions", "Lists libraries and their functions.",
				[]string{"nondeterministic_output_order"}, cmdFUNCTIONLIST),
			sub("load", -3, write|denyoom, "[REPLACE] function-code", "O(1), compiling apart", "Makes a library of a text.", all, cmdFUNCTIONLOAD),
			sub("restore", -3, write|denyoom, "serialized-value [policy:<FLUSH | APPEND | REPLACE>]", "O(N), N being the number of functions", "Loads serialized libraries.", all, cmdFUNCTIONRESTORE),
			sub("stats", 2, allowBusy|free, "", "O(1)", "Tells which function runs, and counts functions.",
				[]string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"}, cmdFUNCTIONSTATS),
		}},
	}
}

// FCALL function numkeys [key [key ...]] [arg [arg ...]]
func cmdFCALL(c *client) error {
	f := c.e.scripts.functions.function(c.args[1])
	if f == nil {
		return errNoFunction
	}
	keys, args, err := c.scriptWords(errFunctionKeys)
	if err != nil {
		return err
	}
	oom, err := c.mayRun(f.Flags, true)
	if err != nil {
		return err
	}
	r := c.e.scripts.runner(script.ForFunctions)
	r.begin(c, f.Name)
	defer r.end()
	r.function = f
	r.readOnly = c.cmd.flags&readonly != 0 || f.Flags&script.NoWrites != 0
	r.oom, r.allowOOM = oom, f.Flags&script.AllowOOM != 0
	r.call.Keys, r.call.Args = keys, args
	r.state.Forget(c.e.scripts.functions.load().has)
	return r.run(f.Library.Safe)
}

// changeFunctions replaces the libraries and counts the change.
func (c *client) changeFunctions(f func(*librarySet) (*librarySet, error)) error {
	err := c.e.scripts.functions.change(f)
	if err == nil {
		c.changed(1)
	}
	return err
}

// FUNCTION LOAD [REPLACE] function-code
func cmdFUNCTIONLOAD(c *client) error {
	replace := false
	for _, a := range c.args[2 : len(c.args)-1] {
		if !equalFold(a, "replace") {
			return errorf("ERR Unknown option given: %s", cstr(a, 128))
		}
		replace = true
	}
	lib, err := c.e.scripts.compile(string(c.args[len(c.args)-1]))
	if err != nil {
		return err
	}
	if err := c.changeFunctions(func(l *librarySet) (*librarySet, error) { return l.with(lib, replace) }); err != nil {
		return err
	}
	c.bulkString(lib.Name)
	return nil
}

// FUNCTION DELETE library-name
func cmdFUNCTIONDELETE(c *client) error {
	err := c.changeFunctions(func(l *librarySet) (*librarySet, error) {
		lib := l.library(string(c.args[2]))
		if lib == nil {
			return nil, errNoLibrary
		}
		return l.without(lib), nil
	})
	if err == nil {
		c.ok()
	}
	return err
}

// FUNCTION FLUSH [ASYNC|SYNC]
func cmdFUNCTIONFLUSH(c *client) error {
	if err := c.syncOrAsync(errFunctionFlush); err != nil {
		return err
	}
	c.ok()
	return c.changeFunctions(func(*librarySet) (*librarySet, error) { return noLibraries, nil })
}

// FUNCTION LIST [LIBRARYNAME library-name-pattern] [WITHCODE]
func cmdFUNCTIONLIST(c *client) error {
	var pattern []byte
	code := false
	for i := 2; i < len(c.args); i++ {
		switch a := c.args[i]; {
		case !code && equalFold(a, "withcode"):
			code = true
		case pattern == nil && equalFold(a, "libraryname"):
			if i++; i >= len(c.args) {
				return errLibraryName
			}
			pattern = c.args[i]
		default:
			return errorf("ERR Unknown argument %s", cstr(a, 128))
		}
	}
	mark, n := c.openArray(), 0
	for _, lib := range c.e.scripts.functions.load().libs {
		if pattern == nil || glob.MatchFold(pattern, []byte(lib.Name)) {
			c.listLibrary(lib, code)
			n++
		}
	}
	c.closeArray(mark, n)
	return nil
}

func (c *client) listLibrary(lib *script.Library, code bool) {
	n := 3
	if code {
		n++
	}
	c.mapping(n)
	c.bulkString("library_name")
	c.bulkString(lib.Name)
	c.bulkString("engine")
	c.bulkString("LUA")
	c.bulkString("functions")
	c.array(len(lib.Functions))
	for _, f := range lib.Functions {
		c.mapping(3)
		c.bulkString("name")
		c.bulkString(f.Name)
		c.bulkString("description")
		if f.HasDescription {
			c.bulkString(f.Description)
		} else {
			c.null()
		}
		c.bulkString("flags")
		names := f.Flags.Names()
		c.set(len(names))
		for _, name := range names {
			c.status(name)
		}
	}
	if code {
		c.bulkString("library_code")
		c.bulkString(lib.Source)
	}
}

// FUNCTION STATS
func cmdFUNCTIONSTATS(c *client) error {
	c.mapping(2)
	c.bulkString("running_script")
	if name, words, ran := c.e.scripts.current(); name == "" {
		c.null()
	} else {
		c.mapping(3)
		c.bulkString("name")
		c.bulkString(name)
		c.bulkString("command")
		c.array(len(words))
		for _, w := range words {
			c.bulk(w)
		}
		c.bulkString("duration_ms")
		c.integer(ran.Milliseconds())
	}
	set := c.e.scripts.functions.load()
	c.bulkString("engines")
	c.mapping(1)
	c.bulkString("LUA")
	c.mapping(2)
	c.bulkString("libraries_count")
	c.integer(int64(len(set.libs)))
	c.bulkString("functions_count")
	c.integer(int64(len(set.names)))
	return nil
}

// FUNCTION KILL
func cmdFUNCTIONKILL(c *client) error {
	if err := c.e.scripts.kill(script.ForFunctions); err != nil {
		return err
	}
	c.ok()
	return nil
}

// FUNCTION DUMP
func cmdFUNCTIONDUMP(c *client) error {
	w := writers.Get().(*rdb.Writer)
	w.Out, w.Compress = nil, c.e.compress.Bool()
	for _, lib := range c.e.scripts.functions.load().libs {
		w.Library(lib.Source)
	}
	w.LibrariesFoot()
	c.bulk(w.Out)
	w.Out = nil
	writers.Put(w)
	return nil
}

// FUNCTION RESTORE serialized-value [FLUSH|APPEND|REPLACE]
func cmdFUNCTIONRESTORE(c *client) error {
	policy := "append"
	switch {
	case len(c.args) > 4:
		return errSubSyntax(c)
	case len(c.args) < 4 || equalFold(c.args[3], "append"):
	case equalFold(c.args[3], "flush"):
		policy = "flush"
	case equalFold(c.args[3], "replace"):
		policy = "replace"
	default:
		return errPolicy
	}
	sources, ok, err := rdb.Libraries(c.args[2])
	if err != nil {
		return errPayload
	}
	if !ok {
		return errRestoreData
	}
	libs := make([]*script.Library, len(sources))
	for i, s := range sources {
		if libs[i], err = c.e.scripts.compile(s); err != nil {
			return err
		}
	}
	if err := c.changeFunctions(func(l *librarySet) (*librarySet, error) { return l.restore(libs, policy) }); err != nil {
		return err
	}
	c.ok()
	return nil
}

// FUNCTION HELP
func cmdFUNCTIONHELP(c *client) error {
	c.help("LOAD [REPLACE] <FUNCTION CODE>",
		"    Create a new library with the given library name and code.",
		"DELETE <LIBRARY NAME>",
		"    Delete the given library.",
		"LIST [LIBRARYNAME PATTERN] [WITHCODE]",
		"    Return libraries with their functions, and their code if WITHCODE is given.",
		"STATS",
		"    Return the function that runs, with its command and duration, and the number of libraries and functions.",
		"KILL",
		"    Kill the current running function.",
		"FLUSH [ASYNC|SYNC]",
		"    Delete all the libraries.",
		"DUMP",
		"    Return all libraries in the form that FUNCTION RESTORE reads.",
		"RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
		"    Load the libraries of a payload: instead of all existing ones, beside them (the default), or in place of those of the same name.")
	return nil
}
