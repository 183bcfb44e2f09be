// Loading the append-only file: its base, then the records of its increments, in their order.

package redis

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
)

// open is the start of a server with an append-only file: what is in it is loaded, or where there is none a new one begins with the snapshot's
// data. Nobody is served yet.
func (a *appendOnly) open() error {
	e := a.e
	if err := a.takeLock(); err != nil {
		return err
	}
	e.sweepFirst()
	if err := a.makeDir(); err != nil {
		return err
	}
	m, err := aof.LoadManifest(e.fs, a.dir(), a.name())
	if missing(err) {
		m, err = a.adopt()
	}
	if err != nil {
		return err
	}
	if m == nil {
		if err := aof.Abandoned(e.fs, a.dir(), a.name()); err != nil {
			return err
		}
		if err := e.loadDump(false); err != nil {
			return err
		}
		return a.create()
	}
	if err := a.finishAdopting(m); err != nil {
		return err
	}
	return a.resume(m)
}

// resume loads the files that a manifest lists, and goes on in the last.
func (a *appendOnly) resume(m *aof.Manifest) error {
	e := a.e
	end, err := a.load(m)
	if err != nil {
		return err
	}
	gone, err := aof.Tidy(e.fs, a.dir(), a.name(), m)
	for _, file := range gone {
		e.log.Info("removed a file that the AOF manifest does not list", "file", file)
	}
	if err != nil {
		e.log.Warn("files that belong to nothing could not be removed", "error", err)
	}
	a.ages(m)
	a.keepManifest(m)
	if len(m.Incrs) == 0 {
		return a.create()
	}
	last := m.Incrs[len(m.Incrs)-1].Name
	f, err := a.openFile(last, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return err
	}
	l, err := aof.Open(f, end, a.policy(), a.hooks())
	if err != nil {
		f.Close()
		return err
	}
	l.SetStamps(a.stamps())
	a.use(l)
	a.mu.Lock()
	a.base = a.sizeHeld() + end
	a.mu.Unlock()
	return nil
}

// create begins a log with the data that is there.
func (a *appendOnly) create() error {
	if err := a.makeDir(); err != nil {
		return err
	}
	l, err := aof.Open(nil, 0, a.policy(), a.hooks())
	if err != nil {
		return err
	}
	l.SetStamps(a.stamps())
	a.use(l)
	ctx, cancel := a.e.context()
	defer cancel()
	if err := a.e.await(ctx, jobRewrite); err != nil {
		return err
	}
	defer a.e.finish()
	return a.rewrite(ctx)
}

// adopt takes the single file of a version before 7 as the base of a log; nil if there is none.
func (a *appendOnly) adopt() (*aof.Manifest, error) {
	old := a.e.dataFile(a.name())
	if info, err := a.e.fs.Stat(old); missing(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	} else if info.IsDir() {
		return nil, fmt.Errorf("%s is a directory, where an append-only file might be", old)
	}
	m := &aof.Manifest{Base: &aof.Entry{Name: a.name(), Seq: 1, Type: aof.Base}}
	if err := m.Save(a.e.fs, a.dir(), a.name()); err != nil {
		return nil, err
	}
	a.e.log.Info("Successfully migrated an old-style AOF configuration: the file is the base now", "file", old, "directory", a.dir())
	return m, nil
}

// finishAdopting moves the single file to where its manifest has it, if that has not been done.
func (a *appendOnly) finishAdopting(m *aof.Manifest) error {
	if m.Base == nil || m.Base.Name != a.name() {
		return nil
	}
	if _, err := a.e.fs.Stat(a.path(a.name())); !missing(err) {
		return err
	}
	if err := a.e.fs.Rename(a.e.dataFile(a.name()), a.path(a.name())); err != nil {
		return err
	}
	return errors.Join(a.e.fs.SyncDir(a.dir()), a.e.fs.SyncDir(a.e.settings.Get("dir")))
}

// load fills the store with the files of a manifest. end is where the last increment ends: what is behind it is to be cut.
func (a *appendOnly) load(m *aof.Manifest) (end int64, err error) {
	e, total := a.e, int64(0)
	list := m.Files()[:len(m.Files())-len(m.History)]
	sizes := make([]int64, len(list))
	for i, f := range list {
		if sizes[i], err = a.fileSize(f.Name); missing(err) {
			return 0, fmt.Errorf("the AOF file %s, which the manifest lists, does not exist", a.path(f.Name))
		} else if err != nil {
			return 0, err
		}
		total += sizes[i]
	}
	last := len(list) - 1
	for last > 0 && sizes[last] == 0 { // a rewrite that had only just begun
		last--
	}
	began := time.Now()
	e.progress.begin(total)
	e.store.SetActiveExpire(false)
	defer func() { e.store.SetActiveExpire(e.settings.Bool("active-expire")) }()
	r := a.newReplay(total)
	for i, f := range list {
		end, err = r.file(f, i >= last)
		if err != nil {
			return 0, err
		}
		a.mu.Lock()
		a.sizes[f.Name] = end
		a.mu.Unlock()
	}
	e.log.Info(fmt.Sprintf("DB loaded from append only file: %.3f seconds", time.Since(began).Seconds()), "records", r.records, "bytes", total)
	if r.refused > 0 {
		e.log.Warn("some records of the AOF were answered with an error and changed nothing", "records", r.refused, "first", r.refusal)
	}
	return end, nil
}

