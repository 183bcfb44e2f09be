// COMMAND: the command table as clients see it. Every reply is derived from the rows.

package redis

import (
	"slices"
	"strings"

	"github.com/cachesrv/cachesrv/engine/redis/glob"
)

func commandCommands() []*command {
	const f = loading | stale | free
	order := []string{"nondeterministic_output_order"}
	sub := func(name string, arity int, since, syntax, cost, sum string, run func(*client) error) *command {
		return &command{name: name, arity: arity, flags: f, cats: catConnection, since: since, syntax: syntax, cost: cost, sum: sum, run: run}
	}
	docs := sub("docs", -2, "7.0.0", "[command-name...]", "O(N), N being the number of commands asked for", "Documents commands.", cmdCOMMANDDOCS)
	info := sub("info", -2, "2.8.13", "[command-name...]", "O(N), N being the number of commands asked for", "Describes commands.", cmdCOMMANDINFO)
	info.past = []change{{"7.0.0", "Without a name: all commands."}}
	list := sub("list", -2, "7.0.0", `["FILTERBY" filterby:<"MODULE" module-name | "ACLCAT" category | "PATTERN" pattern:pattern>]`,
		"O(N), N being the number of commands", "Names commands.", cmdCOMMANDLIST)
	docs.tips, info.tips, list.tips = order, order, order
	return []*command{{name: "command", arity: -1, flags: f, cats: catConnection, tips: order, group: "server", since: "2.8.13", run: cmdCOMMAND,
		cost: "O(N), N being the number of commands", sum: "Describes all commands.", subs: []*command{
			sub("count", 2, "2.8.13", "", "O(1)", "Counts the commands.", cmdCOMMANDCOUNT),
			docs,
			sub("getkeys", -4, "2.8.13", "", "O(N), N being the number of arguments", "Finds the keys in a command line.", cmdCOMMANDGETKEYS),
			sub("getkeysandflags", -4, "7.0.0", "", "O(N), N being the number of arguments", "Finds the keys in a command line and what is done with them.", cmdCOMMANDGETKEYSANDFLAGS),
			sub("help", 2, "5.0.0", "", "O(1)", "Lists the subcommands.", cmdCOMMANDHELP),
			info, list,
		}}}
}

// COMMAND
func cmdCOMMAND(c *client) error {
	rows := c.e.table.offered()
	c.array(len(rows))
	for _, cmd := range rows {
		c.commandInfo(cmd)
	}
	return nil
}

// COMMAND COUNT
func cmdCOMMANDCOUNT(c *client) error {
	c.integer(int64(len(c.e.table.offered())))
	return nil
}

// COMMAND INFO [command-name …]
func cmdCOMMANDINFO(c *client) error {
	if len(c.args) == 2 {
		return cmdCOMMAND(c)
	}
	c.array(len(c.args) - 2)
	for _, name := range c.args[2:] {
		if cmd := c.e.table.findFull(name); cmd != nil {
			c.commandInfo(cmd)
		} else {
			c.null()
		}
	}
	return nil
}

// commandInfo describes one row.
func (c *client) commandInfo(cmd *command) {
	c.array(10)
	c.bulkString(cmd.full)
	c.integer(int64(cmd.arity))
	var words []string
	for _, f := range flagNames {
		if cmd.flags&f.flag != 0 {
			words = append(words, f.name)
		}
	}
	if slices.ContainsFunc(cmd.keys, func(s keySpec) bool { return s.movable() }) {
		words = append(words, "movablekeys")
	}
	c.set(len(words))
	for _, w := range words {
		c.status(w)
	}
	place := legacyRange(cmd.keys)
	c.integer(int64(place.first))
	c.integer(int64(place.last))
	c.integer(int64(place.step))
	words = words[:0]
	cats := cmd.categories()
	for _, n := range catNames {
		if cats&n.cat != 0 {
			words = append(words, "@"+n.name)
		}
	}
	c.set(len(words))
	for _, w := range words {
		c.status(w)
	}
	c.set(len(cmd.tips))
	for _, tip := range cmd.tips {
		c.bulkString(tip)
	}
	c.set(len(cmd.keys))
	for i := range cmd.keys {
		c.keySpec(&cmd.keys[i])
	}
	c.set(len(cmd.subs))
	for _, sub := range cmd.subs {
		c.commandInfo(sub)
	}
}

