// Keeping: the end of a store whose content stays in its memory file, for the next process.

package core

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/evict"
	"github.com/cachesrv/cachesrv/core/ledger"
	"github.com/cachesrv/cachesrv/core/table"
	"github.com/cachesrv/cachesrv/core/vfs"
)

// A memory file holds the arena's pages, and beside it FILE.meta what else the next process needs: a ledger. That one is there only between
// a clean end and the next start. What makes it trustworthy:
//   - it is written last, under another name, and renamed when the pages and itself are on the disk;
//   - the next start removes it before anything is changed, so a process that dies leaves a file that nobody believes;
//   - it holds the checksums of all pages in use, compared before the first request: a file that was changed, cut or mixed up with another is
//     refused as a whole. They run at some GB/s per processor, while without them one flipped bit could lead a lookup in circles.
const (
	metaSuffix = ".meta"
	tmpSuffix  = ".meta.new"

	// keptFormat is the version of everything in both files that layout figures do not show: items, tables, wheels, the structures of
	// big values, the words of the ledger. Whoever changes one of them raises it.
	keptFormat = 2

	markLen   = 16 // drawn at every end, in page 0 and in the ledger: they belong together
	maxMemo   = 256 << 20
	quietWait = time.Second
)

// ErrNotQuiet says that somebody is still at work in a store that should be kept.
var ErrNotQuiet = errors.New("core: somebody still uses the store")

// memoryFile is what a store has of its file while it lives.
type memoryFile struct {
	fs   vfs.FS
	name string
	f    *os.File // a mapping needs a descriptor, which vfs does not give
	lock io.Closer
	id   string // Options.Identity
	warm Warm
}

func (m *memoryFile) close() {
	m.f.Close()
	m.lock.Close()
}

// Keep is Close for a store with a memory file whose content shall be there at the next start; memo is what the engine wants to find again. It
// first ends what is being freed in the background. After an error the next start will be an empty one.
func (s *Store) Keep(memo []byte) (err error) {
	if s.file == nil {
		s.Close()
		return nil
	}
	s.closing.Do(func() {
		s.hurry.Store(true)
		close(s.stop)
		quiet := s.quiet()
		if err = ErrNotQuiet; quiet {
			err = s.keep(memo)
		}
		if err != nil {
			err = fmt.Errorf("core: the memory file is not kept: %w", err)
		}
		if quiet {
			s.mem.Close()
			s.file.close()
		}
	})
	return err
}

func (s *Store) keep(memo []byte) error {
	if s.walk != nil || len(memo) > maxMemo {
		return ErrNotQuiet
	}
	s.settle()
	var mark [markLen]byte
	if _, err := rand.Read(mark[:]); err != nil {
		return err
	}
	copy(s.mem.Mark(), mark[:])
	if err := s.mem.Sync(); err != nil {
		return err
	}
	return s.file.write(func(w *ledger.Writer) {
		s.saveHead(w, mark[:])
		s.mem.Save(w, s.each)
		s.saveSpaces(w)
		s.savePolicy(w)
		w.Section("memo")
		w.Bytes(memo)
	})
}

// write makes the ledger, so that its name is there only when all of it is on the disk.
func (m *memoryFile) write(words func(w *ledger.Writer)) error {
	f, err := m.fs.Open(m.name+tmpSuffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := ledger.NewWriter(f)
	words(w)
	err = w.Close()
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = m.fs.Rename(m.name+tmpSuffix, m.name+metaSuffix)
	}
	if err != nil {
		_ = m.fs.Remove(m.name + tmpSuffix)
		return err
	}
	return m.fs.SyncDir(filepath.Dir(m.name))
}

// settle ends what only this process can end: what was read by whom, and parts that are due.
func (s *Store) settle() {
	for i := range s.shards {
		sh := &s.shards[i]
		if o := sh.observers; o != nil && o.tracked.made {
			for !o.tracked.FreeStep(freeStep) {
			}
			o.tracked = tracked{}
		}
		for _, ks := range sh.spaces {
			if ks == nil {
				continue
			}
			for _, hash := range ks.owed {
				ks.wheel.add(s, hash, ks.wheel.now)
			}
			ks.owed = nil
			if ks.renewal != nil {
				s.renew(ks, math.MaxInt)
			}
		}
	}
	s.tracking.bytes.Store(0)
}

func (s *Store) saveHead(w *ledger.Writer, mark []byte) {
	w.Section(keptName)
	w.Uint(keptFormat)
	w.Bytes([]byte(s.file.id))
	w.Bytes(mark)
	w.Uint(uint64(len(s.shards)))
	w.Uint(uint64(len(s.dbs)))
	w.Uint(s.seed[0])
	w.Uint(s.seed[1])
	w.Uint(s.version.Load())
	w.Uint(uint64(s.sweeper.base))
	w.Uint(uint64(s.now()))
}

// keptName is the first word of every ledger of a store.
const keptName = "cachesrv memory"

func (s *Store) saveSpaces(w *ledger.Writer) {
	w.Section("databases")
	for db := range s.dbs {
		w.Uint(uint64(s.dbs[db].Load()))
	}
	for i := range s.shards {
		for _, ks := range s.shards[i].spaces {
			w.Bool(ks != nil)
			if ks != nil {
				ks.save(w)
			}
		}
	}
}

func (s *Store) savePolicy(w *ledger.Writer) {
	w.Section("policy")
	w.Bytes([]byte(s.Policy()))
	if k, keeps := s.evictor.current().Policy.(evict.Keeper); keeps {
		k.Save(w)
	}
}

func (ks *keyspace) save(w *ledger.Writer) {
	var root [table.RootBytes]byte
	ks.tab.Encode(root[:])
	w.Bytes(root[:])
	w.Uint(uint64(ks.bytes))
	w.Uint(uint64(ks.owners))
	w.Uint(uint64(ks.timed))
	w.Uint(uint64(ks.count.expiring.Load()))
	w.Bool(ks.wheel != nil)
	if ks.wheel != nil {
		ks.wheel.save(w)
	}
}

// save writes the heads of the slots that are not empty; their chunks lie in the arena.
func (w *wheel) save(out *ledger.Writer) {
	out.Uint(uint64(w.now))
	out.Uint(uint64(w.chunks))
	out.Uint(uint64(w.entries))
	out.Bool(w.lost)
	for level := range w.heads {
		out.Uint(w.filled[level])
		for _, ref := range w.heads[level] {
			if ref != 0 {
				out.Uint(uint64(ref))
			}
		}
	}
}

// load reads a wheel; false: it cannot be one.
func (w *wheel) load(in *ledger.Reader, a *arena.Arena) bool {
	w.now = uint32(in.Uint(1<<32 - 1))
	w.chunks = int(in.Uint(uint64(a.Used()) / chunkBytes))
	w.entries = int(in.Uint(uint64(w.chunks) * chunkEntries))
	w.lost = in.Bool()
	for level := range w.heads {
		w.filled[level] = in.Uint(1<<64 - 1)
		for slot := range w.heads[level] {
			if w.filled[level]>>slot&1 == 0 {
				continue
			}
			ref := arena.Ref(in.Uint(1 << arena.RefBits))
			if !a.Holds(ref, chunkBytes) {
				return false
			}
			w.heads[level][slot] = ref
		}
	}
	return in.Err() == nil
}
