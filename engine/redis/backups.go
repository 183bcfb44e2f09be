// backups: copies of the data that the server makes by a schedule, and what is known of the last one.

package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine/redis/backup"
)

// backups belongs to one goroutine, which makes them, but for what the mutex guards.
type backups struct {
	changed chan struct{} // the settings
	draft   *backup.Draft // the transfer that has failed: the next turn goes on with it
	tried   time.Time     // when the last one was begun, by this process and under these settings

	mu     sync.Mutex // guards what follows; a leaf
	began  time.Time  // the one that is being made, zero if none is
	next   time.Time
	ended  time.Time // the last one that was made or failed
	took   time.Duration
	failed bool
	good   int64 // since the start
	bad    int64
	size   int64 // of the last good one
	last   string
}

const (
	backupSpool = "backup-spool" // in the data directory
	backupStall = time.Minute
	// backupStale is how old a failed transfer may be that the next turn goes on with; then a new snapshot is worth more.
	backupStale = time.Hour
)

// keepBackups makes backups until the engine closes. Nothing that fails here disturbs who is served.
func (e *Engine) keepBackups() {
	b := &e.backups
	b.changed = make(chan struct{}, 1)
	for _, name := range []string{"backup-schedule", "backup-target"} {
		e.settings.OnChange(name, func(string) {
			select {
			case b.changed <- struct{}{}:
			default:
			}
		})
	}
	for {
		due := e.nextBackup(time.Now())
		b.mu.Lock()
		b.next = due
		b.mu.Unlock()
		var timer <-chan time.Time
		if !due.IsZero() {
			timer = time.After(time.Until(due))
		}
		select {
		case <-e.background.stop:
			return
		case <-b.changed:
			b.tried = time.Time{}
		case <-timer:
			e.backUp()
		}
	}
}

// nextBackup is when one is due after a moment; zero: never. An interval is counted from the last backup, whoever made it, so restarts do not
// put it off; one that is overdue is made at once.
func (e *Engine) nextBackup(now time.Time) time.Time {
	s, err := config.ParseSchedule(e.settings.Get("backup-schedule"))
	if err != nil || s == nil || e.settings.Get("backup-target") == "" {
		return time.Time{}
	}
	every, is := s.(config.Interval)
	if !is {
		return s.Next(now)
	}
	last := e.backups.tried
	if last.IsZero() {
		last = e.youngestBackup()
	}
	due := every.Next(last)
	switch {
	case last.IsZero() || last.After(now): // a clock that was set
		return every.Next(now)
	case due.Before(now):
		return now
	}
	return due
}

// youngestBackup asks the target; zero if it has none, or does not say.
func (e *Engine) youngestBackup() time.Time {
	ctx, cancel := e.context()
	defer cancel()
	ctx, done := context.WithTimeout(ctx, backupStall)
	defer done()
	var last time.Time
	store, err := e.backupStore()
	if err == nil {
		last, err = backup.Youngest(ctx, store)
	}
	if err != nil {
		e.log.Warn("The target does not say when the last backup was made: the interval is counted from now", "target", e.settings.Get("backup-target"), "error", err)
	}
	return last
}

func (e *Engine) backupStore() (backup.Store, error) {
	s := e.settings
	return backup.OpenStore(s.Get("backup-target"), backup.AccountFrom(backup.Account{Endpoint: s.Get("backup-s3-endpoint"), Region: s.Get("backup-s3-region")}, os.Getenv))
}

