// Tests of binary.go, and what the tests of the binary protocol share.

package memcached

import (
	"encoding/binary"
	"strings"
	"testing"
)

// request is a frame as a test writes it.
type request struct {
	op            byte
	cas           uint64
	ext, key, val string
	opaque        uint32
}

// String is the frame's bytes.
func (q request) String() string {
	b := []byte{requestMagic, q.op}
	b = binary.BigEndian.AppendUint16(b, uint16(len(q.key)))
	b = append(b, byte(len(q.ext)), 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(len(q.ext)+len(q.key)+len(q.val)))
	b = binary.BigEndian.AppendUint32(b, q.opaque)
	b = binary.BigEndian.AppendUint64(b, q.cas)
	return string(b) + q.ext + q.key + q.val
}

// lying gives the frame with other lengths in its header.
func (q request) lying(ext, key, body int) string {
	b := []byte(q.String())
	b[4] = byte(ext)
	binary.BigEndian.PutUint16(b[2:], uint16(key))
	binary.BigEndian.PutUint32(b[8:], uint32(body))
	return string(b)
}

// response is a frame that came back.
type response struct {
	op       byte
	st       status
	opaque   uint32
	cas      uint64
	ext      string
	key, val string
}

// responses cuts replies; bytes that are no whole frame fail the test.
func responses(t testing.TB, out string) (list []response) {
	t.Helper()
	for out != "" {
		if len(out) < headerLen || out[0] != responseMagic {
			t.Fatalf("no response: %q", out)
		}
		h := []byte(out[:headerLen])
		ext, key, body := int(h[4]), int(binary.BigEndian.Uint16(h[2:])), int(binary.BigEndian.Uint32(h[8:]))
		if ext+key > body || len(out) < headerLen+body || h[5] != 0 {
			t.Fatalf("no whole response: %q", out)
		}
		b := out[headerLen : headerLen+body]
		list = append(list, response{op: h[1], st: status(binary.BigEndian.Uint16(h[6:])), opaque: binary.BigEndian.Uint32(h[12:]),
			cas: binary.BigEndian.Uint64(h[16:]), ext: b[:ext], key: b[ext : ext+key], val: b[ext+key:]})
		out = out[headerLen+body:]
	}
	return list
}

// ask sends frames and gives the responses.
func (c *client) ask(requests ...request) []response {
	c.r.t.Helper()
	var in strings.Builder
	for _, q := range requests {
		in.WriteString(q.String())
	}
	return responses(c.r.t, c.send(in.String()))
}

// one sends a frame that has exactly one response.
func (c *client) one(q request) response {
	c.r.t.Helper()
	list := c.ask(q)
	if len(list) != 1 {
		c.r.t.Fatalf("%+v: %d responses", q, len(list))
	}
	return list[0]
}

func be32(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }
func be64(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }

func setFrame(op byte, key, val string, flags, expiry uint32) request {
	return request{op: op, key: key, val: val, ext: be32(flags) + be32(expiry)}
}

func TestHeader(t *testing.T) {
	q := request{op: 0x21, cas: 1<<63 + 5, ext: "abcd", key: "key", val: "value", opaque: 0xfedcba98}
	in := []byte(q.String())
	var f frame
	f.readHeader(in)
	f.cutHead(in)
	if end := f.cutValue(in); end != len(in) || !f.consistent() || f.size() != 5 {
		t.Errorf("end %d, size %d", end, f.size())
	}
	if f.opcode != q.op || f.cas != q.cas || f.opaque != q.opaque || string(f.ext) != q.ext || string(f.key) != q.key || string(f.value) != q.val {
		t.Errorf("%+v", f)
	}
	if cap(f.ext) != len(f.ext) || cap(f.key) != len(f.key) || cap(f.value) != len(f.value) {
		t.Error("a part can be appended to over the next")
	}
	got := responses(t, string(append(f.appendHeader(nil, statusExists, 4, 3, 5, 77), "abcdkeyvalue"...)))
	if want := (response{op: 0x21, st: statusExists, opaque: q.opaque, cas: 77, ext: "abcd", key: "key", val: "value"}); got[0] != want {
		t.Errorf("%+v", got[0])
	}
}

// TestHeaderLengths: no length in a header makes another one wrap around.
func TestHeaderLengths(t *testing.T) {
	for _, c := range []struct {
		ext  uint8
		key  uint16
		body uint32
		ok   bool
		size uint32
	}{
		{0, 0, 0, true, 0}, {255, 65535, 65790, true, 0}, {255, 65535, 65789, false, 0}, {255, 65535, 0, false, 0},
		{8, 250, 1<<32 - 1, true, 1<<32 - 1 - 258}, {0, 1, 0, false, 0}, {1, 0, 0, false, 0}, {0, 0, 1 << 31, true, 1 << 31},
	} {
		f := frame{extLen: c.ext, keyLen: c.key, body: c.body}
		if f.consistent() != c.ok || c.ok && f.size() != c.size {
			t.Errorf("%+v: %v, size %d", c, f.consistent(), f.size())
		}
	}
}

func TestStatusTexts(t *testing.T) {
	for _, st := range []status{statusNotFound, statusExists, statusTooLarge, statusInvalid, statusNotStored, statusNotNumber, statusAuthError, statusUnknown, statusNoMemory} {
		if st.text() == "" {
			t.Errorf("%#x has no text", uint16(st))
		}
	}
}
