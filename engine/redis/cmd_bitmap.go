// The bitmap commands on single bits and ranges: SETBIT, GETBIT, BITCOUNT, BITPOS.

package redis

import (
	"math"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

func bitmapCommands() []*command {
	return []*command{
		{name: "bitcount", arity: -2, flags: readonly, cats: catBitmap, keys: oneKey(ro | reads), run: cmdBITCOUNT,
			past:  []change{{"7.0.0", "`BYTE` and `BIT`."}},
			group: "bitmap", since: "2.6.0", cost: "O(N), N being the length of the range", sum: "Counts the ones in a value.",
			syntax: "key:key0 [index:{start:int end:int [index_unit:<BYTE | BIT>]^7.0.0}]"},
		{name: "bitpos", arity: -3, flags: readonly, cats: catBitmap, keys: oneKey(ro | reads), run: cmdBITPOS,
			past:  []change{{"7.0.0", "`BYTE` and `BIT`."}},
			group: "bitmap", since: "2.8.7", cost: "O(N), N being the length of the range", sum: "Finds the first one or the first zero in a value.",
			syntax: "key:key0 bit:int [index:{start:int [end_index:{end:int [index_unit:<BYTE | BIT>]^7.0.0}]}]"},
		{name: "getbit", arity: 3, flags: readonly | fast, cats: catBitmap, keys: oneKey(ro | reads), run: cmdGETBIT,
			group: "bitmap", since: "2.2.0", syntax: "key:key0 offset:int", cost: "O(1)", sum: "Reads a bit of a value."},
		{name: "setbit", arity: 4, flags: write | denyoom | brief, cats: catBitmap, keys: oneKey(rw | reads | updates), run: cmdSETBIT, grows: setbitGrowth,
			group: "bitmap", since: "2.2.0", syntax: "key:key0 offset:int value:int", cost: "O(1) unless the value grows, then O(N), N being its length",
			sum: "Sets or clears a bit of a value, padding it with zero bytes up to there, and returns what the bit was."},
		bitopRow(), bitfieldRow(), bitfieldRORow(),
	}
}

// bitOffset reads the place of a bit, which must lie inside of a value as long as limit. With a width, a leading # counts in units of it.
func bitOffset(b []byte, width, limit int64) (int64, error) {
	unit := int64(1)
	if width > 0 && len(b) > 0 && b[0] == '#' {
		unit, b = width, b[1:]
	}
	n, ok := resp.ParseInt(b)
	if !ok || n < 0 || n > math.MaxInt64/unit || n*unit>>3 >= limit {
		return 0, errBitOffset
	}
	return n * unit, nil
}

// bitsFor gives the first key's value for writing, made long enough for a bit. grown: it was not.
func (c *client) bitsFor(last int64) (b []byte, grown bool, err error) {
	it, err := c.findString(0)
	if err != nil {
		return nil, false, err
	}
	need, old := int(last>>3)+1, 0
	if it.Ok() {
		old = len(it.Value())
	}
	b, err = c.stretch(it, max(need, old))
	return b, need > old, err
}

// SETBIT key offset value
func cmdSETBIT(c *client) error {
	at, err := bitOffset(c.args[2], 0, c.e.maxBulk.Int())
	if err != nil {
		return err
	}
	bit, ok := resp.ParseInt(c.args[3])
	if !ok || bit&^1 != 0 {
		return errBitValue
	}
	b, grown, err := c.bitsFor(at)
	if err != nil {
		return err
	}
	mask := byte(0x80) >> (at & 7)
	old := b[at>>3]&mask != 0
	if grown || old != (bit == 1) {
		if b[at>>3] &^= mask; bit == 1 {
			b[at>>3] |= mask
		}
		c.changed(1)
		c.event(classString, "setbit", c.keys[0])
	}
	c.flag(old)
	return nil
}

// setbitGrowth is how long SETBIT may make a value.
func setbitGrowth(args [][]byte) int {
	at, err := bitOffset(args[2], 0, core.MaxValue)
	if err != nil {
		return 0
	}
	return int(at >> 3)
}

// GETBIT key offset
func cmdGETBIT(c *client) error {
	at, err := bitOffset(c.args[2], 0, c.e.maxBulk.Int())
	if err != nil {
		return err
	}
	it, err := c.readString(0)
	if err != nil {
		return err
	}
	c.flag(it.Ok() && getField(it.Value(), at, 1) == 1)
	return nil
}

// bitRange is the part of a value that BITCOUNT and BITPOS look at.
type bitRange struct {
	start, end int64
	inBits     bool // else in bytes
}

// unit reads BYTE or BIT.
func (r *bitRange) unit(word []byte) error {
	switch {
	case equalFold(word, "bit"):
		r.inBits = true
	case !equalFold(word, "byte"):
		return errSyntax
	}
	return nil
}

// within gives the first and the last bit of the range in a value of so many bytes; ok is false if there is none.
func (r *bitRange) within(size int64) (first, last int64, ok bool) {
	total := size
	if r.inBits {
		total *= 8
	}
	first, last = r.start, r.end
	if first < 0 {
		first = max(first+total, 0)
	}
	if last < 0 {
		last = max(last+total, 0)
	}
	last = min(last, total-1)
	if first > last {
		return 0, 0, false
	}
	if r.inBits {
		return first, last, true
	}
	return first * 8, last*8 + 7, true
}

// BITCOUNT key [start end [BYTE | BIT]]
func cmdBITCOUNT(c *client) error {
	r := bitRange{end: -1}
	switch s := (scanner{args: c.args[2:]}); len(s.args) {
	case 0:
	case 2, 3:
		r.start, r.end = s.integer(s.args[0], errNotInt), s.integer(s.args[1], errNotInt)
		if s.err == nil && len(s.args) == 3 {
			s.err = r.unit(s.args[2])
		}
		if s.err != nil {
			return s.err
		}
	default:
		return errSyntax
	}
	it, err := c.readString(0)
	if err != nil {
		return err
	}
	var n int64
	if it.Ok() && !(r.start < 0 && r.end < 0 && r.start > r.end) { // which of the two is before the start does not matter then
		v := it.Value()
		if first, last, ok := r.within(int64(len(v))); ok {
			n = countBits(v, first, last)
		}
	}
	c.integer(n)
	return nil
}

// BITPOS key bit [start [end [BYTE | BIT]]]
func cmdBITPOS(c *client) error {
	bit, err := integer(c.args[2])
	if err != nil {
		return err
	}
	if bit != 0 && bit != 1 {
		return replyError("ERR The bit argument must be 1 or 0.")
	}
	r := bitRange{end: -1}
	s := scanner{args: c.args[3:]}
	if len(s.args) > 3 {
		return errSyntax
	}
	if len(s.args) > 0 {
		r.start = s.integer(s.args[0], errNotInt)
	}
	if s.err == nil && len(s.args) == 3 {
		s.err = r.unit(s.args[2])
	}
	if s.err == nil && len(s.args) > 1 {
		r.end = s.integer(s.args[1], errNotInt)
	}
	if s.err != nil {
		return s.err
	}
	it, err := c.readString(0)
	if err != nil {
		return err
	}
	if !it.Ok() {
		c.integer(-bit)
		return nil
	}
	v := it.Value()
	at := int64(-1)
	if first, last, ok := r.within(int64(len(v))); ok {
		at = findBit(v, bit == 1, first, last)
		if at < 0 && bit == 0 && len(s.args) < 2 {
			at = int64(len(v)) * 8 // without an end, zeroes follow the value
		}
	}
	c.integer(at)
	return nil
}
