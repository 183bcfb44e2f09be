// rates: how much happened a second, lately. Samples are taken in passing by whoever runs commands, so that an idle
// server has nothing to do.

package redis

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

const (
	rateEvery = 250 // ms between samples at least
	rateKeep  = 8
)

// rates keeps the latest samples; what happened since the oldest is what INFO shows.
type rates struct {
	due atomic.Int64 // Unix ms of the next sample

	mu      sync.Mutex // guards samples
	samples []rateSample
}

type rateSample struct {
	at            time.Time
	calls         int64
	input, output int64
	wakes         int64
	working       time.Duration // of the loops
}

// recently is what happened a second, lately; perWake is how many µs a loop worked each time it woke.
type recently struct{ calls, input, output, wakes, perWake float64 }

// sample takes a sample when one is due. It costs an atomic load otherwise.
func (e *Engine) sample(tx *core.Tx) {
	now := tx.Now()
	due := e.rates.due.Load()
	if now < due || !e.rates.due.CompareAndSwap(due, now+rateEvery) {
		return
	}
	s := e.rateNow()
	e.rates.mu.Lock()
	defer e.rates.mu.Unlock()
	e.rates.samples = append(e.rates.samples, s)
	if drop := len(e.rates.samples) - rateKeep; drop > 0 {
		e.rates.samples = append(e.rates.samples[:0], e.rates.samples[drop:]...)
	}
}

func (e *Engine) rateNow() rateSample {
	s := rateSample{at: time.Now()}
	s.calls, _, _, _ = e.sums()
	if server := e.server.Load(); server != nil {
		st := server.Stats()
		s.input, s.output = st.BytesIn, st.BytesOut
		s.wakes, s.working = st.Wakes, st.LoopTime
	}
	return s
}

// perSecond looks at the samples.
func (e *Engine) perSecond() (r recently) {
	now := e.rateNow()
	e.rates.mu.Lock()
	defer e.rates.mu.Unlock()
	for i, s := range e.rates.samples {
		age := now.at.Sub(s.at)
		if age > rateKeep*rateEvery*time.Millisecond && i < len(e.rates.samples)-1 {
			continue
		}
		if age < time.Millisecond {
			break
		}
		seconds := age.Seconds()
		r = recently{calls: max(0, float64(now.calls-s.calls)/seconds), input: max(0, float64(now.input-s.input)/seconds),
			output: max(0, float64(now.output-s.output)/seconds), wakes: max(0, float64(now.wakes-s.wakes)/seconds)}
		if n := now.wakes - s.wakes; n > 0 {
			r.perWake = max(0, float64((now.working-s.working).Microseconds())/float64(n))
		}
		return r
	}
	return r
}

func (r *rates) reset() {
	r.mu.Lock()
	r.samples = nil
	r.mu.Unlock()
}
