// Incremental parsers of replies, RESP (2 and 3) and memcached text (meta and binary have files of their own): bytes in any portions, no allocation unless a
// kept body or a line is cut by a read.

package bench

import (
	"bytes"
	"fmt"
)

// kind says what a reply was.
type kind uint8

const (
	kindStatus kind = iota // +OK, STORED, an integer and whatever else is neither of the following
	kindValue              // a bulk string or a VALUE line: body is set when bodies are kept
	kindAbsent             // nil, or END without a VALUE
	kindError              // an error reply; line says which
	kindGroup              // an array, set or map; its elements are counted through, not kept
)

// reply is one whole reply. line and body alias the read buffer or the parser's own, until the next call; a group has
// neither.
type reply struct {
	kind kind
	line []byte // first line without CRLF; of memcached values the line that ended the reply
	body []byte
	size int // elements of a group; of a map keys and values
}

// replyParser is one connection's parser. next reads one reply from the start of data: it returns how many bytes
// it took, and whether the reply is complete. When it is not, all of data was taken and the next portion goes on
// from there. An error means the stream is not of this protocol; it cannot be used further.
type replyParser interface {
	next(data []byte, r *reply) (taken int, done bool, err error)
	reset()
}

// maxLine bounds a reply's line; longer means the peer does not speak the protocol.
const maxLine = 64 << 10

// cursor is what both parsers share: the line or body being collected across reads.
type cursor struct {
	keep    bool   // keep bodies for checking
	partial []byte // start of a line cut by a read
	body    []byte // kept body that is cut by a read
	missing int    // bytes of the current body and its CRLF still to come; -1 outside a body
}

