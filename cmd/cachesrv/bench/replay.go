// A replay: the accesses of a trace as an application with a cache makes them, where a miss is followed by a write.

package bench

import (
	"slices"

	"github.com/cachesrv/cachesrv/core/evict/sim"
)

// replay is a trace on its way through one lane. A batch writes what the batch before missed, and then reads the next keys. Phases
// that share a replay go on where the one before ended.
type replay struct {
	keys   []uint32
	next   int
	missed []uint32 // by the last batch, each once
}

// over says that a phase has read all keys up to end.
func (y *replay) over(end int) bool { return y.next >= min(end, len(y.keys)) }

// fillReplay puts the next batch of the phase's replay into l.
func (g *laneGroup) fillReplay(l *lane) {
	y := g.phase.replay
	add := func(row uint8, key uint32) {
		l.batch = append(l.batch, request{key: key, row: row})
		l.out = g.codecs[row].encode(l.out, g.phase.shape, uint64(key), 0)
	}
	for _, key := range y.missed {
		add(rowSet, key)
	}
	y.missed = y.missed[:0]
	end := min(y.next+g.phase.pipeline, g.phase.replayTo, len(y.keys))
	for _, key := range y.keys[y.next:end] {
		add(rowGet, key)
	}
	y.next = end
}

// miss notes a key to write.
func (y *replay) miss(key uint32) {
	if !slices.Contains(y.missed, key) {
		y.missed = append(y.missed, key)
	}
}

// bytesOf is what the keys and values of a trace take.
func bytesOf(t sim.Trace, k *keyspace) int64 {
	sum := int64(t.Distinct) * int64(k.size)
	for i := range t.Distinct {
		sum += int64(k.valueSize(uint64(i), 0))
	}
	return sum
}
