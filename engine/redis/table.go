// The command table: the families, and how a request's first word finds its row.

package redis

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// families lists every family of commands. A new one is one word here.
func families() [][]*command {
	return [][]*command{
		connectionCommands(),
		transactionCommands(),
		evalCommands(),
		scriptCommands(),
		functionCommands(),
		clientCommands(),
		stringCommands(),
		zsetCommands(),
		zrangeCommands(),
		zalgebraCommands(),
		zpopCommands(),
		geoCommands(),
		geoSearchCommands(),
		hashCommands(),
		listCommands(),
		streamCommands(),
		blockCommands(),
		waitCommands(),
		bitmapCommands(),
		hllCommands(),
		keyCommands(),
		expireCommands(),
		setsCommands(),
		sortCommands(),
		objectCommands(),
		memoryCommands(),
		dumpCommands(),
		migrateCommands(),
		serverCommands(),
		aclCommands(),
		configCommands(),
		commandCommands(),
		debugCommands(),
		slowlogCommands(),
		pubsubCommands(),
		monitorCommands(),
		latencyCommands(),
		clusterCommands(),
		replicationCommands(),
		moduleCommands(),
		persistCommands(),
	}
}

// table finds rows by name: open addressing over a power of two, at most a quarter full.
type table struct {
	slots []*command
	all   []*command // in the order of families
	rows  []*command // all and their subcommands, by id
}

// newTable builds the table and panics on a row that contradicts itself: that is a mistake in the source.
func newTable(families [][]*command) *table {
	t := &table{}
	for _, family := range families {
		t.all = append(t.all, family...)
	}
	size := 64
	for size < 4*len(t.all) {
		size *= 2
	}
	t.slots = make([]*command, size)
	for _, cmd := range t.all {
		if t.find([]byte(cmd.name)) != nil {
			panic("redis: command " + cmd.name + " has two rows")
		}
		t.adopt(cmd, nil)
		t.place(cmd)
	}
	return t
}

// place puts a row where find looks for what it is called.
func (t *table) place(cmd *command) {
	mask := uint32(len(t.slots) - 1)
	i := nameHash([]byte(cmd.called)) & mask
	for t.slots[i] != nil {
		i = (i + 1) & mask
	}
	t.slots[i] = cmd
}

// rename gives a command another name to be called by, or with an empty one none. Users' rules, statistics, documentation and error
// texts go on with its own. A table is renamed before it is used.
func (t *table) rename(name, called string) error {
	cmd := t.find([]byte(name))
	if cmd == nil {
		return errors.New("No such command in rename-command")
	}
	called = strings.ToLower(called)
	if called != "" && t.find([]byte(called)) != nil {
		return errors.New("Target command name already exists")
	}
	cmd.called = called
	clear(t.slots)
	for _, row := range t.all {
		if row.called != "" {
			t.place(row)
		}
	}
	return nil
}

// offered are the commands that can be called.
func (t *table) offered() []*command {
	return slices.DeleteFunc(slices.Clone(t.all), func(cmd *command) bool { return cmd.called == "" })
}

// adopt checks a row and fills in what follows from it.
func (t *table) adopt(cmd, parent *command) {
	cmd.full, cmd.called, cmd.parent = cmd.name, cmd.name, parent
	if parent != nil {
		cmd.full = parent.name + "|" + cmd.name
		if cmd.group == "" {
			cmd.group = parent.group
		}
	}
	switch {
	case cmd.name != strings.ToLower(cmd.name) || cmd.name == "":
		panic("redis: command name not in lower case: " + cmd.full)
	case cmd.arity == 0 || cmd.run == nil && len(cmd.subs) == 0:
		panic("redis: command without arity or function: " + cmd.full)
	case cmd.flags&(write|readonly) == write|readonly || cmd.flags&denyoom != 0 && cmd.flags&write == 0:
		panic("redis: flags contradict each other: " + cmd.full)
	case cmd.flags&free != 0 && (cmd.flags&(write|readonly) != 0 || cmd.hasKeys()):
		panic("redis: command without data that has keys: " + cmd.full)
	case cmd.since == "" || cmd.sum == "" || cmd.group == "":
		panic("redis: command without documentation: " + cmd.full)
	}
	cmd.id = len(t.rows)
	cmd.channels = channelUses[cmd.full]
	t.rows = append(t.rows, cmd)
	if len(cmd.keys) == 1 && cmd.roams == nil && cmd.keys[0].last == 0 && !cmd.keys[0].movable() && cmd.hasKeys() {
		cmd.single = cmd.keys[0].first
		if need := max(cmd.arity, -cmd.arity); need <= cmd.single {
			panic(fmt.Sprintf("redis: %s may come without its key", cmd.full))
		}
	}
	cmd.argdoc = parseSyntax(cmd.full, cmd.syntax)
	seen := map[string]bool{}
	for _, sub := range cmd.subs {
		if seen[sub.name] {
			panic("redis: subcommand " + sub.name + " of " + cmd.name + " has two rows")
		}
		seen[sub.name] = true
		t.adopt(sub, cmd)
	}
}

// find gives the row of a name in any case, nil if there is none.
func (t *table) find(name []byte) *command {
	mask := uint32(len(t.slots) - 1)
	for i := nameHash(name) & mask; ; i = (i + 1) & mask {
		cmd := t.slots[i]
		if cmd == nil || equalFold(name, cmd.called) {
			return cmd
		}
	}
}

// findFull finds "get", "config|get"; nil if there is none.
func (t *table) findFull(name []byte) *command {
	for i, c := range name {
		if c == '|' {
			if cmd := t.find(name[:i]); cmd != nil {
				return cmd.sub(name[i+1:])
			}
			return nil
		}
	}
	return t.find(name)
}

// nameHash is the same for both cases of a letter. Only names of the length of commands are hashed whole.
func nameHash(name []byte) uint32 {
	h := uint32(len(name)) * 0x9e3779b1
	if len(name) > 20 {
		name = name[:20]
	}
	for _, c := range name {
		h = (h ^ uint32(c|0x20)) * 0x01000193
	}
	return h ^ h>>15
}

// equalFold compares with a lower-case word, ASCII letters of any case.
func equalFold(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i := 0; i < len(word); i++ {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// byGroup lists the commands by group, each group by name.
func (t *table) byGroup() []*command {
	rows := slices.Clone(t.all)
	slices.SortFunc(rows, func(a, b *command) int {
		if d := strings.Compare(a.group, b.group); d != 0 {
			return d
		}
		return strings.Compare(a.name, b.name)
	})
	return rows
}