// backUp makes one backup and takes note of the outcome.
func (e *Engine) backUp() {
	b := &e.backups
	began := time.Now()
	b.tried = began
	b.mu.Lock()
	b.began = began
	b.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan struct{})
	defer close(ended)
	e.start("end of a backup", func() {
		select {
		case <-e.background.stop:
			cancel()
		case <-ended:
		}
	})
	err := errors.New("a panic, see above")
	var m *backup.Manifest
	defer func() {
		b.mu.Lock()
		b.began, b.ended, b.took, b.failed = time.Time{}, time.Now(), time.Since(began), err != nil
		if err != nil {
			b.bad++
		} else {
			b.good, b.size, b.last = b.good+1, m.Size, m.ID
		}
		b.mu.Unlock()
	}()
	m, err = e.backUpNow(ctx, began)
	switch {
	case err == nil:
		e.log.Info("Backup finished", "id", m.ID, "target", e.settings.Get("backup-target"), "bytes", m.Size, "took", time.Since(began).Round(time.Millisecond).String())
	case ctx.Err() != nil:
		err = errClosing
		e.log.Warn("A backup was given up because the server stops")
	default:
		e.log.Error("A backup has failed; serving goes on", "target", e.settings.Get("backup-target"), "error", err, "next try", e.nextBackup(time.Now()).Format(time.RFC3339))
	}
}

func (e *Engine) backUpNow(ctx context.Context, now time.Time) (*backup.Manifest, error) {
	s := e.settings
	store, err := e.backupStore()
	if err != nil {
		return nil, err
	}
	keep, err := config.ParseKeep(s.Get("backup-keep"))
	if err != nil {
		return nil, err
	}
	meter := &backup.Meter{Rate: s.Int("backup-rate"), Stall: backupStall}
	d := e.backups.draft
	e.backups.draft = nil
	if d != nil && (d.Target != store.String() || now.Sub(d.Manifest.Created) > backupStale) {
		_ = d.Discard()
		d = nil
	}
	if d == nil {
		if d, err = e.backupDraft(ctx, store.String(), now); err != nil {
			return nil, err
		}
	}
	if _, err := d.Upload(ctx, store, meter); err != nil {
		e.backups.draft = d
		return nil, err
	}
	if err := d.Discard(); err != nil {
		e.log.Warn("what a backup has left could not be removed", "error", err)
	}
	gone, err := backup.Prune(ctx, store, keep, now)
	for _, id := range gone {
		e.log.Info("An old backup was removed", "id", id)
	}
	if err != nil {
		e.log.Warn("old backups could not be removed", "target", store.String(), "error", err)
	}
	return d.Manifest, nil
}

// backupDraft takes a snapshot into the spool, and reads it back.
func (e *Engine) backupDraft(ctx context.Context, target string, now time.Time) (*backup.Draft, error) {
	spool := &backup.Spool{Dir: e.dataFile(backupSpool), Files: e.fs}
	if err := spool.Sweep(ctx, now, 0); err != nil { // nobody goes on with what another process began
		return nil, err
	}
	m := &backup.Manifest{ID: backup.NewID(now), Created: now.UTC().Truncate(time.Second), Tool: "cachesrv " + config.Version,
		Server: "cachesrv " + config.Version, Source: fmt.Sprintf("port %d", e.settings.Int("port"))}
	return spool.Fill(m, backup.PartSize, true, target, func(w io.Writer) error {
		if err := e.await(ctx, jobSend); err != nil {
			return err
		}
		defer e.finish()
		return e.writeSnapshot(ctx, w, rdbAux{}, nil)
	})
}

// info tells about backups in INFO's section Persistence. Redis has no such fields.
func (b *backups) info(r *report, on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !on && b.good+b.bad == 0 {
		return
	}
	status, took, current, next, last := "none", int64(-1), int64(-1), int64(0), int64(0)
	if b.good+b.bad > 0 {
		status, took, last = "ok", int64(b.took.Seconds()), b.ended.Unix()
		if b.failed {
			status = "err"
		}
	}
	if !b.began.IsZero() {
		current = int64(time.Since(b.began).Seconds())
	}
	if !b.next.IsZero() {
		next = b.next.Unix()
	}
	r.line("backup_in_progress", flagOf(current >= 0))
	r.line("backup_current_time_sec", current)
	r.line("backup_last_status", status)
	r.line("backup_last_end_time", last)
	r.line("backup_last_time_sec", took)
	r.line("backup_last_size", b.size)
	r.line("backup_last_id", b.last)
	r.line("backup_next_time", next)
	r.line("backups", b.good)
	r.line("backup_failures", b.bad)
}
