// command: one row of the command table, and the flags and categories it is made of.

package redis

import "github.com/cachesrv/cachesrv/core"

// command is a row: everything that is known about a command. The dispatcher obeys it, and COMMAND, the
// ACL categories, statistics and the documentation are derived from it. A subcommand is a row of the same type.
type command struct {
	name   string // lower case, "get"; of a subcommand only its own word
	arity  int    // words with the name; negative: at least that many
	flags  flags
	cats   category // those that do not follow from the flags
	keys   []keySpec
	tips   []string
	group  string
	since  string
	syntax string // the arguments in the notation of syntax.go
	sum    string
	cost   string // complexity
	past   []change
	gone   deprecation
	subs   []*command
	run    func(*client) error
	grows  func(args [][]byte) int                                    // how long a write may make the string that is its first key, beyond its arguments
	ready  func(c *client, b *blocked, k core.Key, it core.Item) bool // of a blocking one: the item of this key would end the wait
	roams  func(args [][]byte) bool                                   // it will look at keys that the request does not name: every shard is locked

	// Set when the table is built.
	full   string // "config|get"
	called string // what clients call it, "" if they cannot
	parent *command
	id     int // index into the statistics
	single int // position of the only key, 0 if there is not exactly one
	argdoc []argument

	channels *channelUse // nil: none of its arguments is a channel
}

// change is one entry of a command's history; deprecation names since when a command should not be used, and what instead.
type change struct{ version, what string }
type deprecation struct{ since, instead string }

// flags are what the dispatcher has to know.
type flags uint32

const (
	write flags = 1 << iota
	readonly
	denyoom // refused while memory is over the limit and nothing can be evicted
	admin
	pubsub
	noscript
	blocking
	loading // allowed while data is being loaded
	stale
	fast
	noAuth // allowed before AUTH
	noMulti
	allowBusy
	asking // may act on a slot that is being moved here
	noAsyncLoading
	skipMonitor // monitors are shown it by its handler, before it runs

	// Without a name in COMMAND's reply:
	free         // needs no data: gets through while the store is held exclusively
	guarded      // only with enable-debug-command, or enable-module-command
	quiet        // not in the slow log
	brief        // as cheap as a fast one, though Redis does not call it so
	touches      // counts as use of its keys even for a client that asked for NO-TOUCH
	mayReplicate // a pause of writes holds it back like one
	immediate    // run, not queued, while a transaction is collected
	ownSubs      // the handler looks at its subcommands itself (DEBUG)
	listener     // allowed to a subscriber that speaks the old protocol, in which nothing tells messages from replies
	system       // documented as one that servers send each other
	keyless      // waits also for its keys to go away
	ownLocks     // locks its keys itself
	someKeys     // may come without keys, though it has key specs
)

var flagNames = []struct {
	flag flags
	name string
}{
	{write, "write"}, {readonly, "readonly"}, {denyoom, "denyoom"}, {admin, "admin"}, {pubsub, "pubsub"}, {noscript, "noscript"}, {blocking, "blocking"},
	{loading, "loading"}, {stale, "stale"}, {fast, "fast"}, {noAuth, "no_auth"}, {noMulti, "no_multi"},
	{allowBusy, "allow_busy"}, {asking, "asking"}, {noAsyncLoading, "no_async_loading"}, {skipMonitor, "skip_monitor"}, {quiet, "skip_slowlog"}, {someKeys, "no_mandatory_keys"},
}

// category is a set of ACL categories.
type category uint32

const (
	catKeyspace category = 1 << iota
	catRead
	catWrite
	catSet
	catSortedSet
	catList
	catHash
	catString
	catBitmap
	catHyperLogLog
	catGeo
	catStream
	catAdmin
	catFast
	catSlow
	catBlocking
	catDangerous
	catConnection
	catTransaction
	catScripting
	catPubSub
)

// catNames is in the order in which COMMAND lists them.
var catNames = []struct {
	cat  category
	name string
}{
	{catKeyspace, "keyspace"}, {catRead, "read"}, {catWrite, "write"}, {catSet, "set"}, {catSortedSet, "sortedset"}, {catList, "list"},
	{catHash, "hash"}, {catString, "string"}, {catBitmap, "bitmap"}, {catHyperLogLog, "hyperloglog"}, {catGeo, "geo"}, {catStream, "stream"}, {catPubSub, "pubsub"},
	{catAdmin, "admin"}, {catFast, "fast"}, {catSlow, "slow"}, {catBlocking, "blocking"}, {catDangerous, "dangerous"}, {catConnection, "connection"},
	{catTransaction, "transaction"}, {catScripting, "scripting"},
}

// categories are the row's own and those that follow from its flags.
func (cmd *command) categories() category {
	c := cmd.cats
	if cmd.flags&write != 0 {
		c |= catWrite
	}
	if cmd.flags&readonly != 0 && c&catScripting == 0 {
		c |= catRead
	}
	if cmd.flags&admin != 0 {
		c |= catAdmin | catDangerous
	}
	if cmd.flags&pubsub != 0 {
		c |= catPubSub
	}
	if cmd.flags&blocking != 0 {
		c |= catBlocking
	}
	if cmd.flags&fast != 0 {
		c |= catFast
	} else {
		c |= catSlow
	}
	return c
}

// offered tells whether clients can call the command.
func (cmd *command) offered() bool {
	return cmd.called != "" && (cmd.parent == nil || cmd.parent.called != "")
}

// sub finds a subcommand by its word, nil if there is none.
func (cmd *command) sub(word []byte) *command {
	for _, s := range cmd.subs {
		if equalFold(word, s.name) {
			return s
		}
	}
	return nil
}

// arityOK checks a number of words, the command's own included.
func (cmd *command) arityOK(n int) bool {
	if cmd.arity >= 0 {
		return n == cmd.arity
	}
	return n >= -cmd.arity
}
