// Delete, DeleteRange: taking entries out, one or a stretch of ranks.

package rank

import "github.com/cachesrv/cachesrv/core/arena"

// Delete takes a member out; its block stays the caller's. false: the tree does not have it.
func (t *Tree) Delete(m arena.Ref) bool {
	var p path
	if !t.find(&p, keyOf(Score(t.a, m)), m) {
		return false
	}
	t.blocks -= blockSize(t.a, m)
	t.removeAt(&p, 1)
	return true
}

// removeAt takes out n entries of one leaf from where p leads.
func (t *Tree) removeAt(p *path, n int) {
	p.leaf.remove(p.at, p.at+n)
	p.count(-n)
	t.len -= uint64(n)
	if left := int(p.leaf.n); left < leafMin {
		t.mend(p, removed, nil)
	} else if p.at == 0 {
		p.refreshFirst()
	}
}

// DeleteRange takes out the entries of the ranks from…to-1 and hands each member, whose block is still whole, to gone, in order and
// after it left the tree. gone may free it and must not use the tree. A long stretch can be done in pieces. It returns how many there were.
func (t *Tree) DeleteRange(from, to int, gone func(m arena.Ref)) (n int) {
	from, to = max(from, 0), min(to, t.Len())
	for from+n < to {
		var p path
		t.seek(&p, from)
		var out [leafCap]arena.Ref
		k := min(int(p.leaf.n)-p.at, to-from-n)
		for i := range k {
			out[i] = p.leaf.member(p.at + i)
			t.blocks -= blockSize(t.a, out[i])
		}
		t.removeAt(&p, k)
		for _, m := range out[:k] {
			gone(m)
		}
		n += k
	}
	return n
}

// FreeStep takes the tree down from its end, whole leaves until budget members or more are gone, and tells whether nothing is left. What
// is left is a tree. gone gets every member; without gone the blocks are freed. Each step costs what it frees.
func (t *Tree) FreeStep(budget int, gone func(m arena.Ref)) (done bool) {
	if gone == nil {
		gone = func(m arena.Ref) { FreeMember(t.a, m) }
	}
	for budget > 0 && t.len > 0 {
		var p path
		t.seek(&p, t.Len()-1)
		n := p.at + 1
		p.at = 0
		budget -= t.DeleteRange(t.Len()-n, t.Len(), gone)
	}
	return t.len == 0
}
