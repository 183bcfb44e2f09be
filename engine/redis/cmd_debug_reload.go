// DEBUG RELOAD and LOADAOF: the data is saved, thrown away and loaded again.

package redis

import (
	"context"
	"errors"
)

var errReload error = replyError("ERR Error trying to load the RDB dump, check server logs.")

// reloading is how DEBUG RELOAD is to work.
type reloading struct{ nosave, noflush, merge bool }

func debugRELOAD(c *client) error {
	var how reloading
	s := scanner{args: c.args[2:]}
	for s.more() {
		switch {
		case s.word("nosave"):
			how.nosave = true
		case s.word("noflush"):
			how.noflush = true
		case s.word("merge"):
			how.merge = true
		default:
			return replyError("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.")
		}
	}
	if c.multi != nil {
		return errInMulti // the transaction holds what loading needs
	}
	err := errBare
	c.outside(func() { err = c.reload(how) })
	if err != nil {
		return err
	}
	c.e.log.Warn("DB reloaded by DEBUG RELOAD")
	c.ok()
	return nil
}

// reload runs while all other clients wait, and is in the store itself only to empty it.
func (c *client) reload(how reloading) error {
	e := c.e
	e.holdClients(holdAll)
	defer e.letGo(holdAll)
	if !how.nosave {
		e.giveUpSave()
		if err := e.save(context.Background()); err != nil {
			return errBare
		}
	}
	if !how.noflush {
		e.empty()
	}
	e.progress.begin(0)
	defer e.progress.end()
	if err := e.loadDump(how.merge); err != nil {
		e.log.Error("DEBUG RELOAD: " + err.Error())
		return errReload
	}
	return nil
}

// empty throws everything away, and the journal is not told.
func (e *Engine) empty() {
	t := e.store.NewTx()
	t.Enter()
	t.Exclusive(func() { t.Flush(-1, false) })
	t.Leave()
	_ = e.scripts.functions.change(func(*librarySet) (*librarySet, error) { return noLibraries, nil })
}

func debugLOADAOF(c *client) error {
	if c.multi != nil {
		return errInMulti
	}
	err := errBare
	c.outside(func() { err = c.e.aof.reload() })
	if err != nil {
		c.e.log.Error("DEBUG LOADAOF: " + err.Error())
		return errLoadLog
	}
	c.e.log.Warn("Append Only File loaded by DEBUG LOADAOF")
	c.ok()
	return nil
}

var (
	errLoadLog error = replyError("ERR Error trying to load the AOF files, check server logs.")
	errNoLog         = errors.New("there is no append-only file")
)

// reload is LOADAOF while all other clients wait.
func (a *appendOnly) reload() error {
	e, l := a.e, a.log.Load()
	if l == nil || !l.Good() {
		return errNoLog
	}
	ctx, cancel := e.context()
	defer cancel()
	if err := e.await(ctx, jobRewrite); err != nil {
		return err
	}
	defer e.finish()
	e.holdClients(holdAll)
	defer e.letGo(holdAll)
	e.store.SetJournal(nil)
	defer e.store.SetJournal(journalTo{l})
	if err := l.Flush(); err != nil {
		return err
	}
	e.empty()
	defer e.progress.end()
	a.mu.Lock()
	m := a.manifest
	a.mu.Unlock()
	_, err := a.load(m)
	return err
}
