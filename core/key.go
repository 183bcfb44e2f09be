// Key: a name and its hash, computed once per command argument.

package core

// Key is a key's name with its hash. Name aliases whatever it was made from (usually the loop's read buffer)
// and is only valid as long as that is; the store copies it when it keeps it.
type Key struct {
	Name []byte
	Hash uint64
}

// Key hashes name with the store's secret, so that nobody outside can choose colliding names (hash flooding).
func (s *Store) Key(name []byte) Key { return Key{Name: name, Hash: s.hash(name)} }

// MaxName is the longest key in bytes. Redis allows 512 MB; so does this store.
const MaxName = 512 << 20

// MaxValue is the longest value in bytes: the 512 MB of Redis strings plus room for a protocol's own trailer.
const MaxValue = 512<<20 + 64
