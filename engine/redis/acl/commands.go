// Package acl says who may do what: users with passwords, and rules about commands, keys and channels in the grammar of Redis.
// It knows commands as names, numbers and categories, and nothing of connections or of how a command is run.
//
// A User is never changed once it is published: a rule makes a copy. An Account is the place of a name in the Book; a
// connection keeps its account, and a request reads the account's current User with one load. So a change is seen by the
// next request of every connection, and no request sees half of one.
package acl

import "strings"

// Command is one command or subcommand, as the rules name it.
type Command struct {
	Name string // lower case: "get", "config|get"
	ID   int    // from 0, without large gaps
	Cats uint64 // bit i: in the i-th category
	Subs []*Command
}

// Commands is the table that rules are read against. It does not change.
type Commands struct {
	Categories []string
	byName     map[string]*Command
	byCategory [][]int // ids that a rule about the category changes
	words      int     // of a set of commands
}

// NewCommands indexes the commands. A command in a category brings its subcommands with it.
func NewCommands(list []*Command, categories []string) *Commands {
	t := &Commands{Categories: categories, byName: map[string]*Command{}, byCategory: make([][]int, len(categories))}
	for _, cmd := range list {
		t.add(cmd)
		for _, sub := range cmd.Subs {
			t.add(sub)
		}
	}
	return t
}

func (t *Commands) add(cmd *Command) {
	t.byName[cmd.Name] = cmd
	t.words = max(t.words, cmd.ID/64+1)
	for i := range t.Categories {
		if cmd.Cats&(1<<i) != 0 {
			t.byCategory[i] = append(t.byCategory[i], cmd.ids()...)
		}
	}
}

// ids are the command's own number and those of its subcommands.
func (cmd *Command) ids() []int {
	ids := []int{cmd.ID}
	for _, sub := range cmd.Subs {
		ids = append(ids, sub.ID)
	}
	return ids
}

// find looks a name up in any case, nil if there is none.
func (t *Commands) find(name string) *Command {
	if len(name) > 64 { // longer than any; do not copy what a client made up
		return nil
	}
	return t.byName[strings.ToLower(name)]
}

// Category is the number of a category's name in any case, -1 if there is none.
func (t *Commands) Category(name string) int {
	for i, c := range t.Categories {
		if strings.EqualFold(c, name) {
			return i
		}
	}
	return -1
}
