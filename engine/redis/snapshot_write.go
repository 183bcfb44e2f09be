// Writing a snapshot: all data of one moment as an RDB file, while clients go on.

package redis

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// rdbAux is what a snapshot says of itself.
type rdbAux struct {
	aofBase bool // it is the first file of an append-only log
}

var errClosing = errors.New("the server is stopping")

// snapshotWriter is the sink of one snapshot. Its writer is used by one goroutine at a time: by begin while the store is held, by item under the
// snapshot's lock, by the walk while it reads a big item, by the caller once the walk is over.
type snapshotWriter struct {
	recordWriter
	spool *spool
	aux   rdbAux
	used  int64
	ctx   context.Context
	stop  context.CancelFunc
	delay *delay
	aside aside

	nudged time.Time // when who waits for something else was last told to look
}

// recordWriter writes keys.
type recordWriter struct {
	rdb.FileWriter
	e   *Engine
	c   *client // reads the values
	use bool    // keep when or how often keys were used

	commands bool // keys as commands that make them, not as records
	commandForm
}

// Forget has the next key say its database: something else may stand before it.
func (w *recordWriter) Forget() {
	w.FileWriter.Forget()
	w.selected = 0
}

func (e *Engine) recordWriter() recordWriter {
	w := recordWriter{e: e, c: e.hand(), use: keepsUse(e.store.Policy())}
	w.Compress, w.FullAt = e.compress.Bool(), spoolBuffer
	return w
}

// hand is a client without a connection, with which the engine itself reads and builds values.
func (e *Engine) hand() *client {
	w := &engine.Worker{Tx: e.store.NewTx()}
	return &client{e: e, w: w, tx: w.Tx, st: e.counters(0), args: make([][]byte, 2)}
}

// writeSnapshot writes all that is in the store, functions included, as of the moment at which began ran, with the store held: it must be quick.
// Every change that the journal got before is in it, and none that it gets later. Extra memory: the buffers of a spool, and what one text takes to be compressed. Only one
// snapshot runs at a time, else core.ErrBusy. Not to be called by who is in the store.
func (e *Engine) writeSnapshot(ctx context.Context, w io.Writer, aux rdbAux, began func()) error {
	s := &snapshotWriter{recordWriter: e.recordWriter(), aux: aux, used: e.store.Memory().Used}
	if err := s.run(ctx, w, began); err != nil {
		return err
	}
	return s.spool.out.Foot(e.settings.Bool("rdbchecksum"))
}

// run writes it but for its checksum.
func (s *snapshotWriter) run(ctx context.Context, w io.Writer, began func()) (err error) {
	e, ok := s.e, false
	s.ctx, s.stop = context.WithCancel(ctx)
	defer s.stop()
	if s.spool, ok = e.newSpool(w); !ok {
		return errClosing
	}
	s.Full, s.Out, s.delay = s.full, s.spool.buffer(), newDelay(e.settings.Value("rdb-key-save-delay"))
	apart := core.Apart{From: apartFrom, Begin: s.beginApart, Read: s.readApart, End: s.endApart}
	walk, err := e.store.SnapshotApart(apart, func() {
		if began != nil {
			began()
		}
		s.begin()
	}, s.item)
	if err == nil {
		walk.Between = s.between
		err = walk.Run(s.ctx)
	}
	if err == nil {
		s.end()
		s.spool.push(s.Out)
	}
	if failed := e.closeSpool(s.spool); failed != nil {
		return failed
	}
	return err
}

// begin writes what comes before the keys.
func (s *snapshotWriter) begin() {
	s.count()
	if s.commands {
		s.beginCommands()
		return
	}
	e := s.e
	s.Header(e.fileVersion())
	s.Aux("redis-ver", Version)
	s.Aux("redis-bits", strconv.Itoa(strconv.IntSize))
	s.Aux("ctime", strconv.FormatInt(time.Now().Unix(), 10))
	s.Aux("used-mem", strconv.FormatInt(s.used, 10))
	s.Aux("aof-base", strconv.Itoa(flagOf(s.aux.aofBase)))
	for _, lib := range e.scripts.functions.load().libs {
		s.Library(lib.Source)
	}
	for db := range e.store.Databases() {
		if n := e.store.Len(db); n > 0 {
			s.Database(db)
			s.Sizes(n, e.store.Expiring(db))
		}
	}
}

// count takes note of how much there is to do.
func (s *snapshotWriter) count() {
	all := 0
	for db := range s.e.store.Databases() {
		all += s.e.store.Len(db)
	}
	s.e.background.walked.Store(0)
	s.e.background.keys.Store(int64(all))
}

// end writes what comes behind them.
func (s *snapshotWriter) end() {
	if !s.commands {
		s.Name = nil
		s.End()
	}
}

// fileVersion is that of the setting, or the one that fields with an expiry need, if there are any.
func (e *Engine) fileVersion() int {
	version := int(e.settings.Int("rdb-version"))
	if e.store.AnyTimed() {
		version = max(version, rdb.KindHashTTL.Version())
	}
	return version
}

// keepsUse tells whether an eviction policy looks at when or how often a key was used: then that is worth bytes in a file.
func keepsUse(policy string) bool {
	return policy != "noeviction" && !strings.HasSuffix(policy, "-random") && !strings.HasSuffix(policy, "-ttl")
}

// item writes one key. It runs under the snapshot's lock and that of the key's shard.
func (s *snapshotWriter) item(db int, it core.Item) error {
	s.delay.count()
	if !s.aside.on {
		return s.write(&s.recordWriter, db, it)
	}
	return s.writeAside(db, it)
}

func (s *snapshotWriter) write(w *recordWriter, db int, it core.Item) error {
	if s.spool.failed.Load() {
		return io.ErrClosedPipe // the spool knows better
	}
	s.e.background.walked.Add(1)
	return w.record(db, it)
}

// record writes one key, whose item does not change meanwhile.
func (w *recordWriter) record(db int, it core.Item) error {
	w.c.db = db
	if it.Timed() {
		if h := value.OpenHash(w.c.placed(it)); h.Live() == 0 {
			return nil
		}
	}
	if w.commands {
		return w.command(db, it)
	}
	w.Database(db)
	if at := it.ExpireAt(); at != 0 {
		w.Expiry(at)
	}
	if w.use {
		if idle, ok := w.e.store.IdleSeconds(it); ok {
			w.Idle(idle)
		} else if n, ok := w.e.store.Frequency(it); ok {
			w.Freq(n)
		}
	}
	w.Name = it.Name()
	w.c.writeValue(&w.Writer, it)
	w.Name = nil
	return nil
}

// between waits, without any lock, for the disk and for rdb-key-save-delay.
func (s *snapshotWriter) between() {
	if s.e.closing() {
		s.stop()
	}
	if s.ctx.Err() == nil {
		s.spool.calm()
		s.delay.wait()
	}
}
