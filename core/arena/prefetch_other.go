//go:build !amd64 && !arm64

// Elsewhere nothing is loaded ahead.

package arena

import "unsafe"

func prefetch(unsafe.Pointer) {}

func prefetchAll(unsafe.Pointer, *Ref, int) {}
