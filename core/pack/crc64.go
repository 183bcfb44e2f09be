// CRC-64 with Jones' polynomial: what ends an RDB file and a DUMP payload.

package pack

import "encoding/binary"

// jones is the polynomial 0xad93d23594c935a9 with its bits in reverse order, as a register that shifts right needs it. Start value
// and final mask are 0; the standard library's crc64 inverts both and is slow with polynomials that it does not know.
const jones = 0x95ac9329ac4bc9b5

// crcTables[k][b] is what a byte b does to the sum when k more bytes follow it: eight bytes are eight independent loads.
var crcTables = func() (t [8][256]uint64) {
	for b := range t[0] {
		sum := uint64(b)
		for range 8 {
			sum = sum>>1 ^ sum&1*jones
		}
		t[0][b] = sum
	}
	for k := 1; k < len(t); k++ {
		for b := range t[k] {
			before := t[k-1][b]
			t[k][b] = t[0][byte(before)] ^ before>>8
		}
	}
	return t
}()

// CRC64 continues the sum of what came before b with b; a sum starts with 0. Cost: 16 KB of tables, BenchmarkCRC64 has the speed.
func CRC64(sum uint64, b []byte) uint64 {
	t := &crcTables
	for len(b) >= 8 {
		w := sum ^ binary.LittleEndian.Uint64(b)
		sum = t[7][byte(w)] ^ t[6][byte(w>>8)] ^ t[5][byte(w>>16)] ^ t[4][byte(w>>24)] ^
			t[3][byte(w>>32)] ^ t[2][byte(w>>40)] ^ t[1][byte(w>>48)] ^ t[0][byte(w>>56)]
		b = b[8:]
	}
	for _, c := range b {
		sum = t[0][byte(sum)^c] ^ sum>>8
	}
	return sum
}
