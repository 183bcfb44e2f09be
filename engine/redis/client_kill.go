// CLIENT KILL: which connections it ends.

package redis

import (
	"time"

	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/acl"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// killFilter says which connections CLIENT KILL ends.
type killFilter struct {
	id          uint64
	addr, laddr []byte
	user        *acl.Account
	typed       bool
	class       clientClass // if typed
	age         time.Duration
	skipMe      bool
}

func (f *killFilter) matches(c *client, conn *engine.Conn) bool {
	switch {
	case f.typed && classOf(conn) != f.class,
		f.age > 0 && time.Since(conn.Created) < f.age,
		f.id != 0 && conn.ID != f.id,
		f.addr != nil && string(f.addr) != addr(conn.Remote()),
		f.laddr != nil && string(f.laddr) != addr(conn.Local()),
		f.skipMe && conn == c.conn:
		return false
	}
	if o, ok := conn.Session().(*client); f.user != nil && (!ok || o.public.user.Load() != f.user) {
		return false
	}
	return true
}

// CLIENT KILL ip:port | filter value …
func cmdCLIENTKILL(c *client) error {
	old := len(c.args) == 3
	f := killFilter{skipMe: true}
	if old {
		f.addr, f.skipMe = c.args[2], false
	} else if err := f.read(c.e.users, c.args[2:]); err != nil {
		return err
	}
	killed, me := 0, false
	c.e.server.Load().Conns(func(conn *engine.Conn) bool {
		if !f.matches(c, conn) {
			return true
		}
		killed++
		if conn == c.conn {
			me = true
		} else {
			conn.Kill("CLIENT KILL")
		}
		return !old && f.id == 0
	})
	switch {
	case old && killed == 0:
		return replyError("ERR No such client")
	case old:
		c.ok()
	default:
		c.integer(int64(killed))
	}
	if me { // the reply still goes out
		c.close("CLIENT KILL")
	}
	return nil
}

// read takes filters in pairs.
func (f *killFilter) read(users *acl.Book, args [][]byte) error {
	for ; len(args) > 1; args = args[2:] {
		name, v := args[0], args[1]
		switch {
		case equalFold(name, "id"):
			id, ok := resp.ParseInt(v)
			if !ok || id < 1 {
				return replyError("ERR client-id should be greater than 0")
			}
			f.id = uint64(id)
		case equalFold(name, "type"):
			class, err := classNamed(v)
			if err != nil {
				return err
			}
			f.typed, f.class = true, class
		case equalFold(name, "maxage"):
			n, ok := resp.ParseInt(v)
			switch {
			case !ok:
				return replyError("ERR maxage is not an integer or out of range")
			case n <= 0:
				return replyError("ERR maxage should be greater than 0")
			}
			f.age = time.Duration(min(n, 1<<33)) * time.Second
		case equalFold(name, "addr"):
			f.addr = v
		case equalFold(name, "laddr"):
			f.laddr = v
		case equalFold(name, "user"):
			if f.user = users.Find(v); f.user == nil {
				return errorf("ERR No such user '%s'", cstr(v, len(v)))
			}
		case equalFold(name, "skipme") && equalFold(v, "yes"):
			f.skipMe = true
		case equalFold(name, "skipme") && equalFold(v, "no"):
			f.skipMe = false
		default:
			return errSyntax
		}
	}
	if len(args) > 0 {
		return errSyntax
	}
	return nil
}
