//go:build !unix

// Systems that are not asked for the process's CPU time.

package redis

func processUsage() cpuTime { return cpuTime{} }
