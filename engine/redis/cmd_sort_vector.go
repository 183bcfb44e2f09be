// The elements that SORT works at: loaded, weighed, put in order.

package redis

import (
	"bytes"
	"cmp"
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// sortable is one element. Its text aliases the store or the sorting's own; so does what it is compared by.
type sortable struct {
	text   []byte
	weight []byte // with BY and ALPHA; nil: there is nothing to compare by
	score  float64
	at     int // where it stood
}

// load fills the vector and sets the window. Where the order is the collection's own only the window is loaded.
func (s *sorting) load(it core.Item) {
	if !it.Ok() {
		return
	}
	p := value.At(s.c.tx, s.c.e.limits, s.c.db, s.c.keys[0], it)
	if it.Type() == core.Set {
		set := value.OpenSet(p)
		s.window(set.Len())
		s.vector = make([]sortable, 0, set.Len())
		for i := set.Iter(); i.Next(); {
			s.add(i.Elem, false)
		}
		return
	}
	s.loadOrdered(p, it.Type())
}

// add appends an element to the vector. passing: its bytes are valid for a moment only.
func (s *sorting) add(e pack.Elem, passing bool) {
	text := e.Text
	if e.IsNum() || passing {
		text = s.own(e)
	}
	s.vector = append(s.vector, sortable{text: text, at: len(s.vector)})
}

// own gives bytes that stay.
func (s *sorting) own(e pack.Elem) []byte {
	if cap(s.text)-len(s.text) < e.Len() {
		s.text = make([]byte, 0, max(4096, e.Len())) // the one before lives on in the elements
	}
	from := len(s.text)
	s.text = e.Append(s.text)
	return s.text[from:len(s.text):len(s.text)]
}

// weigh finds what elements are compared by; false: something that should be a number is none.
func (s *sorting) weigh() bool {
	good := true
	for i := range s.vector {
		e := &s.vector[i]
		by := e.text
		if s.byValue {
			var ok bool
			if by, ok = s.look(&s.by, e.text); !ok {
				continue
			}
		}
		switch {
		case !s.alpha:
			var ok bool
			e.score, ok = sortScore(by)
			good = good && ok
		case s.byValue:
			e.weight = by
		}
	}
	return good
}

// sort puts the wanted part of the vector in order.
func (s *sorting) sort() { sortWindow(s.vector, s.from, s.to, s.order()) }

// order compares two elements. Equal numbers go by the elements' text, equal texts stay as they were: so elements that compare equal are the
// same bytes, and it does not matter which way the order was found.
func (s *sorting) order() func(a, b sortable) int {
	sign := 1
	if s.desc {
		sign = -1
	}
	switch {
	case !s.alpha:
		return func(a, b sortable) int {
			if d := cmp.Compare(a.score, b.score); d != 0 {
				return sign * d
			}
			return sign * bytes.Compare(a.text, b.text)
		}
	case s.byValue:
		return func(a, b sortable) int {
			switch d := bytes.Compare(a.weight, b.weight); {
			case (a.weight == nil) != (b.weight == nil): // nothing comes before an empty text
				if a.weight == nil {
					return -sign
				}
				return sign
			case d != 0:
				return sign * d
			}
			return a.at - b.at
		}
	default:
		return func(a, b sortable) int { return sign * bytes.Compare(a.text, b.text) }
	}
}

// sortScore reads a number as C's strtod does: white space in front, hexadecimal digits and infinities are good. What is too great or too
// small for a float is not, and neither is anything behind the number but a NUL.
func sortScore(b []byte) (float64, bool) {
	if n, ok := pack.ParseInt(b); ok {
		return float64(n), true
	}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	if len(b) == 0 {
		return 0, true
	}
	b = bytes.TrimLeft(b, " \t\n\v\f\r")
	digits := b
	if len(digits) > 0 && (digits[0] == '+' || digits[0] == '-') {
		digits = digits[1:]
	}
	text := string(b)
	if equalFold(digits, "inf") || equalFold(digits, "infinity") {
		f, err := strconv.ParseFloat(text, 64)
		return f, err == nil
	}
	hex := len(digits) > 2 && digits[0] == '0' && digits[1]|0x20 == 'x'
	if !plainFloat(digits, hex) {
		return 0, false
	}
	if hex && !bytes.ContainsAny(digits, "pP") {
		text += "p0" // C does not ask for an exponent
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, false
	}
	const least = 0x1p-1022 // below are numbers that have lost digits
	return f, f >= least || f <= -least || f == 0 && !hasDigit(digits, hex)
}
