// Base64 keys of the meta commands.

package memcached

import "encoding/base64"

// sextet is the value of a base64 digit; "=" counts as 0, and skip is what is no digit.
var sextet = func() (t [256]byte) {
	for i := range t {
		t[i] = skip
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i)
	}
	t['='] = 0
	return t
}()

const skip = 0xff

// decodeBase64 appends what s stands for to dst; nothing if s is not base64. As in the original, bytes that are no digits
// are passed over, the rest must be whole groups of four, and a group with padding is the last that is looked at.
func decodeBase64(dst, s []byte) []byte {
	digits := 0
	for _, c := range s {
		if sextet[c] != skip {
			digits++
		}
	}
	if digits%4 != 0 {
		return dst[:0]
	}
	group, n, padding := uint32(0), 0, 0
	for _, c := range s {
		v := sextet[c]
		if v == skip {
			continue
		}
		if c == '=' {
			padding++
		}
		group = group<<6 | uint32(v)
		if n++; n < 4 {
			continue
		}
		if padding > 2 {
			return dst[:0]
		}
		dst = append(dst, byte(group>>16), byte(group>>8), byte(group))
		if padding > 0 {
			return dst[:len(dst)-padding]
		}
		group, n = 0, 0
	}
	return dst
}

// appendKey appends a key, in base64 and so marked if it may hold any byte.
func appendKey(dst, key []byte, binary bool) []byte {
	if !binary {
		return append(dst, key...)
	}
	return append(base64.StdEncoding.AppendEncode(dst, key), " b"...)
}

// isPlain tells whether a key can stand in a line of text: no blanks, no control characters.
func isPlain(key []byte) bool {
	for _, c := range key {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return true
}
