// Log: making records safe, changing the file, and the end.

package aof

import (
	"context"
	"errors"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// sync is the syncer: it does what is due at a time, what fails is tried again, files are changed, and the Syncs that take long.
func (l *Log) sync() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-l.quit:
			return
		case <-l.kick:
		case <-timer.C:
		}
		next := l.round()
		if next <= 0 {
			next = time.Hour
		}
		timer.Reset(next)
	}
}

// round does what is due, and tells after how long there is something again; 0: when somebody calls.
func (l *Log) round() time.Duration {
	l.lockDisk()
	defer l.unlockDisk()
	l.mu.Lock()
	cut, overflow := l.next != nil, !l.recording && l.state.Load() == failing
	l.mu.Unlock()
	if overflow {
		l.giveUp(errTooMuch)
		return 0
	}
	switch {
	case l.state.Load() != failing:
	case l.unsafe.Load() != 0 && l.Policy() != No:
		l.syncOnce() // what was acknowledged before writing failed is to be safe in its time
	default:
		l.flush()
	}
	if cut && l.state.Load() != failing {
		l.change()
	}
	l.out.Lock()
	idle := l.file == nil || l.dead
	l.out.Unlock()
	if idle {
		return 0
	}
	if l.state.Load() != failing {
		switch l.Policy() {
		case Always:
			if l.synced.Load() < l.appended.Load() {
				l.syncOnce()
			}
		case EverySec:
			if since := l.unsafe.Load(); since != 0 {
				if left := time.Duration(since + int64(syncAfter) - l.hooks.Now().UnixNano()); left > 0 {
					return left
				}
				l.syncOnce()
			}
		}
	}
	if l.state.Load() == failing {
		return retryAfter
	}
	return 0
}

// Settle is a Reach that waits for the system to take what is written, as long as that goes quickly: a write that does not return costs its caller's thread, and no other's.
// It waits too where replies need a Sync and those take little: whoever has the records of a round does the Sync, for them and all that others have
// recorded by then, or waits for the one that runs first. To wake the syncer and be woken costs more than a short Sync.
func (l *Log) Settle(pos uint64) {
	if l.Policy() != Always {
		if !l.reached(pos) && !l.syncing.Load() && !l.stuck() {
			l.flush()
		}
		return
	}
	if l.state.Load() != good || l.reached(pos) || l.slow() {
		return
	}
	l.lockDisk()
	defer l.unlockDisk()
	if l.state.Load() == good && !l.reached(pos) && !l.slow() {
		l.syncOnce()
	}
}

// lockDisk and unlockDisk bracket all work with the disk that may take long, so that slow knows for how long it has.
func (l *Log) lockDisk() {
	l.disk.Lock()
	l.began.Store(l.hooks.Now().UnixNano())
}

func (l *Log) unlockDisk() {
	l.began.Store(0)
	l.disk.Unlock()
}

// slow tells that a Sync is better left to the syncer: the last one has taken long, or what somebody does with the disk at the moment does.
func (l *Log) slow() bool {
	if l.took.Load() > int64(short) {
		return true
	}
	began := l.began.Load()
	return began != 0 && l.hooks.Now().UnixNano()-began > int64(short)
}

// timedSync is a Sync by which slow judges the next. disk is held.
func (l *Log) timedSync(file vfs.File) error {
	began := l.hooks.Now()
	err := file.Sync()
	l.took.Store(int64(l.hooks.Now().Sub(began)))
	return err
}

// syncOnce writes what there is and makes it safe. disk is held. What waits because the disk is late is not written before: it would be acknowledged, and be at risk
// together with what is older than EverySec allows.
func (l *Log) syncOnce() {
	l.syncing.Store(true)
	l.out.Lock()
	var err error
	if !l.overdue() {
		err = l.writeOut()
	}
	file, size, pos, dead := l.file, l.size, l.written.Load(), l.file == nil || l.dead || l.closed
	l.atRisk.Store(l.unsafe.Load())
	l.unsafe.Store(0)
	l.out.Unlock()
	l.wrote(err)
	if !dead && pos > l.synced.Load() && l.state.Load() != broken {
		if err = l.timedSync(file); err != nil {
			l.giveUp(err)
		} else {
			l.onDisk.Store(size)
			l.synced.Store(pos)
		}
	}
	l.atRisk.Store(0)
	l.stalled.Store(false)
	l.syncing.Store(false)
	if l.Policy() != Always && l.written.Load() < l.appended.Load() {
		wake(l.write)
	}
	if l.hooks.Synced != nil && err == nil {
		l.hooks.Synced()
	}
	l.moved()
}

