package engine

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

func TestLowlyWorkHasAProcessorAndAPriorityOfItsOwn(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, env := range []string{"", "3"} {
		t.Setenv("GOMAXPROCS", env)
		if env == "" {
			runtime.SetDefaultGOMAXPROCS()
		} else {
			runtime.GOMAXPROCS(3)
		}
		before := runtime.GOMAXPROCS(0)
		run := func(inside int, f func()) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				Lowly(func() {
					if n := runtime.GOMAXPROCS(0); n != before+inside {
						t.Errorf("%d processors, want %d more than %d", n, inside, before)
					}
					if nice, err := unix.Getpriority(unix.PRIO_PROCESS, 0); err != nil || 20-nice < lowlyNice { // the system call counts from 20 down
						t.Errorf("nice %d, %v", 20-nice, err)
					}
					f()
				})
			}()
			<-done
		}
		run(1, func() { run(2, func() {}) })
		if n := runtime.GOMAXPROCS(0); n != before {
			t.Errorf("%d processors are left, there were %d", n, before)
		}
	}
}