// replay runs the records of a log as commands.
type replay struct {
	a       *appendOnly
	c       *client
	done    int64 // bytes of the files before
	records int64
	refused int64
	refusal string

	words [][]byte // of a transaction: all its words, which are copies,
	ends  []int    // and where its records end among them
	multi bool
	inTx  int // records since the store was entered

	batch logBatch
	path  string // of the file they are from
}

func (a *appendOnly) newReplay(total int64) *replay {
	c := a.e.hand()
	a.e.authorize(c)
	c.tx.Timeless(true)
	return &replay{a: a, c: c}
}

// file loads one file; the last may end in the middle of something. end is where what counts ends.
func (r *replay) file(entry aof.Entry, last bool) (end int64, err error) {
	e, path := r.a.e, r.a.path(entry.Name)
	below, err := r.a.openFile(entry.Name, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return 0, err
	}
	f := e.loading(below)
	defer f.Close()
	size, err := f.Size()
	if err != nil || size == 0 {
		return 0, err
	}
	r.c.selectDB(0)
	offset := int64(0)
	if entry.Type == aof.Base {
		if offset, err = r.preamble(f, path, size); err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
	}
	res, err := r.run(f, path, offset, size)
	if err != nil {
		return 0, err
	}
	r.done += size
	if res.Whole() {
		return size, r.cutOff(f, path, size, last)
	}
	switch {
	case !last || !res.Torn:
		return 0, fmt.Errorf("Bad file format reading the append only file: %w. Make a backup of the directory, then look at the damage with cachesrv check aof %s, and cut it off with --fix", res.Damage, path)
	case !e.settings.Bool("aof-load-truncated"):
		return 0, fmt.Errorf("Unexpected end of file reading the append only file: %w. You can cut it off with cachesrv check aof --fix %s, or start with aof-load-truncated yes", res.Damage, path)
	}
	e.log.Warn("!!! Warning: short read while loading the AOF file "+entry.Name+"!!! What is behind the last whole record is cut off, because aof-load-truncated is enabled",
		"offset", res.Good, "bytes", size-res.Good, "why", res.Damage.Why)
	if err := f.Truncate(res.Good); err != nil {
		return 0, err
	}
	return res.Good, f.Sync()
}

// cutOff looks whether a torn end follows what can be read of an encrypted file, whose layer leaves it out.
func (r *replay) cutOff(f vfs.File, path string, size int64, last bool) error {
	var b [1]byte
	_, err := f.ReadAt(b[:], size)
	switch {
	case !errors.Is(err, io.ErrUnexpectedEOF):
		return nil
	case !last:
		return fmt.Errorf("Bad file format reading the append only file: %w", err)
	case !r.a.e.settings.Bool("aof-load-truncated"):
		return fmt.Errorf("Unexpected end of file reading the append only file: %w. You can cut it off with cachesrv check aof --fix %s, or start with aof-load-truncated yes", err, path)
	}
	r.a.e.log.Warn("!!! Warning: short read while loading the AOF file "+path+"!!! What is behind the last whole record is cut off, because aof-load-truncated is enabled",
		"offset", size, "why", err.Error())
	return nil
}

// preamble loads the snapshot at the beginning of a base. offset is where it ends: 0 if there is none.
func (r *replay) preamble(f vfs.File, path string, size int64) (offset int64, err error) {
	var magic [5]byte
	if n, _ := f.ReadAt(magic[:], 0); n < len(magic) || string(magic[:]) != "REDIS" {
		return 0, nil
	}
	l := &loader{e: r.a.e, size: size, expired: true}
	if _, err := l.load(io.NewSectionReader(f, 0, size)); err != nil {
		return 0, err
	}
	r.a.e.progress.done.Store(r.done + l.file.At())
	return l.file.At(), nil
}

// verified is what is known of a file while it is being read.
type verified struct {
	mu   sync.Mutex // guards what follows
	more sync.Cond
	safe int64
	over bool
	res  *aof.Result
	err  error
}

