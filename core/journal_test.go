// The journal read by a test: order, and that it has everything.

package core

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
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

// groups is a recorder that takes groups at once, as lines between brackets.
type groups struct{ recorder }

func (g *groups) Group(records []Record) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lines = append(g.lines, "[")
	for _, r := range records {
		line := fmt.Sprintf("%d %s", r.DB, bytes.Join(r.Words, []byte(" ")))
		if r.Removed {
			line = fmt.Sprintf("%d removed %s", r.DB, r.Words[0])
		}
		g.lines = append(g.lines, line)
	}
	g.lines = append(g.lines, "]")
}

// TestGroupComesAtOnce: what others record meanwhile is before the group, what the store removes for its owner is inside, and bytes that the caller uses again
// do not change it.
func TestGroupComesAtOnce(t *testing.T) {
	var now atomic.Int64
	now.Store(1000)
	s := openStore(t, Options{Shards: 4, NoActiveSweep: true, Now: now.Load})
	var j groups
	tx, other := s.NewTx(), s.NewTx()
	tx.Enter()
	put(t, tx, "old", "v", 2000)
	tx.Leave()
	s.SetJournal(&j)
	now.Store(3000)
	long := bytes.Repeat([]byte("x"), 3*groupChunk)
	words := [][]byte{[]byte("set"), []byte("a")}
	tx.Enter()
	tx.Exclusive(func() {
		tx.BeginGroup()
		tx.Record(0, words)
		if tx.Find(0, s.Key([]byte("old"))).Ok() {
			t.Error("it has not expired")
		}
		words[1][0] = 'b'
		tx.Record(3, words)
		tx.Record(0, [][]byte{long})
		other.Record(1, [][]byte{[]byte("between")})
		if got := strings.Join(j.lines, "|"); got != "1 between" {
			t.Errorf("before the end of the group: %q", got)
		}
		if !tx.Recorded() || tx.Recorded() {
			t.Error("Recorded does not tell once that something was")
		}
		tx.EndGroup()
		tx.EndGroup()
		tx.Record(0, words)
	})
	tx.Leave()
	want := "1 between|[|0 set a|0 removed old|3 set b|0 " + string(long) + "|]|0 set b"
	if got := strings.Join(j.lines, "|"); got != want {
		t.Errorf("got %.200q", got)
	}
}

// TestGroupForAnyJournal: who does not know of groups gets one record after the other.
func TestGroupForAnyJournal(t *testing.T) {
	s := openStore(t, Options{Shards: 4})
	tx := s.NewTx()
	tx.BeginGroup() // nobody reads
	tx.Record(0, [][]byte{[]byte("unread")})
	tx.EndGroup()
	var j recorder
	s.SetJournal(&j)
	for round := range 3 { // the space for it is used again
		tx.BeginGroup()
		for i := range 200 {
			tx.Record(i%3, [][]byte{fmt.Append(nil, "r", round), fmt.Append(nil, i)})
		}
		tx.EndGroup()
	}
	if len(j.lines) != 600 {
		t.Fatalf("%d lines", len(j.lines))
	}
	for n, line := range j.lines {
		if want := fmt.Sprintf("%d r%d %d", n%200%3, n/200, n%200); line != want {
			t.Fatalf("line %d is %q, want %q", n, line, want)
		}
	}
}

// TestGroupIsDroppedByAPanic: what was not finished is not recorded, and does not turn up in the next group.
func TestGroupIsDroppedByAPanic(t *testing.T) {
	s := openStore(t, Options{Shards: 4})
	var j groups
	s.SetJournal(&j)
	tx := s.NewTx()
	tx.Enter()
	tx.BeginGroup()
	tx.Record(0, [][]byte{[]byte("half")})
	tx.Abandon()
	tx.Record(0, [][]byte{[]byte("alone")})
	tx.BeginGroup()
	tx.Record(0, [][]byte{[]byte("whole")})
	tx.EndGroup()
	if got := strings.Join(j.lines, "|"); got != "0 alone|[|0 whole|]" {
		t.Errorf("got %q", got)
	}
}
