// How the server starts, reloads, stops, and refuses to start: the real binary under its own name and its two borrowed ones.

// Package lifecycle starts and ends the real binary in every way that scripts, supervisors and people do.
package lifecycle
