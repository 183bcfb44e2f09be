// Keys and values: every key is derived from its number, every value from its key's number and a version, so that
// a reply can be checked without remembering what was written.

package bench

import (
	"bytes"
	"fmt"
	"math/bits"
	"strconv"
)

// versionBytes is the length of the version in hex at the start of a value; shorter values carry none and depend
// on the key alone.
const versionBytes = 8

// patternBytes is how many different starting points a value has in the pattern. It stays inside the second level
// cache, so that making values costs the client no memory traffic.
const patternBytes = 32 << 10

const keyPrefix = "key:"

// maxKeySize is memcached's limit; minKeySize leaves room for the number.
const maxKeySize = 250

// keyspace turns key numbers into bytes. It is read-only after newKeyspace and shared by all generators.
type keyspace struct {
	n       uint64
	size    int // bytes of every key
	prefix  string
	minimum int // bytes of the smallest and the largest value
	maximum int
	pattern []byte // patternBytes + maximum printable bytes
}

// newKeyspace makes a keyspace of n keys of `size` bytes with values of minimum to maximum bytes.
func newKeyspace(n uint64, size, minimum, maximum int, prefix string) (*keyspace, error) {
	digits := len(strconv.FormatUint(n-1, 10))
	if n == 0 {
		digits = 1
	}
	if size < digits || size > maxKeySize {
		return nil, fmt.Errorf("key size %d: %d keys need %d to %d bytes", size, n, digits, maxKeySize)
	}
	if minimum < 0 || maximum < minimum {
		return nil, fmt.Errorf("value size %d-%d: must be a range of sizes from 0 up", minimum, maximum)
	}
	k := &keyspace{n: n, size: size, minimum: minimum, maximum: maximum}
	if size >= len(prefix)+digits {
		k.prefix = prefix
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	k.pattern = make([]byte, patternBytes+maximum)
	r := random{state: 0x5eed}
	for i := range k.pattern {
		k.pattern[i] = letters[r.next()&63]
	}
	return k, nil
}

// appendKey appends the key with number i.
func (k *keyspace) appendKey(dst []byte, i uint64) []byte {
	dst = append(dst, k.prefix...)
	start := len(dst)
	for range k.size - len(k.prefix) {
		dst = append(dst, '0')
	}
	for p := len(dst) - 1; i > 0 && p >= start; p-- {
		dst[p] = byte('0' + i%10)
		i /= 10
	}
	return dst
}

// valueOf gives where in the pattern the value of key i, version v, starts, and its length.
func (k *keyspace) valueOf(i uint64, v uint32) (start, length int) {
	h := mix64(i<<32 ^ uint64(v) ^ 0xc0ffee)
	length = k.minimum
	if k.maximum > k.minimum {
		high, _ := bits.Mul64(h, uint64(k.maximum-k.minimum+1))
		length += int(high)
	}
	if length < versionBytes {
		h = mix64(i)
	}
	return int(h & (patternBytes - 1)), length
}

// valueSize is the length of the value of key i, version v.
func (k *keyspace) valueSize(i uint64, v uint32) int {
	_, length := k.valueOf(i, v)
	return length
}

// appendValue appends the value of key i, version v.
func (k *keyspace) appendValue(dst []byte, i uint64, v uint32) []byte {
	start, length := k.valueOf(i, v)
	at := len(dst)
	dst = append(dst, k.pattern[start:start+length]...)
	if length >= versionBytes {
		putHex(dst[at:at+versionBytes], v)
	}
	return dst
}

// matches reports whether value is one that appendValue makes for key i, in any version.
func (k *keyspace) matches(i uint64, value []byte) bool {
	if len(value) < versionBytes {
		start := int(mix64(i) & (patternBytes - 1))
		return len(value) >= k.minimum && len(value) <= k.maximum &&
			bytes.Equal(value, k.pattern[start:start+len(value)])
	}
	v, ok := hexOf(value[:versionBytes])
	if !ok {
		return false
	}
	start, length := k.valueOf(i, v)
	return length == len(value) && bytes.Equal(value[versionBytes:], k.pattern[start+versionBytes:start+length])
}

const hexDigits = "0123456789abcdef"

func putHex(dst []byte, v uint32) {
	for i := versionBytes - 1; i >= 0; i-- {
		dst[i] = hexDigits[v&15]
		v >>= 4
	}
}

func hexOf(src []byte) (v uint32, ok bool) {
	for _, c := range src {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | uint32(c-'0')
		case c >= 'a' && c <= 'f':
			v = v<<4 | uint32(c-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}
