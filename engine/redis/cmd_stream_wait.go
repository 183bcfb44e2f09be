// XREAD and XREADGROUP BLOCK: what ends the wait.

package redis

import (
	"bytes"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// hasEntries tells that a stream has entries behind the id from which a blocked XREAD reads.
func hasEntries(c *client, b *blocked, k core.Key, it core.Item) bool {
	if !it.Ok() || it.Type() != core.Stream {
		return false
	}
	s := value.OpenStream(value.At(c.tx, c.e.limits, b.c.db, k, it))
	if s.Length == 0 {
		return false
	}
	top := s.Edge(true)
	for i := range b.streams {
		if !b.names(i, k) {
			continue
		}
		if id, err := parseID(b.streamID(i), 0); err == nil && id.Less(top) {
			return true
		}
	}
	return false
}

// hasNews tells that a stream has entries that a blocked XREADGROUP's group has not given to anybody, or that there is something wrong
// with the stream or the group, which ends the wait by an error.
func hasNews(c *client, b *blocked, k core.Key, it core.Item) bool {
	if !it.Ok() || it.Type() != core.Stream {
		return true
	}
	s := value.OpenStream(value.At(c.tx, c.e.limits, b.c.db, k, it))
	g, ok := s.Group(b.args[b.groupAt])
	return !ok || s.Length > 0 && g.Last().Less(s.Edge(true))
}

// names tells that the i-th stream is this key; streamID is the id given for it.
func (b *blocked) names(i int, k core.Key) bool {
	return bytes.Equal(b.args[len(b.args)-2*b.streams+i], k.Name)
}
func (b *blocked) streamID(i int) []byte { return b.args[len(b.args)-b.streams+i] }
