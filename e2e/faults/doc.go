// What breaks under a cache server: each row of the catalogue of faults that needs a process of its own is a test here, with the row's id in its name.

// Package faults breaks what is under the real binary, or the binary itself, and looks whether everything that was promised still holds.
//
// A kill leaves the page cache alone, so it says nothing of Sync: losing power is tried on simulated disks, in engine/redis and engine/redis/aof.
package faults
