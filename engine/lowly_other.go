// Work that everything else comes before, where it cannot be told from other work.

//go:build !linux

package engine

// Lowly just runs f here.
func Lowly(f func()) { f() }
