// List: a list under its key, one listpack while it is short, a deque beyond.

package value

import (
	"slices"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/deque"
	"github.com/cachesrv/cachesrv/core/pack"
)

// The encodings of a list.
const (
	ListPacked core.Enc = 0
	ListBig    core.Enc = 2
)

// List is a list at work, on the stack of a handler. What changes it turns it from a listpack into a deque and back when the limits say so,
// makes the key with the first element and deletes it with the last.
type List struct {
	Place
	stale  bool // the item was written anew: see item
	isBig  bool
	limits deque.Limits // of the settings; a deque keeps those that it was made with
	buf    *[]byte
	lp     pack.Listpack // nil where there is no list
	d      deque.Deque
}

// Open makes it, a zero List, of a place, which may be empty; so is the list then. buf is a buffer of the worker.
func (l *List) Open(p Place, buf *[]byte) {
	l.Place, l.buf, l.limits = p, buf, deque.LimitsOf(p.lim.ListSize.Int(), p.lim.ListDepth.Int())
	switch {
	case l.big():
		l.isBig = true
		l.d = deque.Open(l.tx.Arena(), l.it.Value())
		l.d.Scratch = buf
	case l.Ok():
		l.lp = pack.OpenListpack(l.it.Value())
	}
}

// Len is the number of elements.
func (l *List) Len() int {
	switch {
	case l.isBig:
		return l.d.Len()
	case l.lp != nil:
		return l.lp.Len()
	}
	return 0
}

// Seek gives a cursor before the element with an index from 0 to Len. It is valid until the list changes.
func (l *List) Seek(index int) deque.Cursor {
	switch {
	case l.isBig:
		return l.d.Seek(index)
	case l.lp != nil:
		return deque.Over(l.lp, index)
	}
	return deque.Cursor{}
}

// At is the element with an index, which there is.
func (l *List) At(index int) pack.Elem {
	c := l.Seek(index)
	e, _ := c.Next()
	return e
}

// item is the list's item, looked up again after it was written anew.
func (l *List) item() core.Item {
	if l.stale {
		l.find()
		l.stale = false
	}
	return l.it
}

// begin announces a change of a deque, end ends it.
func (l *List) begin() core.Edit {
	return l.tx.Edit(l.db, l.key, l.item()) // what the root says is in d
}

func (l *List) end(e *core.Edit) {
	l.d.Encode(e.Root)
	e.Done()
}

// Push adds values at one end, one after the other. When memory ends at a deque, those before have been added: n says how many.
func (l *List) Push(front bool, values [][]byte) (n int, err error) {
	if !l.isBig {
		bytes, size := len(l.lp), 0
		for _, v := range values {
			bytes += len(v) // as Redis counts them, their headers not included
			size += pack.Size(pack.Text(v))
		}
		if l.limits.Packs(bytes, l.Len()+len(values)) {
			return l.pushPacked(front, values, size)
		}
		if err := l.enlarge(); err != nil {
			return 0, err
		}
	}
	if l.d.Len() == 0 {
		return l.pushNew(front, values)
	}
	e := l.begin()
	n = l.pushBig(front, values)
	l.end(&e)
	if n < len(values) {
		err = core.ErrNoMemory
	}
	return n, err
}

func (l *List) pushBig(front bool, values [][]byte) int {
	for i, v := range values {
		if e := pack.Text(v); !(front && l.d.PushFront(e) || !front && l.d.PushBack(e)) {
			return i
		}
	}
	return len(values)
}

// pushPacked adds values that take size bytes to a list that stays a listpack.
func (l *List) pushPacked(front bool, values [][]byte, size int) (n int, err error) {
	if l.lp == nil {
		b := slices.Grow((*l.buf)[:0], pack.EmptyListpack+size)
		*l.buf = b
		lp := pushTo(pack.NewListpack(b[:cap(b)]), front, values)
		if err := l.tx.Put(l.db, l.key, core.Value{Bytes: lp, Type: core.List, Enc: ListPacked}); err != nil {
			return 0, err
		}
		l.lp, l.stale = lp, true
		return len(values), nil
	}
	old := len(l.lp)
	b, err := l.tx.Resize(l.db, l.key, old+size, ListPacked)
	if err != nil {
		return 0, err
	}
	l.lp, l.stale = pushTo(pack.Listpack(b[:old]), front, values), true
	return len(values), nil
}

