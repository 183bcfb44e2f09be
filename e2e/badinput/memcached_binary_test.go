// Row M8 on the real binary: frames of memcached's binary protocol that lie, flood, or never end.

package badinput

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// frame is a binary request; body is the announced length, -1 for the true one.
func frame(op byte, ext, key, value string, body int64) string {
	if body < 0 {
		body = int64(len(ext) + len(key) + len(value))
	}
	b := []byte{0x80, op}
	b = binary.BigEndian.AppendUint16(b, uint16(len(key)))
	b = append(b, byte(len(ext)), 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(body))
	b = append(b, make([]byte, 12)...)
	return string(b) + ext + key + value
}

// answer is a response with a value alone.
func answer(op byte, status uint16, value string) string {
	b := []byte{0x81, op, 0, 0, 0, 0}
	b = binary.BigEndian.AppendUint16(b, status)
	b = binary.BigEndian.AppendUint32(b, uint32(len(value)))
	b = append(b, make([]byte, 12)...)
	return string(b) + value
}

const zeros8 = "\x00\x00\x00\x00\x00\x00\x00\x00"

// playFrames runs each exchange on a connection of its own.
func playFrames(t *testing.T, s *harness.Server, list []exchange) {
	for _, e := range list {
		t.Run(e.name, func(t *testing.T) {
			c := s.Dial(t)
			c.SendAny(e.send)
			c.Expect(e.want)
			if e.closed {
				c.ExpectClosed()
			}
		})
	}
}

func TestM8Frames(t *testing.T) {
	w := watchMemcached(t)
	noop, pong := frame(0x0a, "", "", "", -1), answer(0x0a, 0, "")
	playFrames(t, w.s, []exchange{
		{"body of 2^32-1", frame(0x01, zeros8, "k", "v", 1<<32-1), answer(0x01, 0x03, "Too large."), true},
		{"body of 2^31", frame(0x01, zeros8, "k", "v", 1<<31+9), answer(0x01, 0x03, "Too large."), true},
		{"CVE-2016-8704: append, body below key", frame(0x19, "", strings.Repeat("k", 250), "", 10), answer(0x19, 0x81, "Unknown command"), true},
		{"CVE-2016-8705: set, body below key and extras", frame(0x11, zeros8, strings.Repeat("k", 250), "", 250), answer(0x11, 0x81, "Unknown command"), true},
		{"CVE-2016-8706: a SASL key longer than the body", frame(0x21, "", "PLAIN", "", 1), answer(0x21, 0x81, "Unknown command"), true},
		{"extras of 255", frame(0x00, strings.Repeat("e", 255), "k", "", -1), answer(0x00, 0x04, "Invalid arguments"), true},
		{"extras of 255 on a touch", frame(0x1c, strings.Repeat("e", 255), "k", "", -1), answer(0x1c, 0x04, "Invalid arguments"), true},
		{"key of 65535", frame(0x00, "", strings.Repeat("k", 65535), "", -1), answer(0x00, 0x04, "Invalid arguments"), true},
		{"CVE-2011-4971: a body of -1", frame(0x1a, "", "k", "", 1<<32-1), answer(0x1a, 0x03, "Too large."), true},
		{"bad magic behind a good frame", noop + "\x7f" + noop[1:], pong, true},
		{"unknown opcode with a body", frame(0xf0, "ext", "key", strings.Repeat("\x80", 5000), -1) + noop, answer(0xf0, 0x81, "Unknown command") + pong, false},
		{"too large a value is thrown away", frame(0x01, zeros8, "k", strings.Repeat("\x80", 3<<20), -1) + noop, answer(0x01, 0x03, "Too large.") + pong, false},
		{"SASL where there is none", frame(0x21, "", "PLAIN", "\x00u\x00p", -1) + noop, answer(0x21, 0x81, "Unknown command") + pong, false},
	})
	w.unharmed()
}

// TestM8Announce: many connections announce as much as they may and send nothing: memory follows what arrives.
func TestM8Announce(t *testing.T) {
	w := watchMemcached(t)
	for i := range 300 {
		c := w.s.Dial(t)
		switch i % 3 {
		case 0:
			c.Send(frame(0x01, zeros8, "k", "", 1<<20-200))
		case 1:
			c.Send(frame(0xf0, "", "", "", 1<<32-1))
			c.Expect(answer(0xf0, 0x81, "Unknown command"))
		default:
			c.Send(frame(0x01, zeros8, "k", "", 9)[:20])
		}
	}
	w.inStep()
	if now := w.s.RSS(t); now > w.base+slack {
		t.Errorf("%d KB became %d KB", w.base>>10, now>>10)
	}
	w.unharmed()
}

// TestM8QuietFlood: a client that never reads sends quiet gets of a big value and quiet gets that miss. Others are
// answered, and what waits for it stays bounded.
func TestM8QuietFlood(t *testing.T) {
	w := watchMemcached(t)
	w.by.Ask("set big 0 0 500000\r\n"+strings.Repeat("x", 500_000)+"\r\n", "STORED\r\n")
	hog := w.s.Dial(t)
	flood := strings.Repeat(frame(0x0d, "", "big", "", -1)+frame(0x0d, "", "none", "", -1), 20_000)
	sent := make(chan struct{})
	harness.Go(func() { // ends with the connection
		defer close(sent)
		hog.SetWriteDeadline(time.Now().Add(30 * time.Second))
		hog.Write([]byte(flood))
	})
	other := w.s.Dial(t)
	for range 200 {
		other.Ask(frame(0x0d, "", "none", "", -1)+frame(0x0a, "", "", "", -1), answer(0x0a, 0, ""))
		w.inStep()
	}
	if now := w.s.RSS(t); now > w.base+2*slack {
		t.Errorf("%d KB became %d KB", w.base>>10, now>>10)
	}
	hog.Close()
	<-sent
	w.by.Ask("delete big\r\n", "DELETED\r\n")
	w.unharmed()
}