// takeLine returns the line at the start of data without its line end. ok is false when the line is not complete;
// then all of data has been put aside. The line is valid until the next takeLine.
func (c *cursor) takeLine(data []byte) (line []byte, taken int, ok bool, err error) {
	end := bytes.IndexByte(data, '\n')
	length := end
	if end < 0 {
		length = len(data)
	}
	if len(c.partial)+length > maxLine {
		return nil, 0, false, fmt.Errorf("a reply line of more than %d bytes", maxLine)
	}
	if end < 0 {
		c.partial = append(c.partial, data...)
		return nil, len(data), false, nil
	}
	line = data[:end]
	if len(c.partial) > 0 {
		c.partial = append(c.partial, line...)
		line, c.partial = c.partial, c.partial[:0]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, end + 1, true, nil
}

// startBody begins a body of size bytes and its CRLF.
func (c *cursor) startBody(size int) {
	c.missing = size + 2
	c.body = c.body[:0]
}

// takeBody takes what data holds of the body. When the whole body is in data, body aliases it.
func (c *cursor) takeBody(data []byte) (body []byte, taken int, ok bool) {
	if len(data) >= c.missing {
		taken, c.missing = c.missing, -1
		if !c.keep {
			return nil, taken, true
		}
		if len(c.body) > 0 {
			c.body = append(c.body, data[:taken]...)
			return c.body[:len(c.body)-2], taken, true
		}
		return data[:taken-2], taken, true
	}
	if c.keep {
		c.body = append(c.body, data...)
	}
	c.missing -= len(data)
	return nil, len(data), false
}

func (c *cursor) reset() {
	c.partial, c.body, c.missing = c.partial[:0], c.body[:0], -1
}

// respParser reads RESP2 and RESP3. Aggregates are not nested on a stack: only the number of elements that are
// still to come counts, so depth costs nothing.
type respParser struct {
	cursor
	toCome int  // elements of the current reply still to come, beyond the one being read
	first  bool // the next line starts a reply
	kind   kind // of the reply being read; r may serve other connections before a group ends
	size   int  // its elements, if it is a group
	bulk   kind // what the body being read is: a value, or an error of RESP3
}

func newRESPParser(keep bool) *respParser {
	return &respParser{cursor: cursor{keep: keep, missing: -1}, first: true}
}

func (p *respParser) reset() {
	p.cursor.reset()
	p.toCome, p.first = 0, true
}

func (p *respParser) next(data []byte, r *reply) (taken int, done bool, err error) {
	for taken < len(data) {
		if p.toCome > 0 && !p.first && p.missing < 0 && len(p.partial) == 0 {
			if taken += p.skip(data[taken:]); taken == len(data) {
				break
			}
		}
		if p.missing >= 0 {
			body, n, ok := p.takeBody(data[taken:])
			taken += n
			if !ok {
				return taken, false, nil
			}
			if p.first {
				p.kind = p.bulk
				*r = reply{kind: p.bulk, body: body}
				if p.bulk == kindError {
					r.line = body
				}
			}
		} else {
			line, n, ok, err := p.takeLine(data[taken:])
			taken += n
			if err != nil || !ok {
				return taken, false, err
			}
			inBody, err := p.element(line, r)
			if err != nil {
				return taken, false, err
			}
			if inBody {
				continue
			}
		}
		p.first = false
		if p.toCome == 0 {
			p.first = true
			if p.kind == kindGroup {
				*r = reply{kind: kindGroup, size: p.size}
			}
			return taken, true, nil
		}
		p.toCome--
	}
	return taken, false, nil
}

// skip passes over strings inside a group that are whole in data, all but the group's last element. It makes the
// reply to LRANGE of 100 elements cost half (1129 to 548 ns).
func (p *respParser) skip(data []byte) (taken int) {
	for p.toCome > 0 {
		rest := data[taken:]
		size, at := 0, 1
		for ; at < len(rest) && at < 10 && rest[at] >= '0' && rest[at] <= '9'; at++ {
			size = size*10 + int(rest[at]-'0')
		}
		end := at + 2 + size + 2
		if end > len(rest) || at == 1 || rest[0] != '$' || rest[at] != '\r' || rest[at+1] != '\n' {
			break
		}
		taken += end
		p.toCome--
	}
	return taken
}

// element reads the line that starts an element; inBody when a body follows, which then ends the element.
func (p *respParser) element(line []byte, r *reply) (inBody bool, err error) {
	if len(line) == 0 {
		return false, fmt.Errorf("an empty line where a reply should start")
	}
	k := kindStatus
	switch line[0] {
	case '+', ':', ',', '#', '(':
	case '-':
		k = kindError
	case '_':
		k = kindAbsent
	case '$', '=', '!':
		size, ok := decimal(line[1:])
		if !ok {
			return false, fmt.Errorf("a bulk reply of length %q", line[1:])
		}
		if size >= 0 {
			p.bulk = kindValue
			if line[0] == '!' {
				p.bulk = kindError
			}
			p.startBody(size)
			return true, nil
		}
		k = kindAbsent
	case '*', '~', '%', '|', '>':
		count, ok := decimal(line[1:])
		if !ok {
			return false, fmt.Errorf("an aggregate reply of length %q", line[1:])
		}
		if k = kindGroup; count < 0 {
			k, count = kindAbsent, 0
		}
		if line[0] == '%' || line[0] == '|' {
			count *= 2
		}
		if line[0] == '|' { // attributes stand before the reply they belong to
			count++
		}
		p.toCome += count
	default:
		return false, fmt.Errorf("a reply that starts with %q", line[:1])
	}
	if p.first {
		p.kind, p.size = k, p.toCome
		*r = reply{kind: k, line: line}
	}
	return false, nil
}

// textParser reads replies of memcached's classic text protocol: one line, or VALUE blocks closed by END.
type textParser struct {
	cursor
	values int    // VALUE blocks of the current reply
	value  []byte // body of the last one, if kept; aliases data or the own body buffer
}

func newTextParser(keep bool) *textParser {
	return &textParser{cursor: cursor{keep: keep, missing: -1}}
}

func (p *textParser) reset() {
	p.cursor.reset()
	p.values, p.value = 0, nil
}

func (p *textParser) next(data []byte, r *reply) (taken int, done bool, err error) {
	for taken < len(data) {
		if p.missing >= 0 {
			body, n, ok := p.takeBody(data[taken:])
			taken += n
			if !ok {
				return taken, false, nil
			}
			p.value = body
			continue
		}
		line, n, ok, err := p.takeLine(data[taken:])
		taken += n
		if err != nil {
			return taken, false, err
		}
		if !ok {
			p.own()
			return taken, false, nil
		}
		more, err := p.line(line)
		if err != nil {
			return taken, false, err
		}
		if more {
			continue
		}
		*r = reply{kind: lineKind(line), line: line}
		switch {
		case r.kind != kindAbsent || p.values == 0:
		case p.values == 1:
			r.kind, r.body = kindValue, p.value
		default:
			*r = reply{kind: kindGroup, size: p.values}
		}
		p.values, p.value = 0, nil
		return taken, true, nil
	}
	p.own()
	return taken, false, nil
}

// own copies a value that aliases the read buffer, because its END comes with a later read.
func (p *textParser) own() {
	if p.keep && p.value != nil && p.missing < 0 {
		p.body = append(p.body[:0], p.value...)
		p.value = p.body
	}
}

// line reports whether line leaves the reply open: a VALUE with its body to come, or a line of statistics.
func (p *textParser) line(line []byte) (more bool, err error) {
	switch {
	case bytes.HasPrefix(line, []byte("VALUE ")):
		size, ok := valueLength(line)
		if !ok {
			return false, fmt.Errorf("a value line %q", line)
		}
		p.values++
		p.startBody(size)
		return true, nil
	case bytes.HasPrefix(line, []byte("STAT ")):
		return true, nil
	}
	return false, nil
}

// lineKind classifies the line that ends a reply.
func lineKind(line []byte) kind {
	switch {
	case len(line) == 3 && string(line) == "END":
		return kindAbsent
	case bytes.Equal(line, []byte("ERROR")), bytes.HasPrefix(line, []byte("CLIENT_ERROR")),
		bytes.HasPrefix(line, []byte("SERVER_ERROR")):
		return kindError
	}
	return kindStatus
}

// valueLength is the fourth word of `VALUE key flags length [cas]`.
func valueLength(line []byte) (size int, ok bool) {
	for range 3 {
		at := bytes.IndexByte(line, ' ')
		if at < 0 {
			return 0, false
		}
		line = line[at+1:]
	}
	if at := bytes.IndexByte(line, ' '); at >= 0 {
		line = line[:at]
	}
	size, ok = decimal(line)
	return size, ok && size >= 0
}

// decimal reads a whole number with an optional minus, below 2^40.
func decimal(s []byte) (n int, ok bool) {
	negative := len(s) > 0 && s[0] == '-'
	if negative {
		s = s[1:]
	}
	if len(s) == 0 || len(s) > 12 {
		return 0, false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}
