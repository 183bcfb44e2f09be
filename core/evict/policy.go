// The Policy interface, the candidates it chooses from, and the list of all policies by name.
package evict

import (
	"fmt"
	"strings"
)

// AccessMask covers the bits of an item's access word; policies never set others.
const AccessMask = 1<<24 - 1

// Kind is the family of a policy: it tells what Idle and Freq can answer.
type Kind uint8

// The families.
const (
	NoEviction Kind = iota
	LRU
	LFU
	Random
	TTL
	Modern
)

// Candidate is one sampled item. DB, Shard and Ref are the store's own: policies carry them
// along and never look at them.
type Candidate struct {
	Hash     uint64
	Access   uint32 // the 24-bit word this policy gave the item
	ExpireAt int64  // unix ms, 0 = never
	Size     uint32 // bytes that its eviction would free
	DB       int
	Shard    int
	Ref      uint64
}

// Policy is pure decision logic; see the package comment for who may call what when.
type Policy interface {
	// Name is the name New was called with.
	Name() string
	Kind() Kind
	// Volatile policies evict only items that have an expiry.
	Volatile() bool

	// Insert returns the access word of a new item; expireAt is in unix ms, 0 never. An item that is overwritten is a Hit, or an Insert too if
	// the policy Renews.
	Insert(hash uint64, size uint32, expireAt int64) uint32
	Renews() bool
	// Hit returns the new access word of an item that was read or written.
	Hit(hash uint64, access uint32) uint32
	// Miss is told of lookups that found nothing, if WantsMiss.
	Miss(hash uint64)
	WantsMiss() bool

	// Samples is how many candidates Pick wants; fewer are fine. 0: nothing is ever evicted.
	Samples() int
	// Pick returns the index of the victim, or -1 if none of them may be evicted.
	Pick(cands []Candidate) int
	// Evicted is told of every victim, after Pick. Items that expire or are deleted are not reported.
	Evicted(c Candidate)

	// Idle is the time since the last access in seconds, if the policy keeps it.
	Idle(access uint32) (seconds int64, ok bool)
	// Freq is the access counter as Redis's OBJECT FREQ shows it, if the policy keeps it.
	Freq(access uint32) (int, bool)

	// WithIdle and WithFreq give the word of an item that was last accessed so many seconds ago, or whose counter stands at n; false
	// if the policy keeps no such thing. So an item that comes from elsewhere brings its past along.
	WithIdle(seconds int64) (access uint32, ok bool)
	WithFreq(n int) (access uint32, ok bool)

	// Resize tells roughly how many items the store holds (0: no limit is set, remember
	// nothing). Cheap to call often: it reallocates only when the number has doubled or
	// halved. What was remembered may be forgotten then.
	Resize(items int)
	// Bytes is what the policy holds beside the access words.
	Bytes() int
}

// Options are the inputs and settings of a policy.
type Options struct {
	Samples         int           // maxmemory-samples; 0: the policy's own default
	LFULogFactor    int           // lfu-log-factor, as it is: 0 counts every access
	LFUDecayMinutes int           // lfu-decay-time, as it is: 0 never decays
	Segments        SegmentTuning // of memcached-lru; all zero: as in memcached
	NowMs           func() int64  // unix ms; may be coarse. Required.
	Seed            uint64        // not 0: the same calls give the same decisions
}

// row is one policy: its name and how to make it.
type row struct {
	name string
	make func(base, Options) Policy
}

// rows is every policy, in the order in which Redis lists its own.
var rows = []row{
	{"noeviction", newNoEviction},
	{"allkeys-lru", newLRU},
	{"volatile-lru", newLRU},
	{"allkeys-lfu", newLFU},
	{"volatile-lfu", newLFU},
	{"allkeys-random", newRandom},
	{"volatile-random", newRandom},
	{"volatile-ttl", newTTL},
	{"allkeys-adaptive", newAdaptive},
	{"volatile-adaptive", newAdaptive},
	{"memcached-lru", newSegmented},
}

// Names lists the policies that New knows.
func Names() []string {
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.name
	}
	return names
}

// New makes the policy of that name.
func New(name string, o Options) (Policy, error) {
	if o.NowMs == nil {
		panic("evict: Options.NowMs is missing")
	}
	for _, r := range rows {
		if r.name == name {
			b := base{name: name, volatile: strings.HasPrefix(name, "volatile-"), samples: o.Samples, now: o.NowMs}
			return r.make(b, o), nil
		}
	}
	return nil, fmt.Errorf("unknown eviction policy %q, want one of %s", name, strings.Join(Names(), ", "))
}

// base holds what all policies share and the answers of one that remembers nothing; the policies embed it.
type base struct {
	name     string
	volatile bool
	samples  int
	now      func() int64
}

func (b *base) Name() string                        { return b.name }
func (b *base) Volatile() bool                      { return b.volatile }
func (b *base) Samples() int                        { return b.samples }
func (b *base) Insert(uint64, uint32, int64) uint32 { return 0 }
func (b *base) Renews() bool                        { return false }
func (b *base) Hit(_ uint64, a uint32) uint32       { return a }
func (b *base) Miss(uint64)                         {}
func (b *base) WantsMiss() bool                     { return false }
func (b *base) Evicted(Candidate)                   {}
func (b *base) Idle(uint32) (int64, bool)           { return 0, false }
func (b *base) Freq(uint32) (int, bool)             { return 0, false }
func (b *base) WithIdle(int64) (uint32, bool)       { return 0, false }
func (b *base) WithFreq(int) (uint32, bool)         { return 0, false }
func (b *base) Resize(int)                          {}
func (b *base) Bytes() int                          { return 0 }

// sampled sets the number of candidates where the caller left it open.
func (b *base) sampled(n int) {
	if b.samples <= 0 {
		b.samples = n
	}
}

// allowed says whether c may be a victim at all.
func (b *base) allowed(c *Candidate) bool { return !b.volatile || c.ExpireAt != 0 }
