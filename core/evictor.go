// Eviction: keeping the used memory under its limit.

package core

import (
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/evict"
	"github.com/cachesrv/cachesrv/core/table"
)

// evictor holds the limit and the policy, and chooses victims.
type evictor struct {
	limit  atomic.Int64 // bytes, 0 none
	policy atomic.Pointer[policy]

	mu    sync.Mutex // one eviction at a time; taken before shard mutexes. Guards what is below.
	cands []evict.Candidate
	pause int64 // until when no larger samples are looked at, Unix ms
	rand  *rand.Rand

	// making guards what is below. Settings change under the shard mutexes of a transaction too, so it is not mu: who evicts may wait for one of those.
	making  sync.Mutex
	options evict.Options
	name    string

	resizing sync.Mutex   // Policy.Resize must not run beside itself; under a shard's mutex it is only tried
	told     atomic.Int64 // the number of items it was told last
}

// policy is an evict.Policy with what the hot path asks of it.
type policy struct {
	evict.Policy
	wantsMiss bool
	renews    bool
	segments  evict.Segmenter // nil for all but memcached-lru
}

// overwritten gives the access word of an item that is n bytes now.
func (p *policy) overwritten(hash uint64, access uint32, n int, expireAt int64) uint32 {
	if p.renews {
		return p.Insert(hash, uint32(n), expireAt)
	}
	return p.Hit(hash, access)
}

func (e *evictor) current() *policy { return e.policy.Load() }

func (e *evictor) init(s *Store, o Options) error {
	e.options = evict.Options{Samples: o.Samples, LFULogFactor: 10, LFUDecayMinutes: 1, NowMs: s.clock.Load, Seed: o.Seed[0]}
	if o.LFULogFactor != 0 {
		e.options.LFULogFactor = o.LFULogFactor
	}
	if o.LFUDecayMin != 0 {
		e.options.LFUDecayMinutes = o.LFUDecayMin
	}
	e.rand = rand.New(rand.NewPCG(o.Seed[0], o.Seed[1]))
	e.limit.Store(o.MaxMemory)
	name := o.Policy
	if name == "" {
		name = "noeviction"
	}
	return e.set(s, name)
}

// set makes the policy anew from its name and the options. e.making is held, or nobody else knows e yet.
func (e *evictor) set(s *Store, name string) error {
	p, err := evict.New(name, e.options)
	if err != nil {
		return err
	}
	e.name = name
	segments, _ := p.(evict.Segmenter)
	e.policy.Store(&policy{Policy: p, wantsMiss: p.WantsMiss(), renews: p.Renews(), segments: segments})
	e.resizing.Lock() // whoever resizes the old one never waits for us
	defer e.resizing.Unlock()
	e.resize(s)
	return nil
}

// grown is told that a shard has so many items; it calls resize when that hints at twice as many items as the policy knows of.
func (e *evictor) grown(s *Store, items int64) {
	if e.limit.Load() > 0 && items*int64(len(s.shards)) > 2*e.told.Load() && e.resizing.TryLock() {
		defer e.resizing.Unlock()
		e.resize(s)
	}
}

// resize tells the policy how many items there are; without a limit it needs no memory of them. e.resizing is held.
func (e *evictor) resize(s *Store) {
	n := 0
	if e.limit.Load() > 0 {
		for db := range s.dbs {
			n += s.Len(db)
		}
	}
	e.told.Store(int64(n))
	e.current().Resize(n)
}

// MakeRoom evicts until need more bytes fit under the limit. Call it between Enter and Leave, without locks, with an estimate of what
// the command adds; 0 asks whether there is room at all. ErrFull: nothing (more) may go, or it would not help. Without a limit it
// costs one load, with one and nothing to do two more.
func (t *Tx) MakeRoom(need int) error {
	limit := t.s.evictor.limit.Load()
	if limit == 0 {
		return nil
	}
	if t.s.used()+int64(need) <= limit {
		if t.s.counts.overSince.Load() != 0 {
			t.s.overLimit(false, t.now)
		}
		return nil
	}
	var began time.Time
	f := t.s.onWork.Load()
	if f != nil {
		began = time.Now()
	}
	err := t.evictUntil(need, limit)
	t.s.overLimit(err != nil && t.s.used() > limit, t.now)
	if f != nil {
		(*f)(Evicting, time.Since(began))
	}
	return err
}

func (t *Tx) evictUntil(need int, limit int64) error {
	for t.s.used()+int64(need) > limit {
		if t.s.fixed()+int64(need) > limit {
			return ErrFull // even if every item went
		}
		if err := t.s.evictor.evictOne(t.s, t.now); err != nil {
			return err
		}
	}
	return nil
}

