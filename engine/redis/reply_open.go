// Replies whose number of elements is known only behind them.

package redis

import "github.com/cachesrv/cachesrv/engine/redis/resp"

// openArray begins an array of a number of elements that closeArray gives, with what openArray returned.
func (c *client) openArray() (mark int) {
	mark = len(c.w.Out)
	c.array(0)
	return mark
}

// closeArray ends an array. It moves the elements if the number has more than one digit, which costs little beside having made them.
func (c *client) closeArray(mark, n int) {
	const room = len("*0\r\n")
	var b [24]byte
	head := resp.AppendArray(b[:0], n)
	if more := len(head) - room; more > 0 {
		end := len(c.w.Out)
		c.w.Out = append(c.w.Out, head[:more]...) // any bytes: room
		copy(c.w.Out[mark+len(head):], c.w.Out[mark+room:end])
	}
	copy(c.w.Out[mark:], head)
}
