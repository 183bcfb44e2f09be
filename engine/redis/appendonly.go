// appendOnly: the append-only file as the engine keeps it: from the journal to the disk, and what clients are told of that.

package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
	"github.com/cachesrv/cachesrv/engine/redis/backup"
)

// appendOnly belongs to the engine. A rewrite and all that changes the manifest are done by whoever has begun jobRewrite, or by the start before
// anybody is served; mu guards what others read of it.
type appendOnly struct {
	e       *Engine
	log     atomic.Pointer[aof.Log] // nil: off
	wake    chan struct{}           // for keep
	history *config.Value           // aof-history-seconds
	loaded  atomic.Bool             // the start is over: settings may be acted on
	retry   time.Duration           // rewriteRetry; tests do not wait so long

	mu        sync.Mutex // guards what follows; a leaf
	manifest  *aof.Manifest
	sizes     map[string]int64     // of the files that grow no more
	replaced  map[string]time.Time // when files became history
	base      int64                // size when the last rewrite, or the start, was over
	lock      io.Closer            // of the data directory
	why       error                // the last error of writing
	scheduled bool                 // a rewrite is wanted
	began     time.Time            // the running rewrite, zero without
	took      time.Duration        // the last one, -1 without
	rewrites  int64
	failures  int64 // in a row
	tried     time.Time
	waits     []logWait
	passed    uint64             // the last position of the logs that have ended
	cancel    context.CancelFunc // of the last rewrite
}

// logWait is a client in WAITAOF.
type logWait struct {
	pos   uint64
	b     *blocked
	turn  uint64 // of its waits
	reply string
}

func (a *appendOnly) init(e *Engine) {
	a.e, a.took, a.retry = e, -1, rewriteRetry
	a.wake = make(chan struct{}, 1)
	a.sizes, a.replaced = map[string]int64{}, map[string]time.Time{}
	s := e.settings
	a.history = s.Value("aof-history-seconds")
	s.OnChange("appendonly", func(string) { a.ring() })
	s.OnChange("appendfsync", func(string) {
		if l := a.log.Load(); l != nil {
			l.SetPolicy(a.policy())
		}
	})
	for _, name := range []string{"aof-timestamp-enabled", "aof-history-seconds"} {
		s.OnChange(name, func(string) {
			if l := a.log.Load(); l != nil {
				l.SetStamps(a.stamps())
			}
			a.ring()
		})
	}
	s.OnChange("no-appendfsync-on-rewrite", func(string) { a.hush() })
	s.OnChange("aof-disable-auto-gc", func(string) { a.ring() })
}

// policy is what appendfsync says.
func (a *appendOnly) policy() aof.Policy {
	switch a.e.settings.Get("appendfsync") {
	case "always":
		return aof.Always
	case "no":
		return aof.No
	}
	return aof.EverySec
}

// stamps: times are needed to find a moment in what is kept.
func (a *appendOnly) stamps() bool {
	return a.e.settings.Bool("aof-timestamp-enabled") || a.history.Int() > 0
}

// hush keeps the disk to the rewrite, if that is wanted.
func (a *appendOnly) hush() {
	if l := a.log.Load(); l != nil {
		l.SetHush(a.e.working() != noJob && a.e.settings.Bool("no-appendfsync-on-rewrite"))
	}
}

// ring makes keep look at once.
func (a *appendOnly) ring() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

func (a *appendOnly) name() string { return a.e.settings.Get("appendfilename") }
func (a *appendOnly) dir() string  { return a.e.dataFile(a.e.settings.Get("appenddirname")) }

func (a *appendOnly) path(file string) string { return filepath.Join(a.dir(), file) }

// makeDir makes the directory of the log, and that safe.
func (a *appendOnly) makeDir() error {
	if err := a.e.fs.MkdirAll(a.dir(), 0o755); err != nil {
		return err
	}
	return a.e.fs.SyncDir(filepath.Dir(a.dir()))
}

// lockFile is what a server holds in its data directory.
const lockFile = backup.LogLock

// takeLock makes this the only server that writes to the data directory.
func (a *appendOnly) takeLock() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lock != nil {
		return nil
	}
	path := a.e.dataFile(lockFile)
	lock, err := a.e.fs.Lock(path)
	if errors.Is(err, vfs.ErrLocked) {
		return fmt.Errorf("another server is using this data directory: it holds the lock %s. Stop it, or give this one a directory of its own with dir", path)
	}
	if err != nil {
		return fmt.Errorf("the data directory cannot be locked: %w", err)
	}
	a.lock = lock
	return nil
}

// hooks connect a log with the engine.
func (a *appendOnly) hooks() aof.Hooks {
	e := a.e
	return aof.Hooks{
		Moved: func() {
			if s := e.server.Load(); s != nil {
				s.GateMoved()
			}
		},
		Failed: func(err error) {
			file, offset := a.place()
			e.log.Error("Error writing to the AOF file. Writes are refused until it works again, and what was not kept is not acknowledged.",
				"file", file, "offset", offset, "error", err)
			a.judge(err)
		},
		Broken: func(err error) {
			file, offset := a.place()
			e.log.Error("The AOF file was given up, since what was written to it may be lost. Writes are refused until it has been written anew.",
				"file", file, "offset", offset, "error", err)
			a.judge(err)
			a.ring()
		},
		Mended: func() {
			if a.judge(nil) {
				e.log.Warn("AOF write error looks solved. The server can write again.")
			}
		},
		Synced: a.synced,
		Spawn:  func(name string, run func()) { engine.Go(name, e.log, run) },
		Now:    time.Now,
		Stamp:  func() int64 { return time.Now().Unix() },
	}
}

