//go:build unix

package engine

import "testing"

func TestCPUTimeGrows(t *testing.T) {
	user, _ := CPUTime()
	for n := 0; ; n++ {
		if now, _ := CPUTime(); now > user {
			return
		}
		if n == 1e7 {
			t.Fatal("work takes no CPU time")
		}
	}
}
