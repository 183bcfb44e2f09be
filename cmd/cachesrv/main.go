// The program: it answers to its own name with sub-commands, and to the names of the servers it stands in for.

package main

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	// A reader of the log that goes away must not end the server.
	signal.Ignore(syscall.SIGPIPE)
	ignoreFileLimit()
	os.Exit(profiled(func() int { return run(os.Args) }))
}

// run picks the personality by the name that the program was called by and gives the exit status.
func run(args []string) int {
	switch strings.TrimSuffix(filepath.Base(args[0]), ".exe") {
	case "redis-server":
		return runAsRedis(args[1:])
	case "memcached":
		return runAsMemcached(args)
	}
	return runAsCachesrv(args[1:])
}
