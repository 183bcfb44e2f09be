// parts: what the store has to know about values of which parts expire: the fields of hashes.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// parts implements core.Parts.
type parts struct {
	mem    *arena.Arena
	limits *value.Limits
}

// NextDue is when the first field expires.
func (p *parts) NextDue(it core.Item) int64 { return value.NextDue(p.mem, it) }

// Expire removes fields that are due. The journal gets them as HDEL.
func (p *parts) Expire(t *core.Tx, db int, k core.Key, it core.Item) {
	h := value.OpenHash(value.At(t, p.limits, db, k, it))
	words := [3][]byte{[]byte("HDEL"), k.Name}
	h.Expire(func(field []byte) {
		if t.Journalling() {
			words[2] = field
			t.Record(db, words[:])
		}
	})
}
