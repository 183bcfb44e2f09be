// Package engine is what all protocols share: it accepts connections, runs their sessions and keeps their limits. It knows no
// protocol word and touches the store only to lend it to sessions.
//
// Nouns. An Engine is a protocol personality; it opens a Session for every Conn. A Worker is what is lent to a session while it
// runs. A Server owns listeners and connections and runs them with a backend: on Linux the fleet, elsewhere (or
// with Options.Portable) streams.
//
// The fleet has loops and threads. A loop is an epoll set, the list of its work and a mailbox; a thread is an OS thread with a
// read buffer and a worker, and runs one loop. They are two things because a loop may change its thread: when a command
// takes too long, the monitor gives the loop, with all events already harvested, to a spare thread. The late thread
// finishes that one turn and brings the connection back through the mailbox.
//
// The path of a request: loop.poll → thread.event → proceed → read → feed → Session.Feed → flush. One read, one write, one
// share of a poll; nothing is allocated and no lock taken.
//
// Who owns what. A connection belongs to its loop's thread, or to the late thread of its turn (flagHeld); only the owner
// touches the fields outside Conn.mu. Anybody else leaves a message: Post, Kill and Resume note what they want
// under Conn.mu and ask Conn.home for a visit. Because home changes under Conn.mu as well, a message reaches the owner wherever the
// connection moves, and in order. Locks are taken in the order Conn.mu, then loop.mu or streams.mu; fleet.mu is never held while
// another is taken, and none is held while a session runs, except stream.run, which is what makes a portable session single.
//
// Who owns bytes. Input given to Feed lies in the thread's read buffer or, if a request was left unfinished, in Conn.in;
// it is the session's until Feed returns. Replies lie in Worker.Out until flush; what the kernel does not take moves to
// Conn.out. A connection with neither keeps no buffer.
package engine
