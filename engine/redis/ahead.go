// Looking ahead: while a pipeline is run, the memory that its next requests need is on its way.

package redis

import (
	"bytes"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// lookAhead reads the first requests of in, up to a window, without running them, and has the store load what they name. Guesses may be
// wrong: the first argument is taken for a key, and nothing depends on it.
func (c *client) lookAhead(in []byte) {
	want := c.w.Ahead[:0]
	for at := 0; len(want) < core.Window; {
		first, second, last, n := resp.Glance(in[at:])
		if n == 0 {
			break
		}
		at += n
		w := core.Wanted{Second: second, Last: last}
		if k := len(want) - 1; k >= 0 && bytes.Equal(want[k].Key.Name, first) {
			w.Key = core.Key{Name: first, Hash: want[k].Key.Hash}
		} else {
			w.Key = c.e.store.Key(first)
		}
		want = append(want, w)
	}
	c.w.Ahead, c.ahead = want, want
	if len(want) > 1 && c.settled && (c.entered || c.tx.TryEnter()) {
		c.entered = true
		c.tx.LookAhead(c.db, want)
	}
}

// key hashes an argument, unless that was done when looking ahead.
func (c *client) key(arg []byte) core.Key {
	if len(c.ahead) > 0 && len(arg) > 0 {
		if k := c.ahead[0].Key; len(k.Name) == len(arg) && &k.Name[0] == &arg[0] {
			return k
		}
	}
	return c.e.store.Key(arg)
}
