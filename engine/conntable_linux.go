// The table from file descriptor to connection, by which an event finds its connection.

package engine

import "sync/atomic"

const (
	tableChunk  = 256
	tableChunks = 4096 // files up to 1,048,575, the kernel's own default bound
)

// connTable is written by the thread that opens or closes a connection and read by all loops. A chunk, once made, stays.
type connTable struct {
	chunks [tableChunks]atomic.Pointer[[tableChunk]atomic.Pointer[Conn]]
}

// get is nil for a descriptor that belongs to no connection.
func (t *connTable) get(fd int) *Conn {
	if chunk := t.chunks[uint(fd)/tableChunk%tableChunks].Load(); chunk != nil {
		return chunk[uint(fd)%tableChunk].Load()
	}
	return nil
}

// set puts c (nil: nobody) at fd; false if the number is beyond the table.
func (t *connTable) set(fd int, c *Conn) bool {
	if fd < 0 || fd >= tableChunk*tableChunks {
		return false
	}
	at := &t.chunks[fd/tableChunk]
	chunk := at.Load()
	if chunk == nil {
		at.CompareAndSwap(nil, new([tableChunk]atomic.Pointer[Conn]))
		chunk = at.Load()
	}
	chunk[fd%tableChunk].Store(c)
	return true
}
