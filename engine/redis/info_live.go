// info_live: what the features beside the data tell INFO.

package redis

import (
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/acl"
)

// live are figures of this moment, or since the statistics were reset. A feature fills in its lines here and nowhere else; what is
// not filled in is 0 because there is no such thing yet.
type live struct {
	// Blocking.
	blocked             int64 // clients that wait, for data or for the end of a pause
	timed               int64 // of them, with a timeout
	blockingKeys        int64
	blockingKeysMissing int64 // of them, waited for by XREADGROUP and the like until the key goes

	// Transactions.
	watching    int64 // clients with watched keys
	watchedKeys int64

	// Pub/sub.
	subscribers                       int64
	channels, patterns, shardChannels int64

	// Client-side caching.
	tracking                                    int64 // clients
	trackedKeys, trackedItems, trackingPrefixes int64

	// Scripting, in bytes but for the numbers of things.
	scripts, functions, libraries int64
	scriptsVM, functionsVM        int64
	scriptsMem, functionsMem      int64
	evictedScripts                int64

	// Access control.
	deniedAuth, deniedCommand, deniedKey, deniedChannel int64
}

func (e *Engine) live() (l live) {
	l.blocked = e.blocked.Load() + e.pause.held.Load()
	l.timed = e.timed.Load()
	keys, missing := e.store.Waiting()
	l.blockingKeys, l.blockingKeysMissing = int64(keys), int64(missing)
	l.tracking, l.trackingPrefixes = int64(e.trackers.all.Size()), int64(e.trackers.casts.size())
	tracked, items := e.store.Tracked()
	l.trackedKeys, l.trackedItems = int64(tracked), int64(items)
	denied := &e.denials.Denied
	l.deniedAuth, l.deniedCommand = denied[acl.DeniedAuth].Load(), denied[acl.DeniedCommand].Load()
	l.deniedKey, l.deniedChannel = denied[acl.DeniedKey].Load(), denied[acl.DeniedChannel].Load()
	l.channels, l.patterns, l.shardChannels = int64(e.registry.channels.Size()), int64(e.registry.patterns.size.Load()), int64(e.registry.shards.Size())
	if s := e.server.Load(); s != nil {
		s.Conns(func(conn *engine.Conn) bool {
			if classOf(conn) == classSubscriber {
				l.subscribers++
			}
			return true
		})
	}
	e.scripts.count(&l)
	l.watching, l.watchedKeys = e.watching.Load(), e.watchedKeys.Load()
	return l
}