// run replays the records of f from offset on, as far as they are good. Another goroutine reads ahead and verifies.
func (r *replay) run(f vfs.File, path string, offset, size int64) (*aof.Result, error) {
	v := &verified{safe: offset}
	v.more.L = &v.mu
	engine.Go("aof verifier", r.a.e.log, func() {
		res, err := (*aof.Result)(nil), errors.New("a panic, see above")
		defer func() {
			v.mu.Lock()
			v.res, v.err, v.over = res, err, true
			v.more.Broadcast()
			v.mu.Unlock()
		}()
		res, err = aof.Verify(f, path, offset, func(end int64) {
			v.mu.Lock()
			v.safe = end
			v.more.Signal()
			v.mu.Unlock()
		})
	})
	defer v.wait(size + 1) // the file is closed behind us
	r.path = path
	reader := aof.NewReader(f, path, offset, offset)
	for {
		limit, over := v.wait(reader.End())
		if over {
			if v.err != nil {
				return nil, v.err
			}
			limit = max(v.res.Good, reader.End())
		}
		reader.Limit(limit)
		if err := r.step(reader); err != nil {
			return nil, err
		}
		if over {
			if r.multi { // it does not end
				r.multi, r.words, r.ends = false, nil, nil
			}
			return v.res, nil
		}
	}
}

// wait waits until more than end is safe, or all is known.
func (v *verified) wait(end int64) (safe int64, over bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for v.safe <= end && !v.over {
		v.more.Wait()
	}
	return v.safe, v.over
}

// stepRecords is how many records are run before others get a chance to hold the store.
const stepRecords = 1000

// step runs what the reader has up to its limit.
func (r *replay) step(reader *aof.Reader) error {
	defer r.leave()
	for {
		if err := r.batch.gather(reader); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		r.lookAhead()
		for i := range r.batch.n {
			if r.inTx == 0 {
				r.c.tx.Enter()
			}
			if err := r.record(&r.batch.recs[i]); err != nil {
				return err
			}
			r.c.ahead = r.c.ahead[min(1, len(r.c.ahead)):]
			if r.inTx++; r.inTx < stepRecords {
				continue
			}
			r.leave()
			r.a.e.progress.done.Store(r.done + reader.End())
			select {
			case <-r.a.e.background.stop:
				return errClosing
			default:
			}
		}
	}
}

func (r *replay) leave() {
	if r.inTx > 0 {
		r.c.tx.Leave()
		r.inTx = 0
		if r.a.e.events.waiting.Load() {
			r.a.e.events.deliver()
		}
	}
}

// record runs one record, or keeps it until the transaction that it is in is whole.
func (r *replay) record(rec *logRecord) error {
	r.records++
	words := rec.words
	switch {
	case len(words) == 1 && equalFold(words[0], "multi"):
		r.multi = true
		return nil
	case len(words) == 1 && equalFold(words[0], "exec"):
		r.multi = false
		from := 0
		for _, to := range r.ends {
			if err := r.command(r.words[from:to:to], rec.offset); err != nil {
				return err
			}
			from = to
		}
		r.words, r.ends = r.words[:0], r.ends[:0]
		return nil
	case r.multi:
		for _, w := range words {
			r.words = append(r.words, append([]byte(nil), w...))
		}
		r.ends = append(r.ends, len(r.words))
		return nil
	}
	return r.command(words, rec.offset)
}

// command runs one, from the record at an offset. An error of its own is counted: the original goes on there as well.
func (r *replay) command(words [][]byte, offset int64) error {
	c := r.c
	c.args = words
	var cmd *command
	var err error
	if c.e.table.find(words[0]) == nil {
		err = errUnknown(words)
	} else if cmd, err = c.lookup(); err == nil && !replayed(cmd) {
		err = errorf("ERR '%s' is no command for a log", cmd.full)
	}
	if err != nil {
		return &aof.Damage{File: r.path, Offset: offset, Why: err.Error()}
	}
	c.cmd = cmd
	c.w.Out = c.w.Out[:0]
	relative := fromNow(cmd, words)
	if relative {
		c.tx.Timeless(false)
	}
	err = c.execute(cmd)
	if relative {
		c.tx.Timeless(true)
	}
	if err != nil {
		if r.refused++; r.refused == 1 {
			r.refusal = fmt.Sprintf("offset %d: %v", offset, err)
		}
	}
	return nil
}

// fromNow tells commands that count a time from the present one. A log has none of them, unless it is very old or was written by hand.
func fromNow(cmd *command, words [][]byte) bool {
	switch cmd.full {
	case "expire", "pexpire", "setex", "psetex", "hexpire", "hpexpire", "eval", "evalsha":
		return true
	case "set", "getex":
		for _, w := range words[2:] {
			if len(w) == 2 && (equalFold(w, "ex") || equalFold(w, "px")) {
				return true
			}
		}
	}
	return false
}

// replayed tells which commands a log may hold: those that change data, and what older versions had around them.
func replayed(cmd *command) bool {
	if cmd.flags&(write|mayReplicate) != 0 {
		return true
	}
	switch cmd.full {
	case "select", "eval", "evalsha", "script|load", "function|load", "function|delete", "function|flush", "function|restore":
		return true
	}
	return false
}
