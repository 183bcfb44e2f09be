// memcached's binary protocol: the bytes of requests, and the parser of replies.

package bench

import (
	"encoding/binary"
	"fmt"
)

// Parts of a frame (memcached's document "The Memcache binary protocol").
const (
	frameHeader  = 24
	requestMagic = 0x80
	replyMagic   = 0x81

	opGet    = 0x00
	opSet    = 0x01
	opNoop   = 0x0a
	opGetKQ  = 0x0d
	notFound = 1 // status
)

// maxFrame is the longest body that a reply may have; longer means the peer does not speak the protocol.
const maxFrame = 1 << 30

// appendHeader begins a request.
func appendHeader(dst []byte, opcode byte, key, extras, value int) []byte {
	dst = append(dst, requestMagic, opcode)
	dst = binary.BigEndian.AppendUint16(dst, uint16(key))
	dst = append(dst, byte(extras), 0, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, uint32(key+extras+value))
	return append(dst, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
}

// Get
func binaryGet(dst []byte, q *requests, key uint64, _ uint32) []byte {
	return q.keys.appendKey(appendHeader(dst, opGet, q.keys.size, 0, 0), key)
}

// GetKQ for each key, and Noop
func binaryGets(dst []byte, q *requests, key uint64, _ uint32) []byte {
	q.each(key, func(key uint64) { dst = q.keys.appendKey(appendHeader(dst, opGetKQ, q.keys.size, 0, 0), key) })
	return appendHeader(dst, opNoop, 0, 0, 0)
}

// Set
func binarySet(dst []byte, q *requests, key uint64, version uint32) []byte {
	dst = appendHeader(dst, opSet, q.keys.size, 8, q.keys.valueSize(key, version))
	dst = binary.BigEndian.AppendUint32(dst, 0)
	dst = binary.BigEndian.AppendUint32(dst, q.expiry)
	dst = q.keys.appendKey(dst, key)
	return q.keys.appendValue(dst, key, version)
}

func checkStatus(_ *requests, _ uint64, r *reply) outcome {
	if r.kind == kindStatus {
		return outcomeDone
	}
	return outcomeWrong
}

// binaryParser reads frames. Those of GetKQ belong to a multi-get, which that of Noop ends.
type binaryParser struct {
	partial []byte // the start of a frame that a read has cut
	values  int    // of the present multi-get
}

func (p *binaryParser) reset() { p.partial, p.values = p.partial[:0], 0 }

func (p *binaryParser) next(data []byte, r *reply) (taken int, done bool, err error) {
	for taken < len(data) {
		frame, n, err := p.take(data[taken:])
		if taken += n; err != nil || frame == nil {
			return taken, false, err
		}
		if frame[1] == opGetKQ {
			p.values++
			continue
		}
		value := frame[frameHeader+int(frame[4])+int(binary.BigEndian.Uint16(frame[2:])):]
		switch status := binary.BigEndian.Uint16(frame[6:]); {
		case status == notFound:
			*r = reply{kind: kindAbsent}
		case status != 0:
			*r = reply{kind: kindError, line: value}
		case frame[1] == opNoop:
			*r = reply{kind: kindGroup, size: p.values}
			p.values = 0
		case frame[1] == opGet:
			*r = reply{kind: kindValue, body: value}
		default:
			*r = reply{kind: kindStatus}
		}
		return taken, true, nil
	}
	return taken, false, nil
}

// take gives the frame at the start of data, valid until the next take, or puts aside what there is of it.
func (p *binaryParser) take(data []byte) (frame []byte, taken int, err error) {
	if len(p.partial) == 0 {
		size, err := frameSize(data)
		if err != nil {
			return nil, 0, err
		}
		if size <= len(data) {
			return data[:size], size, nil
		}
		p.partial = append(p.partial, data...)
		return nil, len(data), nil
	}
	for range 2 { // up to the header's end, then up to the frame's
		size, err := frameSize(p.partial)
		if err != nil {
			return nil, taken, err
		}
		n := min(size-len(p.partial), len(data)-taken)
		p.partial = append(p.partial, data[taken:taken+n]...)
		taken += n
		if whole, err := frameSize(p.partial); err != nil || len(p.partial) == whole {
			frame, p.partial = p.partial, p.partial[:0]
			return frame, taken, err
		}
	}
	return nil, taken, nil
}

// frameSize is how long the frame is that data begins; as far as is known without its header, which is longer than any part of it.
func frameSize(data []byte) (int, error) {
	if len(data) > 0 && data[0] != replyMagic {
		return 0, fmt.Errorf("a frame that starts with 0x%02x", data[0])
	}
	if len(data) < frameHeader {
		return frameHeader, nil
	}
	body := int(binary.BigEndian.Uint32(data[8:]))
	if parts := int(data[4]) + int(binary.BigEndian.Uint16(data[2:])); body > maxFrame || parts > body {
		return 0, fmt.Errorf("a frame of %d bytes with %d before its value", body, parts)
	}
	return frameHeader + body, nil
}
