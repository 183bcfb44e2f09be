// The expiry of single fields: HEXPIRE and its kin, as in Redis 7.4.

package redis

import (
	"strconv"

	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func hashExpireCommands() []*command {
	const cond, fields = " [condition:<NX | XX | GT | LT>]", ` fields:{"FIELDS" numfields:int field...}`
	const cost = "O(N), N being the number of fields named"
	set := func(name, syntax, sum string, run func(*client) error) *command {
		return &command{name: name, arity: -6, flags: write | denyoom | fast, cats: catHash, keys: oneKey(rw | updates), run: run,
			group: "hash", since: "7.4.0", syntax: "key:key0 " + syntax + cond + fields, cost: cost, sum: sum}
	}
	get := func(name, sum string, run func(*client) error) *command {
		return &command{name: name, arity: -5, flags: readonly | fast, cats: catHash, keys: oneKey(ro | reads), run: run,
			group: "hash", since: "7.4.0", syntax: "key:key0" + fields, cost: cost, sum: sum}
	}
	httl := get("httl", "Tells how many seconds fields of a hash have left.", cmdHTTL)
	hpttl := get("hpttl", "Tells how many milliseconds fields of a hash have left.", cmdHPTTL)
	for _, row := range []*command{httl, hpttl} {
		row.tips = []string{"nondeterministic_output"}
	}
	return []*command{
		set("hexpire", "seconds:int", "Makes fields of a hash expire after some seconds.", cmdHEXPIRE),
		set("hpexpire", "milliseconds:int", "Makes fields of a hash expire after some milliseconds.", cmdHPEXPIRE),
		set("hexpireat", "unix-time-seconds:time", "Makes fields of a hash expire at a Unix time.", cmdHEXPIREAT),
		set("hpexpireat", "unix-time-milliseconds:time", "Makes fields of a hash expire at a Unix time in milliseconds.", cmdHPEXPIREAT),
		httl, hpttl,
		get("hexpiretime", "Tells the Unix times at which fields of a hash expire.", cmdHEXPIRETIME),
		get("hpexpiretime", "Tells the Unix times in milliseconds at which fields of a hash expire.", cmdHPEXPIRETIME),
		{name: "hpersist", arity: -5, flags: write | fast, cats: catHash, keys: oneKey(rw | updates), run: cmdHPERSIST,
			group: "hash", since: "7.4.0", syntax: "key:key0" + fields, cost: cost, sum: "Makes fields of a hash stay for ever."},
		hgetdelRow(), hgetexRow(), hsetexRow(),
	}
}

// What a command on the expiry of a field replies for it.
const (
	fieldMissing = -2
	fieldStays   = -1 // it has no expiry
	fieldUnmet   = 0  // the condition is not met
	fieldSet     = 1
	fieldDeleted = 2 // the moment lay in the past
)

// fieldList reads FIELDS numfields field…, which must be all of args; bad is the error for the number.
func fieldList(args [][]byte, bad error) ([][]byte, error) {
	if len(args) == 0 || !equalFold(args[0], "fields") {
		return nil, errNoFields
	}
	if len(args) == 1 {
		return nil, bad
	}
	n, err := integer(args[1])
	if err != nil || n < 1 {
		return nil, bad
	}
	if n != int64(len(args)-2) {
		return nil, errFieldsMatch
	}
	return args[2:], nil
}

// fieldMoment reads when fields shall expire, in Unix ms. It may lie in the past, but not before the epoch.
func (c *client) fieldMoment(b []byte, seconds, absolute bool) (int64, error) {
	n, err := integer(b)
	if err != nil {
		return 0, err
	}
	if n < 0 {
		return 0, errExpireSign
	}
	if seconds {
		if n > value.MaxFieldExpire/1000 {
			return 0, errExpire(c.cmd)
		}
		n *= 1000
	}
	base := int64(0)
	if !absolute {
		base = c.tx.Now()
	}
	if n > value.MaxFieldExpire-base {
		return 0, errExpire(c.cmd)
	}
	return n + base, nil
}

// HEXPIRE key seconds [NX|XX|GT|LT] FIELDS numfields field [field …]
func cmdHEXPIRE(c *client) error { return hexpire(c, true, false) }

// HPEXPIRE key milliseconds [NX|XX|GT|LT] FIELDS numfields field [field …]
func cmdHPEXPIRE(c *client) error { return hexpire(c, false, false) }

// HEXPIREAT key time [NX|XX|GT|LT] FIELDS numfields field [field …]
func cmdHEXPIREAT(c *client) error { return hexpire(c, true, true) }

// HPEXPIREAT key time [NX|XX|GT|LT] FIELDS numfields field [field …]
func cmdHPEXPIREAT(c *client) error { return hexpire(c, false, true) }

func hexpire(c *client, seconds, absolute bool) error {
	var h value.Hash
	if err := c.openHash(&h, true); err != nil {
		return err
	}
	at, err := c.fieldMoment(c.args[2], seconds, absolute)
	if err != nil {
		return err
	}
	s := scanner{args: c.args[3:]}
	nx := s.word("nx")
	xx := !nx && s.word("xx")
	gt := !nx && !xx && s.word("gt")
	lt := !nx && !xx && !gt && s.word("lt")
	fields, err := fieldList(s.args, errFieldsGreater)
	if err != nil {
		return err
	}
	c.array(len(fields))
	var done [][]byte
	for _, field := range fields {
		_, old, ok := h.Look(field)
		switch {
		case !ok:
			c.integer(fieldMissing)
			continue
		case nx && old != 0, xx && old == 0, gt && (old == 0 || at <= old), lt && old != 0 && at >= old:
			c.integer(fieldUnmet)
			continue
		}
		code, err := c.expireField(&h, field, at)
		if err != nil {
			if c.dirty > 0 {
				c.fieldsExpire(at)
			}
			c.recordFields(at, done) // nothing of the others
			return err
		}
		c.integer(code)
		if c.tx.Journalling() {
			done = append(done, field)
		}
	}
	if c.dirty > 0 {
		c.fieldsExpire(at)
	}
	c.recordFields(at, done)
	return nil
}

// expireField makes a field that is there expire; a moment in the past deletes it now.
func (c *client) expireField(h *value.Hash, field []byte, at int64) (code int64, err error) {
	if at <= c.tx.Now() {
		c.changed(h.Delete(field))
		return fieldDeleted, nil
	}
	if err := h.ExpireAt(field, at); err != nil {
		return 0, storeError(err)
	}
	c.changed(1)
	return fieldSet, nil
}

// fieldsExpire tells what expireField did with some fields.
func (c *client) fieldsExpire(at int64) {
	if at <= c.tx.Now() {
		c.shrunk(classHash, "hdel", c.keys[0])
	} else {
		c.event(classHash, "hexpire", c.keys[0])
	}
}

// recordFields gives the journal what expireField did with some fields.
func (c *client) recordFields(at int64, fields [][]byte) {
	if len(fields) == 0 {
		return
	}
	if at <= c.tx.Now() {
		c.record(append([][]byte{[]byte("HDEL"), c.args[1]}, fields...)...)
		return
	}
	c.record(fieldsAt(c.args[1], at, fields)...)
}

// fieldsAt is the command that makes fields of a hash expire at a Unix ms.
func fieldsAt(key []byte, at int64, fields [][]byte) [][]byte {
	return append([][]byte{[]byte("HPEXPIREAT"), key, strconv.AppendInt(nil, at, 10), []byte("FIELDS"),
		strconv.AppendInt(nil, int64(len(fields)), 10)}, fields...)
}

// persistField takes the expiry of a field, which has one, away.
func (c *client) persistField(h *value.Hash, field []byte) error {
	if err := h.ExpireAt(field, 0); err != nil {
		return storeError(err)
	}
	c.changed(1)
	return nil
}

// fieldsPersist tells what persistField did, and gives the journal those fields.
func (c *client) fieldsPersist(fields [][]byte) {
	if c.dirty > 0 {
		c.event(classHash, "hpersist", c.keys[0])
	}
	if len(fields) > 0 {
		c.record(append([][]byte{[]byte("HPERSIST"), c.args[1], []byte("FIELDS"), strconv.AppendInt(nil, int64(len(fields)), 10)}, fields...)...)
	}
}

// HTTL key FIELDS numfields field [field …]
func cmdHTTL(c *client) error { return fieldsLeft(c, true, false) }

// HPTTL key FIELDS numfields field [field …]
func cmdHPTTL(c *client) error { return fieldsLeft(c, false, false) }

// HEXPIRETIME key FIELDS numfields field [field …]
func cmdHEXPIRETIME(c *client) error { return fieldsLeft(c, true, true) }

// HPEXPIRETIME key FIELDS numfields field [field …]
func cmdHPEXPIRETIME(c *client) error { return fieldsLeft(c, false, true) }

func fieldsLeft(c *client, seconds, absolute bool) error {
	var h value.Hash
	if err := c.openHash(&h, false); err != nil {
		return err
	}
	fields, err := fieldList(c.args[2:], errFieldsCount)
	if err != nil {
		return err
	}
	c.array(len(fields))
	for _, field := range fields {
		_, at, ok := h.Look(field)
		switch {
		case !ok:
			at = fieldMissing
		case at == 0:
			at = fieldStays
		default:
			if !absolute {
				at -= c.tx.Now()
			}
			if seconds {
				at = (at + 999) / 1000
			}
		}
		c.integer(at)
	}
	return nil
}

// HPERSIST key FIELDS numfields field [field …]
func cmdHPERSIST(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, true); err != nil {
		return err
	}
	fields, err := fieldList(c.args[2:], errFieldsCount)
	if err != nil {
		return err
	}
	c.array(len(fields))
	var done [][]byte
	for _, field := range fields {
		_, at, ok := h.Look(field)
		switch {
		case !ok:
			c.integer(fieldMissing)
			continue
		case at == 0:
			c.integer(fieldStays)
			continue
		}
		if err = c.persistField(&h, field); err != nil { // the journal gets what was done
			break
		}
		c.integer(fieldSet)
		if c.tx.Journalling() {
			done = append(done, field)
		}
	}
	c.fieldsPersist(done)
	return err
}
