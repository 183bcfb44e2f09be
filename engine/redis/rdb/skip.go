// Skipping: where a value ends, found without looking into it.

package rdb

// skip moves r behind a value. It checks no more than it needs to find the way; if the bytes end before the value does, r.short says so.
func (r *reader) skip(kind Kind) {
	switch {
	case kind.Type() == None:
		r.fail("a record of no known kind")
	case kind.Type() == Module:
		if kind == KindModule {
			r.fail("a module's value in a format that was given up")
			return
		}
		r.skipModule()
	case kind == KindString:
		r.skipText()
	case kind.form() == texts:
		r.skipTexts(kind)
	case kind.form() == tree:
		r.skipStream(kind)
	case kind.form() == nodes:
		for n := r.length(); n > 0 && r.ok(); n-- {
			if kind == KindQuicklist2 {
				r.length()
			}
			r.skipText()
		}
	default:
		if kind == KindHashPackTTL {
			r.raw(8)
		}
		r.skipText()
	}
}

func (r *reader) skipText() {
	switch c := r.byte(); {
	case c < special:
		r.raw(r.lengthFrom(c))
	case c == int8s:
		r.raw(1)
	case c == int16s:
		r.raw(2)
	case c == int32s:
		r.raw(4)
	case c == lzfText:
		n := r.length()
		r.length()
		r.raw(n)
	default:
		r.fail("a text of no known form")
	}
}

func (r *reader) skipTexts(kind Kind) {
	if kind == KindHashTTL {
		r.raw(8)
	}
	for n := r.length(); n > 0 && r.ok(); n-- {
		if kind == KindHashTTL || kind == KindHashTTLEarly {
			r.length()
		}
		r.skipText()
		switch {
		case kind.Type() == Hash:
			r.skipText()
		case kind == KindZset2:
			r.raw(8)
		case kind == KindZset:
			if n := r.byte(); n < scoreNaN {
				r.raw(uint64(n))
			}
		}
	}
}

func (r *reader) skipStream(kind Kind) {
	for n := r.length(); n > 0 && r.ok(); n-- {
		r.skipText()
		r.skipText()
	}
	r.length()
	r.id()
	if kind != KindStream {
		r.id()
		r.id()
		r.length()
	}
	for n := r.length(); n > 0 && r.ok(); n-- {
		r.skipGroup(kind)
	}
}

func (r *reader) skipGroup(kind Kind) {
	r.skipText()
	r.id()
	if kind != KindStream {
		r.length()
	}
	for n := r.length(); n > 0 && r.ok(); n-- {
		r.raw(24)
		r.length()
	}
	for n := r.length(); n > 0 && r.ok(); n-- {
		r.skipText()
		r.raw(8)
		if kind == KindStream3 {
			r.raw(8)
		}
		for n := r.length(); n > 0 && r.ok(); n-- {
			r.raw(16)
		}
	}
}

// What the parts of a module's value are.
const (
	modEnd    = 0
	modSigned = 1
	modNumber = 2
	modFloat  = 3
	modDouble = 4
	modText   = 5
)

// skipModule moves r behind a module's value and gives the name of its type.
func (r *reader) skipModule() (name string) {
	name = moduleName(r.length())
	for r.ok() {
		switch r.length() {
		case modEnd:
			return name
		case modSigned, modNumber:
			r.length()
		case modFloat:
			r.raw(4)
		case modDouble:
			r.raw(8)
		case modText:
			r.skipText()
		default:
			r.fail("a part of a module's value of no known form")
		}
	}
	return name
}
