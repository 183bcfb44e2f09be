// What /proc and the kernel's clocks say about a server's CPU time, memory and process id.

package bench

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cpuOf is the CPU time of process pid so far, all threads (ended ones too), user and system; -1 if not known.
// The process's own CPU clock counts in ns and needs no sum over threads; where it cannot be read (another pid
// namespace, say) the threads' schedstat files are summed up.
func cpuOf(pid int) time.Duration {
	if pid <= 0 {
		return -1
	}
	var ts unix.Timespec
	if unix.ClockGettime(int32(^pid<<3|2), &ts) == nil { // the kernel's number for "scheduled time of process pid"
		return time.Duration(ts.Nano())
	}
	return threadsCPU(pid)
}

func threadsCPU(pid int) time.Duration {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	sum := time.Duration(-1)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		word, _, _ := bytes.Cut(text, []byte(" "))
		ns, err := strconv.ParseInt(string(word), 10, 64)
		if err != nil {
			continue
		}
		sum = max(sum, 0) + time.Duration(ns)
	}
	return sum
}

// ownCPU is this process's CPU time so far.
func ownCPU() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts) != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

// rssOf is the resident memory of process pid in bytes, -1 if not known. statm is cheap, but lags by some pages per
// core; exact walks the page tables.
func rssOf(pid int, exact bool) int64 {
	if pid <= 0 {
		return -1
	}
	if exact {
		if n := memoryOf(pid, "Rss:"); n >= 0 {
			return n
		}
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return -1
	}
	words := strings.Fields(string(text))
	if len(words) < 2 {
		return -1
	}
	pages, err := strconv.ParseInt(words[1], 10, 64)
	if err != nil {
		return -1
	}
	return pages * int64(os.Getpagesize())
}

// findPID looks for the process that listens on the target's address, 0 if it is not on this machine or not ours
// to look at.
func findPID(t *target) int {
	inode := ""
	if t.network == "unix" {
		inode = unixInode(t.address)
	} else if host, port, err := net.SplitHostPort(t.address); err == nil && isLocal(host) {
		inode = tcpInode(port)
	}
	if inode == "" {
		return 0
	}
	return inodeOwner(inode)
}

// isLocal reports whether host is an address of this machine.
func isLocal(host string) bool {
	ips, err := net.LookupIP(host)
	if err != nil || len(ips) == 0 {
		return false
	}
	own, _ := net.InterfaceAddrs()
	for _, ip := range ips {
		if ip.IsLoopback() {
			return true
		}
		for _, a := range own {
			if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip) {
				return true
			}
		}
	}
	return false
}

// tcpInode is the inode of the socket listening on port. Lines of /proc/net/tcp hold, in order: number,
// local address:port in hex, remote address:port, state (0A: listening), queues, timers, retransmits, uid, timeout, inode.
func tcpInode(port string) string {
	n, err := strconv.Atoi(port)
	if err != nil {
		return ""
	}
	want := ":" + strings.ToUpper(hex.EncodeToString([]byte{byte(n >> 8), byte(n)}))
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		found := scanProc(file, func(words []string) bool {
			return len(words) > 9 && words[3] == "0A" && strings.HasSuffix(words[1], want)
		}, 9)
		if found != "" {
			return found
		}
	}
	return ""
}

// unixInode is the inode of the socket bound to path; flags 00010000 mark a listening one.
func unixInode(path string) string {
	return scanProc("/proc/net/unix", func(words []string) bool {
		return len(words) > 7 && words[3] == "00010000" && words[7] == path
	}, 6)
}

// scanProc returns word number `word` of the first line that fits.
func scanProc(file string, fits func(words []string) bool, word int) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if words := strings.Fields(lines.Text()); fits(words) {
			return words[word]
		}
	}
	return ""
}

// inodeOwner is the process that has the socket open. A forked child holds it too; the lowest number is the parent
// nearly always.
func inodeOwner(inode string) int {
	want := "socket:[" + inode + "]"
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	best := 0
	for _, l := range links {
		if dest, err := os.Readlink(l); err != nil || dest != want {
			continue
		}
		pid, _ := strconv.Atoi(strings.Split(l, "/")[2])
		if best == 0 || pid < best {
			best = pid
		}
	}
	return best
}

// childrenOf are the processes that pid has forked and that run.
func childrenOf(pid int) (children []int) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		for _, word := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				children = append(children, child)
			}
		}
	}
	return children
}

// privateOf is the memory that process pid shares with nobody and has written to, -1 if not known.
func privateOf(pid int) int64 { return memoryOf(pid, "Private_Dirty:") }

// memoryOf is one line of what the kernel sums up over a process's page tables.
func memoryOf(pid int, name string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return -1
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, name); ok {
			if kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64); err == nil {
				return kb << 10
			}
		}
	}
	return -1
}
