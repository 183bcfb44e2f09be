// Package memcached is the memcached personality: the classic text protocol and the meta commands over the shared core.
//
// Its nouns: Engine (one per process: settings, counters, the timed flush), session (the protocol state of one
// connection), call (one command being run, owned by a worker and used again for the next), command (a row of the
// table: name, token counts, flags, handler), tally (a worker's counters).
//
// The path of a request: loop -> session.Feed -> line -> tokens -> the row by its first word -> the row's checks
// (token counts, key length, arguments, body) -> lock of the key's shard -> cmdX -> core -> reply in Worker.Out.
// get, gets, gat and gats leave this path after the row is known: their keys are read from the line one by one and
// each locks its own shard, so that a line may be longer than any buffer. Meta commands leave it there too: their line is a
// key and flags, which meta reads.
//
// Locks: a handler runs with the shard of its key locked (rows with a key) or with nothing locked. Of this package's
// mutexes only that of prefixes is taken with a shard locked; it and that of tuning call nothing while held. The
// flusher's flow is held while its own transaction empties the store.
//
// Bytes: args, keys and bodies alias the loop's read buffer and are gone when Feed returns; values of items alias the
// store and are copied to Worker.Out before the shard is unlocked.
//
// The first byte of a connection chooses its protocol, unless the settings allow only one. A frame of the binary
// protocol takes the path session.Feed -> header -> the row by its opcode -> the row's checks -> extras and key -> value
// -> lock -> binX -> core -> response; what the header alone refuses is refused before anything behind it is kept.
//
// With a file of users (auth) a connection begins as a stranger's: binary rows then need opBeforeAuth, and lines are
// read by logIn instead of the dispatcher. The two ways to authenticate belong to one protocol each, so the other
// protocol is not spoken at all.
package memcached
