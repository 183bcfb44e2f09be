// Keeping what a policy has learned over a restart.
package evict

import (
	"math"

	"github.com/cachesrv/cachesrv/core/ledger"
)

// Keeper is a policy that knows something beside the items' access words which another process needs to go on.
type Keeper interface {
	// Save writes it down. Nobody may use the policy meanwhile.
	Save(w *ledger.Writer)
	// Load reads what a policy of the same name wrote. The policy knows the number of items already (Resize).
	Load(r *ledger.Reader)
}

// Save keeps the clock and what was learned. The ghosts are forgotten, as when the policy is resized.
func (p *adaptive) Save(w *ledger.Writer) {
	w.Uint(uint64(p.clock.Load()))
	l := p.memory.Load().learner
	w.Bool(l != nil)
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for level := range l.sumR {
		for _, n := range l.sumR[level] {
			w.Uint(math.Float64bits(n))
		}
		w.Uint(math.Float64bits(l.sumN[level]))
	}
}

// Load leaves what was learned behind where there is no limit any more.
func (p *adaptive) Load(r *ledger.Reader) {
	p.clock.Store(uint32(r.Uint(math.MaxUint32)))
	if !r.Bool() {
		return
	}
	l := p.memory.Load().learner
	if l == nil {
		l = newLearner()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for level := range l.sumR {
		for b := range l.sumR[level] {
			l.sumR[level][b] = count(r)
		}
		l.sumN[level] = count(r)
	}
	l.due.Store(p.clock.Load())
	l.compute()
}

// count reads a sum of events: a number that is not negative.
func count(r *ledger.Reader) float64 {
	n := math.Float64frombits(r.Uint(math.MaxUint64))
	if !(n >= 0 && n <= math.MaxUint32) {
		r.Fail(ledger.ErrWords)
		return 0
	}
	return n
}

// Save keeps the clock, what time it stood for, and the limits of the queues.
func (p *segmented) Save(w *ledger.Writer) {
	w.Uint(uint64(p.clock.Load()))
	w.Uint(uint64(p.fine.Load()))
	for _, a := range []*age64{&p.hotAge, &p.warmAge, &p.coldAge} {
		w.Uint(uint64(a.get()))
	}
	p.past.save(w)
}

func (p *segmented) Load(r *ledger.Reader) {
	p.clock.Store(uint32(r.Uint(math.MaxUint32)))
	p.fine.Store(uint32(r.Uint(math.MaxUint32)))
	for _, a := range []*age64{&p.hotAge, &p.warmAge, &p.coldAge} {
		a.set(float64(r.Uint(segClock)))
	}
	p.past.load(r)
	p.limit(p.tuning.Load())
}
