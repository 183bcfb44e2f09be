// Tests of udp.go: what is a request, how answers are cut, and that no answer is much longer than what asked for it.

package memcached

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/engine"
)

const udpID = "\x12\x34"

// datagram puts a frame around requests: the only one of them, as every client sends it.
func datagram(requests string) string { return udpID + "\x00\x00\x00\x01\x00\x00" + requests }

// post gives one datagram to the engine and returns the replies of its answer, after a look at every header.
func (r *rig) post(in string) string {
	r.t.Helper()
	buf := []byte(in)
	size := r.e.Datagram(r.w, &engine.Conn{}, buf)
	out := bytes.Clone(r.w.Out)
	r.w.Out = r.w.Out[:0]
	if size == 0 {
		if len(out) > 0 {
			r.t.Fatalf("%q: nothing is to be sent, but there is %q", in, out)
		}
		return ""
	}
	if limit := max(udpDatagram, udpGain*len(in)); size > udpDatagram || len(out) > limit || len(out) == 0 {
		r.t.Fatalf("%d bytes ask for %d in parts of %d", len(in), len(out), size)
	}
	parts, text := (len(out)+size-1)/size, ""
	for i := range parts {
		part := out[:min(size, len(out))]
		out = out[len(part):]
		if string(part[:2]) != in[:2] || binary.BigEndian.Uint16(part[2:]) != uint16(i) || binary.BigEndian.Uint16(part[4:]) != uint16(parts) || part[6]|part[7] != 0 {
			r.t.Fatalf("datagram %d of %d begins with %q", i, parts, part[:8])
		}
		text += string(part[udpHeader:])
	}
	return text
}

func TestDatagrams(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ in, want string }{
		{"set a 0 0 3\r\nabc\r\n", "STORED\r\n"},
		{"get a\r\n", "VALUE a 0 3\r\nabc\r\nEND\r\n"},
		{"get a b a\r\nversion\r\n", "VALUE a 0 3\r\nabc\r\nVALUE a 0 3\r\nabc\r\nEND\r\nVERSION 1.6.18\r\n"},
		{"mg a v\r\nmn\r\n", "VA 3\r\nabc\r\nMN\r\n"},
		{"foo\r\n", "ERROR\r\n"},
		{"get a", ""},         // no end
		{"\r\n", "ERROR\r\n"}, // nothing of it was kept
		{"version\r\nset b 0 0 9\r\nabc", "VERSION 1.6.18\r\n"},
		{"get a\r\nget a " + strings.Repeat("b ", maxLine), "VALUE a 0 3\r\nabc\r\nEND\r\n"},
		{"set c 0 0 1 noreply\r\nx\r\n", ""},
		{"get c\r\nquit\r\nget c\r\n", "VALUE c 0 1\r\nx\r\nEND\r\n"},
		{"watch\r\nget c\r\n", replyUDPNever + "\r\nVALUE c 0 1\r\nx\r\nEND\r\n"},
		{"  shutdown\r\n", replyUDPNever + "\r\n"},
		{"set big 0 0 2000000\r\nxx", "SERVER_ERROR object too large for cache\r\n"},
		{"flush_all\r\nget a\r\n", "OK\r\nEND\r\n"},
	} {
		if got := r.post(datagram(c.in)); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
	get := request{op: 0x0c, key: "k"}.String()
	r.post(datagram(setFrame(0x01, "k", "v", 0, 0).String()))
	if got := responses(t, r.post(datagram(get+request{op: 0x0a}.String()))); len(got) != 2 || got[0].val != "v" || got[1].op != 0x0a {
		t.Errorf("binary: %+v", got)
	}
	if got := r.post(datagram(get[:24])); got != "" {
		t.Errorf("half a frame: %q", got)
	}
}

func TestM10NoRequests(t *testing.T) {
	r := newRig(t)
	for _, in := range []string{
		"", "1234567", datagram(""), // CVE-2022-48571: shorter than the frame
		udpID + "\x00\x00\x00\x02\x00\x00get a\r\n", udpID + "\x00\x01\x00\x02\x00\x00get a\r\n", udpID + "\x00\x00\x00\x00\x00\x00get a\r\n",
		datagram("ERROR\r\n"), datagram("CLIENT_ERROR x\r\n"), datagram("SERVER_ERROR x\r\n"), datagram("\x81" + strings.Repeat("\x00", 23)),
	} {
		if got := r.post(in); got != "" {
			t.Errorf("%q is answered: %q", in, got)
		}
	}
	if got := r.e.udp.dropped.Load(); got != 10 {
		t.Errorf("%d dropped", got)
	}
}

