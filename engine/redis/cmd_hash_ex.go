// Fields read or set together with their expiry: HGETDEL, HGETEX, HSETEX, as in Redis 8.0.

package redis

import (
	"math"
	"strconv"

	"github.com/cachesrv/cachesrv/engine/redis/value"
)

const (
	exOptions  = `"EX" seconds:int | "PX" milliseconds:int | "EXAT" unix-time-seconds:time | "PXAT" unix-time-milliseconds:time | `
	fieldNames = `fields:{"FIELDS" numfields:int field...}`
)

func hgetdelRow() *command {
	return &command{name: "hgetdel", arity: -5, flags: write | fast, cats: catHash, keys: oneKey(rw | reads | deletes), run: cmdHGETDEL,
		group: "hash", since: "8.0.0", syntax: "key:key0 " + fieldNames, cost: "O(N), N being the number of fields named",
		sum: "Reads fields of a hash and deletes them."}
}

func hgetexRow() *command {
	return &command{name: "hgetex", arity: -5, flags: write | fast, cats: catHash, run: cmdHGETEX,
		keys:  []keySpec{{notes: "changes expiries only", access: rw | reads | updates, first: 1, step: 1}},
		group: "hash", since: "8.0.0", syntax: "key:key0 [expiration:<" + exOptions + "PERSIST>] " + fieldNames,
		cost: "O(N), N being the number of fields named", sum: "Reads fields of a hash and changes or removes their expiry."}
}

func hsetexRow() *command {
	return &command{name: "hsetex", arity: -6, flags: write | denyoom | fast, cats: catHash, keys: oneKey(rw | updates), run: cmdHSETEX,
		group: "hash", since: "8.0.0", cost: "O(N), N being the number of fields named", sum: "Sets fields of a hash, with an expiry if wanted.",
		syntax: "key:key0 [condition:<FNX | FXX>] [expiration:<" + exOptions + `KEEPTTL>] fields:{"FIELDS" numfields:int data:{field value}...}`}
}

// HGETDEL key FIELDS numfields field [field …]
func cmdHGETDEL(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, true); err != nil {
		return err
	}
	fields, err := fieldList(c.args[2:], errFieldsCount)
	if err != nil {
		return err
	}
	c.array(len(fields))
	for _, field := range fields {
		if c.field(&h, field) {
			c.changed(h.Delete(field))
		}
	}
	if c.dirty > 0 {
		c.shrunk(classHash, "hdel", c.keys[0])
	}
	if c.dirty > 0 && c.tx.Journalling() {
		c.record(append([][]byte{[]byte("HDEL"), c.args[1]}, fields...)...)
	}
	return nil
}

// timeWord tells whether a word is EX, PX, EXAT or PXAT, and what it means.
func timeWord(b []byte) (seconds, absolute, ok bool) {
	switch {
	case equalFold(b, "ex"):
		return true, false, true
	case equalFold(b, "px"):
		return false, false, true
	case equalFold(b, "exat"):
		return true, true, true
	case equalFold(b, "pxat"):
		return false, true, true
	}
	return false, false, false
}

// HGETEX key [EX seconds|PX milliseconds|EXAT time|PXAT time|PERSIST] FIELDS numfields field [field …]
func cmdHGETEX(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, true); err != nil {
		return err
	}
	var err error
	rest, at, change, persist := c.args[2:], int64(0), false, false
	if seconds, absolute, ok := timeWord(rest[0]); ok {
		if at, err = c.fieldMoment(rest[1], seconds, absolute); err != nil {
			return err
		}
		rest, change = rest[2:], true
	} else if equalFold(rest[0], "persist") {
		rest, change, persist = rest[1:], true, true
	}
	fields, err := fieldList(rest, errFieldsCount)
	if err != nil {
		return err
	}
	c.array(len(fields))
	var done [][]byte
	for _, field := range fields {
		if !c.field(&h, field) || !change {
			continue
		}
		if _, old, _ := h.Look(field); persist && old == 0 {
			continue
		}
		if persist {
			err = c.persistField(&h, field)
		} else {
			_, err = c.expireField(&h, field, at)
		}
		if err != nil { // the journal gets what was done
			break
		}
		if c.tx.Journalling() {
			done = append(done, field)
		}
	}
	if persist {
		c.fieldsPersist(done)
		return err
	}
	if c.dirty > 0 {
		c.fieldsExpire(at)
	}
	c.recordFields(at, done)
	return err
}

