// Changing a hash: setting and deleting fields, and from one way of keeping it to the next.

package value

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/dict"
	"github.com/cachesrv/cachesrv/core/pack"
)

// Set gives fields values: pairs is field, value, …, which may not alias the store. keep: a field that expires still does; otherwise it stays
// from now on. It tells how many fields are new. Where memory ends, the first stored pairs have been stored.
func (h *Hash) Set(pairs [][]byte, keep bool) (created, stored int, err error) {
	before := h.nextDue()
	if h.enc != hashBig && h.outgrows(pairs) {
		if err := h.spread(); err != nil {
			return 0, 0, err
		}
	}
	switch {
	case h.enc == hashBig:
		created, stored, err = h.setBig(pairs, keep)
	case len(pairs) == 2:
		if created, err = h.setOne(pairs[0], pairs[1], keep); err == nil {
			stored = 1
		}
	default:
		created, stored, err = h.setPacked(pairs, keep)
	}
	if err == nil && h.enc != hashBig && int64(h.Len()) > h.lim.HashEntries.Int() {
		_ = h.spread() // else it stays packed, until there is memory
	}
	h.replan(before)
	return created, stored, err
}

// outgrows tells that a packed hash may not take these pairs.
func (h *Hash) outgrows(pairs [][]byte) bool {
	if int64(len(pairs)/2) > h.lim.HashEntries.Int() {
		return true
	}
	longest, sum := h.lim.HashValue.Int(), len(h.lp)
	for _, b := range pairs {
		if int64(len(b)) > longest {
			return true
		}
		sum += len(b) + 16
	}
	return sum > core.MaxValue
}

// open makes the listpack of a packed hash writable, with room for n more bytes; close ends the change. The item, whose value h.lp lies in, does
// not become shorter: that could fail, and with no bytes more nothing does.
func (h *Hash) open(n int) error {
	if n == 0 && !h.moved {
		h.lp = pack.Listpack(h.tx.Patch(h.db, h.key, h.it)[:len(h.lp)])
		return nil
	}
	h.moved = true
	b, err := h.tx.Resize(h.db, h.key, max(len(h.lp)+n, cap(h.lp)), h.enc)
	if err == nil {
		h.lp = pack.Listpack(b[:len(h.lp)])
	}
	return err
}

// close gives back what the listpack does not need. Without memory for a smaller block it keeps the larger one: who opens a listpack
// takes its length from its header.
func (h *Hash) close() {
	h.moved = true
	if b, err := h.tx.Resize(h.db, h.key, len(h.lp), h.enc); err == nil {
		h.lp = b
	}
}

// create makes a packed hash with room for n bytes.
func (h *Hash) create(n int) error {
	var b [pack.EmptyListpack]byte
	if err := h.put(core.Value{Bytes: pack.NewListpack(b[:]), Type: core.Hash, Enc: hashPacked}); err != nil {
		return err
	}
	h.load()
	if err := h.open(n); err != nil {
		h.delete()
		h.load()
		return err
	}
	return nil
}

// setOne is Set for one field of a packed hash: it moves no more than it must.
func (h *Hash) setOne(field, value []byte, keep bool) (created int, err error) {
	f, v := pack.Text(field), pack.Text(value)
	p := h.find(field)
	switch {
	case p != pack.NotFound:
		return h.change(p, f, v, keep)
	case h.lp == nil:
		if err := h.create(pack.Size(f, v)); err != nil {
			return 0, err
		}
		h.lp = h.lp.Append(f, v)
	case h.enc == HashTimed:
		err = h.splice(h.lp.End(), h.lp.End(), f, v, pack.Number(0))
	default:
		err = h.splice(h.lp.End(), h.lp.End(), f, v)
	}
	return 1, err
}

// change gives the field at p another value.
func (h *Hash) change(p int, f, v pack.Elem, keep bool) (created int, err error) {
	at := h.lp.Next(p)
	end := h.lp.Next(at)
	if h.enc == hashPacked {
		return 0, h.splice(at, end, v)
	}
	expires := h.lp.Get(end).Num
	if expires == 0 || keep && !h.gone(expires) {
		return 0, h.splice(at, end, v)
	}
	if h.gone(expires) {
		created = 1
	}
	if err := h.open(pack.Size(f, v, pack.Number(0))); err != nil {
		return 0, err
	}
	h.lp = h.lp.Splice(p, h.lp.Next(end)).Append(f, v, pack.Number(0))
	h.close()
	return created, nil
}

// splice replaces a part of the listpack; elems do not alias it.
func (h *Hash) splice(at, end int, elems ...pack.Elem) error {
	more := pack.Size(elems...) - (end - at)
	if err := h.open(max(more, 0)); err != nil {
		return err
	}
	h.lp = h.lp.Splice(at, end, elems...)
	if more < 0 {
		h.close()
	}
	return nil
}

