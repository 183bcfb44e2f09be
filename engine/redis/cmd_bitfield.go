// BITFIELD and BITFIELD_RO: integers of any width inside of values.

package redis

import (
	"bytes"
	"math"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

func bitfieldRow() *command {
	return &command{name: "bitfield", arity: -2, flags: write | denyoom, cats: catBitmap, run: cmdBITFIELD, grows: bitfieldGrowth,
		keys:  []keySpec{{notes: "reads only unless there is a `SET` or `INCRBY`", access: rw | reads | updates | variable, first: 1, step: 1, exactly: bitfieldAccess}},
		group: "bitmap", since: "3.2.0", cost: "O(1) for each operation", sum: "Reads, sets and increments integers of any width inside of a value.",
		syntax: `key:key0 [operation:<"GET" encoding_offset:{encoding offset:int} | write:{["OVERFLOW" wrap_sat_fail:<WRAP | SAT | FAIL>] ` +
			`write_operation:<"SET" encoding_offset_value:{encoding offset:int value:int} | "INCRBY" encoding_offset_increment:{encoding offset:int increment:int}>}>...]`}
}

func bitfieldRORow() *command {
	return &command{name: "bitfield_ro", arity: -2, flags: readonly | fast, cats: catBitmap, run: cmdBITFIELDRO, keys: oneKey(ro | reads),
		group: "bitmap", since: "6.0.0", cost: "O(1) for each operation", sum: "Reads integers of any width inside of a value.",
		syntax: `key:key0 ["GET" encoding_offset:{encoding offset:int}+...]`}
}

// bitfieldAccess tells a BITFIELD that only reads. Like the original it looks at the words' places and not at the numbers, and takes what
// makes no sense for writing.
func bitfieldAccess(args [][]byte) access {
	for i := 2; i < len(args); {
		switch left := len(args) - i - 1; {
		case equalFold(args[i], "get") && left >= 2:
			i += 3
		case equalFold(args[i], "overflow") && left >= 1:
			i += 2
		default:
			return rw | reads | updates
		}
	}
	return ro | reads
}

// overflow is what becomes of a number that does not fit.
type overflow uint8

const (
	wrap overflow = iota
	saturate
	refuse
)

// bitField is one operation of BITFIELD.
type bitField struct {
	verb     bitVerb
	overflow overflow
	signed   bool
	bits     int
	at       int64
	value    int64 // to set, or to add
}

type bitVerb uint8

const (
	verbGet bitVerb = iota
	verbSet
	verbAdd
)

// bitFields walks over the operations in the arguments. It is a value: BITFIELD reads its arguments twice, the first time for errors, and keeps
// nothing in between.
type bitFields struct {
	scanner
	limit    int64
	overflow overflow
}

// next reads one operation, false at the end or on an error.
func (s *bitFields) next(f *bitField) bool {
	for s.more() {
		left := len(s.args) - 1
		switch word := s.args[0]; {
		case equalFold(word, "get") && left >= 2:
			f.verb = verbGet
		case equalFold(word, "set") && left >= 3:
			f.verb = verbSet
		case equalFold(word, "incrby") && left >= 3:
			f.verb = verbAdd
		case equalFold(word, "overflow") && left >= 1:
			s.mode(s.args[1])
			s.args = s.args[2:]
			continue
		default:
			s.fail(errSyntax)
			return false
		}
		s.place(f)
		return s.err == nil
	}
	return false
}

// mode reads what OVERFLOW asks for; it holds for all operations that follow.
func (s *bitFields) mode(word []byte) {
	switch {
	case equalFold(word, "wrap"):
		s.overflow = wrap
	case equalFold(word, "sat"):
		s.overflow = saturate
	case equalFold(word, "fail"):
		s.overflow = refuse
	default:
		s.fail(replyError("ERR Invalid OVERFLOW type specified"))
	}
}

// place reads what follows the verb: type, offset, and the number of those that write.
func (s *bitFields) place(f *bitField) {
	f.overflow, f.value = s.overflow, 0
	var ok bool
	if f.signed, f.bits, ok = fieldType(s.args[1]); !ok {
		s.fail(errFieldType)
		return
	}
	var err error
	if f.at, err = bitOffset(s.args[2], int64(f.bits), s.limit); err != nil {
		s.fail(err)
		return
	}
	if f.verb == verbGet {
		s.args = s.args[3:]
		return
	}
	f.value = s.integer(s.args[3], errNotInt)
	s.args = s.args[4:]
}

// fieldType reads i1 to i64 and u1 to u63, as far as a NUL.
func fieldType(b []byte) (signed bool, bits int, ok bool) {
	b, _, _ = bytes.Cut(b, []byte{0})
	if len(b) == 0 || b[0] != 'i' && b[0] != 'u' {
		return false, 0, false
	}
	signed = b[0] == 'i'
	n, ok := resp.ParseInt(b[1:])
	return signed, int(n), ok && n >= 1 && (n <= 63 || n == 64 && signed)
}

// bitfieldGrowth is how long BITFIELD may make a value.
func bitfieldGrowth(args [][]byte) int {
	var f bitField
	var end int64
	for s := (bitFields{scanner: scanner{args: args[2:]}, limit: core.MaxValue}); s.next(&f); {
		if f.verb != verbGet {
			end = max(end, f.at)
		}
	}
	return int(end >> 3)
}

// BITFIELD key [GET encoding offset | [OVERFLOW WRAP | SAT | FAIL] SET encoding offset value | INCRBY encoding offset increment] …
func cmdBITFIELD(c *client) error { return c.bitfield(true) }

// BITFIELD_RO key [GET encoding offset …]
func cmdBITFIELDRO(c *client) error { return c.bitfield(false) }

func (c *client) bitfield(mayWrite bool) error {
	var f bitField
	begin := bitFields{scanner: scanner{args: c.args[2:]}, limit: c.e.maxBulk.Int()}
	n, last := 0, int64(-1)
	s := begin
	for s.next(&f) {
		n++
		if f.verb != verbGet {
			last = max(last, f.at+int64(f.bits)-1)
		}
	}
	if s.err != nil {
		return s.err
	}
	var v []byte
	var grown bool
	if last < 0 {
		it, err := c.readString(0)
		if err != nil {
			return err
		}
		if it.Ok() {
			v = it.Value()
		}
	} else {
		if !mayWrite {
			return replyError("ERR BITFIELD_RO only supports the GET subcommand")
		}
		var err error
		if v, grown, err = c.bitsFor(last); err != nil {
			return err
		}
	}
	c.array(n)
	changes := 0
	for s = begin; s.next(&f); {
		if written, changed := c.runField(&f, v); changed || grown && written {
			changes++
		}
	}
	switch {
	case changes > 0:
		c.changed(changes)
		c.event(classString, "setbit", c.keys[0])
	case grown: // though all was refused: no event, as in the original
		c.changed(1)
		c.tx.Announce(c.db, c.keys[0])
	}
	return nil
}

// runField replies to one operation. written: it was one that writes, and was not refused; changed: the value is another one now.
func (c *client) runField(f *bitField, v []byte) (written, changed bool) {
	old := getField(v, f.at, f.bits)
	if f.signed {
		old = uint64(int64(old<<(64-f.bits)) >> (64 - f.bits))
	}
	if f.verb == verbGet {
		c.integer(int64(old))
		return false, false
	}
	base, by := old, f.value
	if f.verb == verbSet {
		base, by = uint64(f.value), 0
	}
	var x uint64
	var fits bool
	if f.signed {
		x, fits = addSigned(int64(base), by, f.bits, f.overflow)
	} else {
		x, fits = addUnsigned(base, by, f.bits, f.overflow)
	}
	if !fits && f.overflow == refuse {
		c.null()
		return false, false
	}
	setField(v, f.at, f.bits, x)
	if f.verb == verbSet {
		c.integer(int64(old))
	} else {
		c.integer(int64(x))
	}
	return true, x != old
}

// addUnsigned adds within so many bits, 63 at most. fits is false if the sum is out of range; it was then wrapped or held at the bound.
func addUnsigned(value uint64, by int64, bits int, o overflow) (sum uint64, fits bool) {
	most := uint64(1)<<bits - 1
	sum = value + uint64(by)
	over := value > most || by > 0 && sum > most
	under := by < 0 && value < uint64(-by)
	switch {
	case !over && !under:
		return sum, true
	case o != saturate:
		return sum & most, false
	case over:
		return most, false
	}
	return 0, false
}

// addSigned is addUnsigned for two's complement, up to 64 bits. As in the original, a number to be set that is so low that its distance from the
// greatest one overflows counts as too high.
func addSigned(value, by int64, bits int, o overflow) (sum uint64, fits bool) {
	most := int64(uint64(1)<<(bits-1) - 1)
	least := -most - 1
	over := value > most || by > 0 && value > most-by || bits < 64 && value < most-math.MaxInt64
	under := value < least || by < 0 && value < least-by
	switch {
	case !over && !under:
		return uint64(value + by), true
	case o != saturate:
		return uint64((value + by) << (64 - bits) >> (64 - bits)), false
	case over:
		return uint64(most), false
	}
	return uint64(least), false
}
