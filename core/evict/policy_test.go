// Tests of what all policies promise, and the cost of a hit.
package evict

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// testClock is a time that a test sets.
type testClock struct{ ms int64 }

func (c *testClock) now() int64 { return c.ms }

// policy makes one; with a seed of its own if it is for a test, without if it is for a benchmark.
func policy(tb testing.TB, name string, o Options) (Policy, *testClock) {
	tb.Helper()
	c := &testClock{ms: 1_700_000_000_000}
	o.NowMs = c.now
	if _, isTest := tb.(*testing.T); isTest && o.Seed == 0 {
		o.Seed = 1
	}
	p, err := New(name, o)
	if err != nil {
		tb.Fatal(err)
	}
	return p, c
}

func TestNewNamesEveryPolicy(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range Names() {
		if seen[name] {
			t.Errorf("%s is listed twice", name)
		}
		seen[name] = true
		p, _ := policy(t, name, Options{})
		if p.Name() != name {
			t.Errorf("New(%q) is called %q", name, p.Name())
		}
		if p.Volatile() != strings.HasPrefix(name, "volatile-") {
			t.Errorf("%s: Volatile is %v", name, p.Volatile())
		}
		if (p.Samples() == 0) != (p.Kind() == NoEviction) {
			t.Errorf("%s: %d samples", name, p.Samples())
		}
	}
	for _, name := range strings.Fields("noeviction allkeys-lru volatile-lru allkeys-lfu volatile-lfu allkeys-random volatile-random volatile-ttl") {
		if !seen[name] {
			t.Errorf("%s of Redis is missing", name)
		}
	}
	_, err := New("allkeys-lrru", Options{NowMs: (&testClock{}).now})
	if err == nil {
		t.Fatal("a wrong name was taken")
	}
	for _, name := range Names() {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name %s: %v", name, err)
		}
	}
}

func TestSamplesFollowTheOption(t *testing.T) {
	for _, name := range Names() {
		p, _ := policy(t, name, Options{Samples: 7})
		want := 7
		switch p.Kind() {
		case NoEviction:
			want = 0
		case Random:
			want = 1
		}
		if p.Samples() != want {
			t.Errorf("%s: %d samples, want %d", name, p.Samples(), want)
		}
	}
}

// Random candidates: the victim is in range, allowed, and words stay within their 24 bits.
func TestPickIsAlwaysAllowed(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			p, clock := policy(t, name, Options{LFULogFactor: 10, LFUDecayMinutes: 1})
			p.Resize(100)
			r := rand.New(rand.NewPCG(1, 2))
			for range 20000 {
				clock.ms += int64(r.IntN(5000))
				cands := make([]Candidate, r.IntN(9))
				possible := false
				for i := range cands {
					c := &cands[i]
					c.Hash = r.Uint64()
					c.Access = p.Insert(c.Hash, 10, 0)
					for range r.IntN(4) {
						c.Access = p.Hit(c.Hash, c.Access)
					}
					if c.Access&^AccessMask != 0 {
						t.Fatalf("word %x", c.Access)
					}
					if r.IntN(3) == 0 {
						c.ExpireAt = clock.ms + r.Int64N(1000) + 1
					}
					possible = possible || !p.Volatile() || c.ExpireAt != 0
				}
				v := p.Pick(cands)
				if p.Kind() == NoEviction {
					possible = false
				}
				if possible != (v >= 0) || v >= len(cands) {
					t.Fatalf("picked %d of %v", v, cands)
				}
				if v >= 0 {
					if p.Volatile() && cands[v].ExpireAt == 0 {
						t.Fatal("an item without expiry was chosen")
					}
					p.Evicted(cands[v])
				}
			}
		})
	}
}

// When the policy is changed while there are items, it meets words that another one wrote.
func TestAnyAccessWordIsUnderstood(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			p, _ := policy(t, name, Options{LFULogFactor: 10, LFUDecayMinutes: 1})
			p.Resize(100)
			r := rand.New(rand.NewPCG(3, 4))
			for range 20000 {
				c := Candidate{Hash: r.Uint64(), Access: r.Uint32() & AccessMask, ExpireAt: 1}
				p.Pick([]Candidate{c})
				p.Idle(c.Access)
				p.Freq(c.Access)
				p.Evicted(c)
				if a := p.Insert(c.Hash, 10, 0); a&^AccessMask != 0 {
					t.Fatalf("word %x", a)
				}
				if a := p.Hit(c.Hash, c.Access); a&^AccessMask != 0 {
					t.Fatalf("word %x", a)
				}
			}
		})
	}
}

