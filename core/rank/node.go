// node: leaf and inner as they lie in their blocks, and the entries that both are made of.

package rank

import (
	"unsafe"

	"github.com/cachesrv/cachesrv/core/arena"
)

// How many entries a node has room for; leaves of 29 to 59 and inner nodes of 34 to 69 were not measurably faster or slower. At rest
// the last place is free: an insertion goes there first and is made good afterwards.
const (
	leafCap  = 39 // 512 bytes
	innerCap = 46 // 1 KB
)

const (
	leafBytes  = int(unsafe.Sizeof(leaf{}))
	innerBytes = int(unsafe.Sizeof(inner{}))
)

// leaf holds entries in their order.
type leaf struct {
	keys [leafCap]uint64
	lo   [leafCap]uint32 // members
	hi   [leafCap]uint8
	n    uint8
}

// inner holds children in their order: the first entry below each, exactly, and how many there are.
type inner struct {
	keys    [innerCap]uint64
	lo      [innerCap]uint32 // members of the first entries
	childLo [innerCap]uint32
	counts  [innerCap]uint32
	hi      [innerCap]uint8
	childHi [innerCap]uint8
	n       uint8
}

// entry is one place of a node taken out. In a leaf child is 0 and count 1.
type entry struct {
	key    uint64
	member arena.Ref
	child  arena.Ref
	count  uint32
}

func (t *Tree) leaf(r arena.Ref) *leaf {
	return (*leaf)(unsafe.Pointer(unsafe.SliceData(t.a.Bytes(r, leafBytes))))
}

func (t *Tree) inner(r arena.Ref) *inner {
	return (*inner)(unsafe.Pointer(unsafe.SliceData(t.a.Bytes(r, innerBytes))))
}

func (l *leaf) member(i int) arena.Ref { return join(l.lo[i], l.hi[i]) }

func (l *leaf) set(i int, key uint64, m arena.Ref) {
	l.keys[i] = key
	l.lo[i], l.hi[i] = cut(m)
}

func (l *leaf) insert(i int, key uint64, m arena.Ref) {
	n := int(l.n)
	copy(l.keys[i+1:n+1], l.keys[i:n])
	copy(l.lo[i+1:n+1], l.lo[i:n])
	copy(l.hi[i+1:n+1], l.hi[i:n])
	l.set(i, key, m)
	l.n++
}

// remove takes out the entries i…j-1.
func (l *leaf) remove(i, j int) {
	n := int(l.n)
	copy(l.keys[i:], l.keys[j:n])
	copy(l.lo[i:], l.lo[j:n])
	copy(l.hi[i:], l.hi[j:n])
	l.n -= uint8(j - i)
}

// shift moves entry i to where it becomes entry j.
func (l *leaf) shift(i, j int) {
	k, lo, hi := l.keys[i], l.lo[i], l.hi[i]
	if i < j {
		copy(l.keys[i:j], l.keys[i+1:j+1])
		copy(l.lo[i:j], l.lo[i+1:j+1])
		copy(l.hi[i:j], l.hi[i+1:j+1])
	} else {
		copy(l.keys[j+1:i+1], l.keys[j:i])
		copy(l.lo[j+1:i+1], l.lo[j:i])
		copy(l.hi[j+1:i+1], l.hi[j:i])
	}
	l.keys[j], l.lo[j], l.hi[j] = k, lo, hi
}

func (l *leaf) load(to []entry) []entry {
	for i := range l.keys[:l.n] {
		to = append(to, entry{key: l.keys[i], member: l.member(i), count: 1})
	}
	return to
}

func (l *leaf) store(all []entry) {
	for i := range all {
		l.set(i, all[i].key, all[i].member)
	}
	l.n = uint8(len(all))
}

func (p *inner) member(i int) arena.Ref { return join(p.lo[i], p.hi[i]) }
func (p *inner) child(i int) arena.Ref  { return join(p.childLo[i], p.childHi[i]) }

func (p *inner) setChild(i int, r arena.Ref) { p.childLo[i], p.childHi[i] = cut(r) }

func (p *inner) setFirst(i int, key uint64, m arena.Ref) {
	p.keys[i] = key
	p.lo[i], p.hi[i] = cut(m)
}

func (p *inner) set(i int, e *entry) {
	p.setFirst(i, e.key, e.member)
	p.setChild(i, e.child)
	p.counts[i] = e.count
}

// resize makes room for, or takes out, children so that those from i on begin at j.
func (p *inner) resize(i, j int) {
	n := int(p.n)
	copy(p.keys[j:], p.keys[i:n])
	copy(p.lo[j:], p.lo[i:n])
	copy(p.childLo[j:], p.childLo[i:n])
	copy(p.counts[j:], p.counts[i:n])
	copy(p.hi[j:], p.hi[i:n])
	copy(p.childHi[j:], p.childHi[i:n])
	p.n = uint8(n + j - i)
}

func (p *inner) load(to []entry) []entry {
	for i := range p.keys[:p.n] {
		to = append(to, entry{key: p.keys[i], member: p.member(i), child: p.child(i), count: p.counts[i]})
	}
	return to
}

func (p *inner) store(all []entry) {
	for i := range all {
		p.set(i, &all[i])
	}
	p.n = uint8(len(all))
}

// before is how many entries lie below the children 0…i-1.
func (p *inner) before(i int) (sum int) {
	for _, c := range p.counts[:i] {
		sum += int(c)
	}
	return sum
}