// setPacked is Set for a packed hash: all pairs go into one larger block, which is cut in the end.
func (h *Hash) setPacked(pairs [][]byte, keep bool) (created, stored int, err error) {
	room := 0
	for i := 0; i < len(pairs); i += 2 {
		room += pack.Size(pack.Text(pairs[i]), pack.Text(pairs[i+1]), pack.Number(0))
	}
	if h.lp == nil {
		err = h.create(room)
	} else {
		err = h.open(room)
	}
	if err != nil {
		return 0, 0, err
	}
	for i := 0; i < len(pairs); i += 2 {
		f, v := pack.Text(pairs[i]), pack.Text(pairs[i+1])
		p := h.find(pairs[i])
		if p == pack.NotFound {
			h.append(f, v)
			created++
			continue
		}
		at := h.lp.Next(p)
		end := h.lp.Next(at)
		if h.enc == HashTimed {
			if expires := h.lp.Get(end).Num; expires != 0 && (!keep || h.gone(expires)) {
				if h.gone(expires) {
					created++
				}
				h.lp = h.lp.Splice(p, h.lp.Next(end))
				h.append(f, v)
				continue
			}
		}
		h.lp = h.lp.Splice(at, end, v)
	}
	h.close()
	return created, len(pairs) / 2, nil
}

// append adds a field without expiry to an open listpack.
func (h *Hash) append(f, v pack.Elem) {
	if h.enc == HashTimed {
		h.lp = h.lp.Append(f, v, pack.Number(0))
	} else {
		h.lp = h.lp.Append(f, v)
	}
}

func (h *Hash) setBig(pairs [][]byte, keep bool) (created, stored int, err error) {
	e := h.tx.Edit(h.db, h.key, h.it)
	for i := 0; i < len(pairs); i += 2 {
		field, value := pairs[i], pairs[i+1]
		hash := h.tx.Hash(field)
		ok := false
		if f := h.d.Find(hash, field); !f.Ok() {
			ok = h.d.Insert(hash, field, value, 0)
			created++
		} else {
			at := f.ExpireAt()
			if h.gone(at) {
				created++
			}
			if !keep || h.gone(at) {
				at = 0
			}
			ok = h.d.Update(&f, value, at)
		}
		if !ok {
			err = core.ErrNoMemory
			break
		}
		stored++
	}
	h.d.Encode(e.Root)
	e.Done()
	if h.d.Len() == 0 {
		h.delete()
		h.load()
	}
	return created, stored, err
}

// Delete removes fields and tells how many were there; the key goes with the last one.
func (h *Hash) Delete(fields ...[]byte) (n int) {
	if !h.it.Ok() {
		return 0
	}
	before := h.nextDue()
	if h.enc == hashBig {
		n = h.deleteBig(fields)
	} else {
		n = h.deletePacked(fields)
	}
	if h.Len() == 0 {
		h.delete()
		h.load()
	} else if n > 0 {
		h.replan(before)
	}
	return n
}

func (h *Hash) deleteBig(fields [][]byte) (n int) {
	e := h.tx.Edit(h.db, h.key, h.it)
	for _, field := range fields {
		if f := h.d.Find(h.tx.Hash(field), field); f.Ok() && !h.gone(f.ExpireAt()) {
			h.d.Remove(&f)
			n++
		}
	}
	h.d.Encode(e.Root)
	e.Done()
	return n
}

func (h *Hash) deletePacked(fields [][]byte) (n int) {
	for _, field := range fields {
		p := h.find(field)
		if p == pack.NotFound || h.enc == HashTimed && h.gone(h.lp.Get(h.lp.Skip(p, 2)).Num) {
			continue
		}
		if n == 0 && h.open(0) != nil {
			return 0
		}
		h.lp = h.lp.DeleteRange(p, h.width())
		n++
	}
	if n > 0 && h.lp.End() > h.lp.First() {
		h.close()
	}
	return n
}

// spread makes a packed hash, or none, a big one.
func (h *Hash) spread() error {
	d, ok := dict.New(h.tx.Arena(), dict.Map)
	if !ok {
		return core.ErrNoMemory
	}
	err := h.pour(&d)
	var root [dict.RootBytes]byte
	d.Encode(root[:])
	switch {
	case err != nil:
	case h.Ok():
		err = h.tx.Adopt(h.db, h.key, root[:], hashBig)
	default:
		err = h.tx.Put(h.db, h.key, core.Value{Bytes: root[:], Type: core.Hash, Enc: hashBig, Owns: true})
	}
	if err != nil {
		for !d.FreeStep(1 << 20) {
		}
		return err
	}
	h.Place.find()
	h.load()
	return nil
}

// pour fills a dict with the fields of a packed hash.
func (h *Hash) pour(d *dict.Dict) error {
	var nameBuf, valueBuf [20]byte
	for p := h.lp.First(); h.lp != nil && p < h.lp.End(); {
		f, v, at := h.lp.Get(p), h.lp.Get(h.lp.Next(p)), int64(0)
		if h.enc == HashTimed {
			at = h.lp.Get(h.lp.Skip(p, 2)).Num
		}
		name, value := f.Text, v.Text
		if f.IsNum() {
			name = f.Append(nameBuf[:0])
		}
		if v.IsNum() {
			value = v.Append(valueBuf[:0])
		}
		if !d.Insert(h.tx.Hash(name), name, value, at) {
			return core.ErrNoMemory
		}
		p = h.lp.Skip(p, h.width())
	}
	return nil
}
