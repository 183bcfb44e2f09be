// stopping: the end of the server as far as the data is concerned: nothing is changed any more, and a snapshot is saved.

package redis

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/engine"
)

// stopping is an end that is being prepared.
type stopping struct {
	mu     sync.Mutex
	cancel context.CancelFunc // nil: nobody prepares one
	turn   int                // who prepares it

	discard atomic.Bool // nothing of the data is to be kept
	hasty   atomic.Bool // nor is a disk to be waited for that does not answer (NOSAVE FORCE)
	left    atomic.Bool // it was not
}

// stopWish is how the server is to stop.
type stopWish struct{ save, nosave, now, force bool }

var errStopping = errors.New("the server is stopping already")

// PrepareStop saves what has to be saved before a signal (SIGINT or SIGTERM) may stop the server. After an error it goes on.
func (e *Engine) PrepareStop(signal string) error {
	var w stopWish
	for _, word := range strings.Fields(e.settings.Get("shutdown-on-" + strings.ToLower(signal))) {
		switch word {
		case "save":
			w.save = true
		case "nosave":
			w.nosave = true
		case "now":
			w.now = true
		case "force":
			w.force = true
		}
	}
	// A script may go on for ever, and the snapshot waits for it.
	late := time.AfterFunc(time.Duration(e.settings.Int("shutdown-timeout"))*time.Second, func() { engine.Go("end of scripts", e.log, e.scripts.killAll) })
	defer late.Stop()
	return e.prepareStop(w)
}

// prepareStop holds back whoever wants to change something, so that nobody is told of a change that the snapshot does not have. It stays so unless
// there is an error. Not to be called by who is in the store.
func (e *Engine) prepareStop(w stopWish) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := &e.stopping
	hasty := w.nosave && w.force
	s.mu.Lock()
	if s.cancel != nil && !hasty {
		s.mu.Unlock()
		return errStopping
	}
	if s.cancel != nil { // whoever prepares an end may wait for a disk for ever
		s.cancel()
	}
	s.cancel = cancel
	s.turn++
	turn := s.turn
	s.mu.Unlock()
	if hasty {
		s.hasty.Store(true)
	}
	e.holdClients(holdWrites)
	s.discard.Store(w.nosave)
	err := e.saveForEnd(ctx, w)
	if err != nil && (!w.force || ctx.Err() != nil) {
		s.mu.Lock()
		last := s.turn == turn
		if last {
			s.cancel = nil
		}
		s.mu.Unlock()
		if last {
			e.letGo(holdWrites)
		}
		return err
	}
	return nil
}

// saveForEnd saves if somebody wants it. While the data is loaded there is nothing to save that is not on the disk.
func (e *Engine) saveForEnd(ctx context.Context, w stopWish) error {
	if e.progress.on.Load() || w.nosave || !w.save && e.saves.rules.Text() == "" {
		return nil
	}
	if e.working() == jobSave {
		e.log.Warn("A snapshot is being saved. It is given up for the last one.")
		e.giveUpSave()
	}
	e.log.Info("Saving the final RDB snapshot before exiting.")
	err := e.save(ctx)
	if err != nil && w.force {
		e.log.Error("The last snapshot could not be saved. The server stops all the same, as it was told to.")
	} else if err != nil {
		e.log.Error("The last snapshot could not be saved: the server goes on.")
	}
	return err
}

// active tells that an end is being prepared, or was.
func (s *stopping) active() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cancel != nil
}

// abortStop ends the preparation of an end; false: there is none.
func (e *Engine) abortStop() bool {
	e.stopping.mu.Lock()
	defer e.stopping.mu.Unlock()
	if e.stopping.cancel == nil {
		return false
	}
	e.stopping.cancel()
	return true
}

// Unanswered is for how long the disk has not answered, and what it was asked.
func (e *Engine) Unanswered() (time.Duration, string) { return e.disk.Unanswered() }

// Left tells that the engine was closed while calls to the disk were under way: the store must stay, until the process ends.
func (e *Engine) Left() bool { return e.stopping.left.Load() }

// patience is how long an end in haste waits for one answer of the disk.
const patience = 2 * time.Second

// inHaste has f, which ends the engine, done, but does not wait for it beyond a call to the disk that is not answered.
func (e *Engine) inHaste(f func()) {
	done := make(chan struct{})
	engine.Go("end", e.log, func() {
		defer close(done)
		f()
	})
	look := time.NewTicker(patience / 20)
	defer look.Stop()
	for {
		select {
		case <-done:
			return
		case <-look.C:
			if silent, call := e.disk.Unanswered(); silent > patience {
				e.stopping.left.Store(true)
				e.log.Error("the disk does not answer, and the server ends without it, as it was told to", "call", call, "for", silent.Round(time.Second).String())
				return
			}
		}
	}
}
