// parts: what the store has to know about values of which parts expire: the fields of hashes.

package redis

import (
	"sync/atomic"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// parts implements core.Parts.
type parts struct {
	mem    *arena.Arena
	limits *value.Limits
	events *events
	gone   *atomic.Int64 // counts fields that were removed since they were due
}

// NextDue is when the first field expires.
func (p *parts) NextDue(it core.Item) int64 { return value.NextDue(p.mem, it) }

// Expire removes fields that are due. The journal gets them as HDEL.
func (p *parts) Expire(t *core.Tx, db int, k core.Key, it core.Item) {
	h := value.OpenHash(value.At(t, p.limits, db, k, it))
	gone := 0
	words := [3][]byte{[]byte("HDEL"), k.Name}
	h.Expire(func(field []byte) {
		gone++
		if t.Journalling() {
			words[2] = field
			t.Record(db, words[:])
		}
	})
	if gone > 0 {
		p.gone.Add(int64(gone))
		p.tell(t, db, k)
	}
}

// tell says that fields have expired, and that the key has gone if they were the last.
func (p *parts) tell(t *core.Tx, db int, k core.Key) {
	t.Announce(db, k)
	if p.events.wants(classHash) {
		p.events.add(db, classHash, "hexpired", k.Name)
	}
	if p.events.wants(classGeneric) && !t.Find(db, k).Ok() {
		p.events.add(db, classGeneric, "del", k.Name)
	}
}
