// Log: the increment that grows. Taking records, and what others ask.

package aof

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// Policy is when written records are made safe against a loss of power.
type Policy int32

// The policies of appendfsync.
const (
	EverySec Policy = iota // so that never more than a second of acknowledged records is unsafe
	Always                 // before they are acknowledged
	No                     // whenever the system likes
)

// Verdict is what becomes of a reply that tells of a record.
type Verdict int

// The verdicts.
const (
	Pass Verdict = iota // it may go out
	Wait                // not yet; Hooks.Moved will be called
	Lost                // never: the record may not be kept
)

// Hooks are what a Log tells and asks its owner. They may be called by whoever syncs, so none may wait for a Sync or for Close; Stamp is called under the store's
// locks, the others under none that Reach or Command take.
type Hooks struct {
	Moved  func()                        // some who Wait may Pass now, or are Lost
	Failed func(err error)               // writing fails; it is tried again, and Mended called when it works
	Broken func(err error)               // the file cannot be trusted any more: no records are taken until the next Cut
	Mended func()                        // after either: records are kept again
	Synced func()                        // more has reached the disk
	Spawn  func(name string, run func()) // starts a goroutine, which Close ends
	Now    func() time.Time
	Stamp  func() (seconds int64) // the time for annotations
}

// The states of a log.
const (
	good     int32 = iota
	starting       // from Open without a file to Mend: nobody waits
	failing        // writing fails: no record is acknowledged
	broken         // from a failed Sync to the next Mend: no record is acknowledged
)

// Log appends records to a file. Command is called under the store's locks; everything else by anybody.
type Log struct {
	hooks  Hooks
	policy atomic.Int32
	stamps atomic.Bool // annotate times
	hush   atomic.Bool // no syncs for now
	most   int64       // mostPending
	state  atomic.Int32

	appended atomic.Uint64 // position of the newest record; changed under mu
	written  atomic.Uint64 // what the system has; changed under out
	synced   atomic.Uint64 // what the disk has; changed under disk
	length   atomic.Int64  // of the file; changed under out
	onDisk   atomic.Int64  // of it, synced; changed under disk
	syncing  atomic.Bool   // a Sync runs, or the file is being changed: writing may take long
	unsafe   atomic.Int64  // when the oldest record was written that no Sync has been begun for, Unix ns; 0 none
	atRisk   atomic.Int64  // the same of those that the running Sync is about
	waiting  atomic.Bool   // somebody was told to Wait
	stalled  atomic.Bool   // writers wait for a slow disk
	delayed  atomic.Int64  // how often that has happened
	sure     atomic.Uint64 // while broken: the last position that was acknowledged

	disk  sync.Mutex   // held by who syncs or changes the file; taken before out
	began atomic.Int64 // since when disk is held, Unix ns; 0 it is not
	took  atomic.Int64 // ns that the last one took; changed under disk

	writing atomic.Int64 // since when a write runs, Unix ns; 0 none does

	mu        sync.Mutex // guards what follows; a leaf below the store's shards
	recording bool       // records are taken
	buf       []byte     // those that nobody has begun to write
	db        int        // that the end of buf is for; -1 unknown
	stamp     int64      // last time annotated
	next      vfs.File   // set by Cut: the file for what comes behind
	cutAt     uint64     // this position,
	cutLen    int        // which is here in buf
	changed   chan struct{}

	out     sync.Mutex // guards what follows; taken before mu
	file    vfs.File   // changed under disk as well
	size    int64      // of the file, all of it whole
	taken   []byte     // records that are being written; what failed stays here
	takenTo uint64     // position at their end
	spare   []byte     // an empty buffer for mu
	claimed int64      // what the last annotation said is synced
	fresh   bool       // the first annotation could not be written
	dead    bool       // the file is not written any more
	closed  bool

	kick, write chan struct{} // wake the syncer, the writer
	quit        chan struct{}
	goroutines  sync.WaitGroup
}

const (
	keepBuffer  = 1 << 20   // a larger buffer is not used again
	mostPending = 256 << 20 // of records that cannot be written; then they are given up for a new file
	window      = time.Second
	syncAfter   = window / 2 // EverySec begins a Sync when the oldest record is so old
	retryAfter  = 300 * time.Millisecond
	short       = 2 * time.Millisecond // a Sync of up to this is waited for by who needs it; a longer one is left to the syncer
)

// Errors of a log.
var (
	ErrClosed  = errors.New("the log is closed")
	errNoFile  = errors.New("the file was given up")
	errTooMuch = errors.New("too much is waiting to be written")
)

// Open makes a log that goes on in file, which is its own from now on; what is there behind size is cut. With nil it takes no records before the first
// Cut, and makes nobody wait before Mend.
func Open(file vfs.File, size int64, policy Policy, hooks Hooks) (_ *Log, err error) {
	l := &Log{hooks: hooks, most: mostPending, db: -1, recording: file != nil, file: file, kick: make(chan struct{}, 1), write: make(chan struct{}, 1), quit: make(chan struct{})}
	l.policy.Store(int32(policy))
	if file == nil {
		l.state.Store(starting)
	} else {
		if err := file.Truncate(size); err != nil {
			return nil, err
		}
		if l.size, l.fresh, err = begin(file, size); err != nil {
			return nil, err
		}
		l.length.Store(l.size)
		if !l.fresh {
			l.onDisk.Store(l.size)
		}
	}
	l.goroutines.Add(2)
	hooks.Spawn("aof syncer", func() {
		defer l.goroutines.Done()
		l.sync()
	})
	hooks.Spawn("aof writer", func() {
		defer l.goroutines.Done()
		l.writer()
	})
	return l, nil
}

