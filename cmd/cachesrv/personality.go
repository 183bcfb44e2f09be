// The program under the names redis-server and memcached.

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/cachesrv/cachesrv/config"
)

func runAsRedis(args []string) int {
	l := &launch{style: redisStyle{}}
	stdin := io.Reader(os.Stdin)
	if slices.Contains(args, "-") {
		// Kept for the child that takes over when the file says daemonize.
		l.stdin, _ = io.ReadAll(stdin)
		stdin = bytes.NewReader(l.stdin)
	}
	call, err := config.RedisServerArgs(args, stdin, os.Environ())
	if err != nil {
		return l.style.fail(os.Stderr, err)
	}
	switch call.Asked {
	case config.ShowVersion:
		fmt.Printf("Redis server v=%s sha=00000000:0 malloc=cachesrv-%s bits=64 build=0\n", config.RedisVersion, config.Version)
		return 0
	case config.ShowHelp:
		fmt.Fprint(os.Stderr, config.RedisUsage())
		return 1
	case config.NotOffered:
		fmt.Fprintln(os.Stderr, call.Reason)
		return 1
	}
	l.plan = call.Plan
	return statusOf(startServer(l))
}

func runAsMemcached(args []string) int {
	l := &launch{style: memcachedStyle{}}
	call, err := config.MemcachedArgs(filepath.Base(args[0]), args[1:], os.Environ())
	if err != nil {
		return l.style.fail(os.Stderr, err)
	}
	switch call.Asked {
	case config.ShowVersion:
		fmt.Println("memcached", config.MemcachedVersion)
		return 0
	case config.ShowHelp:
		fmt.Print(config.MemcachedUsage())
		return 0
	case config.ShowLicense:
		fmt.Printf("memcached %s\n\ncachesrv %s stands in for memcached and holds none of its code.\n", config.MemcachedVersion, config.Version)
		return 0
	}
	l.plan, l.notes, l.needUser = call.Plan, call.Notes, true
	return statusOf(startServer(l))
}

// statusOf gives the exit status of a start whose words are already written.
func statusOf(err error) int {
	if err == nil {
		return 0
	}
	if end, is := err.(*exitStatus); is {
		return end.status
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}
