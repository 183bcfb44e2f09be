// cursor: walks over texts, however they lie in a value.

package rdb

import "github.com/cachesrv/cachesrv/core/pack"

// cursor gives texts one after another: from the reader, or from a pack that is known to be valid.
type cursor struct {
	form form
	r    *reader
	left int // texts still to come from the reader
	b    []byte
	p    int
	held []byte // of a zipmap: the value that belongs to the field given last
	odd  bool   // an element of a listpack is not encoded as it would be here
}

// fromReader walks over n texts.
func fromReader(r *reader, n int) cursor { return cursor{form: texts, r: r, left: n} }

// fromPack walks over a valid listpack, ziplist or zipmap.
func fromPack(f form, b []byte) cursor {
	c := cursor{form: f, b: b}
	switch f {
	case listpack:
		c.p = pack.Listpack(b).First()
	case ziplist:
		c.p = pack.Ziplist(b).First()
	case zipmap:
		c.p = pack.Zipmap(b).First()
	}
	return c
}

// more tells whether another text follows.
func (c *cursor) more() bool {
	if c.form == texts {
		return c.left > 0 && c.r.ok()
	}
	return c.p < len(c.b)-1 || c.held != nil
}

// next gives the next text, in place or in scratch; "" if there is none.
func (c *cursor) next(scratch *[]byte) []byte {
	switch {
	case !c.more():
		return noText
	case c.form == texts:
		c.left--
		return c.r.text().view(scratch)
	case c.form == zipmap:
		if v := c.held; v != nil {
			c.held = nil
			return v
		}
		var field []byte
		field, c.held, c.p = pack.Zipmap(c.b).Next(c.p)
		return field
	}
	return text(c.element(), scratch)
}

// element gives the next element of a listpack or ziplist.
func (c *cursor) element() (e pack.Elem) {
	if c.form == ziplist {
		e, c.p = pack.Ziplist(c.b).Next(c.p)
		return e
	}
	lp := pack.Listpack(c.b)
	e = lp.Get(c.p)
	next := lp.Next(c.p)
	own := e
	if e.Text != nil {
		own = pack.Text(e.Text)
	}
	if pack.Size(own) != next-c.p {
		c.odd = true
	}
	c.p = next
	return e
}

// text is an element's text, in place or in scratch.
func text(e pack.Elem, scratch *[]byte) []byte {
	if e.Text != nil {
		return e.Text
	}
	*scratch = e.Append((*scratch)[:0])
	return *scratch
}
