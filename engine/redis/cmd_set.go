// SET and its kin with an expiry: SET, SETEX, PSETEX, GETEX.

package redis

import (
	"math"
	"strconv"

	"github.com/cachesrv/cachesrv/core"
)

func setRow() *command {
	return &command{name: "set", arity: -3, flags: write | denyoom | brief, cats: catString, run: cmdSET,
		keys: []keySpec{{notes: "reads only with `GET`", access: rw | reads | updates | variable, first: 1, step: 1, exactly: setAccess}},
		past: []change{{"2.6.12", "`EX`, `PX`, `NX` and `XX`."}, {"6.0.0", "`KEEPTTL`."}, {"6.2.0", "`GET`, `EXAT` and `PXAT`."},
			{"7.0.0", "`NX` together with `GET`."}},
		group: "string", since: "1.0.0", cost: "O(1)", sum: "Sets a value.",
		syntax: `key:key0 value [condition:<NX | XX>]^2.6.12 [GET]^6.2.0 [expiration:<"EX" seconds:int^2.6.12 | "PX" milliseconds:int^2.6.12 | ` +
			`"EXAT" unix-time-seconds:time^6.2.0 | "PXAT" unix-time-milliseconds:time^6.2.0 | KEEPTTL^6.0.0>]`}
}

// setAccess tells a SET that only writes from one that also reads.
func setAccess(args [][]byte) access {
	for _, a := range args[min(3, len(args)):] {
		if equalFold(a, "get") {
			return rw | reads | updates
		}
	}
	return ow | updates
}

func getexRow() *command {
	return &command{name: "getex", arity: -2, flags: write | fast, cats: catString, run: cmdGETEX,
		keys:  []keySpec{{notes: "changes the expiry only", access: rw | reads | updates, first: 1, step: 1}},
		group: "string", since: "6.2.0", cost: "O(1)", sum: "Reads a value and changes or removes its expiry.",
		syntax: `key:key0 [expiration:<"EX" seconds:int | "PX" milliseconds:int | "EXAT" unix-time-seconds:time | ` +
			`"PXAT" unix-time-milliseconds:time | PERSIST>]`}
}

// expiry is an expiry as a command's options give it.
type expiry struct {
	value    []byte // nil: none given
	seconds  bool
	absolute bool
}

// option takes EX, PX, EXAT or PXAT with its value. Two different ones exclude each other; of the same the last counts.
func (x *expiry) option(s *scanner) bool {
	var seconds, absolute bool
	switch {
	case len(s.args) < 2:
		return false
	case equalFold(s.args[0], "ex"):
		seconds = true
	case equalFold(s.args[0], "px"):
	case equalFold(s.args[0], "exat"):
		seconds, absolute = true, true
	case equalFold(s.args[0], "pxat"):
		absolute = true
	default:
		return false
	}
	if x.value != nil && (x.seconds != seconds || x.absolute != absolute) {
		return false
	}
	*x = expiry{s.args[1], seconds, absolute}
	s.args = s.args[2:]
	return true
}

// at gives the moment in Unix ms, which must lie behind the epoch; 0 if no expiry was given.
func (x *expiry) at(c *client) (int64, error) {
	if x.value == nil {
		return 0, nil
	}
	n, err := integer(x.value)
	if err != nil {
		return 0, err
	}
	if n <= 0 || x.seconds && n > math.MaxInt64/1000 {
		return 0, errExpire(c.cmd)
	}
	if x.seconds {
		n *= 1000
	}
	if !x.absolute {
		if n > math.MaxInt64-c.tx.Now() {
			return 0, errExpire(c.cmd)
		}
		n += c.tx.Now()
	}
	return n, nil
}

