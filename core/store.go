// Store: what is shared by all workers, and its life.

package core

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/puzpuzpuz/xsync/v3"

	"github.com/cachesrv/cachesrv/core/arena"
)

// Store is the shared memory core: databases of keys spread over locked shards. All its methods may be called from any goroutine.
type Store struct {
	mem    *arena.Arena
	shards []shard
	shift  uint8 // hash >> shift is the shard
	seed   [2]uint64
	now    func() int64
	gate   *xsync.RBMutex // shared: everybody in the store; exclusive: Tx.Exclusive

	dbs []atomic.Int32 // database → position in shard.spaces; changed exclusively (Swap)

	journal  Journal     // read under the gate, changed exclusively
	observed atomic.Bool // some shard has observers
	waits    waits       // for keys
	onLost   func(*Wait) // set before use
	listener Listener    // set before use, nil without
	tellNew  atomic.Bool // the listener wants new names
	tracking tracking
	alone    *Tx          // who holds the store exclusively, nil for nobody; as journal
	walk     *Snapshot    // the running snapshot or nil; as journal
	clock    atomic.Int64 // Unix ms of the last Tick of anybody: the time that policies see
	evictor  evictor
	version  atomic.Uint64
	foreign  atomic.Int64
	sizes    usage
	counts   counters
	onWork   atomic.Pointer[func(Work, time.Duration)] // nil: nobody wants to know
	held     atomic.Bool                               // HoldExpiry
	active   atomic.Bool                               // the sweeper runs

	parts Parts // set before use, nil if values have no parts
	freer freer

	compacting sync.Mutex // one compaction at a time
	compactNow chan struct{}
	noCompact  atomic.Bool // the compactor works only when it is asked to
	holds      holds
	waiters    waiters
	sweeper    sweeper
	spawn      func(name string, f func())
	stop       chan struct{}
	hurry      atomic.Bool // what is being freed is freed to the end, whatever stop says
	file       *memoryFile // nil without
	running    sync.WaitGroup
	closing    sync.Once
}

// Open makes a store and starts its sweeper and its compactor.
func Open(o Options) (*Store, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	s, err := open(o)
	if err != nil {
		return nil, err
	}
	s.start("sweeper", s.sweep)
	s.start("compactor", s.compactLoop)
	return s, nil
}

// open makes the store, without workers.
func open(o Options) (*Store, error) {
	if o.File != "" {
		return openWarm(o)
	}
	mem, err := arena.New(o.Reserve)
	if err != nil {
		return nil, fmt.Errorf("core: no memory for the store: %w", err)
	}
	s, err := assemble(o, mem)
	if err != nil {
		mem.Close()
	}
	return s, err
}

// assemble is a store over an arena, which an error leaves to the caller.
func assemble(o Options, mem *arena.Arena) (*Store, error) {
	s := &Store{mem: mem, seed: o.Seed, now: o.Now, gate: xsync.NewRBMutex(), spawn: o.Spawn, stop: make(chan struct{}), compactNow: make(chan struct{}, 1)}
	s.shards = make([]shard, o.Shards)
	s.holds.mark = make([]atomic.Bool, o.Shards)
	s.shift = uint8(64)
	for n := o.Shards; n > 1; n /= 2 {
		s.shift--
	}
	for i := range s.shards {
		s.shards[i].spaces = make([]*keyspace, o.Databases)
		s.shards[i].count = make([]dbCount, o.Databases)
	}
	s.dbs = make([]atomic.Int32, o.Databases)
	for db := range s.dbs {
		s.dbs[db].Store(int32(db))
	}
	s.clock.Store(s.now())
	if err := s.evictor.init(s, o); err != nil {
		return nil, err
	}
	s.sweeper.init(s.now())
	s.active.Store(!o.NoActiveSweep)
	s.sizes.startup = s.used()
	return s, nil
}

// complete fills in defaults and says what cannot be.
func (o *Options) complete() error {
	if o.Shards == 0 {
		o.Shards = 64
		for o.Shards < 64*runtime.GOMAXPROCS(0) {
			o.Shards *= 2
		}
	}
	if o.Shards&(o.Shards-1) != 0 || o.Shards < 1 || o.Shards > 1<<16 {
		return fmt.Errorf("core: %d shards: want a power of two up to 65536", o.Shards)
	}
	if o.Databases == 0 {
		o.Databases = 16
	}
	if o.Databases < 0 {
		return fmt.Errorf("core: %d databases", o.Databases)
	}
	if o.Now == nil {
		o.Now = func() int64 { return time.Now().UnixMilli() }
	}
	if o.Seed == [2]uint64{} {
		o.Seed = [2]uint64{rand.Uint64(), rand.Uint64()}
	}
	if o.Spawn == nil {
		o.Spawn = spawn
	}
	return nil
}

// spawn is the Spawn of stores that were given none. A panic ends the goroutine, not the process, and is told on stderr.
func spawn(name string, f func()) {
	go func() {
		defer func() {
			if r := recover(); r != nil {
				fmt.Fprintf(os.Stderr, "core: panic in %s: %v\n%s", name, r, debug.Stack())
			}
		}()
		f()
	}()
}

// start runs f as a background worker of the store; Close waits for it.
func (s *Store) start(name string, f func()) {
	s.running.Add(1)
	s.spawn(name, func() {
		defer s.running.Done()
		f()
	})
}

// Close ends the background workers and gives the memory back. Nobody may use the store or anything of it afterwards. Where a command still runs (one
// that outlived the server's end), the memory stays mapped below it: the process is about to end, and will give it back.
func (s *Store) Close() {
	s.closing.Do(func() {
		close(s.stop)
		if !s.quiet() {
			return
		}
		s.mem.Close()
		if s.file != nil {
			_ = s.file.f.Truncate(0) // nobody will read it: its memory or disk is free again
			s.file.close()
		}
	})
}

// quiet waits for the end of the workers and takes the store for good, so that nobody enters it any more; false: somebody is in it for longer than
// quietWait, and workers may wait for what he has locked.
func (s *Store) quiet() bool {
	ended := make(chan struct{})
	s.spawn("end of workers", func() {
		s.running.Wait()
		close(ended)
	})
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	last := time.Now() // that nobody was in it
	for over := false; ; {
		if s.gate.TryLock() {
			if over {
				return true
			}
			s.gate.Unlock() // the workers enter too
			last = time.Now()
		} else if time.Since(last) > quietWait {
			return false
		}
		if over {
			<-tick.C
			continue
		}
		select {
		case <-ended:
			over = true
		case <-tick.C:
		}
	}
}

// Databases and Shards are how many there are.
func (s *Store) Databases() int { return len(s.dbs) }
func (s *Store) Shards() int    { return len(s.shards) }

// Len is the number of items of a database, expired ones that were not yet removed included. It takes no lock.
func (s *Store) Len(db int) (n int) {
	for i, at := 0, s.dbs[db].Load(); i < len(s.shards); i++ {
		n += int(s.shards[i].count[at].items.Load())
	}
	return n
}

// Expiring is how many items of a database have an expiry. It takes no lock.
func (s *Store) Expiring(db int) (n int) {
	for i, at := 0, s.dbs[db].Load(); i < len(s.shards); i++ {
		n += int(s.shards[i].count[at].expiring.Load())
	}
	return n
}

// NextCAS gives a version that this store never gave before, ascending from 1.
func (s *Store) NextCAS() uint64 { return s.version.Add(1) }
