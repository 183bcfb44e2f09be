// What is thrown at a cache server: each row of the catalogue of bad input is a test here, with the row's id in its name.

// Package badinput sends malformed, hostile and exhausting input to the real binary. Every test ends the same way:
// the server is alive, a bystander's connection is in step, memory is back near where it was.
//
// Rows whose answer is also the original's can be tried on it with CACHESRV_SUBJECT=oracle; those with a stricter
// target of our own say so and are left out there.
package badinput
