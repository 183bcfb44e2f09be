package evict

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/cachesrv/cachesrv/core/ledger"
)

// reborn is a policy that has read what another wrote.
func reborn(t *testing.T, p Policy, items int) Policy {
	t.Helper()
	var out bytes.Buffer
	w := ledger.NewWriter(&out)
	p.(Keeper).Save(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := ledger.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	q, err := New(p.Name(), Options{NowMs: func() int64 { return 0 }})
	if err != nil {
		t.Fatal(err)
	}
	q.Resize(items)
	q.(Keeper).Load(r)
	r.Done()
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return q
}

func TestPoliciesGoOnAfterARestart(t *testing.T) {
	for _, name := range []string{"allkeys-adaptive", "volatile-adaptive", "memcached-lru"} {
		p, err := New(name, Options{NowMs: func() int64 { return 0 }})
		if err != nil {
			t.Fatal(err)
		}
		rnd := rand.New(rand.NewPCG(1, 2))
		const items = 5000
		p.Resize(items)
		access := map[uint64]uint32{}
		for range 100_000 {
			h := rnd.Uint64N(items) * rnd.Uint64N(items) / items * 0x9e3779b97f4a7c15
			if a, ok := access[h]; ok {
				access[h] = p.Hit(h, a)
			} else {
				access[h] = p.Insert(h, 100, 0)
			}
		}
		if a, ok := p.(*adaptive); ok {
			a.memory.Load().learner.due.Store(a.clock.Load())
			a.memory.Load().learner.update(a.clock.Load()) // what is counted since the last update is lost
		}
		q := reborn(t, p, items)
		var all []Candidate
		for h, a := range access {
			all = append(all, Candidate{Hash: h, Access: a, ExpireAt: 1})
		}
		for range 1000 {
			at := rnd.IntN(len(all) - 16)
			if x, y := p.Pick(all[at:at+16]), q.Pick(all[at:at+16]); x != y {
				t.Fatalf("%s chooses %d, and %d after a restart", name, x, y)
			}
		}
	}
}

func TestWithoutALimitNothingIsLearned(t *testing.T) {
	p, _ := New("allkeys-adaptive", Options{NowMs: func() int64 { return 0 }})
	p.Insert(1, 1, 0)
	if q := reborn(t, p, 0); q.Bytes() != 0 {
		t.Errorf("%d bytes", q.Bytes())
	}
	p.Resize(1000)
	if q := reborn(t, p, 0); q.Bytes() != 0 {
		t.Errorf("%d bytes when the limit was taken away", q.Bytes())
	}
}