// All methods at once, for the race detector.
func TestPoliciesMayBeSharedByGoroutines(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			p, _ := policy(t, name, Options{LFULogFactor: 10, LFUDecayMinutes: 1})
			p.Resize(1000)
			var all sync.WaitGroup
			for g := range 4 {
				all.Go(func() {
					defer func() {
						if e := recover(); e != nil {
							t.Errorf("panic: %v", e)
						}
					}()
					r := rand.New(rand.NewPCG(uint64(g), 2))
					cands := make([]Candidate, 8)
					for i := range cands {
						cands[i] = Candidate{Hash: r.Uint64(), ExpireAt: 1}
						cands[i].Access = p.Insert(cands[i].Hash, 1, 0)
					}
					for range 5000 {
						c := &cands[r.IntN(len(cands))]
						c.Access = p.Hit(c.Hash, c.Access)
						if r.IntN(4) == 0 {
							if v := p.Pick(cands); v >= 0 {
								p.Evicted(cands[v])
								cands[v].Hash = uint64(r.IntN(50)) * 0x9e3779b97f4a7c15
								cands[v].Access = p.Insert(cands[v].Hash, 1, 0)
							}
						}
						p.Miss(c.Hash)
						p.Idle(c.Access)
						p.Freq(c.Access)
						p.Bytes()
					}
				})
			}
			for i := range 50 {
				p.Resize(100 * i)
			}
			all.Wait()
		})
	}
}

// The cost of a hit: one goroutine, 100,000 keys in turn.
func BenchmarkHit(b *testing.B) {
	for _, name := range Names() {
		for _, items := range []int{1000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/%d", name, items), func(b *testing.B) {
				p, _ := policy(b, name, Options{LFULogFactor: 10, LFUDecayMinutes: 1})
				p.Resize(items)
				access := make([]uint32, 1<<10)
				for i := range access {
					access[i] = p.Insert(mix(uint64(i)), 1, 0)
				}
				var hash uint64
				i := 0
				for b.Loop() {
					hash += 0x9e3779b97f4a7c15
					i = (i + 1) & (1<<10 - 1)
					access[i] = p.Hit(hash, access[i])
				}
			})
		}
	}
}

// A hit on an item that was not touched for a while: the adaptive policy's slow path.
func BenchmarkHitAged(b *testing.B) {
	for _, items := range []int{1000, 1_000_000} {
		b.Run(fmt.Sprint(items), func(b *testing.B) {
			p, _ := policy(b, "allkeys-adaptive", Options{})
			p.Resize(items)
			now := p.(*adaptive).clock.Load
			hash, sum := uint64(0), uint32(0)
			for b.Loop() {
				hash += 0x9e3779b97f4a7c15
				sum += p.Hit(hash, word(now()-uint32(hash>>56)-1, uint32(hash>>50)&3))
			}
			runtime.KeepAlive(sum)
		})
	}
}

// Hits from all processors at once.
func BenchmarkHitParallel(b *testing.B) {
	for _, name := range []string{"allkeys-lru", "allkeys-lfu", "allkeys-adaptive"} {
		b.Run(name, func(b *testing.B) {
			p, _ := policy(b, name, Options{LFULogFactor: 10, LFUDecayMinutes: 1})
			p.Resize(1_000_000)
			b.RunParallel(func(pb *testing.PB) {
				access := p.Insert(1, 1, 0)
				hash := rand.Uint64()
				for pb.Next() {
					hash += 0x9e3779b97f4a7c15
					access = p.Hit(hash, access)
				}
			})
		})
	}
}

// A whole eviction without the store: 16 candidates, the ghost, the newcomer.
func BenchmarkEvict(b *testing.B) {
	for _, name := range []string{"allkeys-lru", "allkeys-lfu", "memcached-lru", "allkeys-adaptive"} {
		b.Run(name, func(b *testing.B) {
			p, _ := policy(b, name, Options{LFULogFactor: 10, LFUDecayMinutes: 1})
			p.Resize(100_000)
			cands := make([]Candidate, max(p.Samples(), 1))
			for i := range cands {
				cands[i].Hash = mix(uint64(i))
			}
			h := uint64(0)
			for b.Loop() {
				v := p.Pick(cands)
				p.Evicted(cands[v])
				h += 0x9e3779b97f4a7c15
				cands[v].Hash = h
				cands[v].Access = p.Insert(h, 1, 0)
			}
		})
	}
}