// keySpec describes where keys stand and what is done with them.
func (c *client) keySpec(s *keySpec) {
	n := 3
	if s.notes != "" {
		n++
	}
	c.mapping(n)
	if s.notes != "" {
		c.bulkString("notes")
		c.bulkString(s.notes)
	}
	c.bulkString("flags")
	c.accessWords(s.access)
	switch {
	case s.find != nil && s.step == 0:
		c.specPart("begin_search", "unknown")
		c.specPart("find_keys", "unknown")
		return
	case s.keyword != "":
		c.specPart("begin_search", "keyword", "keyword", upper(s.keyword), "startfrom", s.first)
	default:
		c.specPart("begin_search", "index", "index", s.first)
	}
	if s.counted {
		c.specPart("find_keys", "keynum", "keynumidx", 0, "firstkey", 1, "keystep", s.step)
	} else {
		c.specPart("find_keys", "range", "lastkey", s.last, "keystep", s.step, "limit", s.limit)
	}
}

// specPart describes one half of a key spec: its kind, and names with their texts or numbers.
func (c *client) specPart(name, kind string, fields ...any) {
	c.bulkString(name)
	c.mapping(2)
	c.bulkString("type")
	c.bulkString(kind)
	c.bulkString("spec")
	c.mapping(len(fields) / 2)
	for _, f := range fields {
		switch f := f.(type) {
		case string:
			c.bulkString(f)
		case int:
			c.integer(int64(f))
		}
	}
}

func (c *client) accessWords(a access) {
	n := 0
	for _, w := range accessNames {
		if a&w.flag != 0 {
			n++
		}
	}
	c.set(n)
	for _, w := range accessNames {
		if a&w.flag != 0 {
			c.status(w.name)
		}
	}
}

// COMMAND DOCS [command-name …]
func cmdCOMMANDDOCS(c *client) error {
	rows := c.e.table.offered()
	if len(c.args) > 2 {
		rows = nil
		for _, name := range c.args[2:] {
			if cmd := c.e.table.findFull(name); cmd != nil {
				rows = append(rows, cmd)
			}
		}
	}
	c.mapping(len(rows))
	for _, cmd := range rows {
		c.bulkString(cmd.full)
		c.commandDocs(cmd)
	}
	return nil
}

// commandDocs documents one row.
func (c *client) commandDocs(cmd *command) {
	n := 3
	for _, there := range []bool{cmd.cost != "", cmd.gone.since != "" || cmd.flags&(ownSubs|system) != 0, cmd.gone.since != "", cmd.gone.instead != "",
		len(cmd.past) > 0, len(cmd.argdoc) > 0, len(cmd.subs) > 0} {
		if there {
			n++
		}
	}
	c.mapping(n)
	c.docField("summary", cmd.sum)
	c.docField("since", cmd.since)
	c.docField("group", cmd.group)
	if cmd.cost != "" {
		c.docField("complexity", cmd.cost)
	}
	if cmd.gone.since != "" {
		c.bulkString("doc_flags")
		c.set(1)
		c.status("deprecated")
		c.docField("deprecated_since", cmd.gone.since)
	} else if cmd.flags&(ownSubs|system) != 0 {
		c.bulkString("doc_flags")
		c.set(1)
		c.status("syscmd")
	}
	if cmd.gone.instead != "" {
		c.docField("replaced_by", cmd.gone.instead)
	}
	if len(cmd.past) > 0 {
		c.bulkString("history")
		c.set(len(cmd.past))
		for _, p := range cmd.past {
			c.array(2)
			c.bulkString(p.version)
			c.bulkString(p.what)
		}
	}
	if len(cmd.argdoc) > 0 {
		c.bulkString("arguments")
		c.argumentDocs(cmd.argdoc)
	}
	if len(cmd.subs) > 0 {
		c.bulkString("subcommands")
		c.mapping(len(cmd.subs))
		for _, sub := range cmd.subs {
			c.bulkString(sub.full)
			c.commandDocs(sub)
		}
	}
}

func (c *client) docField(name, value string) {
	c.bulkString(name)
	c.bulkString(value)
}

// argumentDocs describes a list of arguments.
func (c *client) argumentDocs(args []argument) {
	c.array(len(args))
	for i := range args {
		a := &args[i]
		var flags []string
		if a.optional {
			flags = append(flags, "optional")
		}
		if a.many {
			flags = append(flags, "multiple")
		}
		if a.manyTokens {
			flags = append(flags, "multiple_token")
		}
		n := 2
		for _, there := range []bool{a.key >= 0, a.token != "", a.since != "", a.gone != "", flags != nil, a.parts != nil} {
			if there {
				n++
			}
		}
		c.mapping(n)
		c.docField("name", a.name)
		c.docField("type", a.kind)
		if a.key >= 0 {
			c.bulkString("key_spec_index")
			c.integer(int64(a.key))
		}
		if a.token != "" {
			c.docField("token", a.token)
		}
		if a.since != "" {
			c.docField("since", a.since)
		}
		if a.gone != "" {
			c.docField("deprecated_since", a.gone)
		}
		if flags != nil {
			c.bulkString("flags")
			c.set(len(flags))
			for _, f := range flags {
				c.status(f)
			}
		}
		if a.parts != nil {
			c.bulkString("arguments")
			c.argumentDocs(a.parts)
		}
	}
}

// COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern]
func cmdCOMMANDLIST(c *client) error {
	wanted := func(*command) bool { return true }
	switch args := c.args[2:]; {
	case len(args) == 0:
	case len(args) != 3 || !equalFold(args[0], "filterby"):
		return errSyntax
	case equalFold(args[1], "module"):
		wanted = func(*command) bool { return false }
	case equalFold(args[1], "aclcat"):
		var cat category
		for _, n := range catNames {
			if equalFold(args[2], n.name) {
				cat = n.cat
			}
		}
		wanted = func(cmd *command) bool { return cmd.categories()&cat != 0 }
	case equalFold(args[1], "pattern"):
		wanted = func(cmd *command) bool { return glob.MatchFold(args[2], []byte(cmd.full)) }
	default:
		return errSyntax
	}
	var names []string
	for _, cmd := range c.e.table.rows {
		if cmd.offered() && wanted(cmd) {
			names = append(names, cmd.full)
		}
	}
	c.array(len(names))
	for _, n := range names {
		c.bulkString(n)
	}
	return nil
}

// COMMAND GETKEYS command [arg …]
func cmdCOMMANDGETKEYS(c *client) error { return keysOf(c, false) }

// COMMAND GETKEYSANDFLAGS command [arg …]
func cmdCOMMANDGETKEYSANDFLAGS(c *client) error { return keysOf(c, true) }

func keysOf(c *client, flags bool) error {
	args := c.args[2:]
	cmd := c.e.table.find(args[0])
	if cmd != nil && len(cmd.subs) > 0 && len(args) > 1 {
		if sub := cmd.sub(args[1]); sub != nil || cmd.flags&ownSubs == 0 {
			cmd = sub
		}
	}
	switch {
	case cmd == nil:
		return errBadCommand
	case !cmd.hasKeys():
		return errKeyNoArgs
	case !cmd.arityOK(len(args)):
		return errBadArgCount
	}
	n := 0
	walk := cmd.walkKeys(args)
	for walk.next() {
		n++
	}
	if (n == 0 || walk.bad) && cmd.flags&someKeys == 0 {
		return errBadArguments
	}
	c.array(n)
	for walk := cmd.walkKeys(args); walk.next(); {
		if flags {
			c.array(2)
		}
		c.bulk(args[walk.arg])
		if flags {
			c.accessWords(walk.access(args))
		}
	}
	return nil
}

// COMMAND HELP
func cmdCOMMANDHELP(c *client) error {
	c.help(
		"(no subcommand)", "    Describe all commands.",
		"COUNT", "    Number of commands.",
		"LIST", "    Names of commands; with FILTERBY (MODULE <name>|ACLCAT <category>|PATTERN <pattern>) of some.",
		"INFO [<command-name> ...]", "    Descriptions of these commands, or of all.",
		"DOCS [<command-name> ...]", "    Documentation of these commands, or of all.",
		"GETKEYS <full-command>", "    Keys in a command line.",
		"GETKEYSANDFLAGS <full-command>", "    Keys in a command line and what is done with them.")
	return nil
}

// reference is the text of docs/commands-redis.md.
func (t *table) reference() string {
	var b strings.Builder
	b.WriteString("# Commands of the Redis personality\n\nGenerated from the command table; a test keeps it current.\n")
	group := ""
	for _, cmd := range t.byGroup() {
		if cmd.group != group {
			group = cmd.group
			b.WriteString("\n## " + upper(group[:1]) + group[1:] + "\n\n| command | since | what it does | cost |\n|---|---|---|---|\n")
		}
		if cmd.run != nil {
			t.referenceLine(&b, cmd)
		}
		for _, sub := range cmd.subs {
			t.referenceLine(&b, sub)
		}
	}
	return b.String()
}

func (t *table) referenceLine(b *strings.Builder, cmd *command) {
	line := upper(strings.ReplaceAll(cmd.full, "|", " "))
	if u := usage(cmd.argdoc); u != "" {
		line += " " + u
	}
	b.WriteString("| `" + strings.ReplaceAll(line, "|", `\|`) + "` | " + cmd.since + " | " + cmd.sum + " | " + cmd.cost + " |\n")
}
