// What breaks under the real server on a real disk: each row of the catalogue of faults that needs a process of its own is a test here, with the row's id in its name.

// Package faults kills, stops and starves the real binary while clients write, and compares what is there afterwards with what they had been told.
//
// A kill leaves the page cache alone, so it says nothing of Sync: losing power is tried on simulated disks, in engine/redis and engine/redis/aof.
package faults
