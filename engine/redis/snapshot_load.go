// Loading a snapshot: one goroutine cuts the file into chunks, one per CPU takes them apart and fills the store.

package redis

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// loader is one loading; its first fields are what the caller wants.
type loader struct {
	e       *Engine
	size    int64 // bytes to come, for the progress; 0: not known
	expired bool  // keep what has expired: what follows in a log decides about it
	merge   bool  // a key that is there already is replaced, where else the file is damaged

	file   rdb.FileReader
	chunks chan *rdb.Chunk
	libs   *librarySet
	failed atomic.Bool
	once   sync.Once
	err    error // the first, from failed on
	wait   sync.WaitGroup

	keys, gone atomic.Int64 // stored; left out since they have expired
	announced  int64        // keys that tables were prepared for
}

var errKeyTwice = errors.New("a key that is there already")

// loadSnapshot fills the store with an RDB file, in addition to what is there. size is its length, for the progress. After an error, which
// says where in the file it is, the store holds a part of the data and must not be served from. Not to be called by who is in the store.
func (e *Engine) loadSnapshot(r io.Reader, size int64) error {
	l := &loader{e: e, size: size}
	_, err := l.load(r)
	return err
}

// load reads a file and gives what follows it.
func (l *loader) load(r io.Reader) (rest io.Reader, err error) {
	e := l.e
	l.libs = e.scripts.functions.load()
	l.file = rdb.FileReader{From: r, Databases: e.store.Databases(), NoSum: !e.settings.Bool("rdbchecksum"), Library: l.library, Module: l.module, Aux: l.aux, Sizes: l.sizes}
	if l.size >= fillingFrom {
		e.store.Filling(true)
		defer e.store.Filling(false)
	}
	workers := runtime.GOMAXPROCS(0)
	l.chunks = make(chan *rdb.Chunk, workers)
	for range workers {
		l.wait.Add(1)
		engine.Go("snapshot loader", e.log, l.work)
	}
	err = l.read()
	close(l.chunks)
	l.wait.Wait()
	l.settle()
	e.progress.at(l.file.At(), l.keys.Load(), l.gone.Load())
	if err != nil {
		l.fail(err)
	}
	if l.failed.Load() {
		return nil, l.err
	}
	if libs := l.libs; libs != e.scripts.functions.load() {
		_ = e.scripts.functions.change(func(*librarySet) (*librarySet, error) { return libs, nil })
	}
	return l.file.Rest(), nil
}

// fillingFrom is the length of a file from which its data is worth large pages: of a smaller one what the last of them has to spare would count.
const fillingFrom = 32 << 20

// fail keeps the first error.
func (l *loader) fail(err error) {
	l.once.Do(func() {
		l.err = err
		l.failed.Store(true)
	})
}

// read hands chunks out until the file ends.
func (l *loader) read() error {
	told := time.Now()
	for !l.failed.Load() {
		if l.e.closing() {
			return errClosing
		}
		c, err := l.file.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		l.chunks <- c
		l.e.progress.at(l.file.At(), l.keys.Load(), l.gone.Load())
		if time.Since(told) > time.Second {
			told = time.Now()
			l.e.log.Info("loading", "done", percent(l.file.At(), l.size), "keys", l.keys.Load())
		}
	}
	return nil
}

func (l *loader) aux(name, value string) error {
	switch name {
	case "used-mem":
		n, _ := strconv.ParseInt(value, 10, 64)
		l.e.progress.used.Store(n)
	case "redis-ver":
		l.e.log.Info("Loading RDB produced by version " + cstr([]byte(value), 64))
	}
	return nil
}

// recordBytes is what a key takes in a file at least, as far as tables are prepared: no file has more of them made than are 3/4 of its length.
const recordBytes = 16

// sizes prepares tables for the keys that a database is said to have.
func (l *loader) sizes(db, keys, _ uint64) error {
	if n := min(int64(min(keys, 1<<40)), l.size/recordBytes-l.announced); n >= minReserve {
		l.announced += n
		l.inStore(func(tx *core.Tx) { tx.Reserve(int(db), n) })
	}
	return nil
}

// minReserve is how many keys are worth it.
const minReserve = 10_000

func (l *loader) settle() {
	if l.announced > 0 {
		l.inStore((*core.Tx).Settle)
	}
}

func (l *loader) inStore(f func(tx *core.Tx)) {
	tx := l.e.store.NewTx()
	tx.Enter()
	defer tx.Leave()
	f(tx)
}

func (l *loader) library(source string) error {
	lib, err := l.e.scripts.compile(source)
	if err == nil {
		l.libs, err = l.libs.with(lib, l.merge)
	}
	if err != nil {
		return fmt.Errorf("offset %d: a library of functions that cannot be loaded: %w", l.file.At(), err)
	}
	return nil
}

func (l *loader) module(name string) error {
	l.e.log.Warn("The snapshot holds data of a module that is not here, beside its keys. It is left out.", "module", name)
	return nil
}

// work takes chunks apart until there are no more. After an error of anybody it only empties the channel.
func (l *loader) work() {
	defer l.wait.Done()
	defer func() {
		if r := recover(); r != nil {
			l.fail(fmt.Errorf("a panic: %v", r))
			for range l.chunks {
			}
			panic(r) // for the log
		}
	}()
	var d rdb.Decoder
	var b keyBatch
	c := l.e.hand()
	if l.expired {
		c.tx.Timeless(true)
	}
	slow := newDelay(l.e.settings.Value("key-load-delay"))
	for chunk := range l.chunks {
		if l.failed.Load() {
			continue
		}
		if err := l.store(c, &d, &b, chunk, slow); err != nil {
			l.fail(err)
		}
		d.Close()
		chunk.Done()
		for slow.owed >= time.Millisecond && !l.failed.Load() {
			slow.wait()
			if l.e.closing() {
				l.fail(errClosing)
			}
		}
	}
}

// store puts the keys of a chunk into the store.
func (l *loader) store(c *client, d *rdb.Decoder, b *keyBatch, chunk *rdb.Chunk, slow *delay) error {
	c.tx.Enter()
	defer c.tx.Leave()
	var rec rdb.Record
	gone := 0
	defer func() { l.gone.Add(int64(gone)) }()
	for {
		ok, err := chunk.Next(d, &rec)
		if err != nil {
			return err
		}
		if !ok || b.full() {
			if err := l.flush(c, b); err != nil || !ok {
				return err
			}
		}
		slow.count()
		switch {
		case rec.ExpireAt != 0 && rec.ExpireAt <= c.tx.Now() && !l.expired:
			gone++
		case b.takes(c, d, &rec):
		default:
			if err := l.put(c, d, &rec); err != nil {
				return &rdb.Damage{At: rec.At, What: err.Error(), Key: string(rec.Key)}
			}
			l.keys.Add(1)
		}
	}
}

// flush stores what the batch holds.
func (l *loader) flush(c *client, b *keyBatch) error {
	n, err := l.storeBatch(c, b)
	l.keys.Add(int64(n))
	return err
}

// put stores the value that d holds.
func (l *loader) put(c *client, d *rdb.Decoder, rec *rdb.Record) error {
	k := l.e.store.Key(rec.Key)
	c.db, c.keys, c.args[1] = rec.DB, append(c.keys[:0], k), rec.Key
	c.tx.Lock1(k)
	defer c.tx.Unlock()
	if !l.merge && c.tx.Find(c.db, k).Ok() {
		return errKeyTwice
	}
	if err := c.storeValue(d, rec.ExpireAt, 0); err != nil {
		return err
	}
	c.setUse(rec, k)
	return nil
}