// setex is what HSETEX was asked for.
type setex struct {
	nx, xx bool
	keep   bool
	timed  bool
	at     int64 // if timed
	pairs  [][]byte
}

// parse reads the words behind the key.
func (x *setex) parse(c *client) error {
	for i := 2; i < len(c.args); i++ {
		word := c.args[i]
		seconds, absolute, isTime := timeWord(word)
		keep := !isTime && equalFold(word, "keepttl")
		switch {
		case equalFold(word, "fields"):
			return x.parseFields(c, c.args[i+1:])
		case (isTime || keep) && (x.timed || x.keep):
			return errExpireOne
		case isTime && i == len(c.args)-1:
			return errExpireMissing
		case isTime:
			i++
			var err error
			if x.at, err = c.fieldMoment(c.args[i], seconds, absolute); err != nil {
				return err
			}
			x.timed = true
		case keep:
			x.keep = true
		case equalFold(word, "fxx"), equalFold(word, "fnx"):
			if x.nx || x.xx {
				return errFieldCond
			}
			x.xx = equalFold(word, "fxx")
			x.nx = !x.xx
		default:
			return errUnknownArgument(word)
		}
	}
	return errNoFields
}

func (x *setex) parseFields(c *client, args [][]byte) error {
	if len(args) < 3 {
		return errArity(c.cmd)
	}
	n, err := integer(args[0])
	if err != nil || n < 1 || n > math.MaxInt32 {
		return errFieldsNumber
	}
	x.pairs = args[1:]
	if len(x.pairs)%2 != 0 || n != int64(len(x.pairs)/2) {
		return errArity(c.cmd)
	}
	return nil
}

// met tells whether the fields are there, or not, as FXX or FNX wants it.
func (x *setex) met(h *value.Hash) bool {
	for i := 0; i < len(x.pairs) && (x.nx || x.xx); i += 2 {
		if _, ok := h.Get(x.pairs[i]); ok == x.nx {
			return false
		}
	}
	return true
}

// HSETEX key [FNX|FXX] [EX seconds|PX milliseconds|EXAT time|PXAT time|KEEPTTL] FIELDS numfields field value [field value …]
func cmdHSETEX(c *client) error {
	var x setex
	if err := x.parse(c); err != nil {
		return err
	}
	var h value.Hash
	if err := c.openHash(&h, true); err != nil {
		return err
	}
	if !x.met(&h) {
		c.flag(false)
		return nil
	}
	if _, err := c.store(&h, x.pairs, x.keep, "hset"); err != nil {
		return err
	}
	var done [][]byte
	for i := 0; x.timed && i < len(x.pairs); i += 2 {
		field := x.pairs[i]
		if _, ok := h.Get(field); !ok {
			continue // named twice, and deleted already
		}
		if x.at <= c.tx.Now() {
			h.Delete(field)
		} else if err := h.ExpireAt(field, x.at); err != nil {
			if c.tx.Journalling() { // all were set, some expire
				c.tell(append([][]byte{[]byte("HSET"), c.args[1]}, x.pairs...)...)
				if len(done) > 0 {
					c.tell(fieldsAt(c.args[1], x.at, done)...)
				}
			}
			return storeError(err)
		}
		if c.tx.Journalling() {
			done = append(done, field)
		}
	}
	if x.timed {
		c.fieldsExpire(x.at)
	}
	if c.tx.Journalling() {
		c.recordSetex(&x, done)
	}
	c.flag(true)
	return nil
}

// recordSetex gives the journal an HSETEX without conditions and with an absolute expiry, or the deletion of what was to expire in the past.
func (c *client) recordSetex(x *setex, fields [][]byte) {
	words := [][]byte{[]byte("HSETEX"), c.args[1]}
	switch {
	case x.timed && x.at <= c.tx.Now():
		c.recordFields(x.at, fields)
		return
	case x.timed:
		words = append(words, []byte("PXAT"), strconv.AppendInt(nil, x.at, 10))
	case x.keep:
		words = append(words, []byte("KEEPTTL"))
	}
	words = append(words, []byte("FIELDS"), strconv.AppendInt(nil, int64(len(x.pairs)/2), 10))
	c.record(append(words, x.pairs...)...)
}
