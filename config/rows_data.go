// Parameters of redis that say when a collection is packed and when it is spread out.

package config

import "math"

// works is a live parameter that does what it says.
func works(name string, kind Kind, def, doc string) Row {
	return Row{Name: name, Kind: kind, Default: def, Engines: Redis, State: Works, Live: true, Doc: doc}
}

func dataRows() []Row {
	const i32, i64 = math.MaxInt32, math.MaxInt64
	return []Row{
		works("hash-max-listpack-entries", Int(0, i64), "512", "Fields up to which a hash is kept packed.").with("hash-max-ziplist-entries"),
		works("hash-max-listpack-value", Mem(0, i64), "64", "Longest field or value of a packed hash.").with("hash-max-ziplist-value"),
		works("list-max-listpack-size", Int(math.MinInt32, i32), "-2", "Size of a list's nodes.").with("list-max-ziplist-size"),
		works("list-compress-depth", Int(0, i32), "0", "Nodes at a list's ends that are not compressed."),
		works("set-max-intset-entries", Int(0, i64), "512", "Members up to which a set of integers is kept packed."),
		works("set-max-listpack-entries", Int(0, i64), "128", "Members up to which a set is kept packed."),
		works("set-max-listpack-value", Mem(0, i64), "64", "Longest member of a packed set."),
		works("zset-max-listpack-entries", Int(0, i64), "128", "Members up to which a sorted set is kept packed.").with("zset-max-ziplist-entries"),
		works("zset-max-listpack-value", Mem(0, i64), "64", "Longest member of a packed sorted set.").with("zset-max-ziplist-value"),
		works("hll-sparse-max-bytes", Mem(0, i64), "3000", "Bytes up to which a HyperLogLog is kept sparse."),
		works("stream-node-max-bytes", Mem(0, i64), "4096", "Bytes of a stream's node."),
		works("stream-node-max-entries", Int(0, i64), "100", "Entries of a stream's node."),
	}
}
