// Work that everything else comes before, on Linux.

package engine

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// lowlyNice is how far a lowly thread stands back: beside a busy one it gets a tenth of its time.
const lowlyNice = 10

// Lowly puts the calling goroutine, for the rest of its life, on a thread of its own that the system lets run where the others leave time.
func Lowly() {
	runtime.LockOSThread() // the thread ends with the goroutine
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, lowlyNice)
}
