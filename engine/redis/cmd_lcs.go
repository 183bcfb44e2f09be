// LCS: the longest common subsequence of two values.

package redis

import (
	"math"

	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

func lcsRow() *command {
	return &command{name: "lcs", arity: -3, flags: readonly, cats: catString, keys: keySpan(2, ro|reads), run: cmdLCS,
		group: "string", since: "7.0.0", syntax: `key1:key0 key2:key0 [LEN] [IDX] ["MINMATCHLEN" len:int] [WITHMATCHLEN]`,
		cost: "O(N*M), N and M being the lengths of the values", sum: "Finds the longest common subsequence of two values."}
}

// match is a common range: where it starts in both values, and how long it is.
type match struct{ a, b, n int }

// LCS key1 key2 [LEN] [IDX] [MINMATCHLEN len] [WITHMATCHLEN]
func cmdLCS(c *client) error {
	a, err := c.readString(0)
	if err != nil {
		return lcsWrongType
	}
	b, err := c.readString(1)
	if err != nil {
		return lcsWrongType
	}
	var length, idx, withLen bool
	var least int64
	s := scanner{args: c.args[3:]}
	for s.more() {
		if s.word("idx") {
			idx = true
		} else if s.word("len") {
			length = true
		} else if s.word("withmatchlen") {
			withLen = true
		} else if v, ok := s.option("minmatchlen"); ok {
			least = max(s.integer(v, errNotInt), 0)
		} else {
			s.fail(errSyntax)
		}
	}
	if s.err != nil {
		return s.err
	}
	if idx && length {
		return replyError("ERR If you want both the length and indexes, please just use IDX.")
	}
	var x, y []byte
	if a.Ok() {
		x = a.Value()
	}
	if b.Ok() {
		y = b.Value()
	}
	if len(x) >= math.MaxUint32-1 || len(y) >= math.MaxUint32-1 {
		return replyError("ERR String too long for LCS")
	}
	// The table of lengths is the only large thing; it obeys the limit on a single argument.
	cells := (int64(len(x)) + 1) * (int64(len(y)) + 1)
	if cells > c.e.maxBulk.Int()/4 || c.tooLong(cells*4, 0) {
		return replyError("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
	}
	lengths := lcsTable(x, y)
	total := int64(lengths[len(lengths)-1])
	switch {
	case length:
		c.integer(total)
	case idx:
		c.lcsMatches(lcsWalk(lengths, x, y, nil), total, least, withLen)
	default:
		common := make([]byte, total)
		lcsWalk(lengths, x, y, common)
		c.bulk(common)
	}
	return nil
}

var lcsWrongType error = replyError("ERR The specified keys must contain string values")

// lcsTable gives, row by row, the length of the longest common subsequence of every pair of prefixes.
func lcsTable(x, y []byte) []uint32 {
	w := len(y) + 1
	t := make([]uint32, (len(x)+1)*w)
	for i := 1; i <= len(x); i++ {
		above, row := t[(i-1)*w:i*w], t[i*w:(i+1)*w]
		for j := 1; j <= len(y); j++ {
			if x[i-1] == y[j-1] {
				row[j] = above[j-1] + 1
			} else {
				row[j] = max(above[j], row[j-1])
			}
		}
	}
	return t
}

// lcsWalk goes back from the end of both values: it fills common, if given, and returns the common ranges, the last first.
func lcsWalk(t []uint32, x, y, common []byte) []match {
	w := len(y) + 1
	left := int(t[len(t)-1])
	var out []match
	var m match
	for i, j := len(x), len(y); i > 0 && j > 0 && left > 0; {
		if x[i-1] != y[j-1] {
			if m.n > 0 {
				out = append(out, m)
				m = match{}
			}
			if t[(i-1)*w+j] > t[i*w+j-1] {
				i--
			} else {
				j--
			}
			continue
		}
		i, j, left = i-1, j-1, left-1
		if common != nil {
			common[left] = x[i]
		}
		m = match{i, j, m.n + 1}
	}
	if m.n > 0 {
		out = append(out, m)
	}
	return out
}

// lcsMatches replies with the ranges of at least a length.
func (c *client) lcsMatches(found []match, total, least int64, withLen bool) {
	n := 0
	for _, m := range found {
		if int64(m.n) >= least {
			n++
		}
	}
	c.mapping(2)
	c.bulkString("matches")
	c.array(n)
	for _, m := range found {
		if int64(m.n) < least {
			continue
		}
		if withLen {
			c.array(3)
		} else {
			c.array(2)
		}
		for _, from := range []int{m.a, m.b} {
			c.array(2)
			c.integer(int64(from))
			c.integer(int64(from + m.n - 1))
		}
		if withLen {
			c.w.Out = resp.AppendInt(c.w.Out, int64(m.n))
		}
	}
	c.bulkString("len")
	c.integer(total)
}
