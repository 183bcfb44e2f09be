// What the operating system knows about this process and this machine, for INFO.

package redis

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

// residentBytes is the memory that the process really has, 0 where that cannot be asked.
func residentBytes() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// systemBytes is the machine's memory, 0 where that cannot be asked.
func systemBytes() int64 {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// systemName is the operating system with its release.
func systemName() string {
	name := upper(runtime.GOOS[:1]) + runtime.GOOS[1:]
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		name += " " + strings.TrimSpace(string(b))
	}
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x86_64"
	}
	return name + " " + arch
}
