// The row of a command: what the dispatcher needs to know before it runs the handler.

package memcached

// command is one row of the table. The dispatcher obeys it; the handler holds only the meaning.
type command struct {
	name     string
	min, max int       // words of the line, the command's own included; max 0: no bound
	key      int       // which word is the key, 0 none; retrieval rows: the first of any number of keys
	noreply  int       // a last word "noreply" at this place or behind it silences the reply; 0: never
	flags    rowFlag   //
	subs     []command // rows by the second word, if there is one; other second words are an error
	meta     *metaRow  // of a meta command, whose line consists of key and flags; nil for all others

	// usage and args return the error reply, "" for none. usage runs before the length of the key is checked, args
	// after it; neither has anything locked.
	usage, args func(x *call) string

	// run does the work with the shard of the key locked and returns the reply; "" when it wrote its own.
	// Retrieval rows have none.
	run func(x *call) string

	syntax, about string // for the list of commands in the documentation
}

// rowFlag is a property of a command.
type rowFlag uint16

const (
	flagData    rowFlag = 1 << iota // needs the store although it has no key
	flagKeys                        // retrieval: keys to the end of the line, each locked by itself
	flagBody                        // a body of args[4] bytes (meta: of the word behind the key) and \r\n follows the line
	flagGrows                       // may add memory: room is made before the lock
	flagDeny                        // refused when no room can be made
	flagReplace                     // the old value must not survive a refusal
	flagCAS                         // retrieval: replies carry the version. Storage: args[5] is the version
	flagTouch                       // retrieval: args[1] is a new expiry
	flagStream                      // needs a connection: refused over UDP
)

func (c *command) has(f rowFlag) bool { return c.flags&f != 0 }

// needsStore tells whether the command cannot run while the store is held exclusively.
func (c *command) needsStore() bool { return c.key > 0 || c.has(flagData) }
