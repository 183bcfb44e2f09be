// Replies: one method per kind of reply, each appending to the output of the connection being fed.

package redis

import (
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// usualMaxReply is the longest reply that is made of the same few elements again and again, as often as a client likes to say, unless
// Engine.maxReply is set to something else; leastReply is what each takes at least.
const (
	usualMaxReply = 256 << 20
	leastReply    = 5 // "$-1\r\n"
)

func (c *client) ok()                   { c.w.Out = append(c.w.Out, "+OK\r\n"...) }
func (c *client) status(s string)       { c.w.Out = resp.AppendStatus(c.w.Out, s) }
func (c *client) integer(n int64)       { c.w.Out = resp.AppendInt(c.w.Out, n) }
func (c *client) bulk(b []byte)         { c.w.Out = resp.AppendBulk(c.w.Out, b) }
func (c *client) bulkString(s string)   { c.w.Out = resp.AppendBulkString(c.w.Out, s) }
func (c *client) bulkInt(n int64)       { c.w.Out = resp.AppendBulkInt(c.w.Out, n) }
func (c *client) array(n int)           { c.w.Out = resp.AppendArray(c.w.Out, n) }
func (c *client) set(n int)             { c.w.Out = resp.AppendSet(c.w.Out, c.v3, n) }
func (c *client) mapping(n int)         { c.w.Out = resp.AppendMap(c.w.Out, c.v3, n) }
func (c *client) null()                 { c.w.Out = resp.AppendNull(c.w.Out, c.v3) }
func (c *client) nullArray()            { c.w.Out = resp.AppendNullArray(c.w.Out, c.v3) }
func (c *client) double(f float64)      { c.w.Out = resp.AppendDouble(c.w.Out, c.v3, f) }
func (c *client) verbatim(text string)  { c.w.Out = resp.AppendVerbatim(c.w.Out, c.v3, "txt", text) }
func (c *client) errorReply(err string) { c.w.Out = resp.AppendError(c.w.Out, err) }

// elem replies an element of a packed sequence as a string.
func (c *client) elem(e pack.Elem) { c.w.Out = appendElem(c.w.Out, e) }

func appendElem(out []byte, e pack.Elem) []byte {
	if e.Text != nil {
		return resp.AppendBulk(out, e.Text)
	}
	return resp.AppendBulkInt(out, e.Num)
}

// flag replies 1 or 0.
func (c *client) flag(v bool) {
	if v {
		c.w.Out = append(c.w.Out, ":1\r\n"...)
	} else {
		c.w.Out = append(c.w.Out, ":0\r\n"...)
	}
}

// arrayAt puts the head of an array of n elements before what was replied since mark, where their number shows only in the end.
func (c *client) arrayAt(mark, n int) {
	end := len(c.w.Out)
	c.array(n)
	var head [24]byte
	k := copy(head[:], c.w.Out[end:])
	copy(c.w.Out[mark+k:], c.w.Out[mark:end])
	copy(c.w.Out[mark:], head[:k])
}

// statuses replies an array of simple strings.
func (c *client) statuses(list []string) {
	c.array(len(list))
	for _, s := range list {
		c.status(s)
	}
}

// help replies the lines of a HELP subcommand behind the heading they all share.
func (c *client) help(lines ...string) {
	name := upper(c.cmd.parent.name)
	c.array(len(lines) + 3)
	c.status(name + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
	for _, l := range lines {
		c.status(l)
	}
	c.status("HELP")
	c.status("    Prints this help.")
}