// Where nothing in a sample may go, most of the memory may be held by items that memcached-lru does not evict. Then so many larger
// samples are looked at: the last hundredth that may go is nearly always found. A store that is full for good says so after some 60 µs,
// and for the next futilePause after the first sample.
const (
	pickTries   = 4
	pickSample  = 160
	futilePause = 10 // ms
)

// evictOne removes one item: an expired one if the sample has any, else the policy's choice.
func (e *evictor) evictOne(s *Store, now int64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.current()
	if p.Samples() == 0 {
		return ErrFull
	}
	for try, want := 0, p.Samples(); try <= pickTries; try, want = try+1, pickSample {
		if wait := e.pause - now; try == 1 && 0 < wait && wait <= futilePause {
			return ErrFull
		}
		e.sample(s, p.Policy, want)
		if len(e.cands) == 0 {
			return ErrFull
		}
		if c := e.due(now); c != nil {
			if s.evict(c, Expired, now) {
				s.counts.expired.Add(1)
				s.counts.reclaimed.Add(1)
			}
			return nil
		}
		if i := p.Pick(e.cands); i >= 0 {
			if s.evict(&e.cands[i], Evicted, now) {
				p.Evicted(e.cands[i])
				s.counts.evicted.Add(1)
			}
			return nil // if it was gone already, that made room too
		}
	}
	e.pause = now + futilePause
	return ErrFull
}

// due is a candidate that is expired, nil if there is none.
func (e *evictor) due(now int64) *evict.Candidate {
	for i := range e.cands {
		if c := &e.cands[i]; c.ExpireAt != 0 && c.ExpireAt <= now {
			return c
		}
	}
	return nil
}

// sample fills cands with so many items, from random buckets of random shards. When those are mostly empty it
// ends up looking at all of them, so that it finds nothing only if there is nothing.
func (e *evictor) sample(s *Store, p evict.Policy, want int) {
	e.cands = e.cands[:0]
	volatile := p.Volatile()
	for try := 0; try < 4*want+8 && len(e.cands) < want; try++ {
		i := e.rand.IntN(len(s.shards))
		e.sampleShard(s, i, want, volatile, false)
	}
	if len(e.cands) > 0 {
		return
	}
	start := e.rand.IntN(len(s.shards))
	for i := range s.shards {
		e.sampleShard(s, (start+i)%len(s.shards), want, volatile, true)
		if len(e.cands) >= want {
			return
		}
	}
}

// sampleShard takes candidates from one random bucket of every database of a shard. exhaustive: it goes on to the next
// buckets until there is one. A shard that is locked by somebody is left out, unless exhaustive, as are buckets that a snapshot would have to be handed whole; a
// shard that is held for long is so always.
func (e *evictor) sampleShard(s *Store, i, want int, volatile, exhaustive bool) {
	sh := &s.shards[i]
	if exhaustive && !s.tryLock(i) || !exhaustive && !sh.mu.TryLock() {
		return
	}
	defer sh.mu.Unlock()
	for pos, ks := range sh.spaces {
		if ks == nil || ks.tab.Len() == 0 || volatile && ks.count.expiring.Load() == 0 {
			continue
		}
		n := ks.tab.Buckets()
		bucket := e.rand.IntN(n)
		for range n {
			if !exhaustive && (ks.apart(bucket) || s.toBeApart(ks, bucket)) {
				break
			}
			found := e.sampleBucket(s, ks.tab.At(bucket), pos, i, want, volatile)
			if found || !exhaustive {
				break
			}
			bucket = (bucket + 1) % n
		}
	}
}

// sampleBucket takes the candidates of a bucket. It reads every item's head and name: about 60 ns each. Of one that alone has more than are
// wanted it takes random ones, since nobody would ever meet the last of them.
func (e *evictor) sampleBucket(s *Store, p table.Probe, pos, shard, want int, volatile bool) (found bool) {
	alone, seen := len(e.cands) == 0, 0
	for p.Next() {
		if volatile && !p.Marked() {
			continue
		}
		found = true
		seen++
		if len(e.cands) < want {
			e.cands = append(e.cands, s.candidate(p.Ref(), pos, shard))
		} else if alone {
			if at := e.rand.IntN(seen); at < want {
				e.cands[at] = s.candidate(p.Ref(), pos, shard)
			}
		}
	}
	return found
}

func (s *Store) candidate(r arena.Ref, pos, shard int) evict.Candidate {
	it := s.item(r)
	return evict.Candidate{Hash: s.hash(it.Name()), Access: it.Access(), ExpireAt: it.ExpireAt(),
		Size: uint32(min(it.Bytes(), math.MaxUint32)), DB: pos, Shard: shard, Ref: uint64(it.ref)}
}

