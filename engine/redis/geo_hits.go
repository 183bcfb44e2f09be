// geoHits: what a search finds: collected, sorted, replied or stored.

package redis

import (
	"cmp"
	"slices"

	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/geo"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// geoHit is one member in the shape. Its name lies in the store, which does not change before the reply is made.
type geoHit struct {
	name            pack.Elem
	score, distance float64 // in meters
}

// geoHits is the memory of a search that has to look at all results before the first is replied. It is used again.
type geoHits struct {
	all   []geoHit
	order []ranking
}

// keepHits is how many results a kept memory has room for.
const keepHits = 1 << 14

func (e *Engine) takeHits() *geoHits {
	if h, ok := e.hits.Get().(*geoHits); ok {
		return h
	}
	return &geoHits{}
}

func (e *Engine) giveHits(h *geoHits) {
	if cap(h.all) <= keepHits {
		h.all, h.order = h.all[:0], h.order[:0]
		e.hits.Put(h)
	}
}

// answer does the search. What comes in the order of the walk is replied as it is found.
func (q *geoQuery) answer() error {
	c := q.c
	if q.dest == nil && q.order == asFound {
		mark := len(c.w.Out)
		n := q.find(nil)
		c.arrayAt(mark, n)
		return nil
	}
	h := c.e.takeHits()
	defer c.e.giveHits(h)
	q.find(h)
	n := len(h.all)
	if q.count > 0 {
		n = int(min(q.count, int64(n)))
	}
	h.sort(q.order, n)
	if q.dest != nil {
		return q.store(h, n)
	}
	c.array(n)
	for i := range n {
		q.reply(h.at(i))
	}
	return nil
}

// find walks over the cells and takes what the shape holds, to h or if that is nil to the reply. It tells how many they are.
func (q *geoQuery) find(h *geoHits) (n int) {
	if !q.source.Ok() {
		return 0
	}
	cover, search := q.shape.Cover(), q.shape.Search()
	measured := q.withDist || q.storeDist || q.order != asFound
	for _, cell := range cover.Cells() {
		from, to := cell.Scores()
		r := value.ScoreRange{Min: from, Max: to, MaxEx: true}
		s := q.source.ScoreSpan(&r)
		w := q.source.From(s.From, false)
		for range s.Len() {
			w.Step()
			score := w.Score()
			d, ok := search.Holds(geo.FromScore(score), measured)
			if !ok {
				continue
			}
			hit := geoHit{w.Member(), score, d}
			if n++; h != nil {
				h.all = append(h.all, hit)
			} else {
				q.reply(&hit)
			}
			if q.any && int64(n) == q.count {
				return n
			}
		}
	}
	return n
}

// reply is one result.
func (q *geoQuery) reply(h *geoHit) {
	c := q.c
	if q.withDist || q.withHash || q.withCoord {
		n := 1
		for _, more := range [...]bool{q.withDist, q.withHash, q.withCoord} {
			if more {
				n++
			}
		}
		c.array(n)
	}
	c.elem(h.name)
	if q.withDist {
		c.distance(h.distance / q.shape.Unit)
	}
	if q.withHash {
		c.integer(geo.HashOf(h.score))
	}
	if q.withCoord {
		c.position(geo.FromScore(h.score))
	}
}

// store makes the first n results the destination's value and replies with their number.
func (q *geoQuery) store(h *geoHits, n int) error {
	c := q.c
	if c.limited() {
		need := int64((sortedEach + sortEach) * n)
		for i := range n {
			need += int64(h.at(i).name.Len())
		}
		if err := c.room(need); err != nil {
			return err
		}
	}
	d, ok := q.source.Draft()
	for i := 0; ok && i < n; i++ {
		hit := h.at(i)
		score := hit.score
		if q.storeDist {
			score = hit.distance / q.shape.Unit
		}
		var digits [32]byte
		name := hit.name.Text
		if hit.name.IsNum() {
			name = hit.name.Append(digits[:0])
		}
		ok = d.Insert(c.tx.Hash(name), name, orZero(score))
	}
	z, err := c.result(&d, ok)
	if err != nil {
		return err
	}
	k := c.e.store.Key(q.dest)
	p := value.At(c.tx, c.e.limits, c.db, k, c.tx.Find(c.db, k))
	changed, err := p.ReplaceSorted(z)
	if err != nil {
		return storeError(err)
	}
	if changed {
		c.changed(max(n, 1))
		c.stored(n, q.event(), k)
	}
	c.integer(int64(n))
	return nil
}

// event is how a stored result is told.
func (q *geoQuery) event() string {
	if q.searching {
		return "geosearchstore"
	}
	return "georadiusstore"
}

// at is the i-th result in order, which must have been sorted that far.
func (h *geoHits) at(i int) *geoHit { return &h.all[h.order[i].at] }

// sort puts the first n results in order. Equal distances come out as the original's two ways of sorting leave them.
func (h *geoHits) sort(order geoOrder, n int) {
	h.order = slices.Grow(h.order[:0], len(h.all))
	for i := range h.all {
		d := h.all[i].distance
		if order == farthest {
			d = -d
		}
		h.order = append(h.order, ranking{d, int32(i)})
	}
	switch {
	case order == asFound:
	case n < len(h.order):
		sortFirst(h.order, n)
	default:
		slices.SortFunc(h.order, compareStable)
	}
}

// ranking is a result to be sorted, by its distance.
type ranking struct {
	key float64
	at  int32
}

func compareStable(a, b ranking) int {
	if a.key != b.key {
		return cmp.Compare(a.key, b.key)
	}
	return cmp.Compare(a.at, b.at)
}
