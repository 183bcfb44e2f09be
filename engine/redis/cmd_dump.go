// DUMP and RESTORE: a value as bytes that another server can take.

package redis

import (
	"math"
	"strconv"
	"sync"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

func dumpCommands() []*command {
	restore := func(name, group, since string, more flags, sum string) *command {
		return &command{name: name, arity: -4, flags: write | denyoom | more, cats: catKeyspace | catDangerous, keys: oneKey(ow | updates),
			run: cmdRESTORE, grows: restoreGrows, group: group, since: since, sum: sum,
			syntax: `key:key0 ttl:int serialized-value [REPLACE]^3.0.0 [ABSTTL]^5.0.0 ["IDLETIME" seconds:int]^5.0.0 ["FREQ" frequency:int]^5.0.0`,
			cost:   "O(N), N being the size of the payload; O(N*log(N)) for sorted sets",
			past:   []change{{"3.0.0", "`REPLACE`."}, {"5.0.0", "`ABSTTL`."}, {"5.0.0", "`IDLETIME` and `FREQ`."}}}
	}
	return []*command{
		{name: "dump", arity: 2, flags: readonly, cats: catKeyspace, keys: oneKey(ro | reads), run: cmdDUMP, tips: []string{"nondeterministic_output"},
			group: "generic", since: "2.6.0", syntax: "key:key0", cost: "O(N), N being the size of the value",
			sum: "Gives a value in serialized form, for RESTORE."},
		restore("restore", "generic", "2.6.0", 0, "Makes a key from the serialized form of a value."),
		restore("restore-asking", "server", "3.0.0", asking|system, "The RESTORE that cluster nodes use to move keys."),
	}
}

// Decoders and writers hold scratch space that is worth keeping, and much of it.
var (
	decoders = sync.Pool{New: func() any { return new(rdb.Decoder) }}
	writers  = sync.Pool{New: func() any { return new(rdb.Writer) }}
)

// DUMP key
func cmdDUMP(c *client) error {
	it := c.read(0)
	if !it.Ok() {
		c.null()
		return nil
	}
	w := writers.Get().(*rdb.Writer)
	w.Out, w.Compress = c.w.Scratch[:0], c.e.compress.Bool()
	c.w.Scratch = nil // the values' own need
	c.writeValue(w, it)
	w.Out = rdb.AppendFoot(w.Out, 0)
	c.bulk(w.Out)
	c.keepScratch(w.Out)
	w.Out = nil
	writers.Put(w)
	return nil
}

// restoreOptions are the options of RESTORE.
type restoreOptions struct {
	replace, absolute bool
	idle, freq        int64 // -1: not given
}

func (o *restoreOptions) parse(args [][]byte) error {
	o.idle, o.freq = -1, -1
	s := scanner{args: args}
	for s.more() {
		switch {
		case s.word("replace"):
			o.replace = true
		case s.word("absttl"):
			o.absolute = true
		case o.freq == -1 && len(s.args) > 1 && equalFold(s.args[0], "idletime"):
			v, _ := s.option("idletime")
			if o.idle = s.integer(v, errNotInt); s.err == nil && o.idle < 0 {
				s.fail(errIdleTime)
			}
		case o.idle == -1 && len(s.args) > 1 && equalFold(s.args[0], "freq"):
			v, _ := s.option("freq")
			if o.freq = s.integer(v, errNotInt); s.err == nil && (o.freq < 0 || o.freq > math.MaxUint8) {
				s.fail(errFreq)
			}
		default:
			s.fail(errSyntax)
		}
	}
	return s.err
}

// RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]
func cmdRESTORE(c *client) error {
	var o restoreOptions
	if err := o.parse(c.args[4:]); err != nil {
		return err
	}
	k := c.keys[0]
	old := c.tx.Find(c.db, k).Ok()
	if old && !o.replace {
		return errBusyKey
	}
	ttl, ok := resp.ParseInt(c.args[2])
	if !ok {
		return errNotInt
	}
	if ttl < 0 {
		return errTTL
	}
	kind, value, err := rdb.Unframe(c.args[3])
	if err != nil {
		return errPayload
	}
	d := decoders.Get().(*rdb.Decoder)
	defer func() {
		d.Close()
		decoders.Put(d)
	}()
	if n, err := d.Open(kind, value); err != nil || n != len(value) {
		return errBadData
	}
	at := ttl
	if ttl > 0 && !o.absolute {
		if at = c.tx.Now() + ttl; at < ttl {
			at = 1 // beyond the end of time, which the original takes for long ago
		}
	}
	if at > 0 && at <= c.tx.Now() {
		c.restoreNothing(old)
		return nil
	}
	if err := c.storeValue(d, at, len(c.args[3])); err != nil {
		return err
	}
	switch {
	case o.idle >= 0:
		c.tx.SetIdle(c.db, k, o.idle)
	case o.freq >= 0:
		c.tx.SetFrequency(c.db, k, int(o.freq))
	}
	c.changed(1)
	c.event(classGeneric, "restore", k)
	if at > 0 && !o.absolute && c.tx.Journalling() {
		c.recordRestore(at)
	}
	c.ok()
	return nil
}

// restoreNothing is a RESTORE of what has expired: all it may do is remove what was there.
func (c *client) restoreNothing(old bool) {
	if old {
		c.tx.Delete(c.db, c.keys[0])
		c.changed(1)
		c.event(classGeneric, "del", c.keys[0])
		if c.tx.Journalling() {
			c.record([]byte("DEL"), c.args[1])
		}
	}
	c.ok()
}

// recordRestore gives the journal the command with an absolute expiry.
func (c *client) recordRestore(at int64) {
	words := append([][]byte(nil), c.args...)
	words[2] = strconv.AppendInt(nil, at, 10)
	c.record(append(words, []byte("ABSTTL"))...)
}

// restoreGrows is how much longer the value is than its payload: LZF may hold 88 times its length.
func restoreGrows(args [][]byte) int {
	if len(args) < 4 || len(args[3]) == 0 {
		return 0
	}
	return max(0, rdb.Unpacked(rdb.Kind(args[3][0]), args[3][1:])-len(args[3]))
}

// storeString puts the string that d has under the first key. Where it is compressed it is unpacked into the store's memory.
func (c *client) storeString(d *rdb.Decoder, expireAt int64) error {
	k, v, text := c.keys[0], core.Value{ExpireAt: expireAt}, d.Text()
	n := text.Len()
	if n > core.MaxValue {
		return errTooLong
	}
	c.renewing(c.db, k)
	if b, ok := text.Plain(); ok {
		v.Bytes = b
		return storeError(c.tx.Put(c.db, k, v))
	}
	if err := c.tx.Put(c.db, k, v); err != nil {
		return storeError(err)
	}
	b, err := c.tx.Resize(c.db, k, n, core.EncPlain)
	if err != nil {
		c.unbuild()
		return storeError(err)
	}
	text.Fill(b)
	return nil
}
