// No command holds its loop hostage: while one connection waits for a slow command, the others are answered.

package badinput

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// TestHandOverDuringSleep counts the replies that others get while DEBUG SLEEP runs. The original gives none.
func TestHandOverDuringSleep(t *testing.T) {
	if !onlyOurs(t) {
		return
	}
	for _, threads := range []string{"1", "2"} {
		t.Run("threads "+threads, func(t *testing.T) {
			w := watchRedis(t, "--enable-debug-command=yes", "--threads="+threads)
			others := dialMany(t, w.s, 20)
			sleeper := w.s.Dial(t)
			sleeper.Ask("PING\r\n", "+PONG\r\n")
			for _, c := range others {
				c.Ask("PING\r\n", "+PONG\r\n")
			}
			start := time.Now()
			sleeper.Send(harness.Command("DEBUG", "SLEEP", "1.5") + "PING\r\n")
			time.Sleep(50 * time.Millisecond)
			replies := 0
			for time.Since(start) < 1200*time.Millisecond {
				for _, c := range others {
					c.Ask(harness.Command("GET", "bystander"), "$28\r\n"+canary+"\r\n")
					replies++
				}
			}
			late := w.s.Dial(t) // a client that comes while the command runs
			late.Ask("PING\r\n", "+PONG\r\n")
			if time.Since(start) > 1500*time.Millisecond {
				t.Errorf("the others' last replies came %v after the start: they waited for the sleeper", time.Since(start))
			}
			if replies < 200 {
				t.Errorf("%d replies to others during one second of sleep", replies)
			}
			sleeper.Expect("+OK\r\n+PONG\r\n")
			if time.Since(start) < 1400*time.Millisecond {
				t.Error("the sleeper came back too early")
			}
			sleeper.Ask("PING\r\n", "+PONG\r\n")
			w.unharmed()
		})
	}
}

// TestHandOverSeveral lets more clients sleep at once than there are threads.
func TestHandOverSeveral(t *testing.T) {
	if !onlyOurs(t) {
		return
	}
	w := watchRedis(t, "--enable-debug-command=yes")
	sleepers := dialMany(t, w.s, 5)
	start := time.Now()
	for _, c := range sleepers {
		c.Send(harness.Command("DEBUG", "SLEEP", "0.5"))
	}
	for time.Since(start) < 400*time.Millisecond {
		w.inStep()
	}
	if d := time.Since(start); d > 3*time.Second {
		t.Errorf("a bystander waited %v", d)
	}
	for _, c := range sleepers {
		c.Expect("+OK\r\n")
		c.Close()
	}
	// One sleeper goes away while its command runs: the reply must not reach anybody.
	gone := w.s.Dial(t)
	gone.Send(harness.Command("DEBUG", "SLEEP", "0.3"))
	gone.Close()
	time.Sleep(500 * time.Millisecond)
	w.unharmed()
}

// TestHandOverDuringKeys asks for all of many keys again and again while others read.
func TestHandOverDuringKeys(t *testing.T) {
	w := watchRedis(t)
	load := w.s.Dial(t)
	const total = 400_000
	for i := 0; i < total; i += 1000 {
		args := []string{"MSET"}
		for j := range 1000 {
			args = append(args, fmt.Sprintf("handover:%d", i+j), "v")
		}
		load.Ask(harness.Command(args...), "+OK\r\n")
	}
	others := dialMany(t, w.s, 10)
	slow := w.s.Dial(t)
	slow.Send(strings.Repeat(harness.Command("KEYS", "handover:*99999*"), 5))
	start := time.Now()
	for range 50 {
		for _, c := range others {
			c.Ask(harness.Command("GET", "bystander"), "$28\r\n"+canary+"\r\n")
		}
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("500 replies took %v beside KEYS", d)
	}
	for range 5 {
		if r := slow.Reply(); len(r.Elems) != 4 {
			t.Errorf("KEYS found %d keys, want 4: %v", len(r.Elems), r)
		}
	}
}
