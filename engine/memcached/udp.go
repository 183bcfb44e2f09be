// UDP: the frame around requests and answers, and the bound on what a forged sender can have sent to others.

package memcached

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"sync/atomic"

	"github.com/cachesrv/cachesrv/engine"
)

const (
	udpHeader   = 8                      // request id, number of this datagram, how many there are, zero: two bytes each
	udpDatagram = 1400                   // longest datagram of an answer, its header included: no network splits that
	udpGain     = 10                     // an answer of several datagrams has at most so many times the bytes of its request
	udpAnswer   = 64<<10 - 2*udpDatagram // and never more than this

	replyUDPTooLarge = "SERVER_ERROR response too large for UDP"
	replyUDPNever    = "SERVER_ERROR not offered over UDP"
)

// udpTally counts datagrams.
type udpTally struct{ received, dropped, tooLarge atomic.Int64 }

func (t *udpTally) reset() {
	t.received.Store(0)
	t.dropped.Store(0)
	t.tooLarge.Store(0)
}

// Datagram implements engine.Datagrams. A datagram is a session of its own: it holds whole requests of either protocol, and
// all their replies together are one answer. What is cut off at its end is nobody's; requests before that are answered.
func (e *Engine) Datagram(w *engine.Worker, c *engine.Conn, in []byte) (size int) {
	e.udp.received.Add(1)
	if !e.takesDatagram(in) {
		e.udp.dropped.Add(1)
		return 0
	}
	x, s := e.callOf(w), &session{e: e, c: c}
	x.s, x.w, x.tx = s, w, w.Tx
	w.Tx.Enter()
	x.entered = true
	limit := max(udpDatagram, min(udpGain*len(in), udpAnswer))
	fits := x.runDatagram(in[udpHeader:], udpPayload(limit))
	if !fits {
		e.udp.tooLarge.Add(1)
		w.Out = w.Out[:0]
		x.refuseLarge(in[udpHeader:])
	}
	x.finish()
	if len(w.Out) == 0 {
		return 0
	}
	w.Out = frameAnswer(w.Out, in)
	return udpDatagram
}

// takesDatagram tells whether a datagram is a request. One that looks like a refusal is not: two servers whose addresses
// somebody forged would answer each other for ever.
func (e *Engine) takesDatagram(in []byte) bool {
	switch {
	case len(in) <= udpHeader, e.auth.required:
		return false
	case binary.BigEndian.Uint16(in[4:]) != 1: // a request of several datagrams
		return false
	}
	body := in[udpHeader:]
	return body[0] != responseMagic && !bytes.HasPrefix(body, []byte("ERROR")) && !bytes.HasPrefix(body, []byte("CLIENT_ERROR")) &&
		!bytes.HasPrefix(body, []byte("SERVER_ERROR"))
}

// runDatagram runs the requests of a datagram until one is not whole, or the replies are longer than limit: false.
func (x *call) runDatagram(in []byte, limit int) bool {
	s, whole := x.s, 0
	for len(in) > 0 && !s.closing {
		if n := x.refuseStream(in); n > 0 {
			in = in[n:]
			continue
		}
		n := s.step(x, in)
		if len(x.w.Out) > limit {
			return false
		}
		if n == 0 {
			break
		}
		in = in[n:]
		if s.state == atLine {
			whole = len(x.w.Out)
		}
	}
	if s.state != atLine && s.state != inBody && s.state != inSwallow && s.state != inResync {
		x.w.Out = x.w.Out[:whole] // a list of keys without an end
	}
	return true
}

// refuseStream answers a command that needs a connection, and returns the length of its line; 0 for all others.
func (x *call) refuseStream(in []byte) int {
	nl := bytes.IndexByte(in, '\n')
	if x.s.state != atLine || x.s.binary || in[0] == requestMagic || nl < 0 {
		return 0
	}
	word, _ := nextWord(cutLine(in, nl), 0)
	if cmd := x.e.commands.find(word); cmd == nil || !cmd.has(flagStream) {
		return 0
	}
	x.write(replyUDPNever)
	return nl + 1
}

// refuseLarge is the answer in place of one that is too long. What the requests changed stays changed.
func (x *call) refuseLarge(in []byte) {
	if !x.s.binary {
		x.write(replyUDPTooLarge)
		return
	}
	x.f.readHeader(in) // the first request's opaque tells the client what this is about
	x.refuse(statusTooLarge)
}

// udpPayload is how many bytes of replies fit into an answer of so many bytes in all.
func udpPayload(answer int) int {
	parts := (answer + udpDatagram - 1) / udpDatagram
	return answer - parts*udpHeader
}

// frameAnswer cuts replies into datagrams, each of udpDatagram bytes but the last, and puts headers with the id of the request in
// front, in place: from the last to the first.
func frameAnswer(out, request []byte) []byte {
	const room = udpDatagram - udpHeader
	total := len(out)
	parts := (total + room - 1) / room
	out = append(out, make([]byte, parts*udpHeader)...)
	for i := parts - 1; i >= 0; i-- {
		from, at := i*room, i*udpDatagram
		copy(out[at+udpHeader:], out[from:min(from+room, total)])
		h := out[at : at+udpHeader]
		copy(h, request[:2])
		binary.BigEndian.PutUint16(h[2:], uint16(i))
		binary.BigEndian.PutUint16(h[4:], uint16(parts))
		h[6], h[7] = 0, 0
	}
	return out
}

// reportUDP writes what became of datagrams, where there can be any.
func (x *call) reportUDP() {
	if x.e.conf.Int("udp-port") == 0 {
		return
	}
	u := &x.e.udp
	for _, f := range []struct {
		name string
		n    *atomic.Int64
	}{{"udp_received", &u.received}, {"udp_dropped", &u.dropped}, {"udp_too_large", &u.tooLarge}} {
		x.stat(f.name, strconv.FormatInt(f.n.Load(), 10))
	}
}
