// How far sets stay small: the rules that decide between integers, packed and big.

package value

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
)

// mostInts bounds a set of integers whatever the setting says: its header counts with 32 bits.
const mostInts = 1 << 30

// setMax is how many members a small set may have.
func (l *Limits) setMax(enc core.Enc) int64 {
	if enc == SetInts {
		return min(l.SetInts.Int(), mostInts)
	}
	return l.SetEntries.Int()
}

// setStart is how a set begins that will get n members, of which the first is given.
func (l *Limits) setStart(first []byte, n int) core.Enc {
	if _, ok := pack.ParseInt(first); ok && int64(n) <= l.SetInts.Int() {
		return SetInts
	}
	if int64(n) <= l.SetEntries.Int() {
		return SetPacked
	}
	return SetBig
}

// packs tells whether a set of n members, of that many bytes in all, may take one more and be packed afterwards, the longest of them all
// being that long.
func (l *Limits) packs(n, longest, bytes int) bool {
	return int64(n) < l.SetEntries.Int() && int64(longest) <= l.SetValue.Int() && 2*(bytes+longest)+n*4 <= pack.MaxListpack
}