func pushTo(lp pack.Listpack, front bool, values [][]byte) pack.Listpack {
	for _, v := range values {
		if front {
			lp = lp.Prepend(pack.Text(v))
		} else {
			lp = lp.Append(pack.Text(v))
		}
	}
	return lp
}

// pushNew makes a key with a deque of the values.
func (l *List) pushNew(front bool, values [][]byte) (n int, err error) {
	if n = l.pushBig(front, values); n < len(values) {
		l.d.FreeStep(n)
		return 0, core.ErrNoMemory
	}
	var root [deque.RootBytes]byte
	l.d.Encode(root[:])
	if err := l.tx.Put(l.db, l.key, core.Value{Bytes: root[:], Type: core.List, Enc: ListBig, Owns: true}); err != nil {
		l.d.FreeStep(n)
		return 0, err
	}
	l.stale = true
	return n, nil
}

// enlarge makes a listpack a deque. Where there is no list it is an empty deque that no key has yet.
func (l *List) enlarge() error {
	d := deque.New(l.tx.Arena(), l.limits)
	d.Scratch = l.buf
	if l.lp != nil {
		if !d.PushPack(l.lp) {
			return core.ErrNoMemory
		}
		var root [deque.RootBytes]byte
		d.Encode(root[:])
		if err := l.tx.Adopt(l.db, l.key, root[:], ListBig); err != nil {
			d.FreeStep(d.Len())
			return err
		}
		l.stale = true
	}
	l.d, l.isBig, l.lp = d, true, nil
	return nil
}

// Rotate takes the last element and adds it at the start, or with fromFront the other way round; there are two or more.
func (l *List) Rotate(fromFront bool) error {
	if l.isBig {
		return l.rotateBig(fromFront)
	}
	lp := l.edit()
	p, end := lp.First(), lp.End()
	at := lp.Last()
	if fromFront {
		at = lp.Next(p)
	}
	b := append((*l.buf)[:0], lp[p:at]...)
	copy(lp[p:end], lp[at:end])
	copy(lp[p+end-at:end], b)
	*l.buf = b
	return nil
}

// rotateBig copies the element to the other end before it drops it, so that nothing is to be put back if memory ends. What was pushed last can
// always be dropped again.
func (l *List) rotateBig(fromFront bool) error {
	e := l.begin()
	var ok bool
	if fromFront {
		elem := l.copied(l.d.Front())
		if ok = l.d.PushBack(elem); ok && !l.d.DropFront() {
			l.d.DropBack()
			ok = false
		}
	} else {
		elem := l.copied(l.d.Back())
		if ok = l.d.PushFront(elem); ok && !l.d.DropBack() {
			l.d.DropFront()
			ok = false
		}
	}
	l.end(&e)
	if !ok {
		return core.ErrNoMemory
	}
	return nil
}

// copied is an element that aliases no list.
func (l *List) copied(e pack.Elem) pack.Elem {
	if e.Text != nil && len(e.Text) > 0 {
		*l.buf = append((*l.buf)[:0], e.Text...)
		e.Text = *l.buf
	}
	return e
}

// edit announces a change of a listpack in place; cut shortens the item to what is left of it.
func (l *List) edit() pack.Listpack {
	e := l.tx.Edit(l.db, l.key, l.item()) // without Done: nothing is owned
	return pack.OpenListpack(e.Root)
}

func (l *List) cut(lp pack.Listpack) {
	l.lp, l.stale = lp, true
	if b, err := l.tx.Resize(l.db, l.key, len(lp), ListPacked); err == nil { // else it stays too long, and says itself where it ends
		l.lp = b
	}
}

// gone deletes the key of a list without elements.
func (l *List) gone() {
	l.delete()
	l.lp, l.isBig, l.stale = nil, false, false
}

// shrunk ends a change that took elements out of a deque: it goes, or becomes a listpack again if it is short enough.
func (l *List) shrunk() {
	n := l.d.Len()
	if n == 0 {
		l.gone()
		return
	}
	if l.d.Nodes() > 2 {
		return
	}
	lp, ok := l.d.Repack(*l.buf, l.limits.RepackBytes(n))
	if !ok {
		return
	}
	*l.buf = lp
	if l.tx.Repack(l.db, l.key, lp, ListPacked) == nil { // else it stays a deque
		l.stale, l.isBig = true, false
		l.lp = pack.OpenListpack(l.item().Value())
	}
}
