// Package soak keeps many clients of every kind busy at once, and then wants everything back: connections, descriptors, goroutines, memory.
package soak
