//go:build profile

// A program that profiles its own processor time: `go build -tags=profile`, then the environment variable CPUPROFILE names the file.

package main

import (
	"fmt"
	"os"
	"runtime/pprof"
)

func profiled(f func() int) int {
	name := os.Getenv("CPUPROFILE")
	if name == "" {
		return f()
	}
	file, err := os.Create(name)
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cachesrv: no profile:", err)
		return 1
	}
	defer file.Close()
	defer pprof.StopCPUProfile()
	return f()
}
