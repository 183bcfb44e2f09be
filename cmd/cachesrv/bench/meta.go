// memcached's meta protocol: the bytes of requests, and the parser of replies.

package bench

import (
	"bytes"
	"fmt"
	"strconv"
)

// mg key v
func metaGet(dst []byte, q *requests, key uint64, _ uint32) []byte {
	dst = append(dst, "mg "...)
	dst = q.keys.appendKey(dst, key)
	return append(dst, " v\r\n"...)
}

// mg key v k q, for each key, and mn: only what is there is answered, with its key, as a client needs it
func metaGets(dst []byte, q *requests, key uint64, _ uint32) []byte {
	q.each(key, func(key uint64) {
		dst = append(dst, "mg "...)
		dst = q.keys.appendKey(dst, key)
		dst = append(dst, " v k q\r\n"...)
	})
	return append(dst, "mn\r\n"...)
}

// ms key length [T expiry]
func metaSet(dst []byte, q *requests, key uint64, version uint32) []byte {
	dst = append(dst, "ms "...)
	dst = q.keys.appendKey(dst, key)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, int64(q.keys.valueSize(key, version)), 10)
	dst = append(dst, q.metaEnd...)
	dst = q.keys.appendValue(dst, key, version)
	return append(dst, "\r\n"...)
}

func checkHD(_ *requests, _ uint64, r *reply) outcome { return expectLine(r, "HD") }

// metaParser reads replies of the meta protocol: a line, or VA with a value behind it. Values that come with their key belong to a multi-get, which MN ends.
type metaParser struct {
	cursor
	part   bool // the body being read belongs to a multi-get
	values int  // of the present one
}

func newMetaParser(keep bool) *metaParser {
	return &metaParser{cursor: cursor{keep: keep, missing: -1}}
}

func (p *metaParser) reset() {
	p.cursor.reset()
	p.values = 0
}

func (p *metaParser) next(data []byte, r *reply) (taken int, done bool, err error) {
	for taken < len(data) {
		if p.missing >= 0 {
			body, n, ok := p.takeBody(data[taken:])
			if taken += n; !ok {
				return taken, false, nil
			}
			if !p.part {
				*r = reply{kind: kindValue, body: body}
				return taken, true, nil
			}
			p.values++
			continue
		}
		line, n, ok, err := p.takeLine(data[taken:])
		if taken += n; err != nil || !ok {
			return taken, false, err
		}
		switch {
		case bytes.HasPrefix(line, []byte("VA ")):
			length, flags, _ := bytes.Cut(line[3:], []byte(" "))
			size, ok := decimal(length)
			if !ok || size < 0 {
				return taken, false, fmt.Errorf("a value line %q", line)
			}
			p.part = len(flags) > 0
			p.startBody(size)
			continue
		case string(line) == "EN":
			*r = reply{kind: kindAbsent, line: line}
		case string(line) == "MN":
			*r = reply{kind: kindGroup, size: p.values}
			p.values = 0
		default:
			*r = reply{kind: lineKind(line), line: line}
		}
		return taken, true, nil
	}
	return taken, false, nil
}
