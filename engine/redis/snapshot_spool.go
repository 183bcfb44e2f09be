// spool: full buffers on their way from a walk over the data, which holds locks, to the one goroutine that writes them out.

package redis

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

const (
	spoolBuffer = 256 << 10
	spoolCalm   = 16  // buffers that wait before the walk does, which then holds no lock
	spoolMost   = 128 // and before those wait who change what the walk has not reached: 32 MB
)

// spool is filled by one goroutine at a time, which the snapshot's lock sees to, and emptied by its own.
type spool struct {
	out     rdb.Summing
	full    chan []byte
	free    chan []byte
	less    chan struct{} // something was written
	failed  atomic.Bool
	err     error // of the writer, from failed on
	began   time.Time
	waiting atomic.Int64 // buffers, the one that is being written included
	peak    atomic.Int64 // bytes that waited at most
	done    chan struct{}
}

// newSpool starts the writing goroutine, which ends after closeSpool.
func (e *Engine) newSpool(w io.Writer) (*spool, bool) {
	s := &spool{
		out: rdb.Summing{To: w}, full: make(chan []byte, spoolMost), free: make(chan []byte, spoolCalm),
		less: make(chan struct{}, 1), done: make(chan struct{}), began: time.Now(),
	}
	e.background.spool.Store(s)
	return s, e.startLowly("snapshot writer", s.write)
}

func (s *spool) write() {
	defer close(s.done)
	defer s.failed.Store(true) // also if the writer panics: nobody is to wait for it
	for b := range s.full {
		if s.err == nil {
			_, err := s.out.Write(b)
			if s.err = err; err != nil {
				s.failed.Store(true)
			}
		}
		s.waiting.Add(-1)
		select {
		case s.free <- b[:0]:
		default:
		}
		select {
		case s.less <- struct{}{}:
		default:
		}
	}
}

// bytes is about what waits.
func (s *spool) bytes() int64 { return s.waiting.Load() * spoolBuffer }

// push takes a buffer and gives an empty one.
func (s *spool) push(b []byte) []byte {
	s.give(b)
	return s.buffer()
}

// give takes a buffer.
func (s *spool) give(b []byte) {
	if n := s.waiting.Add(1) * spoolBuffer; n > s.peak.Load() {
		s.peak.Store(n)
	}
	select {
	case s.full <- b:
	case <-s.done:
	}
}

func (s *spool) buffer() []byte {
	select {
	case b := <-s.free:
		return b
	default:
		return make([]byte, 0, spoolBuffer+4096) // small things are written without a look at the buffer
	}
}

// calm waits until few buffers wait.
func (s *spool) calm() {
	for len(s.full) > spoolCalm {
		select {
		case <-s.less:
		case <-s.done:
			return
		}
	}
}

// closeSpool waits until all is written, and gives the first error.
func (e *Engine) closeSpool(s *spool) error {
	close(s.full)
	<-s.done
	e.background.lastPeak.Store(s.peak.Load())
	e.background.spool.CompareAndSwap(s, nil)
	return s.err
}
