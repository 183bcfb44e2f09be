// Listener: who wants to hear what the store does to keys by itself, whatever the keys.

package core

// Listener hears of items that the store removes by itself, and of names that come to be. Both come under the shard's lock: it must not
// block or call the store, and copies what it keeps.
type Listener interface {
	Removed(db int, it Item, why RemoveReason)
	Added(db int, name []byte) // only after TellNew
	// Quiet is called when background work has let go of the shard's lock: what was heard may be handed on now.
	Quiet()
}

// SetListener sets the one listener, before anybody uses the store.
func (s *Store) SetListener(l Listener) { s.listener = l }

// TellNew says whether the listener hears of new names. While it does not, a new item costs a branch for it.
func (s *Store) TellNew(on bool) { s.tellNew.Store(on && s.listener != nil) }
