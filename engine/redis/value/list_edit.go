// List: deleting, replacing and inserting.

package value

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
)

// Delete deletes n elements from an index on; there are so many. ErrNoMemory is possible where nodes are compressed; nothing
// is deleted then.
func (l *List) Delete(from, n int) error {
	size := l.Len()
	switch {
	case n == size:
		l.gone()
		return nil
	case !l.isBig:
		lp := l.edit()
		l.cut(lp.DeleteRange(lp.Seek(from), n))
		return nil
	}
	e := l.begin()
	var ok bool
	switch {
	case n != 1:
		ok = l.d.DeleteRange(from, n)
	case from == 0:
		ok = l.d.DropFront()
	case from == size-1:
		ok = l.d.DropBack()
	default:
		ok = l.d.DeleteRange(from, 1)
	}
	return l.deleted(&e, ok)
}

// deleted ends a deletion from a deque.
func (l *List) deleted(e *core.Edit, ok bool) error {
	l.end(e)
	if !ok {
		return core.ErrNoMemory
	}
	l.shrunk()
	return nil
}

// Trim deletes all but n elements from an index on; n is less than there are. Errors as Delete.
func (l *List) Trim(from, n int) error {
	switch {
	case n == 0:
		l.gone()
		return nil
	case !l.isBig:
		lp := l.edit()
		end := lp.Skip(lp.Seek(from), n)
		lp = lp.Truncate(end)
		l.cut(lp.DeleteRange(lp.First(), from))
		return nil
	}
	e := l.begin()
	return l.deleted(&e, l.d.Trim(from, n))
}

// Remove deletes elements that are text: at most limit, from the start or from the end. It returns how many. Errors as Delete.
func (l *List) Remove(text []byte, limit int, fromEnd bool) (gone int, err error) {
	switch {
	case l.isBig:
		e := l.begin()
		gone, ok := l.d.Remove(text, limit, fromEnd)
		return gone, l.deleted(&e, ok)
	case l.lp == nil:
		return 0, nil
	}
	all := l.lp.CountText(text)
	gone = min(all, limit)
	switch gone {
	case 0:
	case l.lp.Len():
		l.gone()
	default:
		from := 0
		if fromEnd {
			from = all - gone
		}
		l.cut(l.edit().DeleteText(text, from, from+gone))
	}
	return gone, nil
}

// Set replaces the element with an index, which there is. On an error nothing is replaced.
func (l *List) Set(index int, v []byte) error {
	if !l.isBig {
		if l.limits.Packs(len(l.lp)+len(v), l.lp.Len()+1) {
			return l.setPacked(index, pack.Text(v))
		}
		if err := l.enlarge(); err != nil {
			return err
		}
	}
	e := l.begin()
	return l.deleted(&e, l.d.Set(index, pack.Text(v)))
}

func (l *List) setPacked(index int, e pack.Elem) error {
	p := l.lp.Seek(index)
	more := pack.Size(e) - (l.lp.Next(p) - p)
	if more <= 0 {
		if lp := l.edit().Replace(p, e); more < 0 {
			l.cut(lp)
		}
		return nil
	}
	return l.splice(p, l.lp.Next(p), e, more)
}

// splice replaces what stands in [at, end) of a listpack by an element that takes more bytes.
func (l *List) splice(at, end int, e pack.Elem, more int) error {
	old := len(l.lp)
	b, err := l.tx.Resize(l.db, l.key, old+more, ListPacked)
	if err != nil {
		return err
	}
	l.lp, l.stale = pack.Listpack(b[:old]).Splice(at, end, e), true
	return nil
}

// Insert adds a value before the element with an index, which there is, or after it. On an error nothing is added.
func (l *List) Insert(index int, after bool, v []byte) error {
	elem := pack.Text(v)
	if !l.isBig {
		if l.limits.Packs(len(l.lp)+len(v), l.lp.Len()+1) {
			p := l.lp.Seek(index)
			if after {
				p = l.lp.Next(p)
			}
			return l.splice(p, p, elem, pack.Size(elem))
		}
		if err := l.enlarge(); err != nil {
			return err
		}
	}
	e := l.begin()
	c := l.d.Seek(index)
	c.Next()
	ok := l.d.Insert(&c, after, elem)
	l.end(&e)
	if !ok {
		return core.ErrNoMemory
	}
	return nil
}
