// Deleting: a range, everything outside of a range, what equals a text.

package deque

import "github.com/cachesrv/cachesrv/core/arena"

// DeleteRange deletes n elements from an index on; both are within the deque. false: the arena is full (possible only where nodes
// are compressed), and nothing is deleted.
func (d *Deque) DeleteRange(from, n int) bool {
	ok := d.openAt(from, n)
	if ok {
		d.deleteRange(from, n)
	}
	d.tidyUp()
	return ok
}

// Trim deletes all but n elements from an index on. false as in DeleteRange.
func (d *Deque) Trim(from, n int) bool {
	end := from + n
	ok := d.openAt(end, d.Len()-end) && d.openAt(0, from)
	if ok {
		d.deleteRange(end, d.Len()-end)
		d.deleteRange(0, from)
	}
	d.tidyUp()
	return ok
}

// openAt opens the nodes of which a deletion would leave a part.
func (d *Deque) openAt(from, n int) bool {
	if d.limits.Depth == 0 || n <= 0 {
		return true
	}
	if r, i := d.locate(from); i > 0 || n < d.node(r).count() {
		if r = d.open(r); r == 0 {
			return false
		}
		d.touch(r)
	}
	if from+n == d.Len() {
		return true
	}
	r, i := d.locate(from + n)
	if i == 0 {
		return true
	}
	if r = d.open(r); r == 0 {
		return false
	}
	d.touch(r)
	return true
}

// deleteRange deletes where the nodes at both ends of the range are open. It costs the walk to get there, and the nodes that go.
func (d *Deque) deleteRange(from, n int) {
	if n <= 0 {
		return
	}
	for r, i := d.locate(from); n > 0; i = 0 {
		next := d.node(r).next()
		k := min(n, d.node(r).count()-i)
		d.cut(r, i, k)
		n -= k
		r = next
	}
}

// cut deletes k elements of one node, which is open unless all of them go.
func (d *Deque) cut(r arena.Ref, i, k int) {
	n := d.node(r)
	count := n.count()
	d.len -= uint64(k)
	if k == count {
		d.drop(r)
		return
	}
	lp := d.pack(r, n)
	switch {
	case i == 0:
		d.cutFront(n, lp, k)
	case i+k == count:
		d.wrote(n, lp.Truncate(lp.Seek(i)), i)
	default:
		d.wrote(n, lp.DeleteRange(lp.Seek(i), k), count-k)
	}
	d.touch(r)
}

// Remove deletes elements that are text: at most limit of them, from the start or from the end. It returns how many. false: the arena is full
// (possible only where nodes are compressed), and nothing is deleted.
func (d *Deque) Remove(text []byte, limit int, fromEnd bool) (gone int, ok bool) {
	if d.limits.Depth != 0 && !d.openAll(text, limit, fromEnd) {
		return 0, false
	}
	for r := d.end(fromEnd); r != 0 && gone < limit; {
		onward := d.onward(r, fromEnd)
		gone += d.removeFrom(r, text, limit-gone, fromEnd)
		r = onward
	}
	d.settle()
	return gone, true
}

func (d *Deque) end(atEnd bool) arena.Ref {
	if atEnd {
		return d.tail
	}
	return d.head
}

// onward is the node to go on with after r.
func (d *Deque) onward(r arena.Ref, backwards bool) arena.Ref {
	if backwards {
		return d.node(r).prev()
	}
	return d.node(r).next()
}

// openAll opens the nodes that Remove will change.
func (d *Deque) openAll(text []byte, limit int, fromEnd bool) bool {
	for r := d.end(fromEnd); r != 0 && limit > 0; r = d.onward(r, fromEnd) {
		n := d.node(r)
		if n.kind() != squeezed {
			limit -= d.matches(r, n, text)
			continue
		}
		if k := d.peek(r, n).CountText(text); k > 0 {
			limit -= k
			if r = d.open(r); r == 0 {
				return false
			}
		}
	}
	return true
}

// matches is how many elements of an open node are text.
func (d *Deque) matches(r arena.Ref, n *node, text []byte) int {
	if n.kind() == packed {
		return d.pack(r, n).CountText(text)
	}
	if string(d.content(r, n)) == string(text) {
		return 1
	}
	return 0
}

// removeFrom deletes at most limit elements of one node that are text. Nodes that stay compressed have none.
func (d *Deque) removeFrom(r arena.Ref, text []byte, limit int, fromEnd bool) int {
	n := d.node(r)
	if n.kind() == squeezed {
		return 0
	}
	all := d.matches(r, n, text)
	k := min(all, limit)
	switch {
	case k == 0:
		return 0
	case k == n.count():
		d.cut(r, 0, k)
		return k
	}
	from := 0
	if fromEnd {
		from = all - k
	}
	d.wrote(n, d.pack(r, n).DeleteText(text, from, from+k), n.count()-k)
	d.len -= uint64(k)
	if fromEnd { // only with where it came from: Remove goes on with the other neighbour
		r = d.merge(r, n.next(), r)
	} else {
		r = d.merge(n.prev(), r, r)
	}
	d.again(d.trim(r))
	return k
}
