// The journal read by a test: order, and that it has everything.

package core

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// recorder is a Journal that keeps lines.
type recorder struct {
	mu    sync.Mutex
	lines []string
}

func (r *recorder) Command(db int, args [][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf("%d %s", db, bytes.Join(args, []byte(" "))))
}

func (r *recorder) Removed(db int, name []byte, why RemoveReason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf("%d %s %s", db, [...]string{"expired", "evicted"}[why], name))
}

// TestJournalReplaysToTheSameState lets several workers write, with expiry and eviction going on, and then applies the journal
// to a map: it must be what the store holds.
func TestJournalReplaysToTheSameState(t *testing.T) {
	s := openStore(t, Options{Shards: 8, MaxMemory: 300_000, Policy: "allkeys-lru"})
	var journal recorder
	s.SetJournal(&journal)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			write(t, s, rand.New(rand.NewPCG(uint64(g), 1)))
		}()
	}
	wg.Wait()
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	tx.LockAll() // and so no sweep: what has expired meanwhile is still in both
	replayed := map[string]string{}
	for _, line := range journal.lines {
		f := strings.Fields(line)
		if f[1] == "set" {
			replayed[f[2]] = f[3]
		} else {
			delete(replayed, f[2])
		}
	}
	have := map[string]string{}
	for i := range s.shards {
		for b := 0; b < s.shards[i].spaces[0].tab.Buckets(); b++ {
			for p := s.shards[i].spaces[0].tab.At(b); p.Next(); {
				it := s.item(p.Ref())
				have[string(it.Name())] = string(it.Value())
			}
		}
	}
	tx.Unlock()
	if !maps.Equal(have, replayed) {
		t.Fatalf("the store has %d items, the journal gives %d", len(have), len(replayed))
	}
	if s.Stats().Evicted == 0 || s.Stats().Expired == 0 {
		t.Fatalf("nothing was evicted or expired: %+v", s.Stats())
	}
}

func write(t *testing.T, s *Store, r *rand.Rand) {
	tx := s.NewTx()
	for i := range 5_000 {
		name := fmt.Sprint("k", r.IntN(6_000))
		k := s.Key([]byte(name))
		tx.Enter()
		_ = tx.MakeRoom(100)
		tx.Lock1(k)
		if r.IntN(10) > 0 {
			v := fmt.Sprint("v", i, strings.Repeat("x", r.IntN(100)))
			at := int64(0)
			if r.IntN(4) == 0 {
				at = tx.Now() + int64(r.IntN(300))
			}
			tx.Find(0, k) // removes what has expired, and says so, before the new value is announced
			if err := tx.Put(0, k, Value{Bytes: []byte(v), ExpireAt: at}); err != nil {
				t.Error(err)
			}
			tx.Record(0, [][]byte{[]byte("set"), k.Name, []byte(v)})
		} else if tx.Delete(0, k) {
			tx.Record(0, [][]byte{[]byte("del"), k.Name})
		}
		tx.Unlock()
		tx.Leave()
	}
}
