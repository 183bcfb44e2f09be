// Penalties: how long an address waits before its next login after some that failed.

package acl

import (
	"net/netip"
	"sync"
	"time"
)

const (
	freeTries     = 4 // failures that cost nothing: mistakes happen
	firstWait     = 50 * time.Millisecond
	forgetAfter   = time.Minute // without a further failure
	mostAddresses = 16384
)

// Penalties counts failed logins by address. The wait doubles with each failure up to a limit and ends when the
// address has been quiet. A login that succeeds forgives nothing: otherwise one good account would pay for guessing another.
type Penalties struct {
	mu        sync.Mutex // guards what is below
	addresses map[netip.Prefix]*offender
	swept     time.Duration
}

type offender struct {
	failures int
	last     time.Duration // of the failures, on the caller's clock
	until    time.Duration // no login before
}

// block is what counts as one address: for IPv6 the network that one subscriber usually has.
func block(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// Failed counts a failed login; most is the longest wait.
func (p *Penalties) Failed(a netip.Addr, now, most time.Duration) {
	if most <= 0 || !a.IsValid() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	from := block(a)
	o := p.addresses[from]
	if o == nil {
		if !p.room(now) {
			return
		}
		o = &offender{}
		p.addresses[from] = o
	} else if now-o.last > forgetAfter {
		*o = offender{}
	}
	o.failures++
	o.last = now
	if n := o.failures - freeTries; n > 0 {
		wait := firstWait << min(n-1, 20)
		o.until = now + min(wait, most)
	}
}

// Wait is how long a login from this address has to wait yet.
func (p *Penalties) Wait(a netip.Addr, now time.Duration) time.Duration {
	if !a.IsValid() {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.addresses[block(a)]
	if o == nil {
		return 0
	}
	return max(o.until-now, 0)
}

// room makes place for one more address; when all places belong to addresses that failed lately there is none.
func (p *Penalties) room(now time.Duration) bool {
	if p.addresses == nil {
		p.addresses = map[netip.Prefix]*offender{}
	}
	if len(p.addresses) < mostAddresses {
		return true
	}
	if now-p.swept < time.Second { // a flood of addresses does not pay for looking through them each time
		return false
	}
	p.swept = now
	for a, o := range p.addresses {
		if now-o.last > forgetAfter {
			delete(p.addresses, a)
		}
	}
	return len(p.addresses) < mostAddresses
}
