// The system calls of the hot path. Those that cannot block bypass the Go scheduler: entering and leaving it costs more
// than the kernel takes for an empty poll, and would let another goroutine take the processor in between.

package engine

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// recv reads from a non-blocking socket; p is not empty. recvfrom saves the file layer that read goes through.
func recv(fd int, p []byte) (int, syscall.Errno) {
	n, _, e := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), 0, 0, 0)
	return int(n), e
}

// send writes to a non-blocking socket; p is not empty.
func send(fd int, p []byte) (int, syscall.Errno) {
	n, _, e := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), unix.MSG_NOSIGNAL, 0, 0)
	return int(n), e
}

// pollNow harvests events, waiting at most ms milliseconds, which must be few: the thread keeps its processor meanwhile.
func pollNow(epfd int, events []unix.EpollEvent, ms int) (int, syscall.Errno) {
	n, _, e := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epfd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(ms), 0, 0)
	return int(n), e
}

// pollWait waits up to ms milliseconds, -1 for ever; the scheduler knows that the thread sleeps.
func pollWait(epfd int, events []unix.EpollEvent, ms int) (int, syscall.Errno) {
	n, _, e := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(epfd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(ms), 0, 0)
	return int(n), e
}

// closeSocket closes without asking the scheduler: none of our sockets lingers.
func closeSocket(fd int) { unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

// shutSocket ends both directions.
func shutSocket(fd int) { unix.RawSyscall(unix.SYS_SHUTDOWN, uintptr(fd), unix.SHUT_RDWR, 0) }

// signalEvent adds one to an eventfd.
func signalEvent(fd int) {
	one := uint64(1)
	unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&one)), 8)
}

// again tells an error that only means: not now.
func again(e syscall.Errno) bool { return e == unix.EAGAIN || e == unix.EINTR }
