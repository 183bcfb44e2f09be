// Warm restart: what the engine needs besides the items that stayed in the memory file.

package memcached

import "encoding/binary"

// Memo is the moment of a flush_all that was still to come, in Unix ms, 0 none, and the list of nodes, its flags in front. Call it after Close.
func (e *Engine) Memo() (memo []byte, keep bool) {
	e.flusher.mu.Lock()
	defer e.flusher.mu.Unlock()
	memo = binary.LittleEndian.AppendUint64(nil, uint64(e.flusher.at))
	if t := e.cluster.now.Load(); t != nil {
		memo = append(binary.LittleEndian.AppendUint32(memo, t.flags), t.data...)
	}
	return memo, true
}

// recall goes on with it. A moment that passed while the server was down has its effect before the first request.
func (e *Engine) recall(memo []byte) {
	if len(memo) < 8 {
		return
	}
	at := int64(binary.LittleEndian.Uint64(memo))
	if list := memo[8:]; len(list) > 4 {
		if t, err := parseTopology(binary.LittleEndian.Uint32(list), list[4:]); err == nil {
			e.cluster.recall(t)
		}
	}
	tx := e.store.NewTx()
	tx.Enter()
	defer tx.Leave()
	switch {
	case at <= 0:
	case at <= tx.Now():
		flush(tx)
	default:
		e.flusher.schedule(at, tx.Now())
	}
}
