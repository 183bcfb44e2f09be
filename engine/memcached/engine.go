// Engine: the memcached personality of one process.

package memcached

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// Version is the memcached whose behaviour this is, as version and stats give it.
const Version = config.MemcachedVersion

// Engine makes the sessions and holds what they share.
type Engine struct {
	store    *core.Store
	conf     *config.Settings
	set      rules
	log      hclog.Logger
	commands *table
	started  time.Time

	verbose     atomic.Int32 // 0 to 3: from 2 on every command goes to the log
	trackOn     atomic.Bool  // stats sizes
	prefixes    prefixes     // stats detail
	flusher     flusher
	watch       watchers
	cluster     cluster
	auth        *auth
	binary      *binaryTable
	udp         udpTally
	removals    removals
	tempTTL     atomic.Int64             // the last temporary-ttl that was not negative, which the original shows when there is none
	warnLRU     sync.Once                // that the queues are tuned and there are none
	lost        segmentTally             // what the store removed
	evictedIdle [classLimit]atomic.Int64 // seconds since the last victim was used

	server atomic.Pointer[engine.Server] // nil until Attach
	certs  atomic.Pointer[func() error]  // reads the certificates again; nil without TLS

	// calls has one entry per worker, found by Worker.Serial. The slice is replaced, never changed, under workers.
	calls   atomic.Pointer[[]*call]
	workers sync.Mutex
}

// New makes the engine over a store.
func New(store *core.Store, conf *config.Settings, log hclog.Logger) (*Engine, error) {
	e := &Engine{store: store, conf: conf, set: newRules(conf), log: log, commands: newTable(families), started: time.Now()}
	var err error
	if e.auth, err = newAuth(conf); err != nil {
		return nil, err
	}
	conf.OnReload(e.reloadUsers)
	e.followTuning()
	e.binary = newBinaryTable(binaryOps(), e.commands)
	e.calls.Store(new([]*call))
	e.trackOn.Store(e.set.trackSizes)
	e.prefixes.delimiter = e.set.delimiter
	e.prefixes.on.Store(e.set.detail)
	e.flusher.e = e
	e.watch.init(int(conf.Int("watcher-buffer")), log)
	store.SetListener(e)
	e.verbose.Store(int32(conf.Int("verbosity")))
	conf.OnChange("verbosity", func(string) { e.verbose.Store(int32(conf.Int("verbosity"))) })
	e.followCluster()
	e.recall(store.Warm().Memo)
	return e, nil
}

// Name implements engine.Engine.
func (e *Engine) Name() string { return "memcached" }

// Attach tells the engine which server runs it. Call it before the server listens.
func (e *Engine) Attach(s *engine.Server) { e.server.Store(s) }

// SetCertificates tells the engine how the certificates of TLS are read again. Without it there is no TLS.
func (e *Engine) SetCertificates(reload func() error) { e.certs.Store(&reload) }

// Close ends a timed flush that is still pending, and the log of events.
func (e *Engine) Close() {
	e.flusher.close()
	e.watch.shut()
}

// Open implements engine.Engine.
func (e *Engine) Open(c *engine.Conn) engine.Session {
	if e.watch.wants(watchConn) {
		e.watchedConn(c, true)
	}
	return &session{e: e, c: c}
}

// Refusal implements engine.Engine.
func (e *Engine) Refusal(reason engine.Refusal) []byte {
	switch reason {
	case engine.TooManyClients:
		return []byte(refusalTooMany)
	case engine.ProtectedMode:
		return []byte(refusalProtected)
	}
	return nil
}

// callOf returns the call of a worker. Two workers never have the same Serial.
func (e *Engine) callOf(w *engine.Worker) *call {
	if calls := *e.calls.Load(); w.Serial < len(calls) && calls[w.Serial] != nil {
		return calls[w.Serial]
	}
	return e.newCall(w.Serial)
}

func (e *Engine) newCall(serial int) *call {
	e.workers.Lock()
	defer e.workers.Unlock()
	old := *e.calls.Load()
	calls := make([]*call, max(len(old), serial+1))
	copy(calls, old)
	if calls[serial] == nil {
		calls[serial] = &call{e: e, tally: &tally{}}
	}
	e.calls.Store(&calls)
	return calls[serial]
}

// sum adds a counter up over all workers.
func (e *Engine) sum(c counter) (n uint64) {
	for _, x := range *e.calls.Load() {
		if x != nil {
			n += x.tally.sums[c].Load()
		}
	}
	return n
}
