// Work that everything else comes before, on Linux.

package engine

import (
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// lowlyNice is how far a lowly thread stands back: beside a busy one it gets a tenth of its time.
const lowlyNice = 10

// lowly guards the count of processors that Go's scheduler has.
var lowly sync.Mutex

// Lowly runs f on a thread of its own that the system lets run where the others leave time. Go's scheduler gets a processor more meanwhile: else a loop that wakes
// up would wait until f lets go of one of those it has, whatever the system thinks of the two.
func Lowly(f func()) {
	moreProcessors(1)
	defer moreProcessors(-1)
	runtime.LockOSThread() // never undone: the thread ends with the goroutine
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, lowlyNice)
	f()
}

// moreProcessors stops everything for some 50 µs.
func moreProcessors(n int) {
	lowly.Lock()
	defer lowly.Unlock()
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + n)
}
