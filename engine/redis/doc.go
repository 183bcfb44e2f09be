// Package redis is the Redis personality: it turns the Redis protocol into calls of the core.
//
// The nouns. A command is a row of the table (command.go, table.go) and a function in a cmd_<family>.go file. A
// client is the session of one connection and all that a handler sees. The Engine holds what clients share.
//
// A request's path: the loop reads, Feed parses in place (package resp), the table gives the row, the dispatcher
// applies what the row's flags ask for, locks the keys that the row's key specs name, calls the handler, hands a
// change to the journal, unlocks. A handler reads its arguments, touches data and writes one reply, or returns an error and
// writes nothing: the dispatcher writes errors.
//
// Who owns bytes: a request's words alias the loop's read buffer and die when Feed returns; values of items alias the
// store and die when the dispatcher unlocks. Whatever is kept (a client's name, a slow log entry) is copied.
//
// Lock order: the store's locks are taken by the dispatcher only, and nothing else is locked under them but the slow log's
// mutex, which guards only its own entries. What CLIENT LIST reads of other connections is atomic.
package redis
