// The expiries of a hash's fields.

package value

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
)

// ExpireAt makes a field that is there and not due expire at a Unix ms up to MaxFieldExpire, or with 0 never. The field may not alias the store.
func (h *Hash) ExpireAt(field []byte, at int64) error {
	before := h.nextDue()
	var err error
	switch h.enc {
	case hashBig:
		err = h.expireBig(field, at)
	case hashPacked:
		if at == 0 {
			return nil
		}
		if err = h.widen(); err != nil {
			return err
		}
		fallthrough
	default:
		err = h.expirePacked(field, at)
	}
	h.replan(before)
	return err
}

func (h *Hash) expireBig(field []byte, at int64) error {
	e := h.tx.Edit(h.db, h.key, h.it)
	f := h.d.Find(h.tx.Hash(field), field)
	ok := h.d.Update(&f, f.Value(), at)
	h.d.Encode(e.Root)
	e.Done()
	if !ok {
		return core.ErrNoMemory
	}
	return nil
}

// widen gives every field of a packed hash a place for an expiry.
func (h *Hash) widen() error {
	none := pack.Number(0)
	b := pack.NewBuilder(make([]byte, 0, len(h.lp)+h.Len()*pack.Size(none)))
	for p := h.lp.First(); p < h.lp.End(); {
		next := h.lp.Skip(p, 2)
		b.AddRun(h.lp.Run(p, next), 2)
		b.Add(none)
		p = next
	}
	if err := h.tx.Repack(h.db, h.key, b.Done(), HashTimed); err != nil {
		return err
	}
	h.Place.find()
	h.load()
	return nil
}

// expirePacked moves a field to where its new expiry belongs.
func (h *Hash) expirePacked(field []byte, at int64) error {
	expiry := pack.Number(at)
	if err := h.open(pack.Size(expiry)); err != nil {
		return err
	}
	p := h.find(field)
	end := h.lp.Skip(p, 2)
	var buf [256]byte
	run := append(buf[:0], h.lp.Run(p, end)...) // of what moves
	h.lp = h.lp.Splice(p, h.lp.Next(end))
	to := h.place(at)
	h.lp = h.lp.SpliceRun(to, to, run, 2)
	h.lp = h.lp.Insert(to+len(run), expiry)
	h.close()
	return nil
}

// place is where a field with this expiry goes: behind those that expire no later.
func (h *Hash) place(at int64) int {
	if at == 0 {
		return h.lp.End()
	}
	p := h.lp.First()
	for p < h.lp.End() {
		expiry := h.lp.Skip(p, 2)
		if t := h.lp.Get(expiry).Num; t == 0 || t > at {
			break
		}
		p = h.lp.Next(expiry)
	}
	return p
}

// replan tells the store when a change has made another expiry the first. Where it is only later, the store finds out by itself.
func (h *Hash) replan(before int64) {
	after := h.nextDue()
	if after != before && (before == 0 || after == 0 || after < before) {
		h.tx.PlanParts(h.db, h.key)
	}
}

// expireAtOnce is how many fields Expire removes: 0.1 to 0.2 ms.
const expireAtOnce = 128

// Expire removes fields that are due, some at a time, and hands each to gone, which must not use the hash. The key goes with the last one.
func (h *Hash) Expire(gone func(field []byte)) {
	if h.enc == hashBig {
		h.expireDue(gone)
	} else if h.enc == HashTimed {
		h.cutDue(gone)
	}
	if h.it.Ok() && h.Len() == 0 {
		h.delete()
		h.load()
	} else if h.nextDue() == 0 {
		h.tx.PlanParts(h.db, h.key)
	}
}

func (h *Hash) expireDue(gone func(field []byte)) {
	e := h.tx.Edit(h.db, h.key, h.it)
	for range expireAtOnce {
		f := h.d.First(h.tx.Hash)
		if !f.Ok() || !h.gone(f.ExpireAt()) {
			break
		}
		gone(f.Name())
		h.d.Remove(&f)
	}
	h.d.Encode(e.Root)
	e.Done()
}

// cutDue removes the fields at the front of the listpack: those that are due.
func (h *Hash) cutDue(gone func(field []byte)) {
	var buf [20]byte
	n, end := 0, h.lp.First()
	for ; n < expireAtOnce && end < h.lp.End(); n++ {
		at := h.lp.Skip(end, 2)
		if !h.gone(h.lp.Get(at).Num) {
			break
		}
		if f := h.lp.Get(end); f.IsNum() {
			gone(f.Append(buf[:0]))
		} else {
			gone(f.Text)
		}
		end = h.lp.Next(at)
	}
	if n == 0 || h.open(0) != nil {
		return
	}
	h.lp = h.lp.Splice(h.lp.First(), end)
	if h.lp.End() > h.lp.First() {
		h.close()
	}
}
