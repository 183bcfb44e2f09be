// Writer: fields with an expiry.

package rdb

// HashTTL begins a value of KindHashTTL with n fields, of whose expiries first is the earliest; every field is then a FieldTTL.
func (w *Writer) HashTTL(first int64, n int) {
	w.Millis(first)
	w.Length(uint64(n))
}

// FieldTTL writes a field, its value, and when it expires, 0 never. first is what HashTTL was given.
func (w *Writer) FieldTTL(first int64, field, value []byte, expireAt int64) {
	if expireAt == 0 {
		w.Length(0)
	} else {
		w.Length(uint64(expireAt - first + 1))
	}
	w.Text(field)
	w.Text(value)
}

// HashPackTTL writes a value of KindHashPackTTL: a listpack of fields, values and expiries. first is the earliest expiry.
func (w *Writer) HashPackTTL(first int64, lp []byte) {
	w.Millis(first)
	w.Text(lp)
}
