// Order: ranks of members, and where ranges of scores and of names begin.

package rank

import (
	"bytes"

	"github.com/cachesrv/cachesrv/core/arena"
)

// Rank is how many members come before m; false if the tree does not have it.
func (t *Tree) Rank(m arena.Ref) (int, bool) {
	var p path
	if !t.find(&p, keyOf(Score(t.a, m)), m) {
		return 0, false
	}
	return p.rank(), true
}

// RankOf is the rank that a member has or would have, and the member, 0 if it is not there.
func (t *Tree) RankOf(score float64, name []byte) (int, arena.Ref) {
	mustBeNumber(score)
	if t.len == 0 {
		return 0, 0
	}
	var p path
	key := keyOf(score)
	t.locate(&p, key, name)
	m := arena.Ref(0)
	if p.at < int(p.leaf.n) && p.leaf.keys[p.at] == key {
		if r := p.leaf.member(p.at); bytes.Equal(Name(t.a, r), name) {
			m = r
		}
	}
	return p.rank(), m
}

// Below is how many members have a score less than score, or with orEqual not greater: the rank at which a range of scores begins, and
// one past its end. Both infinities are scores like others. The members of a range are as many as the difference.
func (t *Tree) Below(score float64, orEqual bool) (rank int) {
	mustBeNumber(score)
	if t.len == 0 {
		return 0
	}
	key := keyOf(score)
	if orEqual {
		key++
	}
	r := arena.Ref(t.node)
	for level := int(t.height) - 1; level > 0; level-- {
		p := t.inner(r)
		i := max(below(p.keys[:p.n], key)-1, 0)
		rank += p.before(i)
		r = p.child(i)
	}
	l := t.leaf(r)
	return rank + below(l.keys[:l.n], key)
}

// BelowName is how many members come before name, or with orEqual not after it, in a tree whose scores are all equal; with other scores it
// is some rank.
func (t *Tree) BelowName(name []byte, orEqual bool) (rank int) {
	if t.len == 0 {
		return 0
	}
	least := 0 // a comparison of less than this counts
	if orEqual {
		least = 1
	}
	r := arena.Ref(t.node)
	for level := int(t.height) - 1; level > 0; level-- {
		p := t.inner(r)
		i, end := 0, int(p.n)
		for i < end {
			mid := int(uint(i+end) >> 1)
			if bytes.Compare(Name(t.a, p.member(mid)), name) < least {
				i = mid + 1
			} else {
				end = mid
			}
		}
		i = max(i-1, 0)
		rank += p.before(i)
		r = p.child(i)
	}
	l := t.leaf(r)
	i, end := 0, int(l.n)
	for i < end {
		mid := int(uint(i+end) >> 1)
		if bytes.Compare(Name(t.a, l.member(mid)), name) < least {
			i = mid + 1
		} else {
			end = mid
		}
	}
	return rank + i
}
