// Listpack: editing in place, within the capacity of the slice. Size tells beforehand how many bytes elements add.

package pack

// Fits says that a listpack may grow by n bytes without passing the length that Redis allows.
func (lp Listpack) Fits(n int) bool { return len(lp)+n <= MaxListpack }

// Splice replaces what stands in [at, end) by elems, both positions of elements or End. The capacity must be at least
// len(lp) - (end-at) + Size(elems...). It costs the move of what follows; if the length stays the same, nothing is moved.
func (lp Listpack) Splice(at, end int, elems ...Elem) Listpack {
	n := Size(elems...)
	count := lp.countWithout(at, end)
	lp = lp.open(at, end, n)
	put(lp[at:], elems)
	lp.addCount(count, len(elems))
	return lp
}

// SpliceTo does as Splice but leaves lp alone and writes the result to the start of dst, which holds it and does not overlap lp.
func (lp Listpack) SpliceTo(dst []byte, at, end int, elems ...Elem) Listpack {
	n := Size(elems...)
	out := Listpack(dst[:len(lp)-(end-at)+n])
	copy(out, lp[:at])
	put(out[at:], elems)
	copy(out[at+n:], lp[end:])
	out.setTotal()
	out.addCount(lp.countWithout(at, end), len(elems))
	return out
}

// SpliceRun replaces what stands in [at, end) by elements that are encoded already, as Run gives them; count is how many they
// are, or negative if that is not known. The capacity must be at least len(lp) - (end-at) + len(run).
func (lp Listpack) SpliceRun(at, end int, run []byte, count int) Listpack {
	before := lp.countWithout(at, end)
	lp = lp.open(at, end, len(run))
	copy(lp[at:], run)
	if count < 0 {
		before, count = unknownCount, 0
	}
	lp.addCount(before, count)
	return lp
}

// Run is the encoded elements in [at, end), which alias lp.
func (lp Listpack) Run(at, end int) []byte { return lp[at:end:end] }

// Append adds elements at the end.
func (lp Listpack) Append(elems ...Elem) Listpack { return lp.Splice(lp.End(), lp.End(), elems...) }

// Prepend adds elements at the start, in the order given.
func (lp Listpack) Prepend(elems ...Elem) Listpack {
	return lp.Splice(headerSize, headerSize, elems...)
}

// Insert adds elements before the one at p; p may be End.
func (lp Listpack) Insert(p int, elems ...Elem) Listpack { return lp.Splice(p, p, elems...) }

// Replace puts e in the place of the element at p.
func (lp Listpack) Replace(p int, e Elem) Listpack { return lp.Splice(p, lp.Next(p), e) }

// Delete removes the element at p. What followed it is at p then.
func (lp Listpack) Delete(p int) Listpack { return lp.Splice(p, lp.Next(p)) }

// DeleteRange removes n elements from p on, or as many as there are.
func (lp Listpack) DeleteRange(p, n int) Listpack { return lp.Splice(p, lp.Skip(p, n)) }

// Truncate removes the element at p and all that follow it.
func (lp Listpack) Truncate(p int) Listpack { return lp.Splice(p, lp.End()) }

// Merge adds the elements of another listpack at the end. The capacity must be at least MergeSize.
func (lp Listpack) Merge(other Listpack) Listpack {
	return lp.SpliceRun(lp.End(), lp.End(), other.body(), other.countOrUnknown())
}

// MergeFront adds the elements of another listpack at the start.
func (lp Listpack) MergeFront(other Listpack) Listpack {
	return lp.SpliceRun(headerSize, headerSize, other.body(), other.countOrUnknown())
}

// MergeSize is the length of two listpacks merged.
func (lp Listpack) MergeSize(other Listpack) int { return len(lp) + len(other) - emptySize }

// Recount puts the number of elements back into a header that had lost it to a count beyond 65,534. Redis does so whenever
// it has counted; here reading does not write.
func (lp Listpack) Recount() { lp.setCount(lp.Len()) }

// open moves what follows end so that there are n bytes from at to it, and sets length and total.
func (lp Listpack) open(at, end, n int) Listpack {
	size := len(lp) - (end - at) + n
	if size > cap(lp) {
		panic("pack: a listpack is edited beyond its block")
	}
	out := lp[:size]
	if size != len(lp) {
		copy(out[at+n:], lp[end:])
		out.setTotal()
	}
	return out
}

// put writes elements from the start of b on.
func put(b []byte, elems []Elem) {
	p := 0
	for _, e := range elems {
		p += e.put(b[p:])
	}
}

// countWithout is the count without the elements in [at, end), or unknownCount.
func (lp Listpack) countWithout(at, end int) int {
	if at == headerSize && end == lp.End() {
		return 0 // even where the count was lost
	}
	n := lp.count()
	if n == unknownCount || at == end {
		return n
	}
	return n - lp.between(at, end)
}

// addCount sets the count to before + n, unless it is unknown already: then it stays so until Recount.
func (lp Listpack) addCount(before, n int) {
	if before != unknownCount {
		n += before
	} else {
		n = unknownCount
	}
	lp.setCount(n)
}

func (lp Listpack) body() []byte { return lp[headerSize : len(lp)-1] }

func (lp Listpack) countOrUnknown() int {
	if n := lp.count(); n != unknownCount {
		return n
	}
	return -1
}