// Cut has everything that is recorded from now on go to another file. Call it while the store is held, so that no record is on its way; it waits for
// nothing. What came before reaches the disk before anything is written to the new file, which is the log's own from now on.
func (l *Log) Cut(next vfs.File) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next != nil {
		_ = next.Close() // never: there is one rewrite at a time
		return
	}
	l.db, l.stamp = -1, 0
	l.recording = true
	l.next, l.cutAt, l.cutLen = next, l.appended.Load(), len(l.buf)
	l.changed = make(chan struct{})
	wake(l.kick)
}

// change does what Cut ordered. disk is held.
func (l *Log) change() {
	if l.overdue() {
		l.syncOnce()
	}
	l.syncing.Store(true)
	defer l.syncing.Store(false)
	l.out.Lock()
	err := l.writeOut()
	old, whole := l.file, l.file != nil && !l.dead
	l.out.Unlock()
	if l.wrote(err); err != nil {
		return
	}
	if whole {
		if err := old.Sync(); err != nil {
			l.giveUp(err)
			return
		}
	}
	l.mu.Lock()
	next := l.next
	l.mu.Unlock()
	if next == nil {
		return
	}
	l.out.Lock()
	l.file = nil // nothing is written before the next is begun
	l.out.Unlock()
	if old != nil { // it has been synced, or is lost anyway
		_ = old.Close() // before the next begins: where an encrypted file gets its mark at the end, only the last may be torn
	}
	size, fresh, err := begin(next, 0)
	if err != nil {
		l.giveUp(err)
		return
	}
	l.out.Lock()
	l.mu.Lock()
	if l.next == nil { // given up meanwhile
		l.mu.Unlock()
		l.out.Unlock()
		return
	}
	l.file, l.next, l.cutLen = l.next, nil, 0
	l.size, l.claimed, l.taken, l.takenTo, l.dead, l.fresh = size, 0, nil, l.cutAt, false, fresh
	l.written.Store(l.cutAt)
	l.synced.Store(l.cutAt)
	l.onDisk.Store(size)
	l.length.Store(size)
	l.unsafe.Store(0)
	close(l.changed)
	l.mu.Unlock()
	l.out.Unlock()
	wake(l.write)
	l.moved()
}

// Changed waits until the file that Cut named is the one written to. An error: it will not be.
func (l *Log) Changed(ctx context.Context) error {
	l.mu.Lock()
	changed := l.changed
	l.mu.Unlock()
	if changed == nil {
		return ErrClosed
	}
	select {
	case <-changed:
	case <-ctx.Done():
		return ctx.Err()
	case <-l.quit:
		return ErrClosed
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.recording {
		return errNoFile
	}
	return nil
}

// Mend says that the files up to the last Cut are whole and listed: records are acknowledged again.
func (l *Log) Mend() {
	l.mu.Lock()
	ok := l.recording
	l.mu.Unlock()
	if s := l.state.Load(); ok && (s == broken || s == starting) && l.state.CompareAndSwap(s, good) {
		wake(l.kick)
		l.hooks.Mended()
	}
}

// Flush writes everything to the file.
func (l *Log) Flush() error {
	l.out.Lock()
	err := l.writeOut()
	l.out.Unlock()
	l.wrote(err)
	return err
}

// flushHeld writes everything and makes it safe. out is held.
func (l *Log) flushHeld() error {
	if l.file == nil || l.dead {
		return errNoFile
	}
	if err := l.writeOut(); err != nil {
		return err
	}
	if err := l.file.Sync(); err != nil {
		return err
	}
	l.onDisk.Store(l.size)
	return nil
}

// Close ends the log: everything is written and synced, and a last annotation says so. Nobody may record any more.
func (l *Log) Close() error {
	close(l.quit)
	l.goroutines.Wait()
	l.lockDisk()
	defer l.unlockDisk()
	l.mu.Lock()
	cut := l.next != nil
	l.mu.Unlock()
	if cut {
		l.change()
	}
	l.out.Lock()
	err := l.flushHeld()
	if err == nil {
		var n int
		last := appendSum(nil, sum{}, l.size)
		if n, err = l.file.Write(last); err == nil && n == len(last) {
			err = l.file.Sync()
		}
	}
	l.closed = true
	if l.file != nil {
		err = errors.Join(err, l.file.Close())
	}
	l.synced.Store(l.written.Load())
	l.out.Unlock()
	l.moved()
	return err
}
