// Tests of the rates.

package redis

import (
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

func TestRates(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	for range 10 { // every batch is a sample's interval later
		c.do("ping")
		r.now.Add(rateEvery)
	}
	if n := len(r.e.rates.samples); n != rateKeep {
		t.Fatalf("%d samples kept", n)
	}
	for i := range r.e.rates.samples { // as if half a second lay between them and now
		r.e.rates.samples[i].at = time.Now().Add(-500 * time.Millisecond)
		r.e.rates.samples[i].calls = 0
	}
	if calls := r.e.perSecond().calls; calls < 10 || calls > 20 {
		t.Errorf("%v commands a second, about 20 were run", calls)
	}
	r.e.rates.reset()
	if calls := r.e.perSecond().calls; calls != 0 {
		t.Errorf("%v without samples", calls)
	}
}