// GoOn has the positions of a log without a file follow those of the log before it: who has one of those, and comes late, is not to wait until the new log has grown
// as far. Nothing may have been recorded yet.
func (l *Log) GoOn(pos uint64) {
	l.written.Store(pos)
	l.appended.Store(pos)
}

// Command takes a record. It is called under the locks of what the record changes; it copies, and waits for nothing but other records.
func (l *Log) Command(db int, words [][]byte) {
	l.Begin()
	l.Add(db, words)
	l.End()
}

// Begin, Add for each, and End take several records that stay together.
func (l *Log) Begin() { l.mu.Lock() }

// End is what follows the last Add.
func (l *Log) End() { l.mu.Unlock() }

// Add takes one of several records.
func (l *Log) Add(db int, words [][]byte) {
	if !l.recording {
		l.appended.Add(1) // a position that will not be reached
		return
	}
	before := len(l.buf)
	if l.stamps.Load() {
		if now := l.hooks.Stamp(); now != l.stamp {
			l.stamp = now
			l.buf = AppendTime(l.buf, now)
		}
	}
	l.put(db, words)
	l.appended.Add(uint64(len(l.buf) - before))
	if l.state.Load() == failing && l.pending() > l.most {
		l.recording = false
		wake(l.kick)
	}
}

// pending is how many bytes of records are not written.
func (l *Log) pending() int64 { return int64(l.appended.Load() - l.written.Load()) }

// Nudge has records written that nobody waits for.
func (l *Log) Nudge() { wake(l.write) }

// put appends a record to buf, behind one for its database. mu is held.
func (l *Log) put(db int, words [][]byte) {
	if db != l.db {
		l.db = db
		l.buf = appendSelect(l.buf, db)
	}
	l.buf = AppendCommand(l.buf, words)
}

// Appended is the position of the newest record.
func (l *Log) Appended() uint64 { return l.appended.Load() }

// Synced is the position up to which everything is on the disk.
func (l *Log) Synced() uint64 { return l.synced.Load() }

// Reach sees to it that what was recorded up to a position gets where the policy wants it, without waiting for the disk, and tells whether it is there.
func (l *Log) Reach(pos uint64) Verdict {
	if l.reached(pos) {
		return Pass
	}
	policy := l.Policy()
	if policy != Always && !l.syncing.Load() {
		if l.tryFlush() && l.reached(pos) {
			return Pass
		}
	}
	l.waiting.Store(true) // first: what happens from here on calls Moved
	if l.reached(pos) {
		return Pass
	}
	if s := l.state.Load(); s == failing || s == broken {
		return Lost
	}
	if policy == Always {
		wake(l.kick)
	} else {
		wake(l.write)
	}
	return Wait
}

// reached tells that replies about a position may go out.
func (l *Log) reached(pos uint64) bool {
	switch l.state.Load() {
	case starting:
		if l.written.Load() < pos {
			wake(l.write)
		}
		return true
	case broken:
		return pos <= l.sure.Load()
	}
	if l.Policy() == Always {
		return pos <= l.synced.Load()
	}
	return pos <= l.written.Load()
}

// late tells that the disk has been behind for so long that no more records must be made unsafe; it counts, and has the syncer do something about it.
func (l *Log) late() bool {
	if !l.overdue() {
		return false
	}
	if l.stalled.CompareAndSwap(false, true) {
		l.delayed.Add(1)
	}
	wake(l.kick)
	return true
}

// overdue tells that some records have been unsafe for longer than EverySec allows.
func (l *Log) overdue() bool {
	if l.Policy() != EverySec {
		return false
	}
	newer := l.unsafe.Load() // before the other: the syncer moves it there, and must not be met between the two
	oldest := l.atRisk.Load()
	if oldest == 0 {
		oldest = newer
	}
	return oldest != 0 && l.hooks.Now().UnixNano()-oldest > int64(window)
}

// Policy is when records are synced at the moment.
func (l *Log) Policy() Policy {
	if l.hush.Load() {
		return No
	}
	return Policy(l.policy.Load())
}

// SetPolicy changes it.
func (l *Log) SetPolicy(p Policy) {
	l.policy.Store(int32(p))
	wake(l.kick)
	wake(l.write)
}

// SetHush stops syncing for a while, whatever the policy; it ends with false.
func (l *Log) SetHush(on bool) {
	l.hush.Store(on)
	wake(l.kick)
}

// SetStamps has times annotated.
func (l *Log) SetStamps(on bool) { l.stamps.Store(on) }

// Healthy tells that records are being kept.
func (l *Log) Healthy() bool { s := l.state.Load(); return s == good || s == starting }

// Good tells that the file is whole and written to. Anew tells that there are no records between the old files and a new one: it is of use only
// with a new base.
func (l *Log) Good() bool { return l.state.Load() == good }

// Anew is explained at Good.
func (l *Log) Anew() bool { s := l.state.Load(); return s == starting || s == broken }

// Figures are what INFO tells.
type Figures struct {
	Size    int64 // bytes of the file
	Buffer  int64 // of records not written yet
	Delayed int64 // how often writers had to wait for a slow disk
	Syncing bool
}

// Figures are those of this moment.
func (l *Log) Figures() Figures {
	pending := int64(0)
	if !l.Anew() {
		pending = l.pending()
	}
	return Figures{Size: l.length.Load(), Buffer: pending, Delayed: l.delayed.Load(), Syncing: l.syncing.Load()}
}

// wake leaves a word for a goroutine, if there is none yet.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
