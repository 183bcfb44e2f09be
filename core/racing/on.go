//go:build race

// Whether the race detector is on.

package racing

// On says whether the race detector is on.
const On = true
