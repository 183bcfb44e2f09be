// Unpacked: how long a value's texts are, before anything is unpacked.

package rdb

// Unpacked is how many bytes the texts of a value take in all, or of its start as far as it makes sense. It costs a walk without
// unpacking and checks nothing.
func Unpacked(kind Kind, b []byte) (n int) {
	if t := kind.Type(); t == None || t == Module {
		return 0
	}
	r := &reader{b: b}
	take := func(count int) {
		for ; count > 0 && r.ok(); count-- {
			n += r.text().Len()
		}
	}
	switch {
	case kind == KindString:
		take(1)
	case kind.form() == texts:
		unpackedTexts(kind, r, take)
	case kind.form() == tree:
		take(2 * r.count(18))
	case kind.form() == nodes:
		for count := r.count(1); count > 0 && r.ok(); count-- {
			if kind == KindQuicklist2 {
				r.length()
			}
			take(1)
		}
	default:
		if kind == KindHashPackTTL {
			r.millis()
		}
		take(1)
	}
	return n
}

func unpackedTexts(kind Kind, r *reader, take func(int)) {
	if kind == KindHashTTL {
		r.millis()
	}
	for count := r.count(1); count > 0 && r.ok(); count-- {
		switch kind {
		case KindHashTTL, KindHashTTLEarly:
			r.length()
			take(2)
		case KindHash:
			take(2)
		case KindZset:
			take(1)
			r.score()
		case KindZset2:
			take(1)
			r.double()
		default:
			take(1)
		}
	}
}
