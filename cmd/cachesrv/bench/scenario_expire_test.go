// The expiry scenario on Debian's redis-server, and the watcher on made-up counts.

package bench

import (
	"math"
	"testing"
	"time"
)

func TestVanishing(t *testing.T) {
	w := vanishing{keys: 1000, afterSecond: missing, half: missing, gone: missing}
	for _, c := range []struct {
		left  int64
		after time.Duration
	}{{1000, 0}, {600, 100 * time.Millisecond}, {500, 200 * time.Millisecond}, {400, 900 * time.Millisecond},
		{300, 1010 * time.Millisecond}, {200, 1200 * time.Millisecond}, {0, 2 * time.Second}, {-1, 3 * time.Second}} {
		w.note(c.left, c.after)
	}
	if w.half != 0.2 || w.gone != 2 || w.afterSecond != 300 || w.left != 0 {
		t.Errorf("%+v", w)
	}
	w = vanishing{keys: 1000, afterSecond: missing, half: missing, gone: missing}
	w.note(900, 5*time.Second)
	if !math.IsNaN(w.gone) || !math.IsNaN(w.half) || w.afterSecond != 900 || w.left != 900 {
		t.Errorf("%+v", w)
	}
}

func TestDueTimeLeavesRoom(t *testing.T) {
	sample := &phaseResult{tally: tally{done: 1000}, elapsed: time.Second}
	before := time.Now()
	at := dueTime(&options{keys: 5000, observe: time.Second}, sample) // 5 s of writes, doubled
	if room := at.Sub(before); room < 13*time.Second || room > 15*time.Second || at.Nanosecond() != 0 {
		t.Errorf("due in %v at %v", room, at)
	}
}

func TestExpireScenario(t *testing.T) {
	t.Parallel() // servers of its own
	x := spawned(t, "redis-server", "")
	r := result(t, "expire", "--spawn", x.recipe.program, "--keys", "20000", "--others", "1000", "--rate", "2000",
		"--observe", "1500ms", "--due-in", "3s")
	r.within(t, 0, map[string][2]float64{"gone_s": {0, 20}, "half_gone_s": {0, 20}, "left_after_1s": {0, 20000},
		"p99_before_us": {1, 1e7}, "p99_after_us": {1, 1e7}})
}
