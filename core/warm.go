// Warm start: a store that goes on with the memory file of the process before it.

package core

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/evict"
	"github.com/cachesrv/cachesrv/core/ledger"
	"github.com/cachesrv/cachesrv/core/table"
	"github.com/cachesrv/cachesrv/core/vfs"
)

// The reasons why a memory file is not gone on with, besides those of its ledger and its arena.
var (
	ErrForeign  = errors.New("core: the file is not a memory file: remove it or name another")
	ErrInUse    = errors.New("core: another process uses the memory file")
	ErrNoMeta   = errors.New("the last process did not end cleanly")
	ErrFormat   = errors.New("it was written by a version with another format")
	ErrSettings = errors.New("it was written under other settings")
	ErrMixed    = errors.New("its two files do not belong together")
)

// Warm is how a store with a memory file began.
type Warm struct {
	Restored bool
	Why      error         // why not; nil too if there was no file
	Memo     []byte        // what Keep was given
	Saved    time.Time     // when Keep wrote it
	Took     time.Duration // to load and check it
}

// Warm tells how the store began. The zero Warm: it has no memory file, or a new one.
func (s *Store) Warm() Warm {
	if s.file == nil {
		return Warm{}
	}
	return s.file.warm
}

// openWarm opens a store in a memory file: as the process before it left it if that can be trusted, else empty.
func openWarm(o Options) (*Store, error) {
	m, err := openMemoryFile(&o)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	s, err := m.restore(o)
	switch {
	case err == nil:
		m.warm.Restored, m.warm.Took = true, time.Since(began)
	case err != errNew:
		m.warm.Why = err
	}
	if err := m.forget(); err != nil {
		if s != nil {
			s.mem.Close()
		}
		m.close()
		return nil, fmt.Errorf("core: %s cannot be removed, so a crash would go unnoticed: %w", m.name+metaSuffix, err)
	}
	if s == nil {
		if s, err = m.fresh(o); err != nil {
			m.close()
			return nil, err
		}
	}
	clear(s.mem.Mark()[:markLen])
	s.file = m
	return s, nil
}

