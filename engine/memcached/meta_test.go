// Tests of meta.go that are not transcripts, and the fuzz target of the meta commands.

package memcached

import (
	"bytes"
	"strings"
	"testing"
)

// dialogue is lines and the replies to them.
type dialogue []struct{ in, out string }

func (d dialogue) run(t *testing.T, c *client) {
	t.Helper()
	for _, turn := range d {
		if got := c.send(turn.in + "\r\n"); got != turn.out {
			t.Errorf("sent %q\n got %q\nwant %q", turn.in, got, turn.out)
		}
	}
}

// TestMetaVersions plays with versions that are known only while it runs.
func TestMetaVersions(t *testing.T) {
	dialogue{
		{"ms k 1 c\r\na", "HD c1\r\n"},
		{"mg k c", "HD c1\r\n"},
		{"ms k 1 C1 c\r\nb", "HD c2\r\n"},
		{"ms k 1 C1 c\r\nc", "EX c0\r\n"},
		{"ms k 1 C2\r\nd", "HD\r\n"},
		{"ms k 1 C2\r\ne", "EX\r\n"}, // nobody knows the version now
		{"mg k c v", "VA 1 c3\r\nd\r\n"},
		{"ms k 1 C3 MA c\r\ne", "HD c4\r\n"},
		{"ms k 1 C3 MP c\r\ne", "EX c0\r\n"},
		{"ms k 1 C4 MP\r\n0", "HD\r\n"},
		{"mg k c v", "VA 3 c5\r\n0de\r\n"},
		{"md k C4 I", "EX\r\n"},
		{"md k C5 I", "HD\r\n"},
		{"mg k c", "HD c6 X W\r\n"},
		{"ms k 1 C6 c T9\r\nx", "HD c7\r\n"},
		{"mg k t", "HD t9\r\n"},
		{"ms k 1 C6 I\r\ny", "HD\r\n"},
		{"mg k c v t", "VA 1 c8 t9 X W\r\ny\r\n"},
		{"ms n 1 q\r\n7", ""},
		{"ma n c", "HD c9\r\n"},
		{"ma n C9 c v", "VA 1 c10\r\n9\r\n"},
		{"ma n C9 c v", "EX\r\n"},
		{"ma n C10 D100 c v", "VA 3 c11\r\n109\r\n"},
		{"gets n", "VALUE n 0 3 11\r\n109\r\nEND\r\n"},
		{"md n C10", "EX\r\n"},
		{"md n C11", "HD\r\n"},
		{"mg v N5 c", "HD c12 W\r\n"},
		{"ms v 1 C12\r\nx", "HD\r\n"},
	}.run(t, newRig(t).client())
}

// TestLaterFlags is the flags that memcached 1.6.18 does not know.
func TestLaterFlags(t *testing.T) {
	dialogue{
		{"ms k 2 E77 c F3 T50\r\nab", "HD c77\r\n"},
		{"gets k", "VALUE k 3 2 77\r\nab\r\nEND\r\n"},
		{"ms k 2 C77 E80 c F3 T50\r\nab", "HD c80\r\n"},
		{"ms k 2 MA E81 c\r\ncd", "HD c81\r\n"},
		{"md k E90 I T20", "HD\r\n"},
		{"mg k c t f v", "VA 4 c90 t20 f3 X W\r\nabcd\r\n"},
		{"md k x E91", "HD\r\n"},
		{"mg k c t f v", "VA 0 c91 t20 f0 Z X\r\n\r\n"},
		{"md k x I C91 T9 E92", "HD\r\n"},
		{"mg k c t s", "HD c92 t9 s0 X W\r\n"},
		{"ma n N0 E5 c", "HD c5\r\n"},
		{"ma n E6 c", "HD c6\r\n"},
		{"mg v N9 E7 c", "HD c7 W\r\n"},
		{"ms k 1 E\r\nx", "CLIENT_ERROR bad token in command line format\r\n"},
		{"md k E1 Ex", "CLIENT_ERROR invalid or duplicate flag\r\n"},
	}.run(t, newRig(t).client())
}

