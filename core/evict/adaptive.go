// The adaptive policy. For now: sampled LRU over a clock of insertions.
package evict

import "sync/atomic"

type adaptive struct {
	base
	clock atomic.Uint32
}

func newAdaptive(b base, _ Options) Policy {
	b.sampled(16)
	return &adaptive{base: b}
}

func (*adaptive) Kind() Kind { return Modern }

func (p *adaptive) Insert(uint64, uint32) uint32  { return p.clock.Add(1) & AccessMask }
func (p *adaptive) Hit(_ uint64, _ uint32) uint32 { return p.clock.Load() & AccessMask }

func (p *adaptive) Pick(cands []Candidate) int {
	now := p.clock.Load()
	best, oldest := -1, uint32(0)
	for i := range cands {
		if !p.allowed(&cands[i]) {
			continue
		}
		if age := (now - cands[i].Access) & AccessMask; best < 0 || age > oldest {
			best, oldest = i, age
		}
	}
	return best
}
