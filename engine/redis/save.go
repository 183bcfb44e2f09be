// saves: snapshots on the disk: when one is due, how it gets its name, and what is known of the last ones.

package redis

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core/vfs"
)

// saves is what is known of the snapshots of this server.
type saves struct {
	rules   *config.Value // save
	strict  *config.Value // stop-writes-on-bgsave-error
	steps   *config.Value // rdb-save-incremental-fsync
	changed chan struct{} // the rules, or a snapshot is scheduled
	base    atomic.Int64  // changes when the last good one began
	lock    saveLock

	mu        sync.Mutex // guards what follows
	last      time.Time  // the last good one; at first, the start
	tried     time.Time  // the last that the background began
	began     time.Time  // the one that the background is at, zero if it is at none
	took      time.Duration
	failed    bool // the last one in the background
	scheduled bool
	good      int64 // since the start
	cancel    context.CancelFunc
	status    string // of the last one, for who asks
}

// saveRetry is how long a save rule waits after a failure.
const saveRetry = 5 * time.Second

// saveTick is how often the rules are looked at, while there are any.
const saveTick = 200 * time.Millisecond

func (s *saves) init(e *Engine) {
	s.rules, s.strict, s.steps = e.settings.Value("save"), e.settings.Value("stop-writes-on-bgsave-error"), e.settings.Value("rdb-save-incremental-fsync")
	s.changed = make(chan struct{}, 1)
	s.last, s.took = e.started, -1
	for _, name := range []string{"save", "dir", "dbfilename"} {
		e.settings.OnChange(name, func(string) {
			if !e.progress.on.Load() {
				e.lockSnapshot()
			}
		})
	}
	for _, name := range []string{"save", "stop-writes-on-bgsave-error"} {
		e.settings.OnChange(name, func(string) {
			e.judgeSaves()
			s.look()
		})
	}
}

// look makes the keeper of the rules look at once.
func (s *saves) look() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// changes is how many there have been since the start.
func (e *Engine) changes() (n int64) {
	e.eachCounters(func(c *counters) { n += c.dirty.Load() })
	return n
}

// unsaved is how many changes the last good snapshot does not have.
func (e *Engine) unsaved() int64 { return e.changes() - e.saves.base.Load() }

// dataFile is where a file of this server lies.
func (e *Engine) dataFile(name string) string { return filepath.Join(e.settings.Get("dir"), name) }

// dump writes a snapshot to the file that the settings name: beside it first, so that the old one is there until the new one is safe. The
// caller has begun the job.
func (e *Engine) dump(ctx context.Context) error {
	target := e.dataFile(e.settings.Get("dbfilename"))
	temp := filepath.Join(filepath.Dir(target), tempPrefix+strconv.Itoa(os.Getpid())+"-"+filepath.Base(target))
	f, err := e.fs.Open(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	out := &steppedFile{File: f, on: e.saves.steps.Bool()}
	at := int64(0)
	err = e.writeSnapshot(ctx, out, rdbAux{}, func() { at = e.changes() })
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = ctx.Err() // whoever gave it up may have another one written by now
	}
	if err == nil {
		err = e.fs.Rename(temp, target)
	}
	if err != nil {
		_ = e.fs.Remove(temp)
		return err
	}
	if err := e.fs.SyncDir(filepath.Dir(target)); err != nil {
		return err
	}
	e.saves.base.Store(at)
	return nil
}

// tempPrefix, the number of the process and the name of the snapshot make up the name of one that is not whole yet.
const tempPrefix = "temp-"

// sweepSnapshots removes what snapshots of other processes have left that did not end. The caller holds the lock of the directory or of the snapshot: nobody else
// writes one of this name.
func (e *Engine) sweepSnapshots() {
	target := e.dataFile(e.settings.Get("dbfilename"))
	list, err := e.fs.ReadDir(filepath.Dir(target))
	if err != nil {
		return
	}
	for _, f := range list {
		number, temp := strings.CutPrefix(f.Name(), tempPrefix)
		number, same := strings.CutSuffix(number, "-"+filepath.Base(target))
		if pid, err := strconv.Atoi(number); err != nil || pid == os.Getpid() || !temp || !same {
			continue
		}
		if err := e.fs.Remove(filepath.Join(filepath.Dir(target), f.Name())); err == nil {
			e.log.Info("removed what a snapshot has left that did not end", "file", f.Name())
		}
	}
}

// steppedFile is a file that is synced on the way, so that the sync at the end has little left to do and the system's cache is not filled with
// what waits for the disk.
type steppedFile struct {
	vfs.File
	on  bool
	was int
}

// syncStep: a sync of the original's 4 MB takes longer for the waiting than for the bytes; 32 MB are still written within a moment.
const syncStep = 32 << 20