// TestMetaExpiry moves the clock.
func TestMetaExpiry(t *testing.T) {
	r := newRig(t)
	c := r.client()
	dialogue{{"ms k 1 T10\r\na", "HD\r\n"}, {"mg k t", "HD t10\r\n"}}.run(t, c)
	r.tick(100)
	dialogue{{"mg k t R10", "HD t10\r\n"}, {"mg k R11 t", "HD t10 W\r\n"}, {"mg k t T0 t T5", "CLIENT_ERROR duplicate flag\r\n"}}.run(t, c)
	r.tick(9000)
	dialogue{{"mg k t T20", "HD t1 Z\r\n"}, {"me k", "ME k exp=20 la=0 cas=1 fetch=yes cls=3 size=32\r\n"}}.run(t, c)
	r.tick(20000)
	dialogue{{"mg k t", "EN\r\n"}, {"mg k N-1 t v", "VA 0 t0 W\r\n\r\n"}, {"mg k", "EN\r\n"}, {"ms k 1 T1800000030\r\nx", "HD\r\n"}, {"mg k t", "HD t1\r\n"},
		{"mg k T-1 t v", "VA 1 t0\r\nx\r\n"}, {"mg k", "EN\r\n"}, {"ms k 1 T-1 c\r\nx", "HD c2\r\n"}, {"mg k", "EN\r\n"}, {"ma k N-1 J7 v t", "VA 1 t0\r\n7\r\n"}, {"ma k", "NF\r\n"},
		{"ma k N9 J7 q", "HD\r\n"}, {"ma k T-1 v", "VA 1\r\n8\r\n"}, {"ma k", "NF\r\n"}}.run(t, c)
}

// TestMetaIdle has a policy that keeps the time of the last access.
func TestMetaIdle(t *testing.T) {
	r := newRig(t)
	if err := r.store.SetPolicy("allkeys-lru"); err != nil {
		t.Fatal(err)
	}
	c := r.client()
	c.send("ms k 1\r\na\r\n")
	r.tick(30_000)
	dialogue{{"mg k l u", "HD l30\r\n"}, {"mg k l h", "HD l30 h0\r\n"}, {"mg k l", "HD l0\r\n"}}.run(t, c)
	r.tick(7_000)
	dialogue{{"me k", "ME k exp=-1 la=7 cas=1 fetch=yes cls=2 size=24\r\n"}, {"mg k", "HD\r\n"}, {"mg k l", "HD l0\r\n"}}.run(t, c)
}

func TestMetaWithoutVersions(t *testing.T) {
	dialogue{
		{"ms k 1 c\r\n1", "HD c0\r\n"}, {"mg k c v", "VA 1 c0\r\n1\r\n"}, {"ms k 1 C1\r\n2", "EX\r\n"}, {"ms k 1 C0\r\n2", "EX\r\n"}, {"ma k c C5", "HD c0\r\n"},
		{"md k I", "HD\r\n"}, {"mg k c v", "VA 1 c0 X W\r\n2\r\n"}, {"md k C1", "EX\r\n"}, {"md k C0", "HD\r\n"},
	}.run(t, newRig(t, "CACHESRV_DISABLE_CAS=yes").client())
}

// TestOpaqueIsCheckedFirst: a line that is refused has changed nothing.
func TestOpaqueIsCheckedFirst(t *testing.T) {
	long := " O" + strings.Repeat("x", maxOpaque)
	dialogue{
		{"ms k 1\r\n5", "HD\r\n"}, {"mg k T9 h" + long, "CLIENT_ERROR opaque token too long\r\n"}, {"ma k T9" + long, "CLIENT_ERROR opaque token too long\r\n"},
		{"md k I" + long, "CLIENT_ERROR opaque token too long\r\n"}, {"mg n N5" + long, "CLIENT_ERROR opaque token too long\r\n"}, {"mg k v t h", "VA 1 t-1 h0\r\n5\r\n"}, {"mg n", "EN\r\n"},
	}.run(t, newRig(t).client())
}

// TestRefusedSetIsSwallowed is M1 for ms: the body of a refused line is not read as commands.
func TestRefusedSetIsSwallowed(t *testing.T) {
	for _, line := range []string{"ms " + strings.Repeat("k", 251) + " 2", "ms k 2 P 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "ms k 2 z", "ms k 2 O" + strings.Repeat("x", 32)} {
		got := newRig(t).client().send(line + "\r\nmn\r\nmg k\r\n")
		if want := "EN\r\n"; !strings.HasPrefix(got, "CLIENT_ERROR ") || strings.Contains(got, "MN") || !strings.HasSuffix(got, want) {
			t.Errorf("%.20q: got %q", line, got)
		}
	}
	dialogue{
		{"ms k 2\r\nabc\r\nmn", "CLIENT_ERROR bad data chunk\r\nMN\r\n"}, {"ms k x\r\nmn", "CLIENT_ERROR bad command line format\r\nMN\r\n"},
		{"ms k 2147483646\r\nmn", "CLIENT_ERROR bad command line format\r\nMN\r\n"}, {"ms k\r\nmn", "CLIENT_ERROR bad command line format\r\nMN\r\n"},
		{"ms k 1 q\r\na", ""}, {"ms k 2000000 q MA\r\n" + strings.Repeat("x", 2000000), "SERVER_ERROR object too large for cache\r\n"}, {"mg k", "EN\r\n"},
	}.run(t, newRig(t).client())
}

