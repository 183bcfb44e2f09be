// Tests of cmd_meta_set.go: that one client of many renews a value.

package memcached

import (
	"strings"
	"testing"
)

// TestOneClientWins lets many clients ask for a key that is missing, then stale, then about to expire.
func TestOneClientWins(t *testing.T) {
	r := newRig(t)
	clients := make([]*client, 20)
	for i := range clients {
		clients[i] = r.client()
	}
	clients[0].send("ms other 1 c\r\nx\r\nms other 1 c\r\nx\r\n") // versions 1 and 2
	ask := func(line string) (winners int, others string) {
		for _, c := range clients {
			switch got := c.send(line + "\r\n"); {
			case strings.HasSuffix(got, " W\r\n"):
				winners++
			case others == "":
				others = got
			case others != got:
				t.Errorf("%s: %q and %q", line, others, got)
			}
		}
		return winners, others
	}
	for _, turn := range []struct {
		before, ask string
		winners     int
		others      string
	}{
		{"mn", "mg k N30", 1, "HD Z\r\n"},
		{"ms k 2 T100\r\nab", "mg k R50", 0, "HD\r\n"},
		{"md k I", "mg k", 1, "HD Z X\r\n"},
		{"ms k 2 T40\r\nab", "mg k R50", 1, "HD Z\r\n"},
		{"ms k 2 C1 I\r\ncd", "mg k", 0, "HD Z X\r\n"}, // the winner from before is still on it
	} {
		clients[0].send(turn.before + "\r\n")
		if winners, others := ask(turn.ask); winners != turn.winners || others != turn.others {
			t.Errorf("after %q %d clients won, the others got %q", turn.before, winners, others)
		}
	}
}

// TestWinnerKeepsItsPrize: a value that comes late is stored as stale, and whoever won goes on being the winner.
func TestWinnerKeepsItsPrize(t *testing.T) {
	dialogue{
		{"ms k 1 T30 c\r\n1", "HD c1\r\n"},
		{"md k I T60", "HD\r\n"},
		{"mg k v c t", "VA 1 c2 t60 X W\r\n1\r\n"}, // the winner, with version 2
		{"ms k 1 C1 I T500\r\n2", "HD\r\n"},        // a late one, with version 1
		{"mg k v t", "VA 1 t60 Z X\r\n2\r\n"},
		{"mg k c", "HD c3 Z X\r\n"},
		{"ms k 1 C3 T90\r\n3", "HD\r\n"},
		{"mg k v t", "VA 1 t90\r\n3\r\n"},
	}.run(t, newRig(t).client())
}
