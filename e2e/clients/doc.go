// Clients that nobody here wrote, run against the real binary.

// Package clients drives the server with public client libraries and tools in Go, Python, JavaScript and C, the way
// programs use them.
package clients