// evict removes a candidate; false if it has gone since it was sampled, or changed so that it may not go: another item may lie in its
// block by now, and its expiry may have been taken away.
func (s *Store) evict(c *evict.Candidate, why RemoveReason, now int64) bool {
	sh := &s.shards[c.Shard]
	if !s.tryLock(c.Shard) {
		return false
	}
	defer sh.mu.Unlock()
	ks := sh.spaces[c.DB]
	if ks == nil {
		return false
	}
	for p := ks.tab.Find(c.Hash); p.Next(); {
		if uint64(p.Ref()) != c.Ref {
			continue
		}
		it := s.item(p.Ref())
		if c.ExpireAt != 0 && !p.Marked() || why == Expired && it.ExpireAt() > now {
			return false
		}
		s.gone(ks, s.database(c.DB), &p, it, why)
		return true
	}
	return false
}

// SetMaxMemory changes the limit in bytes, 0 none. Lowering it evicts at the next MakeRoom.
func (s *Store) SetMaxMemory(n int64) {
	e := &s.evictor
	e.limit.Store(n)
	e.resizing.Lock()
	defer e.resizing.Unlock()
	e.resize(s)
}

// SetPolicy changes the eviction policy; the error lists the names there are. What the old policy knew about items is
// read as the new one's until they are used again.
func (s *Store) SetPolicy(name string) error {
	e := &s.evictor
	e.making.Lock()
	defer e.making.Unlock()
	return e.set(s, name)
}

// SetSamples changes how many candidates a victim is chosen from, 0: the policy's own number.
func (s *Store) SetSamples(n int) {
	s.setOptions(func(o *evict.Options) { o.Samples = n })
}

// SetLFU changes the parameters of the LFU policies as Redis documents them; decay in minutes.
func (s *Store) SetLFU(logFactor, decay int) {
	s.setOptions(func(o *evict.Options) { o.LFULogFactor, o.LFUDecayMinutes = logFactor, decay })
}

// SetSegments changes what the policy memcached-lru makes of its queues, without forgetting what it knows of the items.
func (s *Store) SetSegments(t evict.SegmentTuning) {
	e := &s.evictor
	e.making.Lock()
	defer e.making.Unlock()
	e.options.Segments = t
	if p := e.current(); p.segments != nil {
		p.segments.Tune(t)
	}
}

// Segmenter is the policy in force if it is memcached-lru, else nil.
func (s *Store) Segmenter() evict.Segmenter { return s.evictor.current().segments }

func (s *Store) setOptions(f func(*evict.Options)) {
	e := &s.evictor
	e.making.Lock()
	defer e.making.Unlock()
	f(&e.options)
	if err := e.set(s, e.name); err != nil {
		panic("core: policy " + e.name + " cannot be made again: " + err.Error())
	}
}

// MaxMemory is the limit in bytes, 0 none. Policy is the name of the eviction policy.
func (s *Store) MaxMemory() int64 { return s.evictor.limit.Load() }
func (s *Store) Policy() string   { return s.evictor.current().Name() }

// SetIdle and SetFrequency make an item look as if it had been used last so many seconds ago, or so often; no effect if it is not there
// or the policy keeps no such thing. The shard must be locked.
func (t *Tx) SetIdle(db int, k Key, seconds int64) {
	if access, ok := t.s.evictor.current().WithIdle(seconds); ok {
		t.setAccess(db, k, access)
	}
}

func (t *Tx) SetFrequency(db int, k Key, n int) {
	if access, ok := t.s.evictor.current().WithFreq(n); ok {
		t.setAccess(db, k, access)
	}
}

func (t *Tx) setAccess(db int, k Key, access uint32) {
	if _, _, it := t.find(db, k); it.Ok() {
		it.setAccess(access)
	}
}

// IdleSeconds and Frequency read an item's access field as the policy keeps it; false if it does not keep that.
func (s *Store) IdleSeconds(it Item) (int64, bool) { return s.evictor.current().Idle(it.Access()) }
func (s *Store) Frequency(it Item) (int, bool)     { return s.evictor.current().Freq(it.Access()) }

// Fits tells whether n more bytes fit under the limit. Locks may be held.
func (t *Tx) Fits(n int64) bool {
	limit := t.s.evictor.limit.Load()
	return limit == 0 || t.s.used()+n <= limit
}

// Evicts tells whether the policy ever removes an item.
func (s *Store) Evicts() bool { return s.evictor.current().Samples() > 0 }