func (f *steppedFile) Write(b []byte) (int, error) {
	n, err := f.File.Write(b)
	if f.was += n; err == nil && f.on && f.was >= syncStep {
		f.was = 0
		err = f.Sync()
	}
	return n, err
}

var errSaving = errors.New("a snapshot is being saved")

// save writes a snapshot and waits for it, as SAVE and the end of the server do. Not to be called by who is in the store.
func (e *Engine) save(ctx context.Context) error {
	if e.working() == jobSave {
		return errSaving
	}
	if err := e.await(ctx, jobSave); err != nil {
		return err
	}
	defer e.finish()
	err := e.dump(ctx)
	if err != nil {
		e.log.Error("Saving the snapshot failed: " + err.Error())
		return err
	}
	e.log.Info("DB saved on disk")
	e.saved()
	return nil
}

// saved takes note of a good snapshot.
func (e *Engine) saved() {
	s := &e.saves
	s.mu.Lock()
	s.last, s.failed = time.Now(), false
	s.good++
	s.mu.Unlock()
	e.judgeSaves()
}

// saveInBackground begins a snapshot; false: another job is at work, or the server ends.
func (e *Engine) saveInBackground() bool {
	s := &e.saves
	s.mu.Lock() // first: who wants to give the job up must find how
	if !e.begin(jobSave) {
		s.mu.Unlock()
		return false
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.began, s.cancel, s.scheduled = time.Now(), cancel, false
	s.tried = s.began
	s.mu.Unlock()
	started := e.startLowly("background save", func() {
		err := errors.New("a panic, see above")
		defer func() { e.savedInBackground(ctx, cancel, err) }()
		e.log.Info("Background saving started")
		err = e.dump(ctx)
	})
	if !started {
		e.savedInBackground(ctx, cancel, errClosing)
	}
	return started
}

func (e *Engine) savedInBackground(ctx context.Context, cancel context.CancelFunc, err error) {
	s := &e.saves
	givenUp := ctx.Err() != nil
	cancel()
	s.mu.Lock()
	s.took = time.Since(s.began)
	s.began, s.cancel = time.Time{}, nil
	if err != nil && !givenUp {
		s.failed = true
	}
	s.mu.Unlock()
	switch {
	case err == nil:
		e.log.Info("Background saving terminated with success")
		e.saved()
	case givenUp:
		e.log.Warn("Background saving was given up")
	default:
		e.log.Error("Background saving error: " + err.Error())
	}
	e.judgeSaves()
	e.finish()
	s.look()
}

// giveUpSave ends a snapshot of the background, and waits for that.
func (e *Engine) giveUpSave() {
	for e.working() == jobSave {
		freed := e.nextFree()
		e.saves.mu.Lock()
		cancel := e.saves.cancel
		e.saves.mu.Unlock()
		if cancel != nil {
			cancel()
		}
		if e.working() == jobSave {
			<-freed
		}
	}
}

// judgeSaves decides whether writes are refused since snapshots fail.
func (e *Engine) judgeSaves() {
	s := &e.saves
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed && s.strict.Bool() && s.rules.Text() != "" {
		e.alert.Or(alertUnsaved)
	} else {
		e.alert.And(^alertUnsaved)
	}
}

// keepSaving begins snapshots when a rule says so, and those that were scheduled, until the engine closes.
func (e *Engine) keepSaving() {
	s := &e.saves
	tick := time.NewTicker(saveTick)
	defer tick.Stop()
	for {
		var next <-chan time.Time
		if s.rules.Text() != "" {
			next = tick.C
		}
		select {
		case <-e.background.stop:
			return
		case <-s.changed:
		case <-next:
		}
		if why := e.saveDue(time.Now()); why != "" && e.working() == noJob {
			e.log.Info(why)
			e.saveInBackground()
		}
	}
}

// saveDue tells why a snapshot is due, "" if none is.
func (e *Engine) saveDue(now time.Time) string {
	s := &e.saves
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scheduled {
		return "A scheduled snapshot begins"
	}
	if s.failed && now.Sub(s.tried) <= saveRetry {
		return ""
	}
	changes, since := e.unsaved(), now.Sub(s.last)
	rules := strings.Fields(s.rules.Text())
	for i := 0; i+1 < len(rules); i += 2 {
		seconds, _ := strconv.ParseInt(rules[i], 10, 64)
		most, _ := strconv.ParseInt(rules[i+1], 10, 64)
		if changes >= most && since > time.Duration(seconds)*time.Second {
			return fmt.Sprintf("%d changes in %d seconds. Saving...", most, seconds)
		}
	}
	return ""
}

// schedule has a snapshot begun as soon as no other job is at work.
func (s *saves) schedule() {
	s.mu.Lock()
	s.scheduled = true
	s.mu.Unlock()
	s.look()
}
