//go:build !linux

// Systems without /proc: no figures about the server's process.

package bench

import "time"

func cpuOf(int) time.Duration { return -1 }

func ownCPU() time.Duration { return 0 }

func rssOf(int, bool) int64 { return -1 }

func findPID(*target) int { return 0 }

func childrenOf(int) []int { return nil }

func privateOf(int) int64 { return -1 }