// TestAnyByteInAKey: what is in a key never ends a line of a reply.
func TestAnyByteInAKey(t *testing.T) {
	c := newRig(t).client()
	const key = "YQ0KRU5EDQo=" // "a\r\nEND\r\n"
	dialogue{
		{"mg " + key + " b k", "EN k" + key + " b\r\n"}, {"mg " + key + " b k N9", "HD k" + key + " b W\r\n"}, {"ms " + key + " 1 b k MA\r\nx", "HD k" + key + " b\r\n"},
		{"mg " + key + " b k v", "VA 1 k" + key + " b\r\nx\r\n"}, {"md " + key + " b k", "HD k" + key + " b\r\n"}, {"ma " + key + " b k N9", "HD k" + key + " b\r\n"},
		{"me " + key + " b", "ME " + key + " exp=9 la=0 cas=1 fetch=no cls=4 size=40\r\n"}, {"stats cachedump 4 0", "ITEM a%0D%0AEND%0D%0A [1 b; 1800000009 s]\r\nEND\r\n"},
	}.run(t, c)
	big := strings.Repeat("x", 2000000)
	dialogue{{"ms " + key + " 2000000 b\r\n" + big, "SERVER_ERROR object too large for cache\r\n"}, {"mg " + key + " b", "EN\r\n"}}.run(t, c)
}

// TestMetaCounts looks at the figures that stats shows.
func TestMetaCounts(t *testing.T) {
	c := newRig(t).client()
	c.send("ms k 1\r\n1\r\nmg k\r\nmg n\r\nmg k T9\r\nma k\r\nma n\r\nma k MD\r\nma n MD\r\nms k 1 C9\r\nx\r\nms n 1 C9\r\nx\r\nmd n\r\nmd k C9\r\nmd k\r\nme k\r\nmg vv N9\r\n")
	figures := c.stats("")
	for name, want := range map[string]string{"cmd_set": "3", "cmd_get": "3", "get_hits": "2", "get_misses": "1", "cmd_touch": "1", "touch_hits": "1", "incr_hits": "1", "incr_misses": "1",
		"decr_hits": "1", "decr_misses": "1", "cas_badval": "1", "cas_misses": "1", "delete_misses": "2", "delete_hits": "1", "cmd_meta": "1"} {
		if figures[name] != want {
			t.Errorf("%s is %s, want %s", name, figures[name], want)
		}
	}
}

// FuzzMeta feeds lines that begin like meta commands: nothing panics, every line but ms and quiet ones has one reply, and the
// connection is in step afterwards, however the bytes arrive.
func FuzzMeta(f *testing.F) {
	for _, line := range []string{"mg k s v f t h l k O12 c", "mg a2V5 b k N30 R5 T-1", "ms k 2 c k O1 F5 T30 MA I C1", "md k I T30 C2 q", "ma k N0 J13 D5 MD t c v T9", "me a2V5 b", "mn",
		"mg k v v", "mg k Oxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "mg  \t\x80", "ms k 99999999999", "mg k E5 x"} {
		f.Add([]byte(line), uint16(7))
	}
	f.Fuzz(func(t *testing.T, line []byte, at uint16) {
		if len(line) > 1000 || bytes.IndexByte(line, '\n') >= 0 {
			return
		}
		in := "ms k 2 T30\r\n17\r\n" + "m" + string(bytes.TrimPrefix(line, []byte("m"))) + "\r\nab\r\n"
		const closing = "get in-step\r\nmg in-step k\r\nmn\r\n"
		whole := newRig(t).client().send(in)
		c := newRig(t).client()
		cut := int(at) % len(in)
		if pieces := c.send(in[:cut]) + c.send(in[cut:]); pieces != whole {
			t.Errorf("%q cut at %d\n got %q\nwant %q", in, cut, pieces, whole)
		}
		if c.s.closing || c.s.state != atLine || len(c.rest) > 0 {
			return // a body is still expected
		}
		if got := c.send(closing); got != "END\r\nEN kin-step\r\nMN\r\n" {
			t.Errorf("out of step after %q: %q", in, got)
		}
	})
}
