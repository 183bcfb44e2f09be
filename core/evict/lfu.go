// Sampled LFU with Redis's counter: 16 bits of minutes (last decay) above an 8-bit logarithmic counter.
package evict

const (
	lfuInit = 5 // a newcomer's counter, so that it is not the next victim at once
	lfuMax  = 255
)

type lfu struct {
	base
	dice   dice
	factor float64
	decay  uint32 // minutes that cost a counter one point; 0: none
}

func newLFU(b base, o Options) Policy {
	b.sampled(redisSamples)
	p := &lfu{base: b, factor: float64(max(o.LFULogFactor, 0)), decay: uint32(max(o.LFUDecayMinutes, 0))}
	p.dice.seed(o.Seed)
	return p
}

func (*lfu) Kind() Kind { return LFU }

func (p *lfu) minutes() uint32 { return uint32(p.now()/60000) & 0xffff }

func (p *lfu) Insert(uint64, uint32, int64) uint32 { return p.minutes()<<8 | lfuInit }

func (p *lfu) Hit(_ uint64, access uint32) uint32 {
	now := p.minutes()
	n := p.counter(access, now)
	if n < lfuMax && p.lucky(n) {
		n++
	}
	return now<<8 | n
}

// lucky decides whether a counter that stands at n counts this access: with chance
// 1/((n-lfuInit)*factor+1), so that 8 bits hold millions.
func (p *lfu) lucky(n uint32) bool {
	if n <= lfuInit {
		return true
	}
	chance := 1 / (float64(n-lfuInit)*p.factor + 1)
	return float64(uint32(p.dice.roll())) < chance*(1<<32)
}

// counter is the item's counter less one point for every decay period it went untouched.
func (p *lfu) counter(access, now uint32) uint32 {
	n := access & 0xff
	if p.decay == 0 {
		return n
	}
	lost := ((now - access>>8) & 0xffff) / p.decay
	if lost >= n {
		return 0
	}
	return n - lost
}

func (p *lfu) Freq(access uint32) (int, bool) { return int(p.counter(access, p.minutes())), true }

func (p *lfu) WithFreq(n int) (uint32, bool) {
	return p.minutes()<<8 | uint32(min(max(n, 0), lfuMax)), true
}

func (p *lfu) Pick(cands []Candidate) int {
	now := p.minutes()
	best, least := -1, uint32(0)
	for i := range cands {
		if !p.allowed(&cands[i]) {
			continue
		}
		if n := p.counter(cands[i].Access, now); best < 0 || n < least {
			best, least = i, n
		}
	}
	return best
}
