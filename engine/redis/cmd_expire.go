// Expiry commands: setting, asking and removing the time at which a key goes.

package redis

import "math"

func expireCommands() []*command {
	const cond = " [condition:<NX | XX | GT | LT>]^7.0.0"
	past := []change{{"7.0.0", "`NX`, `XX`, `GT` and `LT`."}}
	set := func(name, since, syntax, sum string, run func(*client) error) *command {
		return &command{name: name, arity: -3, flags: write | fast, cats: catKeyspace, keys: oneKey(rw | updates), run: run,
			group: "generic", since: since, syntax: "key:key0 " + syntax + cond, cost: "O(1)", past: past, sum: sum}
	}
	get := func(name, since, sum string, run func(*client) error) *command {
		return &command{name: name, arity: 2, flags: readonly | fast, cats: catKeyspace, keys: oneKey(ro | reads), run: run,
			group: "generic", since: since, syntax: "key:key0", cost: "O(1)", sum: sum}
	}
	ttl := get("ttl", "1.0.0", "Tells how many seconds a key has left.", cmdTTL)
	pttl := get("pttl", "2.6.0", "Tells how many milliseconds a key has left.", cmdPTTL)
	for _, row := range []*command{ttl, pttl} {
		row.tips = []string{"nondeterministic_output"}
		row.past = []change{{"2.8.0", "The reply -2."}}
	}
	return []*command{
		set("expire", "1.0.0", "seconds:int", "Makes a key expire after some seconds.", cmdEXPIRE),
		set("pexpire", "2.6.0", "milliseconds:int", "Makes a key expire after some milliseconds.", cmdPEXPIRE),
		set("expireat", "1.2.0", "unix-time-seconds:time", "Makes a key expire at a Unix time.", cmdEXPIREAT),
		set("pexpireat", "2.6.0", "unix-time-milliseconds:time", "Makes a key expire at a Unix time in milliseconds.", cmdPEXPIREAT),
		ttl, pttl,
		get("expiretime", "7.0.0", "Tells the Unix time at which a key expires.", cmdEXPIRETIME),
		get("pexpiretime", "7.0.0", "Tells the Unix time in milliseconds at which a key expires.", cmdPEXPIRETIME),
		{name: "persist", arity: 2, flags: write | fast, cats: catKeyspace, keys: oneKey(rw | updates), run: cmdPERSIST,
			group: "generic", since: "2.2.0", syntax: "key:key0", cost: "O(1)", sum: "Makes a key stay for ever."},
	}
}

// EXPIRE key seconds [NX|XX|GT|LT]
func cmdEXPIRE(c *client) error { return expire(c, true, false) }

// PEXPIRE key milliseconds [NX|XX|GT|LT]
func cmdPEXPIRE(c *client) error { return expire(c, false, false) }

// EXPIREAT key time [NX|XX|GT|LT]
func cmdEXPIREAT(c *client) error { return expire(c, true, true) }

// PEXPIREAT key time [NX|XX|GT|LT]
func cmdPEXPIREAT(c *client) error { return expire(c, false, true) }

func expire(c *client, seconds, absolute bool) error {
	var nx, xx, gt, lt bool
	s := scanner{args: c.args[3:]}
	for s.more() {
		switch {
		case s.word("nx"):
			nx = true
		case s.word("xx"):
			xx = true
		case s.word("gt"):
			gt = true
		case s.word("lt"):
			lt = true
		default:
			s.fail(errorf("ERR Unsupported option %s", cstr(s.args[0], math.MaxInt)))
		}
	}
	switch {
	case s.err != nil:
		return s.err
	case nx && (xx || gt || lt):
		return errExpireNX
	case gt && lt:
		return errExpireGTLT
	}
	at, err := c.moment(c.args[2], seconds, absolute)
	if err != nil {
		return err
	}
	it := c.tx.Read(c.db, c.keys[0])
	if !it.Ok() {
		c.flag(false)
		return nil
	}
	// No expiry counts as one that lies behind all others.
	old := it.ExpireAt()
	if nx && old != 0 || xx && old == 0 || gt && (old == 0 || at <= old) || lt && old != 0 && at >= old {
		c.flag(false)
		return nil
	}
	c.expireAt(at)
	c.flag(true)
	return nil
}

// moment reads a time of the EXPIRE family in Unix ms. It may lie in the past, even before the epoch.
func (c *client) moment(b []byte, seconds, absolute bool) (int64, error) {
	n, err := integer(b)
	if err != nil {
		return 0, err
	}
	if seconds {
		if n > math.MaxInt64/1000 || n < math.MinInt64/1000 {
			return 0, errExpire(c.cmd)
		}
		n *= 1000
	}
	if !absolute {
		if n > math.MaxInt64-c.tx.Now() {
			return 0, errExpire(c.cmd)
		}
		n += c.tx.Now()
	}
	return n, nil
}

// TTL key
func cmdTTL(c *client) error { return timeLeft(c, true, false) }

// PTTL key
func cmdPTTL(c *client) error { return timeLeft(c, false, false) }

// EXPIRETIME key
func cmdEXPIRETIME(c *client) error { return timeLeft(c, true, true) }

// PEXPIRETIME key
func cmdPEXPIRETIME(c *client) error { return timeLeft(c, false, true) }

func timeLeft(c *client, seconds, absolute bool) error {
	it := c.peek(0)
	if !it.Ok() {
		c.integer(-2)
		return nil
	}
	at := it.ExpireAt()
	if at == 0 {
		c.integer(-1)
		return nil
	}
	if !absolute {
		at = max(at-c.tx.Now(), 0)
	}
	if seconds {
		at = int64((uint64(at) + 500) / 1000) // unsigned: the last half second of time must not overflow
	}
	c.integer(at)
	return nil
}

// PERSIST key
func cmdPERSIST(c *client) error {
	it := c.tx.Read(c.db, c.keys[0])
	if !it.Ok() || it.ExpireAt() == 0 {
		c.flag(false)
		return nil
	}
	if err := c.persist(); err != nil {
		return err
	}
	c.flag(true)
	return nil
}
