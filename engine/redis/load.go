// The start of the data: what is on the disk is loaded while connections are open already.

package redis

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/acl"
)

// Load fills the store with what is on the disk, in the background, and then calls done with the outcome. From this call on until then, commands that
// need data are answered with -LOADING. After an error the server must not be used.
func (e *Engine) Load(done func(error)) {
	e.loadingBegins()
	started := e.start("load", func() {
		err := errors.New("a panic, see above")
		defer func() {
			if err == nil {
				e.loadingEnds()
			}
			done(err)
		}()
		if err = e.loadData(); err == nil && (!e.start("saves", e.keepSaving) || !e.start("backups", e.keepBackups)) {
			err = errClosing
		}
	})
	if !started {
		done(errClosing)
	}
}

func (e *Engine) loadingBegins() {
	e.progress.begin(0)
	e.alert.Or(alertLoading)
}

func (e *Engine) loadingEnds() {
	e.progress.end()
	e.alert.And(^alertLoading)
}

// loadData loads what this server keeps its data in, unless it stayed in the memory file. An append-only log, where there is one, takes precedence over the snapshot: its place is here.
func (e *Engine) loadData() error {
	load := func() error { return e.loadDump(false) }
	if e.settings.Bool("appendonly") {
		load = e.aof.open
	} else if e.resume() {
		load = func() error { return nil }
	}
	if err := load(); err != nil {
		return err
	}
	e.lockSnapshot()
	e.saves.base.Store(e.changes())
	if !e.start("aof", e.aof.keep) {
		return errClosing
	}
	return nil
}

// authorize makes an engine's own client one that may do everything.
func (e *Engine) authorize(c *client) {
	c.conn = &engine.Conn{}
	c.authed, c.settled, c.entered, c.denyBlocking = true, true, true, true
	c.public.user.Store(acl.NewBook(e.users.Commands()).Default)
}

// loadDump loads the snapshot that the settings name. That there is none is a new server's start, and no error; one that cannot be read is.
// merge: keys of the file replace those that are there.
func (e *Engine) loadDump(merge bool) error {
	name := e.dataFile(e.settings.Get("dbfilename"))
	below, err := e.fs.Open(name, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	f := e.loading(below)
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return err
	}
	began := time.Now()
	e.progress.begin(size)
	l := &loader{e: e, size: size, merge: merge}
	if _, err := l.load(f); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	e.log.Info(fmt.Sprintf("Done loading RDB, keys loaded: %d, keys expired: %d.", e.progress.keys.Load(), e.progress.gone.Load()))
	e.log.Info(fmt.Sprintf("DB loaded from disk: %.3f seconds", time.Since(began).Seconds()))
	return nil
}
