// The policies without memory: noeviction, random and volatile-ttl.
package evict

type noEviction struct{ base }

func newNoEviction(b base, _ Options) Policy {
	b.samples = 0
	return &noEviction{b}
}

func (*noEviction) Kind() Kind           { return NoEviction }
func (*noEviction) Pick([]Candidate) int { return -1 }

// random evicts what the store happened to sample first.
type random struct{ base }

func newRandom(b base, _ Options) Policy {
	b.samples = 1
	return &random{b}
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
type ttl struct{ base }

func newTTL(b base, _ Options) Policy {
	b.sampled(redisSamples)
	return &ttl{b}
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
