//go:build unix && !linux

// Systems that need no advice about the arena's pages.

package arena

func advise([]byte) {}

func populate([]byte) {}
