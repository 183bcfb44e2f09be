// The append-only file written anew: a base with the data of one moment, and an increment that begins at that moment.

package redis

import (
	"context"
	"errors"
	"os"
	"strconv"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
)

// rewrite replaces the files of the log. The caller has begun the job. While it runs the old files and the new increment are one log; so an end at any
// moment leaves a log that is whole. Without a log (appendonly no) it writes a base alone.
func (a *appendOnly) rewrite(ctx context.Context) (err error) {
	a.mu.Lock()
	a.began, a.scheduled = time.Now(), false
	a.mu.Unlock()
	a.hush()
	defer func() { a.rewritten(err) }()
	l := a.log.Load()
	m, err := a.known()
	if err != nil {
		return err
	}
	w := rewriting{a: a, l: l, m: m, rdb: a.e.settings.Bool("aof-use-rdb-preamble")}
	if l != nil && !l.Good() && !l.Anew() {
		return errors.New("writing to the present files does not work")
	}
	if err := w.begin(); err != nil {
		return err
	}
	if err := w.base(ctx); err != nil {
		w.undo()
		return err
	}
	if err := w.end(ctx); err != nil {
		return err
	}
	a.collect()
	return nil
}

// known is the manifest as it is on the disk: also that of a log which is not in use at the moment.
func (a *appendOnly) known() (*aof.Manifest, error) {
	a.mu.Lock()
	m := a.manifest
	a.mu.Unlock()
	if m != nil {
		return m, nil
	}
	if err := a.makeDir(); err != nil {
		return nil, err
	}
	m, err := aof.LoadManifest(a.e.fs, a.dir(), a.name())
	if missing(err) {
		return &aof.Manifest{}, nil
	}
	return m, err
}

// rewritten keeps the outcome.
func (a *appendOnly) rewritten(err error) {
	a.mu.Lock()
	took := time.Since(a.began)
	a.began, a.took, a.tried = time.Time{}, took, time.Now()
	if err == nil {
		a.failures = 0
		a.rewrites++
	} else {
		a.failures++
	}
	a.mu.Unlock()
	if l := a.log.Load(); l != nil {
		l.SetHush(false)
	}
	if err != nil {
		a.e.log.Error("Background AOF rewrite failed", "error", err)
	} else {
		a.e.log.Info("Background AOF rewrite finished successfully", "took", took.Round(time.Millisecond).String())
	}
}

// rewriting is one rewrite.
type rewriting struct {
	a    *appendOnly
	l    *aof.Log // nil: a base only
	m    *aof.Manifest
	rdb  bool
	live bool   // the log is good: the new increment goes on behind the old files
	incr string // the new increment
	seq  int64  // its number
	file vfs.File
	cut  bool // it belongs to the log

	former string // the increment before it; "" if none
	temp   string
	name   string // of the base
}

// begin opens the new increment, and lists it if there are records before it. It is empty until the base begins. Where nothing is to go on the plan of
// the whole is made safe first: without an old manifest it is what tells these files from a log that has lost its manifest.
func (w *rewriting) begin() (err error) {
	if w.l == nil {
		return nil
	}
	w.seq = w.m.NextIncr()
	w.incr = aof.IncrName(w.a.name(), w.seq)
	if w.live = w.l.Good(); !w.live {
		if err := w.plan().Draft(w.a.e.fs, w.a.dir(), w.a.name()); err != nil {
			return err
		}
	}
	if w.file, err = w.a.openFile(w.incr, os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_APPEND); err != nil {
		return err
	}
	if !w.live {
		return nil
	}
	m := w.m.Clone()
	if n := len(m.Incrs); n > 0 {
		w.former = m.Incrs[n-1].Name
	}
	m.Incrs = append(m.Incrs, aof.Entry{Name: w.incr, Seq: w.seq, Type: aof.Incr})
	if err := m.Save(w.a.e.fs, w.a.dir(), w.a.name()); err != nil {
		w.file.Close()
		return err
	}
	w.m = m
	w.a.keepManifest(m)
	return nil
}

