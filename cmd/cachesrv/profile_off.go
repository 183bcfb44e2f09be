//go:build !profile

// A program without a profile of itself.

package main

func profiled(f func() int) int { return f() }
