// Listpack: adding at either end and removing at the start without moving what is there, and removing all that equals a text.

package pack

// PushFront adds e before the elements of the listpack that begins at block[at:]: only the header moves, into the free bytes before
// it, which must be Size(e) at least. lp is that listpack. The result begins at block[at-Size(e):].
func (lp Listpack) PushFront(block []byte, at int, e Elem) Listpack {
	count := lp.count()
	out := Listpack(block[at-Size(e) : at+len(lp)])
	e.put(out[headerSize:])
	out.setTotal()
	out.addCount(count, 1)
	return out
}

// PushBack is Append of one element, which takes size bytes.
func (lp Listpack) PushBack(e Elem, size int) Listpack {
	end := len(lp) - 1
	out := lp[:end+size+1]
	e.put(out[end:])
	out[end+size] = endOfPack
	out.setTotal()
	out.addCount(lp.count(), 1)
	return out
}

// CutFront removes the n elements before p by writing a new header in front of p: it costs nothing but the header. The result is the
// end of lp's bytes; what lies before it is free.
func (lp Listpack) CutFront(p, n int) Listpack {
	count := lp.count()
	out := lp[p-headerSize:]
	out.setTotal()
	out.addCount(count, -n)
	return out
}

// CountText is how many elements are text.
func (lp Listpack) CountText(text []byte) (n int) {
	for p := lp.Find(headerSize, text, 0); p != NotFound; p = lp.Find(lp.Next(p), text, 0) {
		n++
	}
	return n
}

// DeleteText removes elements that are text: of all of them, in order, those from number from up to, but without, number to. What stays
// is moved once, whatever their number.
func (lp Listpack) DeleteText(text []byte, from, to int) Listpack {
	at, kept, gone := headerSize, headerSize, 0
	p := lp.Find(headerSize, text, 0)
	for i := 0; p != NotFound && i < to; i++ {
		next := lp.Next(p)
		if i >= from {
			at += copy(lp[at:], lp[kept:p])
			kept = next
			gone++
		}
		p = lp.Find(next, text, 0)
	}
	count := lp.count()
	if at == kept {
		return lp
	}
	out := lp[:at+copy(lp[at:], lp[kept:])]
	out.setTotal()
	out.addCount(count, -gone)
	return out
}
