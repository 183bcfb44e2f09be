// The policies that choose without the access word: noeviction, random and volatile-ttl.
package evict

// They still keep LRU's clock in it, because the idle time of an item is asked for under all of them.
type noEviction struct{ lru }

func newNoEviction(b base, _ Options) Policy {
	b.samples = 0
	return &noEviction{lru{b}}
}

func (*noEviction) Kind() Kind           { return NoEviction }
func (*noEviction) Pick([]Candidate) int { return -1 }

// random evicts what the store happened to sample first.
type random struct{ lru }

func newRandom(b base, _ Options) Policy {
	b.samples = 1
	return &random{lru{b}}
}

func (*random) Kind() Kind { return Random }

func (p *random) Pick(cands []Candidate) int {
	for i := range cands {
		if p.allowed(&cands[i]) {
			return i
		}
	}
	return -1
}

// ttl evicts the item that would expire first.
type ttl struct{ lru }

func newTTL(b base, _ Options) Policy {
	b.sampled(redisSamples)
	return &ttl{lru{b}}
}

func (*ttl) Kind() Kind { return TTL }

func (p *ttl) Pick(cands []Candidate) int {
	best := -1
	for i := range cands {
		if !p.allowed(&cands[i]) {
			continue
		}
		if best < 0 || cands[i].ExpireAt < cands[best].ExpireAt {
			best = i
		}
	}
	return best
}
