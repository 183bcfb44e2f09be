// Tests of marks.go: what the classic commands do to the marks of the meta commands.

package memcached

import "testing"

// TestMarks sends a command at a stale, won and read item whose key came in base64, and looks at what is left.
func TestMarks(t *testing.T) {
	const marked = "HD h1 kMTI= b Z X\r\n"
	for command, want := range map[string]string{
		"get 12":                   marked,
		"gats 0 12":                marked,
		"touch 12 0":               marked,
		"add 12 0 0 1\r\nx":        marked,
		"incr 12 1":                marked,
		"incr 12 1000":             "HD h0 kMTI= b\r\n",
		"append 12 0 0 1\r\n0":     "HD h0 kMTI= b\r\n",
		"ms MTI= 1 b MP\r\n7":      "HD h0 kMTI= b\r\n",
		"ms MTI= 1 b C9\r\n7":      marked,
		"set 12 0 0 1\r\nx":        "HD h0 k12\r\n",
		"replace 12 0 0 1\r\nx":    "HD h0 k12\r\n",
		"ms 12 1\r\nx":             "HD h0 k12\r\n",
		"ms MTI= 1 b\r\nx":         "HD h0 kMTI= b\r\n",
		"ma 12":                    marked,
		"ma MTI= b D90":            "HD h0 kMTI= b\r\n",
		"md 12 I":                  "HD h1 kMTI= b X W\r\n",
		"md 12 x":                  marked,
		"delete 12":                "EN k12\r\n",
		"md 12\r\nmg MTI= b N9":    "HD h1 kMTI= b Z\r\n",
		"md 12\r\nmg MTI= b N9 u":  "HD h0 kMTI= b Z\r\n",
		"md 12\r\nma MTI= b N9":    "HD h0 kMTI= b\r\n",
		"md 12\r\nmg MTI= b N-1 u": "EN k12\r\n",
	} {
		c := newRig(t).client()
		c.send("ms MTI= 2 b\r\n12\r\nmg 12\r\nmd 12 I\r\nmg 12\r\n")
		c.send(command + "\r\n")
		if got := c.send("mg 12 u h k\r\n"); got != want {
			t.Errorf("after %q\n got %q\nwant %q", command, got, want)
		}
	}
}

// TestMarksCostNothing compares what an item with marks takes with what one without takes.
func TestMarksCostNothing(t *testing.T) {
	r := newRig(t)
	c := r.client()
	size := func() int {
		k := r.store.Key([]byte("k"))
		r.w.Tx.Enter()
		defer r.w.Tx.Leave()
		r.w.Tx.Lock1(k)
		defer r.w.Tx.Unlock()
		return r.w.Tx.Find(0, k).Size()
	}
	c.send("set k 0 0 2\r\nab\r\n")
	before := size()
	if got := c.send("md k I\r\nmg k\r\n"); got != "HD\r\nHD X W\r\n" {
		t.Fatalf("got %q", got)
	}
	if after := size(); after != before {
		t.Errorf("%d bytes, %d without marks", after, before)
	}
}
