// Tests of what is read about processes, on this one.

package bench

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestCPUOfThisProcess(t *testing.T) {
	before, threads, own := cpuOf(os.Getpid()), threadsCPU(os.Getpid()), ownCPU()
	if before < 0 || threads < 0 || own <= 0 {
		t.Fatalf("%v %v %v", before, threads, own)
	}
	x := uint64(1)
	for start := time.Now(); time.Since(start) < 100*time.Millisecond; {
		x = mix64(x)
	}
	if x == 0 {
		t.Log("never")
	}
	for name, used := range map[string]time.Duration{"clock": cpuOf(os.Getpid()) - before, "own": ownCPU() - own} {
		if used < 5*time.Millisecond || used > 2*time.Second {
			t.Errorf("%s: %v for 100 ms of work", name, used)
		}
	}
	if threadsCPU(os.Getpid()) <= threads {
		t.Error("schedstat stands still")
	}
	if cpuOf(0) != -1 || cpuOf(4_194_305) != -1 {
		t.Error("CPU time of no process")
	}
}

func TestRSSOfThisProcess(t *testing.T) {
	before := rssOf(os.Getpid(), true)
	block, err := unix.Mmap(-1, 0, 64<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(block)
	for i := 0; i < len(block); i += 4096 {
		block[i] = 1
	}
	added := rssOf(os.Getpid(), true) - before
	if added < 48<<20 || added > 80<<20 {
		t.Errorf("64 MB added %d bytes", added)
	}
	exact, cheap := rssOf(os.Getpid(), true), rssOf(os.Getpid(), false)
	if diff := exact - cheap; diff > 16<<20 || diff < -16<<20 {
		t.Errorf("smaps says %d, statm %d", exact, cheap)
	}
	if block[4096] != 1 || rssOf(0, true) != -1 || rssOf(4_194_305, false) != -1 {
		t.Error("memory of no process")
	}
}

func TestFindPID(t *testing.T) {
	for _, listen := range [][2]string{{"tcp", "127.0.0.1:0"}, {"tcp", ":0"}, {"unix", filepath.Join(t.TempDir(), "s")}} {
		l, err := net.Listen(listen[0], listen[1])
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		if listen[1] == ":0" {
			_, port, _ := net.SplitHostPort(address)
			address = net.JoinHostPort("localhost", port)
		}
		if pid := findPID(&target{network: listen[0], address: address}); pid != os.Getpid() {
			t.Errorf("%v: pid %d, want %d", listen, pid, os.Getpid())
		}
		l.Close()
		if pid := findPID(&target{network: listen[0], address: address}); pid != 0 {
			t.Errorf("%v: pid %d after it closed", listen, pid)
		}
	}
	if pid := findPID(&target{network: "tcp", address: "192.0.2.1:80"}); pid != 0 {
		t.Errorf("pid %d of a server elsewhere", pid)
	}
}
