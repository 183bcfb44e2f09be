package core

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// lineRig is a store with one shard or many, and waits by name.
type lineRig struct {
	*testing.T
	s  *Store
	tx *Tx
}

func newLineRig(t *testing.T, shards int) *lineRig {
	s, err := Open(Options{Shards: shards, NoActiveSweep: true, Databases: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	r := &lineRig{t, s, s.NewTx()}
	r.tx.Enter()
	t.Cleanup(r.tx.Leave)
	return r
}

func (r *lineRig) keys(names string) (out []Key) {
	for _, n := range strings.Fields(names) {
		out = append(out, r.s.Key([]byte(n)))
	}
	return out
}

// await queues a wait called name.
func (r *lineRig) await(name string, gone bool, keys string) *Wait {
	w := &Wait{Owner: name, Gone: gone}
	k := r.keys(keys)
	r.tx.Lock(k)
	r.tx.Await(w, 0, k)
	r.tx.Unlock()
	return w
}

// changed announces keys and lists who is met in which order.
func (r *lineRig) changed(keys string, goneOnly bool, f func(*Wait)) (met string) {
	k := r.keys(keys)
	r.tx.Lock(k)
	defer r.tx.Unlock()
	for _, key := range k {
		r.tx.Announce(0, key)
	}
	for {
		l, ok := r.tx.NextLine()
		if !ok {
			return strings.TrimSpace(met)
		}
		for w := r.tx.Next(&l, goneOnly); w != nil; w = r.tx.Next(&l, goneOnly) {
			met += fmt.Sprintf(" %s:%v", l.Key().Name, w.Owner)
			if f != nil {
				f(w)
			}
		}
	}
}

func (r *lineRig) want(what, got, want string) {
	r.Helper()
	if got != want {
		r.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestLineOrder(t *testing.T) {
	r := newLineRig(t, 4)
	a := r.await("a", false, "x y x")
	b := r.await("b", true, "y")
	c := r.await("c", false, "y z")
	r.want("all of y", r.changed("y", false, nil), "y:a y:b y:c")
	r.want("in the order of the keys' changes", r.changed("z y x y", false, nil), "z:c y:a y:b y:c x:a")
	r.want("only those who want to know of its going", r.changed("x y", true, nil), "y:b")
	if keys, gone := r.s.Waiting(); keys != 3 || gone != 1 {
		t.Errorf("%d keys are waited for, %d with going", keys, gone)
	}
	r.want("who ends meanwhile is not met", r.changed("y", false, func(w *Wait) {
		if b.End() {
			r.s.Forget(b)
		}
	}), "y:a y:c")
	if !a.End() || a.End() {
		t.Error("a wait ends once")
	}
	r.want("who has ended is not met, forgotten or not", r.changed("x y", false, nil), "y:c")
	r.s.Forget(a)
	c.End()
	r.s.Forget(c)
	r.want("nobody is left", r.changed("x y z", false, nil), "")
	if keys, gone := r.s.Waiting(); keys != 0 || gone != 0 {
		t.Errorf("%d keys are waited for, %d with going, and nobody waits", keys, gone)
	}
	r.await("again", false, "y")
	r.want("used again", r.changed("y", false, nil), "y:again")
}

// A change of the key that is being served makes nobody ready a second time, another key's does.
func TestLineOfServedKey(t *testing.T) {
	r := newLineRig(t, 1)
	r.await("a", false, "x")
	r.await("b", false, "y")
	r.want("who is met", r.changed("x", false, func(*Wait) {
		if l := r.tx.serving; string(l.key.Name) == "x" {
			r.tx.Announce(0, r.keys("x")[0])
			r.tx.Announce(0, r.keys("y")[0])
		}
	}), "x:a y:b")
}

func TestLineAgain(t *testing.T) {
	r := newLineRig(t, 1)
	for _, name := range strings.Fields("a b c") {
		r.await(name, false, "x")
	}
	k := r.keys("x")
	r.tx.Lock(k)
	defer r.tx.Unlock()
	r.tx.Announce(0, k[0])
	l, _ := r.tx.NextLine()
	var met []string
	for i := 0; ; i++ {
		w := r.tx.Next(&l, false)
		if w == nil {
			break
		}
		if met = append(met, w.Owner.(string)); i == 1 {
			l.Again()
		}
	}
	r.want("met", strings.Join(met, ""), "abbc")
}

// Empty lines stay, but not more than some, and not under long names.
func TestLinesAreDropped(t *testing.T) {
	r := newLineRig(t, 1)
	for i := range 50 {
		w := r.await("w", false, fmt.Sprint("key", i, " ", strings.Repeat("long", 50), i))
		w.End()
		r.s.Forget(w)
	}
	o := r.s.shards[0].observers
	if len(o.lines) != keepLines || o.idle != keepLines || o.n.Load() != 0 {
		t.Errorf("%d lines, %d of them idle, %d entries", len(o.lines), o.idle, o.n.Load())
	}
}

func TestHeldWaitIsNotEnded(t *testing.T) {
	r := newLineRig(t, 1)
	w := r.await("w", false, "x")
	if !w.Hold() || w.Hold() || w.Over() {
		t.Fatal("a wait is held once")
	}
	done := make(chan bool)
	go func() { done <- w.End() }()
	select {
	case <-done:
		t.Fatal("ended though held")
	default:
	}
	w.Resume()
	if !<-done || !w.Over() {
		t.Error("not ended")
	}
	w = r.await("w", false, "x")
	w.Hold()
	go func() { done <- w.End() }()
	w.EndHeld()
	if <-done {
		t.Error("ended twice")
	}
}

// The store tells of keys that it removes itself.
func TestLostKeys(t *testing.T) {
	var now atomic.Int64
	now.Store(1000)
	s, err := Open(Options{Shards: 1, NoActiveSweep: true, Now: now.Load})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var lost []string
	s.OnLost(func(w *Wait) { lost = append(lost, w.Owner.(string)) })
	r := &lineRig{t, s, s.NewTx()}
	r.tx.Enter()
	k := r.keys("x")
	r.tx.Lock(k)
	if err := r.tx.Put(0, k[0], Value{Bytes: []byte("v"), ExpireAt: 2000}); err != nil {
		t.Fatal(err)
	}
	r.tx.Unlock()
	r.await("a", false, "x")
	b := r.await("b", true, "x")
	now.Store(3000)
	r.tx.Tick()
	r.tx.Lock(k)
	r.tx.Find(0, k[0])
	r.tx.Unlock()
	r.want("told", strings.Join(lost, " "), "b")
	r.tx.Recall(b)
	if !r.tx.Ready() {
		t.Error("recalled, and nothing is ready")
	}
	r.tx.Leave()
}

// Flushing and swapping look at everybody who waits in the databases concerned.
func TestLinesOfWholeDatabases(t *testing.T) {
	r := newLineRig(t, 4)
	r.await("a", false, "x")
	for what, f := range map[string]func(){
		"flush":         func() { r.tx.Flush(0, true) },
		"flush all":     func() { r.tx.Flush(-1, true) },
		"swap":          func() { r.tx.Swap(1, 0) },
		"another flush": func() { r.tx.Flush(1, true) },
	} {
		r.tx.Exclusive(f)
		if r.tx.Ready() != (what != "another flush") {
			t.Errorf("%s: ready is %v", what, r.tx.Ready())
		}
		for _, ok := r.tx.NextLine(); ok; _, ok = r.tx.NextLine() {
		}
	}
}

func TestAlso(t *testing.T) {
	r := newLineRig(t, 64)
	var keys []Key // of different shards
	for i := 0; len(keys) < 6; i++ {
		k := r.keys(fmt.Sprint("key", i))[0]
		if !slices.ContainsFunc(keys, func(o Key) bool { return r.s.shardOf(o) == r.s.shardOf(k) }) {
			keys = append(keys, k)
		}
	}
	other := r.s.NewTx()
	other.Enter()
	defer other.Leave()
	other.Lock1(keys[3])
	r.tx.Lock1(keys[0])
	if !r.tx.Also(keys[:1]) || !r.tx.Also(keys[:3]) {
		t.Error("free shards are not to be had")
	}
	if r.tx.Also(keys[2:5]) {
		t.Error("a taken shard was had")
	}
	for i, want := range []bool{true, true, true, true, false, false} {
		if mu := &r.s.shardOf(keys[i]).mu; mu.TryLock() == want {
			t.Errorf("locked[%d] is not %v", i, want)
		} else if !want {
			mu.Unlock()
		}
	}
	if !slices.IsSorted(r.tx.held) {
		t.Error("not in order")
	}
	r.tx.Unlock()
	other.Unlock()
	if r.tx.locked() || !r.tx.Also(keys) {
		t.Error("from nothing it cannot be had")
	}
	r.tx.Unlock()
}

// Many wait, some for several keys, while others end their waits and a third kind walks: nobody is met twice or after the end.
func TestLinesUnderLoad(t *testing.T) {
	r := newLineRig(t, 4)
	names := strings.Fields("p q r s")
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			tx := r.s.NewTx()
			tx.Enter()
			defer tx.Leave()
			w := &Wait{Owner: n}
			for i := range 500 {
				k := r.keys(names[(n+i)%4] + " " + names[(n*i)%4])
				tx.Lock(k)
				tx.Await(w, 0, k)
				tx.Unlock()
				if i%3 == 0 {
					tx.Lock(k[:1])
					tx.Announce(0, k[0])
					for l, ok := tx.NextLine(); ok; l, ok = tx.NextLine() {
						for x := tx.Next(&l, false); x != nil; x = tx.Next(&l, false) {
							if x != w && x.Hold() {
								x.Resume()
							}
						}
					}
					tx.Unlock()
				}
				if !w.End() {
					t.Error("somebody else ended it")
				}
				r.s.Forget(w)
			}
		}()
	}
	wg.Wait()
	for i := range r.s.shards {
		if o := r.s.shards[i].observers; o != nil && o.n.Load() != 0 {
			t.Errorf("%d entries are left", o.n.Load())
		}
	}
}
