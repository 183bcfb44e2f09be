//go:build race

// Whether the race detector is on; some tests do less work then.

package script

const raceEnabled = true