func openMemoryFile(o *Options) (*memoryFile, error) {
	if o.FS == nil {
		o.FS = vfs.OS
	}
	m := &memoryFile{fs: o.FS, name: o.File, id: o.Identity}
	var err error
	if m.lock, err = vfs.OS.Lock(o.File); errors.Is(err, vfs.ErrLocked) {
		return nil, fmt.Errorf("%w: %s", ErrInUse, o.File)
	}
	if err == nil {
		if m.f, err = os.OpenFile(o.File, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
			m.lock.Close()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("core: the memory file cannot be opened: %w", err)
	}
	ours, err := arena.OurFile(m.f)
	if _, e := m.fs.Stat(m.name + metaSuffix); err == nil && !ours && errors.Is(e, fs.ErrNotExist) {
		err = fmt.Errorf("%w: %s", ErrForeign, o.File)
	}
	if err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

// forget removes the ledger for good.
func (m *memoryFile) forget() error {
	err := m.fs.Remove(m.name + metaSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = m.fs.SyncDir(filepath.Dir(m.name))
	}
	return err
}

// fresh is an empty store in the file.
func (m *memoryFile) fresh(o Options) (*Store, error) {
	if err := m.f.Truncate(0); err != nil {
		return nil, fmt.Errorf("core: the memory file cannot be emptied: %w", err)
	}
	mem, err := arena.NewIn(m.f, o.Reserve)
	if err != nil {
		return nil, fmt.Errorf("core: the store cannot be in %s: %w", m.name, err)
	}
	s, err := assemble(o, mem)
	if err != nil {
		mem.Close()
	}
	return s, err
}

// restore makes the store of both files. The error says why it cannot be.
func (m *memoryFile) restore(o Options) (*Store, error) {
	info, err := m.f.Stat()
	if err != nil {
		return nil, err
	}
	f, err := m.fs.Open(m.name+metaSuffix, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if info.Size() == 0 {
			return nil, errNew
		}
		return nil, ErrNoMeta
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	r, err := ledger.NewReader(f, size)
	if err != nil {
		return nil, err
	}
	if ours, err := arena.OurFile(m.f); err != nil || !ours || info.Size() == 0 {
		return nil, ErrMixed
	}
	return m.load(r, o)
}

// errNew is why a store in a new file is empty.
var errNew = errors.New("there was no memory file")

// load is restore with a ledger that is whole.
func (m *memoryFile) load(r *ledger.Reader, o Options) (*Store, error) {
	r.Section(keptName)
	if format := r.Uint(math.MaxUint64); r.Err() != nil || format != keptFormat {
		return nil, errors.Join(ErrFormat, r.Err())
	}
	id, mark := r.Bytes(4096), r.Bytes(markLen)
	shards, databases := r.Uint(1<<16), r.Uint(1<<20)
	seed := [2]uint64{r.Uint(math.MaxUint64), r.Uint(math.MaxUint64)}
	version, base, saved := r.Uint(math.MaxUint64), r.Int(), r.Int()
	switch {
	case r.Err() != nil:
		return nil, r.Err()
	case string(id) != m.id:
		return nil, fmt.Errorf("%w: %s, now %s", ErrSettings, id, m.id)
	case int(databases) != o.Databases:
		return nil, fmt.Errorf("%w: %d databases, now %d", ErrSettings, databases, o.Databases)
	}
	o.Shards, o.Seed = int(shards), seed
	if err := o.complete(); err != nil || shards == 0 || seed == [2]uint64{} {
		return nil, ledger.ErrWords
	}
	mem, err := arena.NewIn(m.f, o.Reserve)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(mem.Mark()[:markLen], mark) {
		mem.Close()
		return nil, ErrMixed
	}
	s, err := assemble(o, mem)
	if err == nil {
		s.version.Store(version)
		s.sweeper.base = base
		m.warm.Saved = time.UnixMilli(saved)
		err = s.load(r, m)
	}
	if err != nil {
		mem.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) load(r *ledger.Reader, m *memoryFile) error {
	if err := s.mem.Load(r, s.each); err != nil {
		return err
	}
	s.loadSpaces(r)
	if r.Err() == nil {
		s.loadPolicy(r)
	}
	r.Section("memo")
	m.warm.Memo = r.Bytes(maxMemo)
	r.Done()
	return r.Err()
}

// loadPolicy reads what the policy has learned. Where it is another now, the words are read and nobody believes them.
func (s *Store) loadPolicy(r *ledger.Reader) {
	s.evictor.resizing.Lock()
	s.evictor.resize(s)
	s.evictor.resizing.Unlock()
	r.Section("policy")
	name := string(r.Bytes(64))
	p, err := evict.New(name, s.evictor.options)
	if err != nil {
		r.Fail(ledger.ErrWords)
		return
	}
	if name == s.Policy() {
		p = s.evictor.current().Policy
	}
	if k, keeps := p.(evict.Keeper); keeps {
		k.Load(r)
	}
}

func (s *Store) loadSpaces(r *ledger.Reader) {
	r.Section("databases")
	seen := make([]bool, len(s.dbs))
	for db := range s.dbs {
		at := r.Uint(uint64(len(s.dbs) - 1))
		if seen[at] {
			r.Fail(ledger.ErrWords)
		}
		seen[at] = true
		s.dbs[db].Store(int32(at))
	}
	for i := range s.shards {
		for pos := range s.dbs {
			if r.Err() == nil && r.Bool() {
				s.shards[i].spaces[pos] = s.loadSpace(r, &s.shards[i].count[pos])
			}
		}
	}
	s.sweeper.due.Store(s.now()) // the first look finds out what is due next
}

func (s *Store) loadSpace(r *ledger.Reader, count *dbCount) *keyspace {
	root := r.Bytes(table.RootBytes)
	if len(root) != table.RootBytes {
		r.Fail(ledger.ErrWords)
		return nil
	}
	ks := &keyspace{count: count}
	tab := table.Decode(root)
	if !tab.Sane(s.mem) {
		r.Fail(ledger.ErrWords)
		return nil
	}
	items := uint64(tab.Len())
	ks.bytes = int64(r.Uint(uint64(s.mem.Used())))
	ks.owners, ks.timed = int(r.Uint(items)), int(r.Uint(items))
	count.expiring.Store(int64(r.Uint(items)))
	ks.tab = table.Open(s.mem, tab)
	count.items.Store(int64(ks.tab.Len()))
	s.sizes.tables.Add(int64(ks.tab.Bytes()))
	if !r.Bool() {
		return ks
	}
	ks.wheel = &wheel{}
	if !ks.wheel.load(r, s.mem) {
		r.Fail(ledger.ErrWords)
		return nil
	}
	s.sizes.heap.Add(headsBytes)
	s.sizes.wheels.Add(ks.wheel.bytes())
	return ks
}

// each is arena.Each over the store's own way to start goroutines. They are not among those that Keep waits for.
func (s *Store) each(n int, f func(i int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		all.Add(1)
		s.spawn("checksums", func() {
			defer all.Done()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	all.Wait()
}
