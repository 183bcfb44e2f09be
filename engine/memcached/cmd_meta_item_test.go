// Tests of cmd_meta_item.go, and what the journal reads of the meta commands.

package memcached

import (
	"fmt"
	"strings"
	"testing"
)

func TestMetaJournal(t *testing.T) {
	r := newRig(t)
	j := &journal{}
	r.store.SetJournal(j)
	r.client().send("ms k 1 T100 F7\r\n5\r\nms k 1 ME\r\nx\r\nms k 1 MA\r\n0\r\nms k 1 MP q\r\n1\r\nma k D5\r\nma k MD\r\nma k T9 v\r\nma n\r\nma n N100 J12 c q\r\nma n T-1\r\n" +
		"mg k T50 v\r\nmg k v c h\r\nmg v N60 k\r\nmg w N-1\r\nmd k I T30\r\nmd k x\r\nmd k I x\r\nmd k C987 I\r\nmd k I T-1\r\nms k 1 T-1\r\nx\r\nms v 1\r\ny\r\nms v 1 C1 I\r\nz\r\n" +
		"md v q\r\nmd v q\r\nmg k Oxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx N5\r\nms k 1 z\r\nx\r\n")
	want := []string{
		"set k 7 1800000100000 5", "append k 0", "prepend k 1", "incr k 5", "decr k 1", "incr k 1", "touch k 1800000009000",
		"set n 0 1800000100000 12", "incr n 1", "delete n", "touch k 1800000050000", "mg v 1800000060000",
		"md k 1800000030000 I", "md k 1800000030000 x", "md k 1800000030000 Ix", "delete k",
		"set v 0 0 y", "set v 0 0 z", "delete v",
	}
	if got := strings.Join(j.lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// TestNumbersAtTheEdge goes through the lengths at which a number takes another place.
func TestNumbersAtTheEdge(t *testing.T) {
	c := newRig(t).client()
	c.send("ma n N0\r\n")
	for n := uint64(1); n != 0; n *= 10 {
		down, up := fmt.Sprint(n-1), fmt.Sprint(n)
		c.send("set n 0 0 " + fmt.Sprint(len(down)) + "\r\n" + down + "\r\n")
		if got, want := c.send("ma n v\r\nmg n v\r\n"), fmt.Sprintf("VA %d\r\n%s\r\n", len(up), up); got != want+want {
			t.Fatalf("%s and 1: %q", down, got)
		}
		blank := strings.Repeat(" ", len(up)-len(down))
		if got, want := c.send("ma n MD v\r\nmg n v\r\n"), fmt.Sprintf("VA %d\r\n%s\r\nVA %d\r\n%s%s\r\n", len(down), down, len(up), down, blank); got != want {
			t.Fatalf("%s less 1: got %q, want %q", up, got, want)
		}
		if n > 1e18 {
			break
		}
	}
	if got := c.send("ma n D18446744073709551615 q\r\nma n D18446744073709551615 v\r\nma n M- D18446744073709551615 v\r\n"); !strings.HasSuffix(got, "VA 1\r\n0\r\n") {
		t.Errorf("got %q", got)
	}
}
