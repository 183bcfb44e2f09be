// How often tests that are one goroutine repeat themselves.

// Package racing tells tests whether the race detector looks on. One goroutine has no races, and the detector makes it five to ten times slower: what
// such a test tries at random it tries less often then. The build with guarded memory, which runs the same tests, tries all of it.
package racing

// Times is n, or a quarter of it when the race detector is on.
func Times(n int) int {
	if On {
		return max(n/4, 1)
	}
	return n
}
