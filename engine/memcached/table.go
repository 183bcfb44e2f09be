// The table of commands: the families it is made of, and finding a row by its first word without allocating.

package memcached

import "fmt"

// families is every command, by the file it is in.
var families = [][]command{retrievalCommands, storageCommands, itemCommands, metaGetCommands, metaSetCommands, metaItemCommands,
	serverCommands, tuningCommands, statsCommands, authCommands, configCommands}

// tableSize is the number of slots of a table; a power of two, some four per command so that a multiplier without
// collisions is found at once.
const tableSize = 256

// table finds rows by name: a perfect hash of length, first, second and last letter, found when the table is built.
type table struct {
	mul  uint32
	rows [tableSize]*command
	list []*command // in the order of the families
}

// newTable builds the table and panics on rows that cannot work: a programming error.
func newTable(families [][]command) *table {
	t := &table{}
	seen := map[string]bool{}
	for _, family := range families {
		for i := range family {
			c := &family[i]
			if seen[c.name] {
				panic(fmt.Sprintf("memcached: command %q is in the table twice", c.name))
			}
			seen[c.name] = true
			mustWork(c, c.name)
			t.list = append(t.list, c)
		}
	}
	for t.mul = 1; !t.fill(); t.mul += 2 {
		if t.mul > 1<<20 {
			panic("memcached: no multiplier keeps the command names apart")
		}
	}
	return t
}

// fill places all rows with the current multiplier, false on a collision.
func (t *table) fill() bool {
	t.rows = [tableSize]*command{}
	for _, c := range t.list {
		slot := &t.rows[t.slot([]byte(c.name))]
		if *slot != nil {
			return false
		}
		*slot = c
	}
	return true
}

// slot is the place of a name of at least two letters.
func (t *table) slot(name []byte) uint32 {
	n := uint32(len(name))
	h := uint32(name[0]) | uint32(name[1])<<8 | uint32(name[n-1])<<16 | n<<24
	return h * (t.mul * 0x9e3779b1) >> 24 % tableSize
}

// find returns the row of a word, nil if it is no command. Names are lower case only, as in the original.
func (t *table) find(word []byte) *command {
	if len(word) < 2 {
		return nil
	}
	c := t.rows[t.slot(word)]
	if c == nil || c.name != string(word) {
		return nil
	}
	return c
}

// mustWork panics on a row whose parts contradict each other.
func mustWork(c *command, path string) {
	bad := ""
	switch {
	case len(c.name) < 2:
		bad = "has no name of two letters"
	case c.min < 1 || c.max != 0 && c.max < c.min:
		bad = "has impossible word counts"
	case c.has(flagKeys) != (c.run == nil && len(c.subs) == 0):
		bad = "must have a handler, or be a retrieval command"
	case c.key >= c.min && !c.has(flagKeys):
		bad = "has its key behind its shortest line"
	case c.has(flagBody) && c.min < 5 && c.meta == nil:
		bad = "has a body but no length"
	case c.syntax == "" || c.about == "":
		bad = "is not documented"
	}
	if bad != "" {
		panic(fmt.Sprintf("memcached: command %q %s", path, bad))
	}
	for i := range c.subs {
		mustWork(&c.subs[i], path+" "+c.subs[i].name)
	}
}

// sub returns the row of a second word, nil if there is none.
func (c *command) sub(word []byte) *command {
	for i := range c.subs {
		if c.subs[i].name == string(word) {
			return &c.subs[i]
		}
	}
	return nil
}
