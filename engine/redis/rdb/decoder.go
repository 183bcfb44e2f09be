// Decoder: opens a value, which is the check, and holds what the walks over it need.

package rdb

import "github.com/cachesrv/cachesrv/core/pack"

// Decoder takes values apart, one at a time. It belongs to one goroutine; its zero value is ready. It keeps its scratch space, unless a
// value made that large, so it is worth keeping.
type Decoder struct {
	kind Kind
	b    []byte // the value
	n    int    // elements
	one  []byte // the pack, where all is in one
	same bool   // and it is as a store would have written it

	r                   reader // of Open: here, it is not made anew for every value
	blob, first, second []byte // scratch: for a pack, and for two texts at once
	seen                seen
	str                 streamDecoder
	err                 error // of a sink
}

// keepScratch is how much scratch space is kept between values.
const keepScratch = 64 << 10

// Open checks the value of this kind at the start of b in full and tells how many bytes of b it takes; what follows is the caller's.
// After an error, a *Corrupt, the Decoder holds no value. b must stay as it is for as long as the value is used.
func (d *Decoder) Open(kind Kind, b []byte) (n int, err error) {
	d.Close()
	d.kind = kind
	d.r = reader{b: b}
	r := &d.r
	switch d.kind.Type() {
	case None:
		r.fail("no such kind")
	case String:
		r.text()
	case Module:
		checkModule(kind, r)
	case List:
		d.checkList(r)
	case Set:
		d.checkSet(r)
	case SortedSet:
		d.checkSortedSet(r)
	case Hash:
		d.checkHash(r)
	case Stream:
		d.checkStream(r)
	}
	if r.ok() && d.n == 0 && kind.Type() != String && kind.Type() != Stream {
		r.fail("a collection without elements")
	}
	if !r.ok() {
		wrong := &Corrupt{Kind: kind, At: r.at, What: r.what}
		d.Close() // and r with it
		return 0, wrong
	}
	d.b = b[:r.at:r.at]
	d.r.b = nil
	return r.at, nil
}

// Close lets go of the value and of scratch space that grew large.
func (d *Decoder) Close() {
	for _, b := range []*[]byte{&d.blob, &d.first, &d.second} {
		if cap(*b) > keepScratch {
			*b = nil
		}
	}
	*d = Decoder{blob: d.blob, first: d.first, second: d.second, seen: d.seen, str: d.str}
	d.seen.reset()
	d.str.reset()
}

// Kind and Type are the open value's.
func (d *Decoder) Kind() Kind { return d.kind }
func (d *Decoder) Type() Type { return d.kind.Type() }

// Len is the number of elements: of a hash its fields, of a stream the entries that are not deleted.
func (d *Decoder) Len() int { return d.n }

// Text is the string that a value of type String is.
func (d *Decoder) Text() Text {
	r := reader{b: d.b}
	return r.text()
}

// Packed gives the value in Redis's packed bytes if a store that writes them today would have written just these: a listpack, with an
// expiry behind every value where HasTTL says so, or an intset; of a list that is its only node. false: walk over the elements. They alias the payload or scratch.
func (d *Decoder) Packed() ([]byte, bool) { return d.one, d.same }

// pack takes the text that is a whole pack and checks its frame and contents.
func (d *Decoder) pack(r *reader) []byte {
	b := r.text().view(&d.blob)
	good := false
	switch d.kind.form() {
	case listpack:
		good = pack.Listpack(b).Valid(true)
	case ziplist:
		good = pack.Ziplist(b).Valid(true)
	case zipmap:
		good = pack.Zipmap(b).Valid(true)
	case intset:
		good = pack.Intset(b).Valid(true)
	}
	if !good {
		r.fail("packed bytes that are none")
		return nil
	}
	return b
}

// open begins a walk over a value's texts: size is the least that an element takes if they do not lie in a pack.
func (d *Decoder) open(r *reader, size int) cursor {
	if d.kind.form() == texts {
		return fromReader(r, r.count(size))
	}
	if d.one == nil {
		if d.one = d.pack(r); d.one == nil {
			return cursor{form: texts, r: r}
		}
	}
	return fromPack(d.kind.form(), d.one)
}

// give latches the first error of a sink; false: the walk ends.
func (d *Decoder) give(err error) bool {
	d.err = err
	return err == nil
}

// walked ends a walk into a caller's sink. What the walk reads was checked: it can only fail where the sink fails, or the
// payload was changed.
func (d *Decoder) walked(r *reader) error {
	err := d.err
	d.err = nil
	if err == nil && !r.ok() {
		return &Corrupt{Kind: d.kind, At: r.at, What: r.what}
	}
	return err
}

// moduleLetters is what the names of modules are spelled with, six bits a letter.
const moduleLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// checkModule refuses a value that only a module can read, by the module's name.
func checkModule(kind Kind, r *reader) {
	if kind == KindModule {
		r.fail("a module's value in a format that was given up")
		return
	}
	r.fail("a value of the module type " + moduleName(r.length()) + ", which is not here")
}

// moduleName spells the name that is in the number of a module's type.
func moduleName(id uint64) string {
	var name [9]byte
	for i := range name {
		name[i] = moduleLetters[id>>(10+6*(len(name)-1-i))&63]
	}
	return string(name[:])
}
