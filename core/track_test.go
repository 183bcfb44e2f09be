// Tracked keys against a plain model, and their limits.

package core

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// listener is a Readers that keeps what it is told, until it is taken.
type listener struct {
	mu    sync.Mutex
	told  []string
	alive func(uint64) bool
}

func (l *listener) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, fmt.Sprintf(format, args...))
}

func (l *listener) Changed(by uint64, key []byte)         { l.add("%d changed %s", by, key) }
func (l *listener) Invalid(reader, by uint64, key []byte) { l.add("%d: %d %s", reader, by, key) }
func (l *listener) Flushed(by uint64)                     { l.add("%d flushed", by) }
func (l *listener) Alive(reader uint64) bool              { return l.alive == nil || l.alive(reader) }

func (l *listener) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	told := l.told
	l.told = nil
	slices.Sort(told)
	return told
}

func openTracked(t testing.TB, o Options) (*Store, *Tx, *listener) {
	s, l := openStore(t, o), &listener{}
	s.SetReaders(l)
	tx := s.NewTx()
	tx.Enter()
	t.Cleanup(tx.Leave)
	return s, tx, l
}

func locked(tx *Tx, name string, f func(k Key)) {
	k := tx.s.Key([]byte(name))
	tx.Lock1(k)
	defer tx.Unlock()
	f(k)
}

// tracks fails unless the store counts what the model holds.
func (s *Store) tracks(t *testing.T, model map[string]map[uint64]bool) {
	t.Helper()
	want := 0
	for _, readers := range model {
		want += len(readers)
	}
	if keys, items := s.Tracked(); keys != int64(len(model)) || items != int64(want) {
		t.Fatalf("%d keys and %d items are tracked, want %d and %d", keys, items, len(model), want)
	}
}

func TestTrackAgainstAModel(t *testing.T) {
	const seed = 7
	s, tx, l := openTracked(t, Options{Shards: 4, NoActiveSweep: true})
	r, model := rand.New(rand.NewPCG(seed, 1)), map[string]map[uint64]bool{}
	for i := range 30_000 {
		name := "key:" + strings.Repeat("x", r.IntN(3)*40) + strconv.Itoa(r.IntN(200))
		switch n := r.IntN(1000); {
		case n < 700:
			reader := uint64(1 + r.IntN(50))
			locked(tx, name, func(k Key) { tx.Track(k, reader) })
			if model[name] == nil {
				model[name] = map[uint64]bool{}
			}
			model[name][reader] = true
		case n < 995:
			tx.By = uint64(r.IntN(3))
			locked(tx, name, func(k Key) { tx.Announce(r.IntN(4), k) })
			var want []string
			for reader := range model[name] {
				want = append(want, fmt.Sprintf("%d: %d %s", reader, tx.By, name))
			}
			delete(model, name)
			slices.Sort(want)
			if got := l.take(); !slices.Equal(got, want) {
				t.Fatalf("step %d, seed %d: told %q, want %q", i, seed, got, want)
			}
		case n < 998:
			s.Compact()
		default:
			tx.Exclusive(func() { tx.Flush(r.IntN(3)-1, true) })
			if got := l.take(); len(got) != 1 || !strings.HasSuffix(got[0], "flushed") {
				t.Fatalf("flushing told %q", got)
			}
			clear(model)
		}
		s.tracks(t, model)
	}
	for name := range model {
		locked(tx, name, func(k Key) { tx.Announce(0, k) })
	}
	s.tracks(t, nil)
	before := s.Memory()
	tx.Exclusive(func() { tx.Flush(-1, true) })
	if m := s.Memory(); m.Tracked != 0 || m.Used > before.Used {
		t.Errorf("after all: %d bytes tracked, %d used, %d before the last flush", m.Tracked, m.Used, before.Used)
	}
}

// TestTrackedKeysThatGo expires and evicts them.
func TestTrackedKeysThatGo(t *testing.T) {
	var now atomic.Int64 // the sweeper reads it as well
	now.Store(1000)
	s, tx, l := openTracked(t, Options{Shards: 4, NoActiveSweep: true, Policy: "allkeys-lru", Now: now.Load})
	put(t, tx, "due", "v", 1500)
	put(t, tx, "kept", "v", 0)
	for _, name := range []string{"due", "kept"} {
		locked(tx, name, func(k Key) { tx.Track(k, 5) })
	}
	now.Store(2000)
	tx.Tick()
	locked(tx, "due", func(k Key) { tx.Find(0, k) })
	if got := l.take(); !slices.Equal(got, []string{"5: 0 due"}) {
		t.Errorf("expiring told %q", got)
	}
	s.SetMaxMemory(s.Memory().Used)
	tx.MakeRoom(1)
	if got := l.take(); !slices.Equal(got, []string{"5: 0 kept"}) {
		t.Errorf("evicting told %q", got)
	}
	s.tracks(t, nil)
}

