//go:build unix

// The limit of open files, which bounds the number of clients.

package engine

import (
	"github.com/hashicorp/go-hclog"
	"golang.org/x/sys/unix"
)

// filesForOthers is what the server needs besides its clients: listeners, epoll, logs, snapshots.
const filesForOthers = 32

// raiseFileLimit makes room for clients connections, and returns how many there can be.
func raiseFileLimit(clients int, log hclog.Logger) int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		log.Warn("cannot read the limit of open files", "error", err)
		return clients
	}
	need := uint64(clients) + filesForOthers
	if uint64(limit.Cur) >= need {
		return clients
	}
	want := limit
	want.Cur = like(want.Cur, need)
	if uint64(limit.Max) < need {
		want.Max = like(want.Max, need) // needs privileges
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &want); err == nil {
		return clients
	}
	want = limit
	want.Cur = limit.Max
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &want); err != nil {
		want.Cur = limit.Cur
	}
	can := max(1, int(want.Cur)-filesForOthers)
	log.Warn("fewer clients than configured: the system limits open files; raise it with ulimit -n",
		"maxclients", clients, "possible", can, "files", want.Cur)
	return can
}

// like gives n the type that the system's limits have: it differs between systems.
func like[T int64 | uint64](_ T, n uint64) T { return T(n) }
