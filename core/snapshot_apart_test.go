// Tests of asking a snapshot for a big item: who wants to change it is the next to be served, and nobody hands it over whole who can wait.

package core

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// bigs is a store of one shard with six big items, no two of them in a bucket, and a snapshot of it that has not begun to walk.
type bigs struct {
	*Store
	tx    *Tx
	now   atomic.Int64
	keys  []Key
	small int
	snap  *Snapshot
	order []string                // of what was read apart
	read  func(name string) error // called for each that is read apart, before it is put into order
}

// newBigs makes them so that they are due after a second if they are timed.
func newBigs(t *testing.T, policy string, timed bool) *bigs {
	b := &bigs{small: 300, read: func(string) error { return nil }}
	b.now.Store(1_700_000_000_000)
	b.Store = openStore(t, Options{Shards: 1, Policy: policy, Seed: [2]uint64{1, 2}, Now: b.now.Load, NoActiveSweep: true})
	b.tx = b.NewTx()
	b.tx.Enter()
	for i := range b.small {
		put(t, b.tx, fmt.Sprint("small", i), "v", 0)
	}
	expireAt := int64(0)
	if timed {
		expireAt = b.now.Load() + 1000
	}
	used := map[int]bool{}
	for i := 0; len(b.keys) < 6; i++ {
		k := b.Key(fmt.Append(nil, "big", i))
		if at := b.space(0, k).tab.Index(k.Hash); !used[at] {
			used[at] = true
			put(t, b.tx, string(k.Name), strings.Repeat("b", 1000), expireAt)
			b.keys = append(b.keys, k)
		}
	}
	b.tx.Leave()
	nothing := func() {}
	apart := Apart{From: 500, Begin: nothing, End: nothing, Read: func(_ int, it Item) error {
		name := string(it.Name())
		if err := b.read(name); err != nil {
			return err
		}
		b.order = append(b.order, name)
		return nil
	}}
	var err error
	b.snap, err = b.SnapshotApart(apart, nil, func(_ int, it Item) error {
		if it.Bytes() > apart.From {
			t.Errorf("%s is handed over whole", it.Name())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// stepBack tries to lock for a change.
func (b *bigs) stepBack(k Key) bool {
	b.tx.Enter()
	defer b.tx.Leave()
	b.tx.Lock1(k)
	if b.tx.StepBack(0, []Key{k}) {
		return true
	}
	b.tx.Unlock()
	return false
}

func TestWhoAsksForABigItemIsServedNext(t *testing.T) {
	b := newBigs(t, "", false)
	last := b.keys[0]
	for _, k := range b.keys { // the one that the walk would come to last
		if ks := b.space(0, k); ks.tab.Index(k.Hash) > ks.tab.Index(last.Hash) {
			last = k
		}
	}
	if !b.stepBack(last) || !b.stepBack(last) {
		t.Fatal("a big item that the snapshot has not seen may be changed")
	}
	free := make(chan struct{})
	b.OnFree(func() { close(free) })
	if b.WaitingForFree() != 1 {
		t.Fatal("who asked does not wait")
	}
	b.read = func(string) error {
		if len(b.order) > 0 { // nothing goes on until who asked was told
			<-free
			if b.stepBack(last) {
				t.Error("what was read may not be changed")
			}
		}
		return nil
	}
	if err := b.snap.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(b.order[1:])
	if b.order[0] != string(last.Name) || len(slices.Compact(b.order)) != len(b.keys) {
		t.Errorf("read in the order %s, %s was asked for", b.order, last.Name)
	}
	if b.stepBack(last) {
		t.Error("the snapshot is over")
	}
}

func TestASnapshotThatFailsLetsGoWhoAsked(t *testing.T) {
	b := newBigs(t, "", false)
	called := 0
	for _, k := range b.keys {
		if !b.stepBack(k) {
			t.Fatal("not big?")
		}
		b.OnFree(func() { called++ })
	}
	broken := errors.New("broken")
	b.read = func(string) error { return broken }
	if err := b.snap.Run(context.Background()); err != broken {
		t.Fatal(err)
	}
	if called != len(b.keys) || b.WaitingForFree() != 0 || b.waiters.holders != 0 {
		t.Errorf("%d of %d were called, %d wait, %d hold", called, len(b.keys), b.WaitingForFree(), b.waiters.holders)
	}
}

// What is due stays for the sweeper until the snapshot has read it, whether a reader or the sweeper meets it; nobody sees it.
func TestBigItemsThatAreDueWaitForTheSnapshot(t *testing.T) {
	b := newBigs(t, "", true)
	b.now.Add(2000)
	b.tx.Enter()
	b.tx.Lock1(b.keys[0])
	if b.tx.Find(0, b.keys[0]).Ok() {
		t.Error("an expired item is found")
	}
	b.tx.Unlock()
	b.tx.Leave()
	if n := b.sweepAll(b.now.Load()); n != 0 || b.Len(0) != b.small+len(b.keys) {
		t.Errorf("%d removed, %d there", n, b.Len(0))
	}
	if err := b.snap.Run(context.Background()); err != nil || len(b.order) != len(b.keys) {
		t.Fatal(err, b.order)
	}
	b.now.Add(2 * wheelUnit)
	if n := b.sweepAll(b.now.Load()); n != len(b.keys) || b.Len(0) != b.small {
		t.Errorf("%d removed, %d there", n, b.Len(0))
	}
}

// What is evicted while a snapshot is at its beginning is small, as long as small items are found without a search.
func TestEvictionLeavesBigItemsToTheSnapshot(t *testing.T) {
	b := newBigs(t, "allkeys-random", false)
	b.tx.Enter()
	defer b.tx.Leave()
	for b.Len(0) > b.small*2/3 {
		had := b.Len(0)
		if err := b.evictor.evictOne(b.Store, b.tx.Now()); err != nil || b.Len(0) == had {
			t.Fatal(err, had)
		}
	}
	for _, k := range b.keys {
		b.tx.Lock1(k)
		if !b.tx.Find(0, k).Ok() {
			t.Errorf("%s was evicted", k.Name)
		}
		b.tx.Unlock()
	}
}
