//go:build !linux

// Systems whose memory is not locked.

package main

import "errors"

func lockMemory(string) error { return errors.New("not offered on this system") }
