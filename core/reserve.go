// Reserve and Settle: tables of the size that is to come.

package core

// Reserve prepares a database for n items that are to come, so that its tables need not grow bucket by bucket. It is a hint, and nothing where the
// memory limit has no room for it. n is to be bounded by something real, such as the length of a file: tables take some 12 bytes an item. Settle has to
// follow. Between Enter and Leave, without locks.
func (t *Tx) Reserve(db int, n int64) {
	if n <= 0 || !t.Fits(12*n) {
		return
	}
	each := uint64(n) / uint64(len(t.s.shards))
	for i := range t.s.shards {
		t.within(i, func(sh *shard) {
			k := Key{Hash: uint64(i) << t.s.shift}
			if ks := t.s.makeSpace(db, k); ks != nil {
				before := ks.tab.Bytes()
				ks.tab.Reserve(each)
				t.s.tableChanged(ks, before)
			}
		})
	}
}

// Settle ends Reserve, for all databases: what was prepared and not used goes.
func (t *Tx) Settle() {
	t.eachSpace(func(ks *keyspace) {
		before := ks.tab.Bytes()
		ks.tab.Settle()
		t.s.tableChanged(ks, before)
	})
}
