// Union: the registers of several strings taken together, unpacked.

package hll

import "encoding/binary"

// Union holds for every register the greatest value seen. The zero value is ready; 16 KB, meant for the stack.
type Union struct {
	regs [Registers]uint8
}

// Merge takes the registers of b in. After ErrCorrupt the union is of no use.
func (u *Union) Merge(b []byte) error {
	if Dense(b) {
		u.mergeDense(b[headBytes:])
		return nil
	}
	r := runsOf(b)
	for r.next() {
		if r.value == 0 {
			continue
		}
		for i := r.first; i < r.first+r.run; i++ {
			u.regs[i] = max(u.regs[i], r.value)
		}
	}
	if !r.complete() {
		return ErrCorrupt
	}
	return nil
}

func (u *Union) mergeDense(packed []byte) {
	for i := 0; i < Registers; i += 8 {
		w, to := eight(packed, i*6/8), u.regs[i:i+8:i+8]
		to[0] = max(to[0], uint8(w)&63)
		to[1] = max(to[1], uint8(w>>6)&63)
		to[2] = max(to[2], uint8(w>>12)&63)
		to[3] = max(to[3], uint8(w>>18)&63)
		to[4] = max(to[4], uint8(w>>24)&63)
		to[5] = max(to[5], uint8(w>>30)&63)
		to[6] = max(to[6], uint8(w>>36)&63)
		to[7] = max(to[7], uint8(w>>42)&63)
	}
}

// Count estimates how many distinct elements all of them have seen.
func (u *Union) Count() uint64 {
	var h histogram
	h.plain(&u.regs)
	return h.estimate()
}

// Into raises the registers of b to those of the union, as Add does one by one, and forgets the cardinality. What a dense b held is in the union
// afterwards.
func (u *Union) Into(b []byte, limit int) (out []byte, err error) {
	from := start
	for i := 0; i < Registers && !Dense(b); i++ { // until it becomes dense
		if u.regs[i] == 0 {
			continue
		}
		if b, _, err = setSparse(b, i, u.regs[i], limit, &from); err != nil {
			return b, err
		}
	}
	if Dense(b) {
		u.mergeDense(b[headBytes:])
		u.pack(b[headBytes:])
	}
	Forget(b)
	return b, nil
}

// pack writes all registers in the dense form.
func (u *Union) pack(packed []byte) {
	for i := 0; i < Registers; i += 8 {
		r, to := u.regs[i:i+8:i+8], packed[i*6/8:][:6:6]
		w := uint64(r[0]) | uint64(r[1])<<6 | uint64(r[2])<<12 | uint64(r[3])<<18 | uint64(r[4])<<24 | uint64(r[5])<<30 | uint64(r[6])<<36 | uint64(r[7])<<42
		binary.LittleEndian.PutUint32(to, uint32(w))
		binary.LittleEndian.PutUint16(to[4:], uint16(w>>32))
	}
}
