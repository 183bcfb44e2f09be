// Big items in a snapshot, which are written while nothing is locked, and what others hand over meanwhile.

package redis

import (
	"runtime"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

const (
	// apartFrom is from how many bytes on an item is written with nothing locked. A smaller one takes some ms of its shard's time; more would stand apart for
	// little.
	apartFrom = 256 << 10

	// nudgeEvery: all who wait look whether it is for them.
	nudgeEvery = 10 * time.Millisecond

	asideMost = 32 << 20 // bytes of records that others have handed over; then they wait until the big item is through
)

// aside takes the records that are handed over while a big item is written: they may not stand in the midst of it. The snapshot's lock guards it.
type aside struct {
	on      bool
	w       recordWriter
	records [][]byte      // full buffers of w
	bytes   int64         // in them
	through chan struct{} // closed when the big item is written
}

// beginApart, readApart and endApart are the snapshot's Apart.
func (s *snapshotWriter) beginApart() {
	a := &s.aside
	if a.w.e == nil {
		a.w = s.e.recordWriter()
		a.w.commands = s.commands
		a.w.Full = func(b []byte) []byte {
			a.records, a.bytes = append(a.records, b), a.bytes+int64(len(b))
			return s.spool.buffer()
		}
	}
	s.delay.count()
	a.w.Forget()
	a.on, a.through = true, make(chan struct{})
}

func (s *snapshotWriter) readApart(db int, it core.Item) error {
	defer close(s.aside.through)
	return s.write(&s.recordWriter, db, it)
}

// endApart puts what was handed over behind the big item. It may have been called already, by who could not wait.
func (s *snapshotWriter) endApart() {
	a := &s.aside
	if !a.on {
		return
	}
	a.on = false
	if a.bytes == 0 && len(a.w.Out) == 0 {
		return
	}
	s.Out = s.spool.push(s.Out)
	for _, b := range a.records {
		s.spool.give(b)
	}
	if len(a.w.Out) > 0 {
		s.spool.give(a.w.Out)
	}
	a.records, a.bytes, a.w.Out = nil, 0, nil
	s.Forget() // the database may be another
}

// writeAside is item while a big item is being written. What is big itself, or one too many, waits until that is through: the walk needs no lock for it.
func (s *snapshotWriter) writeAside(db int, it core.Item) error {
	a := &s.aside
	if a.bytes < asideMost && it.Bytes() <= apartFrom {
		return s.write(&a.w, db, it)
	}
	<-a.through
	s.endApart()
	return s.write(&s.recordWriter, db, it)
}

// full takes what the writer has filled. In a big item nothing is locked: then it waits for the disk as between does, and lets others have the processor.
func (s *snapshotWriter) full(b []byte) []byte {
	b = s.spool.push(b)
	if s.aside.on {
		s.spool.calm()
		if now := time.Now(); now.Sub(s.nudged) > nudgeEvery {
			s.nudged = now
			s.e.store.Nudge() // whoever waits for something else than this item
		}
		runtime.Gosched()
	}
	return b
}
