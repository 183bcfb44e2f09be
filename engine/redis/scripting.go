// scripting: what all scripts and functions share: the cache, interpreters, and who is running.

package redis

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine/redis/script"
)

const (
	scriptMemory = 256 << 20 // bytes by which one script may make the heap grow
	keepStates   = 16        // interpreters of each kind that wait for work
)

// scripting belongs to the engine. mu guards running.
type scripting struct {
	e         *Engine
	cache     *scriptCache
	functions functionStore
	threshold *config.Value // busy-reply-threshold
	idle      [2]chan *runner
	states    [2]atomic.Int64 // interpreters that there are

	mu      sync.Mutex
	running []*runner    // those that have run for a while
	busy    atomic.Int32 // of them, those past the threshold
}

func newScripting(e *Engine) *scripting {
	s := &scripting{e: e, threshold: e.settings.Value("busy-reply-threshold")}
	s.cache = newScriptCache(e.keyPositions)
	for i := range s.idle {
		s.idle[i] = make(chan *runner, keepStates)
	}
	return s
}

var scriptVersion = script.Version{Text: Version, Number: 7<<16 | 2<<8 | 0}

// runner takes an interpreter out of the pool or makes one.
func (s *scripting) runner(k script.Kind) *runner {
	select {
	case r := <-s.idle[k]:
		return r
	default:
		s.states[k].Add(1)
		return &runner{scripting: s, kind: k, state: script.NewState(k, scriptVersion)}
	}
}

// giveBack keeps an interpreter for the next script, if the last one left it as it was.
func (s *scripting) giveBack(r *runner) {
	r.c, r.agent, r.words = nil, nil, nil
	if r.state.Reusable() {
		select {
		case s.idle[r.kind] <- r:
			return
		default:
		}
	}
	s.states[r.kind].Add(-1)
}

// slow notes a script that runs for a while: it can be killed from now on, and past the threshold others are told. It is called by the
// script's own thread, once.
func (s *scripting) slow(r *runner) {
	r.timer = nil
	if ms := s.threshold.Int(); ms > 0 {
		left := time.Duration(ms)*time.Millisecond - time.Since(r.began)
		r.timer = time.AfterFunc(max(left, 0), func() { s.overdue(r) })
	}
	s.mu.Lock()
	r.listed = true
	s.running = append(s.running, r)
	s.mu.Unlock()
}

// overdue makes everybody who waits for the store ask again, to be told that it is busy.
func (s *scripting) overdue(r *runner) {
	s.mu.Lock()
	late := r.listed && !r.busy
	if late {
		r.busy = true
		s.busy.Add(1)
	}
	s.mu.Unlock()
	if late {
		s.e.log.Warn("Slow script detected: still in execution. You can kill it with SCRIPT KILL or FUNCTION KILL.", "name", r.name, "milliseconds", time.Since(r.began).Milliseconds())
		s.e.store.Nudge()
	}
}

// ended takes a script off the list.
func (s *scripting) ended(r *runner) {
	if r.timer != nil {
		r.timer.Stop()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, o := range s.running {
		if o == r {
			s.running = append(s.running[:i], s.running[i+1:]...)
			break
		}
	}
	if r.busy {
		s.busy.Add(-1)
	}
	r.listed, r.busy = false, false
}

// busyError is what a client gets that cannot be served because of a script.
func (s *scripting) busyError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.running {
		if r.busy && r.kind == script.ForFunctions {
			return errBusyFunction
		}
	}
	return errBusyScript
}

// kill ends the scripts, or functions, past the threshold that have not written yet.
func (s *scripting) kill(k script.Kind) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := errNotBusy
	for _, r := range s.running {
		switch {
		case !r.busy:
		case r.kind != k && err == errNotBusy:
			err = errBusyScript
			if r.kind == script.ForFunctions {
				err = errBusyFunction
			}
		case r.kind != k:
		case r.written.Load():
			err = errUnkillable
		default:
			r.state.Kill()
			return nil
		}
	}
	return err
}

// killAll ends whatever runs: the server is going down.
func (s *scripting) killAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.running {
		r.state.Kill()
	}
}

// current is the function that runs, for FUNCTION STATS: a copy of its words, nil for none.
func (s *scripting) current() (name string, words [][]byte, ran time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.running {
		if r.kind == script.ForFunctions {
			return r.name, r.words, time.Since(r.began)
		}
	}
	return "", nil, 0
}

// What an interpreter takes, and a script or function beside its text, about.
const (
	stateBytes  = 900 << 10
	scriptBytes = 4 << 10
)

// count fills in INFO's figures about scripts.
func (s *scripting) count(l *live) {
	n, texts := s.cache.sums()
	set := s.functions.load()
	l.scripts, l.functions, l.libraries = int64(n), int64(len(set.names)), int64(len(set.libs))
	l.scriptsVM, l.functionsVM = stateBytes*s.states[script.ForScripts].Load(), stateBytes*s.states[script.ForFunctions].Load()
	l.scriptsMem, l.functionsMem = int64(texts+n*scriptBytes), int64(set.bytes()+len(set.names)*scriptBytes)
	l.evictedScripts = s.cache.evicted.Load()
}
