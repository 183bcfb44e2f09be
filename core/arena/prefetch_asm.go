//go:build amd64 || arm64

// The instruction, where there is one.

package arena

import "unsafe"

// prefetch is PREFETCHT0 or PRFM. It takes any address.
//
//go:noescape
func prefetch(p unsafe.Pointer)

// prefetchAll is prefetch of base and each of n references. Any will do.
//
//go:noescape
func prefetchAll(base unsafe.Pointer, refs *Ref, n int)
