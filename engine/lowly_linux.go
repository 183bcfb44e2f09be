// Work that everything else comes before, on Linux.

package engine

import (
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// lowlyNice is how far a lowly thread stands back: beside a busy one it gets a tenth of its time.
const lowlyNice = 10

// lowly are the processors that Go's scheduler has got for such work.
var lowly struct {
	sync.Mutex
	n, before int // so many, beside those it had
}

// Lowly runs f on a thread of its own that the system lets run where the others leave time. Go's scheduler gets a processor more meanwhile: else a loop that wakes
// up would wait until f lets go of one of those it has, whatever the system thinks of the two.
func Lowly(f func()) {
	moreProcessors(1)
	defer moreProcessors(-1)
	runtime.LockOSThread() // never undone: the thread ends with the goroutine
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, lowlyNice)
	f()
}

// moreProcessors stops everything for some 50 µs. Without any left Go follows the limits of its container again, which it does not after it was told a number.
func moreProcessors(n int) {
	lowly.Lock()
	defer lowly.Unlock()
	if lowly.n == 0 {
		lowly.before = runtime.GOMAXPROCS(0)
	}
	if lowly.n += n; lowly.n == 0 && os.Getenv("GOMAXPROCS") == "" {
		runtime.SetDefaultGOMAXPROCS()
		return
	}
	runtime.GOMAXPROCS(lowly.before + lowly.n)
}
