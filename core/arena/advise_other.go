//go:build !linux

// Systems that need no advice about the arena's pages.

package arena

import "errors"

func advise([]byte) {}

func populate([]byte) {}

func discardLocked(m []byte) { clear(m) }

// HugePages is for Linux.
func (a *Arena) HugePages() error { return errors.New("not offered on this system") }

// Filling is for Linux too.
func (a *Arena) Filling(bool) {}
