// Sampled LRU with Redis's clock: the access word is the second of the last access, modulo 2^24.
package evict

// redisSamples is the default of maxmemory-samples.
const redisSamples = 5

type lru struct{ base }

func newLRU(b base, _ Options) Policy {
	b.sampled(redisSamples)
	return &lru{b}
}

func (*lru) Kind() Kind { return LRU }

func (p *lru) clock() uint32 { return uint32(p.now()/1000) & AccessMask }

func (p *lru) Insert(uint64, uint32, int64) uint32 { return p.clock() }
func (p *lru) Hit(_ uint64, _ uint32) uint32       { return p.clock() }

// Idle wraps with the clock: after 194 days an untouched item looks fresh again, as in Redis.
func (p *lru) Idle(access uint32) (int64, bool) {
	return int64((p.clock() - access) & AccessMask), true
}

// WithIdle takes more than 194 days modulo that.
func (p *lru) WithIdle(seconds int64) (uint32, bool) {
	return (p.clock() - uint32(seconds)) & AccessMask, true
}

func (p *lru) Pick(cands []Candidate) int {
	now := p.clock()
	best, bestIdle := -1, uint32(0)
	for i := range cands {
		if !p.allowed(&cands[i]) {
			continue
		}
		if idle := (now - cands[i].Access) & AccessMask; best < 0 || idle > bestIdle {
			best, bestIdle = i, idle
		}
	}
	return best
}
