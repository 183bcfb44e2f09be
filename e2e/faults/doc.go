// What breaks under a cache server: each row of the catalogue of faults is a test here, with the row's id in its name.

// Package faults breaks what is under the real binary, or the binary itself, and looks whether everything that was promised still holds.
package faults
