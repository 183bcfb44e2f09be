// CLIENT LIST and INFO: what is told about a connection.

package redis

import (
	"fmt"
	"time"

	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// CLIENT INFO
func cmdCLIENTINFO(c *client) error {
	c.verbatim(string(c.describe(nil, c.conn)) + "\n")
	return nil
}

// describe appends the line of one connection. c is who asks; the line may be about any connection.
func (c *client) describe(b []byte, conn *engine.Conn) []byte {
	o, ok := conn.Session().(*client)
	if !ok {
		return b
	}
	st := conn.Stats()
	bits := o.public.bits.Load()
	query, free, out := st.QueryLen, max(st.QueryCap-st.QueryLen, 0), st.OutPending
	last := o.public.last.Load()
	args := 0
	if o == c {
		last = c.cmd
		for _, a := range c.args {
			args += len(a)
		}
	}
	name := "NULL"
	if last != nil {
		name = last.full
	}
	queued, multi := int(o.public.queued.Load())-1, 0
	if queued >= 0 {
		bits, multi = bits|bitMulti, int(o.public.held.Load())
	}
	subs := o.subscriptions()
	if subs != [kinds]int32{} {
		bits |= bitSubscribed
	}
	if w := o.public.watch.Load(); w != nil && w.Broken() {
		bits |= bitDirty
	}
	if o.waiting() {
		bits |= bitPaused
	}
	flags := letters(bits, c.e.trackFlags(conn.ID), conn.Unix())
	events := "r"
	if out > 0 {
		events = "rw"
	}
	resp := 2
	if bits&bitV3 != 0 {
		resp = 3
	}
	now := time.Now()
	idle := max(int64(now.Sub(st.LastActive)/time.Second), 0)
	if o == c {
		idle = 0
	}
	held := int(o.public.held.Load())
	total := query + free + out + held + args + clientBytes + o.subscriptionBytes()
	b = fmt.Appendf(b, "id=%d addr=%s laddr=%s fd=%d name=%s age=%d idle=%d flags=%s db=%d sub=%d psub=%d ssub=%d multi=%d watch=%d qbuf=%d qbuf-free=%d argv-mem=%d multi-mem=%d ",
		conn.ID, addr(conn.Remote()), addr(conn.Local()), conn.FD(), text(&o.public.name), int64(now.Sub(conn.Created)/time.Second), idle, flags,
		o.public.db.Load(), subs[toChannels], subs[toPatterns], subs[toShards], queued, o.public.watched.Load(), query, free, args, multi)
	return fmt.Appendf(b, "rbs=%d rbp=%d obl=%d oll=0 omem=%d tot-mem=%d events=%s cmd=%s user=%s redir=%d resp=%d lib-name=%s lib-ver=%s",
		out, out, out, out+held-multi, total, events, name, o.public.user.Load().Name, c.e.redirection(conn.ID), resp, text(&o.public.lib), text(&o.public.libVersion))
}

// clientBytes is about what a connection costs without its buffers.
const clientBytes = 640

// flagLetters are the words of the field flags, in its order.
var flagLetters = []struct {
	bit    uint32
	letter byte
}{
	{bitMonitor, 'O'}, {bitSubscribed, 'P'}, {bitMulti, 'x'}, {bitPaused, 'b'}, {bitDirty, 'd'}, {bitClosing, 'c'}, {bitUnix, 'U'}, {bitNoEvict, 'e'}, {bitNoTouch, 'T'},
}

func letters(bits uint32, tracking string, unix bool) string {
	if unix {
		bits |= bitUnix
	}
	var b []byte
	for _, f := range flagLetters {
		if f.bit == bitDirty {
			b = append(b, tracking...)
		}
		if bits&f.bit != 0 {
			b = append(b, f.letter)
		}
	}
	if len(b) == 0 {
		return "N"
	}
	return string(b)
}

// classNames are the words of TYPE; one of them is an older name.
var classNames = []struct {
	name  string
	class clientClass
}{
	{"normal", classNormal}, {"slave", classReplica}, {"replica", classReplica}, {"pubsub", classSubscriber}, {"master", classMaster},
}

// clientClass is what TYPE tells apart. There are no masters and no replicas yet.
type clientClass uint8

const (
	classNormal clientClass = iota
	classReplica
	classSubscriber
	classMaster
)

func classNamed(b []byte) (clientClass, error) {
	for _, c := range classNames {
		if equalFold(b, c.name) {
			return c.class, nil
		}
	}
	return 0, errorf("ERR Unknown client type '%s'", cstr(b, len(b)))
}

// classOf tells a connection's class; a monitor is a normal client. Any goroutine may ask.
func classOf(conn *engine.Conn) clientClass {
	if o, ok := conn.Session().(*client); ok && o.listens() {
		return classSubscriber
	}
	return classNormal
}

// CLIENT LIST [TYPE type] [ID id …]
func cmdCLIENTLIST(c *client) error {
	server := c.e.server.Load()
	var out []byte
	line := func(conn *engine.Conn) bool {
		out = append(c.describe(out, conn), '\n')
		return true
	}
	switch args := c.args[2:]; {
	case len(args) == 0:
		server.Conns(line)
	case len(args) == 2 && equalFold(args[0], "type"):
		class, err := classNamed(args[1])
		if err != nil {
			return err
		}
		server.Conns(func(conn *engine.Conn) bool { return classOf(conn) != class || line(conn) })
	case len(args) > 1 && equalFold(args[0], "id"):
		for _, a := range args[1:] {
			id, ok := resp.ParseInt(a)
			if !ok {
				return replyError("ERR Invalid client ID")
			}
			if conn := server.Conn(uint64(id)); conn != nil {
				line(conn)
			}
		}
	default:
		return errSyntax
	}
	c.verbatim(string(out))
	return nil
}