// place is where the log goes on: its file and that one's good length.
func (a *appendOnly) place() (file string, offset int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.manifest != nil && len(a.manifest.Incrs) > 0 {
		file = a.path(a.manifest.Incrs[len(a.manifest.Incrs)-1].Name)
	}
	if l := a.log.Load(); l != nil {
		offset = l.Figures().Size
	}
	return file, offset
}

// judge refuses writes while records are not kept. solved: it has done so until now.
func (a *appendOnly) judge(err error) (solved bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		a.why = err
	}
	if l := a.log.Load(); l != nil && !l.Healthy() {
		a.e.alert.Or(alertUnlogged)
		return false
	}
	solved = a.why != nil
	a.why = nil
	a.e.alert.And(^alertUnlogged)
	return solved
}

// refusal is what a client is told that wants to write while nothing can be kept.
func (a *appendOnly) refusal() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return errorf("MISCONF Errors writing to the AOF file: %s", systemText(a.why))
}

// systemText is an error as the C library words it.
func systemText(err error) string {
	var no syscall.Errno
	switch {
	case err == nil:
		return "Unknown error"
	case errors.As(err, &no):
		text := []byte(no.Error())
		if text[0] >= 'a' && text[0] <= 'z' {
			text[0] -= 'a' - 'A'
		}
		return string(text)
	}
	return err.Error()
}

// use has the journal go to l, and replies wait for it. The store must not be held.
func (a *appendOnly) use(l *aof.Log) {
	a.mu.Lock()
	passed := a.passed
	a.mu.Unlock()
	if passed > 0 {
		l.GoOn(passed)
	}
	a.log.Store(l)
	a.e.store.SetJournal(journalTo{l})
	if s := a.e.server.Load(); s != nil {
		s.SetGate(gateOf{l})
	}
}

// drop ends the log, if there is one: everything in it is made safe.
func (a *appendOnly) drop() error {
	l := a.log.Load()
	if l == nil {
		return nil
	}
	a.e.store.SetJournal(nil)
	a.log.Store(nil)
	err := l.Close()
	a.mu.Lock()
	a.passed = l.Appended()
	a.mu.Unlock()
	if s := a.e.server.Load(); s != nil {
		s.SetGate(nil)
	}
	a.judge(nil)
	a.releaseWaits(^uint64(0))
	return err
}

// close is the end of the server.
func (a *appendOnly) close() {
	if err := a.drop(); err != nil && !errors.Is(err, aof.ErrClosed) {
		a.e.log.Error("The AOF file could not be made safe at the end", "error", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lock != nil {
		_ = a.lock.Close()
		a.lock = nil
	}
}

// journalTo hands the store's journal to a log.
type journalTo struct{ *aof.Log }

// Removed is recorded as the deletion that it is.
func (j journalTo) Removed(db int, name []byte, _ core.RemoveReason) {
	words := [2][]byte{wordDEL, name}
	j.Command(db, words[:])
	j.Nudge()
}

// Group keeps records together.
func (j journalTo) Group(records []core.Record) {
	if len(records) == 0 {
		return
	}
	j.Begin()
	defer j.End()
	for _, r := range records {
		if r.Removed {
			words := [2][]byte{wordDEL, r.Words[0]}
			j.Add(r.DB, words[:])
		} else {
			j.Add(r.DB, r.Words)
		}
	}
}

var wordDEL = []byte("DEL")

// gateOf lets replies wait for a log.
type gateOf struct{ *aof.Log }

// Reach gives a log's verdict in the words of package engine.
func (g gateOf) Reach(pos uint64) engine.Reached {
	switch g.Log.Reach(pos) {
	case aof.Pass:
		return engine.Open
	case aof.Lost:
		return engine.Never
	}
	return engine.Shut
}

// Settle brings what a round has recorded where its replies need it.
func (g gateOf) Settle(pos uint64) { g.Log.Settle(pos) }

// holdReplies has the replies of a turn that changed something wait for the log.
func (c *client) holdReplies() {
	if l := c.e.aof.log.Load(); l != nil {
		c.logged = l.Appended()
		c.conn.HoldFor(c.logged)
	}
}

// openFile opens one of the log's files.
func (a *appendOnly) openFile(file string, flags int) (vfs.File, error) {
	return a.e.fs.Open(a.path(file), flags, 0o644)
}

// fileSize is the length of one of the log's files.
func (a *appendOnly) fileSize(file string) (int64, error) {
	f, err := a.openFile(file, os.O_RDONLY)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Size()
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// context ends with the engine.
func (e *Engine) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	stop := e.background.stop
	engine.Go("end of a job", e.log, func() {
		select {
		case <-stop:
		case <-ctx.Done():
		}
		cancel()
	})
	return ctx, cancel
}