// SET key value [NX|XX] [GET] [EX seconds|PX milliseconds|EXAT time|PXAT time|KEEPTTL]
func cmdSET(c *client) error {
	var nx, xx, get, keep bool
	var x expiry
	if len(c.args) > 3 {
		s := scanner{args: c.args[3:]}
		for s.more() {
			switch {
			case !xx && s.word("nx"):
				nx = true
			case !nx && s.word("xx"):
				xx = true
			case s.word("get"):
				get = true
			case x.value == nil && s.word("keepttl"):
				keep = true
			case !keep && x.option(&s):
			default:
				s.fail(errSyntax)
			}
		}
		if s.err != nil {
			return s.err
		}
	}
	at, err := x.at(c)
	if err != nil {
		return err
	}
	var old core.Item
	if get || nx || xx || keep {
		if get {
			if old, err = c.readString(0); err != nil {
				return err
			}
			if old.Ok() {
				c.bulk(old.Value())
			} else {
				c.null()
			}
		} else {
			old = c.tx.Read(c.db, c.keys[0])
		}
		if nx && old.Ok() || xx && !old.Ok() {
			if !get {
				c.null()
			}
			return nil
		}
		if keep && old.Ok() {
			at = old.ExpireAt()
		}
	}
	if err := c.tx.Put(c.db, c.keys[0], core.Value{Bytes: c.args[2], ExpireAt: at}); err != nil {
		return storeError(err)
	}
	c.changed(1)
	c.event(classString, "set", c.keys[0])
	if x.value != nil {
		c.notice(classGeneric, "expire", c.keys[0])
	}
	if len(c.args) > 3 && c.tx.Journalling() {
		c.recordSet(c.args[2], at)
	}
	if !get {
		c.ok()
	}
	return nil
}

// recordSet gives the journal a SET without conditions and with an absolute expiry.
func (c *client) recordSet(value []byte, at int64) {
	if at == 0 {
		c.record([]byte("SET"), c.args[1], value)
		return
	}
	c.record([]byte("SET"), c.args[1], value, []byte("PXAT"), strconv.AppendInt(nil, at, 10))
}

// SETEX key seconds value
func cmdSETEX(c *client) error { return setExpiring(c, true) }

// PSETEX key milliseconds value
func cmdPSETEX(c *client) error { return setExpiring(c, false) }

func setExpiring(c *client, seconds bool) error {
	x := expiry{value: c.args[2], seconds: seconds}
	at, err := x.at(c)
	if err != nil {
		return err
	}
	if err := c.tx.Put(c.db, c.keys[0], core.Value{Bytes: c.args[3], ExpireAt: at}); err != nil {
		return storeError(err)
	}
	c.changed(1)
	c.event(classString, "set", c.keys[0])
	c.notice(classGeneric, "expire", c.keys[0])
	if c.tx.Journalling() {
		c.recordSet(c.args[3], at)
	}
	c.ok()
	return nil
}

// GETEX key [EX seconds|PX milliseconds|EXAT time|PXAT time|PERSIST]
func cmdGETEX(c *client) error {
	var x expiry
	persist := false
	for s := (scanner{args: c.args[2:]}); len(s.args) > 0; {
		switch {
		case x.value == nil && s.word("persist"):
			persist = true
		case !persist && x.option(&s):
		default:
			return errSyntax
		}
	}
	it, err := c.readString(0)
	if err != nil {
		return err
	}
	if !it.Ok() {
		c.null()
		return nil
	}
	at, err := x.at(c)
	if err != nil {
		return err
	}
	c.bulk(it.Value())
	switch {
	case x.value != nil:
		return c.expireAt(at)
	case persist && it.ExpireAt() != 0:
		if err := c.persist(); err != nil {
			return err
		}
		if c.tx.Journalling() {
			c.record([]byte("PERSIST"), c.args[1])
		}
	}
	return nil
}

// expireAt sets the expiry of the first key, which exists; a moment in the past deletes it now.
func (c *client) expireAt(at int64) error {
	if at <= c.tx.Now() {
		c.changed(1)
		c.tx.Delete(c.db, c.keys[0])
		c.event(classGeneric, "del", c.keys[0])
		if c.tx.Journalling() {
			c.record([]byte("DEL"), c.args[1])
		}
		return nil
	}
	if !c.tx.SetExpire(c.db, c.keys[0], at) {
		return errNoMemory
	}
	c.changed(1)
	c.event(classGeneric, "expire", c.keys[0])
	if c.tx.Journalling() {
		c.record([]byte("PEXPIREAT"), c.args[1], strconv.AppendInt(nil, at, 10))
	}
	return nil
}

// persist takes the expiry of the first key, which has one, away.
func (c *client) persist() error {
	if !c.tx.SetExpire(c.db, c.keys[0], 0) {
		return errNoMemory
	}
	c.changed(1)
	c.event(classGeneric, "persist", c.keys[0])
	return nil
}
