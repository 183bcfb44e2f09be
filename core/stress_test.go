// Everything at once: writers, expiry, eviction, compaction, snapshots, flushes and swaps, and then every figure must add up.

package core

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/evict"
)

// audit compares all that the store counts with what is really there. Nobody may be at work in it.
func audit(t *testing.T, s *Store) {
	t.Helper()
	var items, tables, chunks, heads int64
	for i := range s.shards {
		for pos, ks := range s.shards[i].spaces {
			if ks == nil {
				continue
			}
			items += auditSpace(t, s, i, pos, ks)
			tables += int64(ks.tab.Bytes())
			ks.eachWheel(func(w *wheel) {
				heads += headsBytes
				chunks += auditWheel(t, s, w)
			})
		}
	}
	sizes := &s.sizes
	if sizes.tables.Load() != tables || sizes.wheels.Load() != chunks || sizes.heap.Load() != heads || sizes.dying.Load() != 0 {
		t.Errorf("tables %d, wheels %d, heads %d, dying %d; counted %d, %d, %d", sizes.tables.Load(), sizes.wheels.Load(),
			sizes.heap.Load(), sizes.dying.Load(), tables, chunks, heads)
	}
	if used := s.mem.Used(); used != items+tables+chunks {
		t.Errorf("the arena has %d bytes in use, items %d + tables %d + wheels %d = %d", used, items, tables, chunks, items+tables+chunks)
	}
}

func auditSpace(t *testing.T, s *Store, shard, pos int, ks *keyspace) (bytes int64) {
	t.Helper()
	var items, expiring int64
	seen := map[string]bool{}
	for b := range ks.tab.Buckets() {
		for p := ks.tab.At(b); p.Next(); {
			it := s.item(p.Ref())
			h, name := s.hash(it.Name()), string(it.Name())
			if ks.tab.Index(h) != b || int(h>>s.shift) != shard || seen[name] {
				t.Fatalf("shard %d, space %d: %q is in bucket %d of %d, or there twice (%v)", shard, pos, name, b, ks.tab.Buckets(), seen[name])
			}
			seen[name] = true
			items++
			bytes += it.Bytes()
			if p.Marked() {
				expiring++
			}
			if p.Marked() != (it.ExpireAt() != 0) {
				t.Fatalf("%q: marked %v, expires at %d", name, p.Marked(), it.ExpireAt())
			}
		}
	}
	if items != int64(ks.tab.Len()) || items != ks.count.items.Load() || expiring != ks.count.expiring.Load() || bytes != ks.bytes {
		t.Errorf("shard %d, space %d: %d items (%d, %d), %d expiring (%d), %d bytes (%d)", shard, pos, items, ks.tab.Len(),
			ks.count.items.Load(), expiring, ks.count.expiring.Load(), bytes, ks.bytes)
	}
	if ks.walk != nil || ks.detached {
		t.Errorf("shard %d, space %d: walk %v, detached %v", shard, pos, ks.walk != nil, ks.detached)
	}
	return bytes
}

func auditWheel(t *testing.T, s *Store, w *wheel) (bytes int64) {
	t.Helper()
	entries := 0
	for level := range w.heads {
		for slot, ref := range w.heads[level] {
			if (ref != 0) != (w.filled[level]>>slot&1 != 0) {
				t.Fatalf("level %d, slot %d: filled is wrong", level, slot)
			}
			for ; ref != 0; bytes += chunkBytes {
				head := *s.mem.Word(ref)
				entries += int(head >> chunkCount)
				ref = arena.Ref(head & (1<<chunkCount - 1))
			}
		}
	}
	if entries != w.entries {
		t.Errorf("%d entries, %d counted", entries, w.entries)
	}
	return bytes
}

// chaos is a store with everything going on in it.
type chaos struct {
	t    *testing.T
	s    *Store
	now  atomic.Int64
	stop atomic.Bool
	wg   sync.WaitGroup
}

// loop runs f again and again until stop.
func (c *chaos) loop(seed uint64, f func(r *rand.Rand, tx *Tx)) {
	c.wg.Add(1)
	go func() {
		defer c.wg.Done()
		r, tx := rand.New(rand.NewPCG(seed, 9)), c.s.NewTx()
		for !c.stop.Load() {
			f(r, tx)
			runtime.Gosched()
		}
	}()
}

