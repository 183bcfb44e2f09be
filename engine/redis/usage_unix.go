//go:build unix

// The process's CPU time, where the system has getrusage.

package redis

import "syscall"

func processUsage() cpuTime {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return cpuTime{}
	}
	return cpuTime{seconds(r.Stime), seconds(r.Utime)}
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
