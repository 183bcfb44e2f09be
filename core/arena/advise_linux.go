// Advice to Linux about the arena's pages.

package arena

import "golang.org/x/sys/unix"

func advise(m []byte) { _ = unix.Madvise(m, unix.MADV_DONTDUMP) }
