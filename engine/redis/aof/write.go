// Log: handing records to the system, and what happens when it does not take them.

package aof

import (
	"errors"
	"io"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// flush writes everything that was taken, unless the disk is late, and tells whom it concerns. Whether it is late is asked under out: somebody who asked before and
// came to write a second later would put more at risk than EverySec allows.
func (l *Log) flush() {
	l.out.Lock()
	l.flushUnlock()
}

// tryFlush is flush for who must not wait for a write of somebody else's, which may take as long as the disk likes. false: there is one.
func (l *Log) tryFlush() bool {
	if !l.out.TryLock() {
		return false
	}
	l.flushUnlock()
	return true
}

// stuck tells that a write has run for longer than a short Sync takes.
func (l *Log) stuck() bool {
	began := l.writing.Load()
	return began != 0 && l.hooks.Now().UnixNano()-began > int64(short)
}

func (l *Log) flushUnlock() {
	if l.late() {
		l.out.Unlock()
		return
	}
	err := l.writeOut()
	l.out.Unlock()
	l.wrote(err)
}

// begin ends what is in a file with an annotation, and makes that safe before anything comes behind it: so a hole in the first group is known to be in one of
// ours, whose rest was never promised, and not in what Redis wrote. fresh: there was no room; then the first group brings it along. An error is that of a Sync
// or of taking back.
func begin(file vfs.File, size int64) (end int64, fresh bool, err error) {
	b := appendSum(nil, sum{}, -1)
	if n, err := file.Write(b); err != nil || n < len(b) {
		return size, true, file.Truncate(size)
	}
	return size + int64(len(b)), false, file.Sync()
}

// writeOut hands the system what there is for the present file. out is held. What fails is cut off again and stays in taken.
func (l *Log) writeOut() error {
	if l.file == nil || l.dead || l.closed {
		return nil
	}
	l.take()
	if len(l.taken) == 0 {
		return nil
	}
	var group sum
	group.add(l.taken)
	synced := l.onDisk.Load()
	if synced == l.claimed {
		synced = -1
	}
	b := l.taken
	if l.fresh {
		b = append(appendSum(nil, sum{}, -1), b...)
	}
	b = appendSum(b, group, synced)
	l.writing.Store(l.hooks.Now().UnixNano())
	defer l.writing.Store(0)
	n, err := l.file.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err != nil {
		if cut := l.file.Truncate(l.size); cut != nil {
			return &uncut{errors.Join(err, cut)}
		}
		return err
	}
	l.size += int64(n)
	l.length.Store(l.size)
	l.fresh = false
	l.claimed = max(l.claimed, synced)
	if l.unsafe.Load() == 0 {
		l.unsafe.Store(l.hooks.Now().UnixNano())
		if l.policy.Load() == int32(EverySec) {
			wake(l.kick)
		}
	}
	if cap(b) <= keepBuffer {
		l.spare = b[:0]
	}
	l.taken = nil
	l.written.Store(l.takenTo)
	return nil
}

// uncut is the error of a write that has left a part of a record behind.
type uncut struct{ error }

func (u *uncut) Unwrap() error { return u.error }

// take moves what is for the present file from buf to taken. out is held.
func (l *Log) take() {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.next != nil:
		if l.cutLen > 0 {
			l.taken = append(l.taken, l.buf[:l.cutLen]...)
			l.buf = l.buf[:copy(l.buf, l.buf[l.cutLen:])]
			l.cutLen = 0
		}
		l.takenTo = l.cutAt
	case len(l.taken) == 0:
		l.taken, l.buf, l.spare = l.buf, l.spare, nil
		l.takenTo = l.appended.Load()
	default:
		l.taken = append(l.taken, l.buf...)
		l.buf = l.buf[:0]
		l.takenTo = l.appended.Load()
	}
}

// wrote acts on the outcome of writeOut. No lock is held.
func (l *Log) wrote(err error) {
	var u *uncut
	switch {
	case errors.As(err, &u):
		l.giveUp(err)
	case err != nil:
		if l.state.CompareAndSwap(good, failing) {
			wake(l.kick) // it tries again
			l.hooks.Failed(err)
			l.moved()
		} else if s := l.state.Load(); s == starting || s == broken { // the new file is of no use
			l.giveUp(err)
		}
	default:
		if l.state.Load() == failing && l.written.Load() == l.appended.Load() && l.state.CompareAndSwap(failing, good) {
			l.hooks.Mended()
			l.moved()
		}
	}
}

// giveUp ends writing to the present file: what it holds may be lost, and only a new one with all the data makes up for it.
func (l *Log) giveUp(err error) {
	l.out.Lock()
	l.mu.Lock()
	if l.state.Load() == broken && l.dead && l.next == nil { // somebody whose write failed too was faster
		l.mu.Unlock()
		l.out.Unlock()
		return
	}
	sure := l.written.Load()
	if l.Policy() == Always {
		sure = l.synced.Load()
	}
	if l.state.Swap(broken) != broken {
		l.sure.Store(sure)
	}
	l.recording, l.dead = false, true
	l.unsafe.Store(0)
	l.buf, l.taken, l.spare = nil, nil, nil
	l.appended.Add(1)
	if l.next != nil {
		_ = l.next.Close()
		l.next, l.cutLen = nil, 0
		close(l.changed)
	}
	l.mu.Unlock()
	l.out.Unlock()
	l.hooks.Broken(err)
	l.moved()
}

// moved tells those who wait to ask again.
func (l *Log) moved() {
	if l.waiting.Swap(false) {
		l.hooks.Moved()
	}
}

// writer writes while a Sync runs: that may take as long as the Sync, and nobody else is to wait for it.
func (l *Log) writer() {
	for {
		select {
		case <-l.quit:
			return
		case <-l.write:
		}
		l.flush()
		l.moved()
	}
}