func TestTrimTracked(t *testing.T) {
	s, tx, l := openTracked(t, Options{Shards: 16})
	left := map[string]bool{}
	for i := range 5000 {
		name := "k" + strconv.Itoa(i)
		left[name] = true
		locked(tx, name, func(k Key) { tx.Track(k, 1) })
	}
	calls := 0
	for keys, _ := s.Tracked(); keys > 10; keys, _ = s.Tracked() {
		if tx.TrimTracked(10); calls > 100 {
			t.Fatalf("%d keys after %d calls", keys, calls)
		}
		if now, _ := s.Tracked(); now >= keys || keys-now > max(trimLeast, keys/32) {
			t.Fatalf("one call went from %d to %d keys", keys, now)
		}
		calls++
	}
	for _, told := range l.take() {
		delete(left, strings.TrimPrefix(told, "1: 0 "))
	}
	if keys, _ := s.Tracked(); keys != 10 || len(left) != 10 {
		t.Errorf("%d keys are tracked, %d were not told", keys, len(left))
	}
	tx.TrimTracked(10)
	if got := l.take(); got != nil {
		t.Errorf("within the limit %q were told", got)
	}
}

// TestReadersThatAreGone has clients come and go which all read the same key that never changes.
func TestReadersThatAreGone(t *testing.T) {
	s, tx, l := openTracked(t, Options{Shards: 1})
	last := uint64(0)
	l.alive = func(reader uint64) bool { return reader == 3 || reader > last-10 }
	for last = 1; last < 10_000; last++ {
		locked(tx, "hot", func(k Key) { tx.Track(k, last) })
	}
	if _, items := s.Tracked(); items > 2*pruneFrom {
		t.Errorf("%d readers are remembered", items)
	}
	locked(tx, "hot", func(k Key) { tx.Announce(0, k) })
	if told := l.take(); !slices.Contains(told, "3: 0 hot") || !slices.Contains(told, "9999: 0 hot") {
		t.Errorf("a reader was forgotten: %q", told)
	}
}

func TestTellChanges(t *testing.T) {
	s, tx, l := openTracked(t, Options{Shards: 2})
	tx.By = 4
	change := func() { locked(tx, "k", func(k Key) { tx.Announce(0, k) }) }
	change()
	s.TellChanges(true)
	change()
	s.TellChanges(false)
	change()
	if got := l.take(); !slices.Equal(got, []string{"4 changed k"}) {
		t.Errorf("told %q", got)
	}
}

// TestTrackingByMany checks the counts when many threads track, change and trim, with sweeping and compaction beside them.
func TestTrackingByMany(t *testing.T) {
	s := openStore(t, Options{Shards: 8})
	s.SetReaders(&listener{})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r, tx := rand.New(rand.NewPCG(uint64(g), 3)), s.NewTx()
			tx.Enter()
			defer tx.Leave()
			for range 3_000 {
				name := strconv.Itoa(r.IntN(300))
				switch n := r.IntN(300); {
				case n < 200:
					locked(tx, name, func(k Key) { tx.Track(k, uint64(r.IntN(9))) })
				case n < 280:
					locked(tx, name, func(k Key) { tx.Announce(0, k) })
				case n < 290:
					put(t, tx, name, "v", s.now()+int64(r.IntN(5)))
				case n < 298:
					tx.TrimTracked(100)
				case g == 0:
					s.Compact()
				default:
					tx.Exclusive(func() { tx.Flush(-1, false) })
				}
			}
		}()
	}
	wg.Wait()
	sum, keys := map[string]int64{}, 0
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		if sh.observers != nil && sh.observers.tracked.made {
			keys += sh.observers.tracked.Len()
			sum["bytes"] += sh.observers.tracked.Bytes()
			for it := sh.observers.tracked.Iter(); ; {
				e, ok := it.Next()
				if !ok {
					break
				}
				sum["items"] += int64(len(e.Value()) / readerBytes)
			}
		}
		sh.mu.Unlock()
	}
	k, items := s.Tracked()
	want := map[string]int64{"items": items, "bytes": s.Memory().Tracked}
	if k != int64(keys) || !maps.Equal(sum, want) {
		t.Errorf("there are %d keys and %v, counted were %d and %v", keys, sum, k, want)
	}
}
