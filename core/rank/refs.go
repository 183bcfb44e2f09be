// ref: a reference in five bytes of a node, four in one array and one in another.

package rank

import "github.com/cachesrv/cachesrv/core/arena"

func join(lo uint32, hi uint8) arena.Ref {
	return arena.Ref(uint64(hi)<<32|uint64(lo)) << arena.RefAlign
}

func cut(r arena.Ref) (lo uint32, hi uint8) {
	return uint32(r >> arena.RefAlign), uint8(r >> (arena.RefAlign + 32))
}
