// From the store to serialized values and back, type by type.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// writeValue writes an item's value, the kind in front. The item's shard is locked.
func (c *client) writeValue(w *rdb.Writer, it core.Item) {
	switch it.Type() {
	case core.String:
		w.Kind(rdb.KindString)
		w.Text(it.Value())
	}
}

// storeValue puts the value that d has opened under the command's first key, whatever was there. On an error the key is as it was, or gone.
func (c *client) storeValue(d *rdb.Decoder, expireAt int64) error {
	switch d.Type() {
	case rdb.String:
		return c.storeString(d, expireAt)
	}
	return errBadData
}
