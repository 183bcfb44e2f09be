// MIGRATE: keys move to another server.

package redis

import (
	"math"
	"time"

	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

func migrateCommands() []*command {
	const a = rw | reads | deletes
	return []*command{
		{name: "migrate", arity: -6, flags: write, cats: catKeyspace | catDangerous, run: cmdMIGRATE, tips: []string{"nondeterministic_output"}, group: "generic", since: "2.6.0",
			keys: []keySpec{{access: a, first: 3, step: 1, find: migrateOne}, {access: a | incomplete, keyword: "keys", first: -2, last: -1, step: 1, find: migrateKeys}},
			syntax: `host port:int key_or_empty_string:<key:key0 | empty_string=> destination-db:int timeout:int [COPY]^3.0.0 [REPLACE]^3.0.0 ` +
				`[authentication:<"AUTH" password^4.0.7 | username_password:{"AUTH2" username password}^6.0.0>] ["KEYS" key:key1...]^3.0.6`,
			cost: "That of DUMP and DEL here and of RESTORE there, for each key, and O(N) for sending them.",
			past: []change{{"3.0.0", "`COPY` and `REPLACE`."}, {"3.0.6", "`KEYS`."}, {"4.0.7", "`AUTH`."}, {"6.0.0", "`AUTH2`."}},
			sum:  "Moves keys to another server."},
	}
}

// migrateOptions are the options of MIGRATE.
type migrateOptions struct {
	copy, replace  bool
	user, password []byte
	keys           int // position of KEYS, 0 without
}

// parse reads what follows the timeout, and marks the secrets in it. It goes on behind a mistake, for there may be a password further on.
func (o *migrateOptions) parse(c *client) (err error) {
	args := c.args
	for i := 6; i < len(args); i++ {
		left := len(args) - 1 - i
		switch {
		case equalFold(args[i], "copy"):
			o.copy = true
		case equalFold(args[i], "replace"):
			o.replace = true
		case equalFold(args[i], "auth") && left >= 1:
			o.user, o.password = nil, args[i+1]
			c.redact(i + 1)
			i++
		case equalFold(args[i], "auth2") && left >= 2:
			o.user, o.password = args[i+1], args[i+2]
			c.redact(i + 1)
			c.redact(i + 2)
			i += 2
		case equalFold(args[i], "keys"):
			if err == nil && len(args[3]) != 0 {
				err = errMigrateKeys
			}
			o.keys = i
			return err
		case err == nil:
			err = errSyntax
		}
	}
	return err
}

// keysWord is where the word KEYS stands, 0 if nowhere. It looks past options that nobody knows, as the original does.
func keysWord(args [][]byte) int {
	for i := 6; i < len(args); i++ {
		switch {
		case equalFold(args[i], "auth"):
			i++
		case equalFold(args[i], "auth2"):
			i += 2
		case equalFold(args[i], "keys"):
			return i
		}
	}
	return 0
}

// migrateOne places the key that stands alone, migrateKeys those behind KEYS.
func migrateOne(args [][]byte) (from, to int, bad bool) {
	if len(args) > 3 && (keysWord(args) == 0 || len(args[3]) > 0) {
		return 3, 3, false
	}
	return 0, 0, false
}

func migrateKeys(args [][]byte) (from, to int, bad bool) {
	at := keysWord(args)
	if at == 0 {
		return 0, 0, false
	}
	return at + 1, len(args) - 1, len(args[3]) > 0
}

// MIGRATE host port key|"" destination-db timeout [COPY] [REPLACE] [AUTH password | AUTH2 username password] [KEYS key [key …]]
//
// The keys stay locked until the other server has answered, so nobody finds them in neither place, and no change is lost. Who does not need them is not
// held up: the loop goes on without this thread.
func cmdMIGRATE(c *client) error {
	var o migrateOptions
	if err := o.parse(c); err != nil {
		return err
	}
	timeout, err := integer(c.args[5])
	if err != nil {
		return err
	}
	db, err := integer(c.args[4])
	if err != nil {
		return err
	}
	if timeout <= 0 || timeout > math.MaxInt32 {
		timeout = 1000
	}
	first := 3
	if o.keys > 0 {
		first = o.keys + 1
	}
	var there []int // which of the keys are, by their place among c.keys
	for i := range c.keys {
		if c.read(i).Ok() {
			there = append(there, i)
		}
	}
	if len(there) == 0 {
		c.status("NOKEY")
		return nil
	}
	m, err := dialMigration(string(c.args[1]), string(c.args[2]), time.Duration(timeout)*time.Millisecond)
	if err != nil {
		return err
	}
	defer m.close()
	if err := m.enter(o.user, o.password, db); err != nil {
		return err
	}
	w := writers.Get().(*rdb.Writer)
	defer writers.Put(w)
	for _, i := range there {
		it, ttl := c.tx.Find(c.db, c.keys[i]), int64(0)
		if at := it.ExpireAt(); at > 0 {
			ttl = max(at-c.tx.Now(), 1)
		}
		w.Out, w.Compress = w.Out[:0], c.e.compress.Bool()
		c.writeValue(w, it)
		w.Out = rdb.AppendFoot(w.Out, 0)
		m.restore(c.args[first+i], ttl, w.Out, o.replace)
	}
	if cap(w.Out) > keepReply {
		w.Out = nil
	}
	taken, err := m.answers(len(there))
	if !o.copy {
		c.dropMigrated(there, taken, first)
	}
	if err != nil {
		return err
	}
	c.ok()
	return nil
}

// dropMigrated deletes the keys that the other server has taken.
func (c *client) dropMigrated(there []int, taken []bool, first int) {
	words := [][]byte{[]byte("DEL")}
	for n, i := range there {
		if n < len(taken) && taken[n] && c.tx.Delete(c.db, c.keys[i]) {
			c.event(classGeneric, "del", c.keys[i])
			words = append(words, c.args[first+i])
		}
	}
	if n := len(words) - 1; n > 0 {
		c.changed(n)
		if c.tx.Journalling() {
			c.record(words...)
		}
	}
}