// write does one command of a writer. Errors are fine here: memory may be full.
func (c *chaos) write(r *rand.Rand, tx *Tx) {
	k, to := c.s.Key(fmt.Appendf(nil, "k%d", r.IntN(3_000))), c.s.Key(fmt.Appendf(nil, "k%d", r.IntN(3_000)))
	db, toDB := r.IntN(3), r.IntN(3)
	v := Value{Bytes: make([]byte, r.IntN(200))}
	if r.IntN(50) == 0 {
		v.Bytes = make([]byte, r.IntN(60_000))
	}
	if r.IntN(2) == 0 {
		v.ExpireAt = c.now.Load() + r.Int64N(20_000)
	}
	if r.IntN(4) == 0 {
		v.CAS = c.s.NextCAS()
	}
	tx.Enter()
	defer tx.Leave()
	_ = tx.MakeRoom(len(v.Bytes) + 64)
	tx.Lock([]Key{k, to})
	defer tx.Unlock()
	switch r.IntN(12) {
	case 0:
		tx.Delete(db, k)
	case 1:
		tx.SetExpire(db, k, v.ExpireAt)
	case 2:
		tx.SetCAS(db, k, v.CAS)
	case 3:
		_, _ = tx.Resize(db, k, len(v.Bytes), EncRaw)
	case 4:
		_, _ = tx.Move(db, k, toDB, to)
	case 5:
		if db != toDB || string(k.Name) != string(to.Name) {
			_, _ = tx.Copy(db, k, toDB, to)
		}
	case 6, 7:
		tx.Read(db, k)
	default:
		_ = tx.Put(db, k, v)
	}
}

// look walks over everything in the ways there are.
func (c *chaos) look(r *rand.Rand, tx *Tx) {
	tx.Enter()
	defer tx.Leave()
	db := r.IntN(3)
	tx.Each(db, func(it Item) bool { return len(it.Name()) > 0 })
	for cursor := uint64(0); ; {
		if cursor = tx.Scan(db, cursor, 50, func(Item) {}); cursor == 0 {
			break
		}
	}
	tx.Random(db, nil)
	tx.AvgTTL(db)
	c.s.Memory()
}

func (c *chaos) snapshot(_ *rand.Rand, _ *Tx) {
	n, err := c.s.Snapshot(nil, func(_ int, it Item) error {
		if len(it.Name()) < 2 || it.Name()[0] != 'k' {
			c.t.Errorf("the walk met %q", it.Name())
		}
		return nil
	})
	if err == nil {
		err = n.Run(context.Background())
	}
	if err != nil {
		c.t.Error(err)
	}
}

func (c *chaos) govern(r *rand.Rand, tx *Tx) {
	switch r.IntN(8) {
	case 0:
		names := evict.Names()
		if err := c.s.SetPolicy(names[r.IntN(len(names))]); err != nil {
			c.t.Error(err)
		}
	case 1:
		c.s.SetMaxMemory(r.Int64N(2) * (1<<20 + r.Int64N(4<<20)))
	case 2, 3:
		tx.Enter()
		tx.Exclusive(func() {
			tx.Swap(r.IntN(3), r.IntN(3))
			if r.IntN(4) == 0 {
				tx.Flush(r.IntN(4)-1, r.IntN(2) == 0)
			}
		})
		tx.Leave()
	default:
		c.now.Add(r.Int64N(300))
	}
}

func TestEverythingAtOnce(t *testing.T) {
	for name, reserve := range map[string]int64{"roomy": 1 << 30, "full": 3 << 20} {
		t.Run(name, func(t *testing.T) {
			c := &chaos{t: t}
			c.now.Store(1_700_000_000_000)
			s, err := Open(Options{Shards: 4, Databases: 3, Now: c.now.Load, NoActiveSweep: true, Reserve: reserve})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			c.s = s
			c.loop(1, c.look)
			c.loop(2, c.snapshot)
			c.loop(3, c.govern)
			c.loop(4, func(*rand.Rand, *Tx) { s.sweepAll(c.now.Load()) })
			c.loop(5, func(*rand.Rand, *Tx) { s.Compact() })
			var writers sync.WaitGroup
			for seed := range uint64(3) {
				writers.Add(1)
				go func() {
					defer writers.Done()
					r, tx := rand.New(rand.NewPCG(seed, 8)), s.NewTx()
					for range 15_000 {
						c.write(r, tx)
					}
				}()
			}
			writers.Wait()
			c.stop.Store(true)
			c.wg.Wait()
			s.running.Add(-2) // sweeper and compactor stay, lazyfree ends
			s.running.Wait()
			s.running.Add(2)
			audit(t, s)
			tx := s.NewTx()
			tx.Enter()
			tx.Exclusive(func() { tx.Flush(-1, true) })
			tx.Leave()
			audit(t, s)
			t.Logf("%+v", s.Stats())
		})
	}
}