// CVE-2018-1000115: a few bytes from a forged sender must not send him much.
func TestM10Amplification(t *testing.T) {
	r := newRig(t)
	r.client().send(fmt.Sprintf("set small 0 0 %d\r\n%s\r\nset big 0 0 %d\r\n%s\r\n", 1365, strings.Repeat("s", 1365), 60000, strings.Repeat("b", 60000)))
	tooLarge := replyUDPTooLarge + "\r\n"
	for _, c := range []struct{ in, want string }{
		{"get big\r\n", tooLarge},
		{"gets big big big big\r\n", tooLarge},
		{"mg big v\r\n", tooLarge},
		{"stats\r\n", tooLarge},
		{"get small small\r\n", tooLarge},
		{"get " + strings.Repeat("big ", 10000) + "\r\n", ""}, // bounded by post
	} {
		if got := r.post(datagram(c.in)); got != c.want && c.want != "" {
			t.Errorf("%q: %d bytes %.60q", c.in, len(got), got)
		}
	}
	if got := r.post(datagram("get small\r\n")); len(got) != udpDatagram-udpHeader {
		t.Errorf("%d bytes", len(got))
	}
	// Whoever sends much may get several datagrams.
	if got := r.post(datagram("get small " + strings.Repeat("nokey ", 60) + "\r\nget small\r\n")); !strings.HasSuffix(got, "ss\r\nEND\r\n") || len(got) < 2*1365 {
		t.Errorf("%d bytes %.40q", len(got), got)
	}
	got := responses(t, r.post(datagram(request{op: 0x00, key: "big"}.String())))
	if len(got) != 1 || got[0].st != statusTooLarge || got[0].op != 0x00 {
		t.Errorf("binary: %+v", got)
	}
	if n := r.e.udp.tooLarge.Load(); n != 7 {
		t.Errorf("%d counted", n)
	}
}

// The settings exclude it; this is the second lock.
func TestM9NothingOverUDPWithUsers(t *testing.T) {
	r := newRig(t)
	r.e.auth.required = true
	for _, in := range []string{"get a\r\n", "version\r\n", "set t 0 0 9\r\nuser pass\r\n", request{op: 0x21, key: "PLAIN", val: "\x00u\x00p"}.String()} {
		if got := r.post(datagram(in)); got != "" {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestFrameAnswer(t *testing.T) {
	for _, n := range []int{1, 1391, 1392, 1393, 2784, 2785, 50000} {
		text := make([]byte, n)
		for i := range text {
			text[i] = byte(i * 7)
		}
		out, back := frameAnswer(bytes.Clone(text), []byte(udpID)), []byte(nil)
		for len(out) > 0 {
			part := out[:min(udpDatagram, len(out))]
			back, out = append(back, part[udpHeader:]...), out[len(part):]
		}
		if !bytes.Equal(back, text) {
			t.Errorf("%d bytes are not what they were", n)
		}
		if framed := n + (n+1391)/1392*udpHeader; udpPayload(framed) != n {
			t.Errorf("%d bytes in all hold %d, want %d", framed, udpPayload(framed), n)
		}
	}
}

// FuzzDatagram: any datagram is answered within the bounds that post looks at, or not at all.
func FuzzDatagram(f *testing.F) {
	f.Add([]byte(datagram("get k j\r\nset k 0 0 1\r\nx\r\n")))
	f.Add([]byte(datagram("lru_crawler metadump all\r\nstats\r\n")))
	f.Add([]byte(datagram(setFrame(0x01, "k", "v", 0, 0).String() + request{op: 0x10}.String())))
	f.Add([]byte("\x00\x01\x02"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := newRig(t)
		r.client().send("set k 0 0 2000\r\n" + strings.Repeat("v", 2000) + "\r\n")
		r.post(string(in))
		if got := r.post(datagram("version\r\n")); got != "VERSION 1.6.18\r\n" {
			t.Errorf("after %q: %q", in, got)
		}
	})
}