// base writes the data under a temporary name.
func (w *rewriting) base(ctx context.Context) (err error) {
	e := w.a.e
	w.temp = "temp-rewriteaof-bg-" + strconv.Itoa(os.Getpid()) + ".aof"
	f, err := w.a.openFile(w.temp, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	out := &steppedFile{File: f, on: e.settings.Bool("aof-rewrite-incremental-fsync")}
	began := func() {
		if w.l != nil {
			f := w.l.Figures()
			w.a.keepSize(w.former, f.Size+f.Buffer)
			w.l.Cut(w.file)
			w.cut = true
		}
	}
	if w.rdb {
		err = e.writeSnapshot(ctx, out, rdbAux{aofBase: true}, began)
	} else {
		err = e.writeCommands(ctx, out, began)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// undo removes what a failed rewrite has left. An increment that has been listed stays: there may be records in it.
func (w *rewriting) undo() {
	_ = w.a.e.fs.Remove(w.a.path(w.temp))
	if w.file != nil && !w.cut {
		_ = w.file.Close()
		if !w.live {
			_ = w.a.e.fs.Remove(w.a.path(w.incr))
		}
	}
}

// end gives the base its name and lists it, with the new increment, in place of all that was there.
func (w *rewriting) end(ctx context.Context) error {
	a, fs := w.a, w.a.e.fs
	if w.l != nil {
		if err := w.l.Changed(ctx); err != nil {
			w.undo()
			return err
		}
	}
	m := w.plan()
	if w.live || w.l == nil {
		if err := m.Draft(fs, a.dir(), a.name()); err != nil {
			w.undo()
			return err
		}
	}
	if err := fs.Rename(a.path(w.temp), a.path(w.name)); err != nil {
		w.undo()
		return err
	}
	if err := fs.SyncDir(a.dir()); err != nil {
		return err
	}
	if err := aof.Publish(fs, a.dir(), a.name()); err != nil {
		return err
	}
	size, err := a.fileSize(w.name)
	if err != nil {
		return err
	}
	a.keepSize(w.name, size)
	a.keepManifest(m)
	if w.l != nil {
		w.l.Mend()
	}
	a.mu.Lock()
	a.base = a.sizeHeld() + a.growing()
	a.mu.Unlock()
	return nil
}

// plan is the manifest that there will be in the end.
func (w *rewriting) plan() *aof.Manifest {
	m := &aof.Manifest{}
	if w.l != nil {
		m.Incrs = []aof.Entry{{Name: w.incr, Seq: w.seq, Type: aof.Incr}}
	}
	seq := w.m.NextBase()
	w.name = aof.BaseName(w.a.name(), seq, w.rdb)
	m.Base = &aof.Entry{Name: w.name, Seq: seq, Type: aof.Base}
	m.History = append(m.History, w.m.History...)
	for _, f := range w.m.Files() {
		if f.Type != aof.History && f.Name != w.incr {
			f.Type = aof.History
			m.History = append(m.History, f)
		}
	}
	return m
}

// keepManifest takes note of what is on the disk now.
func (a *appendOnly) keepManifest(m *aof.Manifest) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	for _, f := range m.History {
		if _, known := a.replaced[f.Name]; !known {
			a.replaced[f.Name] = now
		}
	}
	a.manifest = m
}

// collect removes files of the history that need not be kept any more, and what failed rewrites have left. The caller has begun the job.
func (a *appendOnly) collect() {
	a.mu.Lock()
	known := a.manifest
	a.mu.Unlock()
	if _, err := aof.Tidy(a.e.fs, a.dir(), a.name(), known); err != nil {
		a.e.log.Warn("files that belong to nothing could not be removed", "error", err)
	}
	if a.e.settings.Bool("aof-disable-auto-gc") {
		return
	}
	a.mu.Lock()
	m, keep := a.manifest, time.Duration(a.history.Int())*time.Second
	var old []aof.Entry
	if m != nil {
		m = m.Clone()
		var rest []aof.Entry
		for _, f := range m.History {
			if keep > 0 && time.Since(a.replaced[f.Name]) < keep {
				rest = append(rest, f)
			} else {
				old = append(old, f)
			}
		}
		m.History = rest
	}
	a.mu.Unlock()
	if len(old) == 0 {
		return
	}
	for _, f := range old {
		if err := a.e.fs.Remove(a.path(f.Name)); err != nil && !missing(err) {
			a.e.log.Warn("an old file of the AOF could not be removed", "file", f.Name, "error", err)
			return
		}
	}
	if err := m.Save(a.e.fs, a.dir(), a.name()); err != nil {
		a.e.log.Warn("the AOF manifest could not be written", "error", err)
		return
	}
	a.keepManifest(m)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range old {
		delete(a.replaced, f.Name)
		delete(a.sizes, f.Name)
	}
}

// ages tells from the files of the history when they became that: they have not been written to since.
func (a *appendOnly) ages(m *aof.Manifest) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range m.History {
		if info, err := a.e.fs.Stat(a.path(f.Name)); err == nil {
			a.replaced[f.Name] = info.ModTime()
		}
	}
}

// keepSize takes note of how long a file is that grows no more.
func (a *appendOnly) keepSize(name string, size int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if name != "" {
		a.sizes[name] = size
	}
}

// sizeHeld is the size of the files that grow no more, growing that of the one that does. a.mu is held.
func (a *appendOnly) sizeHeld() (n int64) {
	if a.manifest == nil {
		return 0
	}
	for i, f := range a.manifest.Incrs {
		if i < len(a.manifest.Incrs)-1 {
			n += a.sizes[f.Name]
		}
	}
	if a.manifest.Base != nil {
		n += a.sizes[a.manifest.Base.Name]
	}
	return n
}

func (a *appendOnly) growing() int64 {
	if l := a.log.Load(); l != nil {
		return l.Figures().Size
	}
	return 0
}

// start begins a rewrite in the background. false: other work is being done.
func (a *appendOnly) start() bool {
	if !a.e.begin(jobRewrite) {
		return false
	}
	started := a.e.startLowly("aof rewrite", func() {
		ctx, cancel := a.e.context()
		a.mu.Lock()
		a.cancel = cancel
		a.mu.Unlock()
		defer func() {
			cancel()
			a.e.finish()
			a.ring()
		}()
		_ = a.rewrite(ctx) // it has told
	})
	if !started {
		a.e.finish()
	}
	return started
}

// schedule has a rewrite done as soon as possible.
func (a *appendOnly) schedule() {
	a.mu.Lock()
	a.scheduled = true
	a.mu.Unlock()
	a.ring()
}
