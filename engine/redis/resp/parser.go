// Parser: cuts requests, multibulk or inline, off the front of a read buffer.

package resp

import (
	"bytes"
	"errors"
	"math"
)

// The longest line without a bulk length's payload behind it: an inline request, or the header of anything.
const maxLine = 64 << 10

// The most that a client may announce before it has authenticated.
const (
	unauthArgs = 10
	unauthBulk = 16384
)

// keepFrom is the number of arguments from which an incomplete request's progress is kept. Shorter ones are
// parsed again from their start when more arrived: cheaper than remembering, and nothing to forget.
const keepFrom = 32

// The errors of Next. Each is sent as "-ERR Protocol error: …", and the connection closed.
var (
	ErrInlineTooBig  = errors.New("too big inline request")
	ErrQuotes        = errors.New("unbalanced quotes in request")
	ErrCountTooBig   = errors.New("too big mbulk count string")
	ErrCount         = errors.New("invalid multibulk length")
	ErrCountUnauth   = errors.New("unauthenticated multibulk length")
	ErrBulkLenTooBig = errors.New("too big bulk count string")
	ErrBulkLen       = errors.New("invalid bulk length")
	ErrBulkUnauth    = errors.New("unauthenticated bulk length")
)

// notDollar is the error for an argument that does not start as one.
type notDollar byte

func (c notDollar) Error() string {
	b := byte(c)
	if b == 0 || b == '\r' || b == '\n' { // what C's formatting and the reply's line rules leave of such a byte
		b = ' '
		if c == 0 {
			return "expected '$', got '"
		}
	}
	return "expected '$', got '" + string([]byte{b}) + "'"
}

// Limits bounds what a request may announce.
type Limits struct {
	MaxBulk   int64 // longest argument
	Unauthent bool  // the client must authenticate first: only small requests
}

// span is where an argument lies, counted from the request's first byte.
type span struct{ at, n int }

// Parser is the state of one connection's requests between two calls of Next. The zero value is ready.
type Parser struct {
	argc  int    // arguments of the request being resumed, 0: none
	at    int    // where to go on
	want  int    // bytes the incomplete request needs in all, as far as known
	spans []span // its arguments so far
}

// Want is how many bytes the incomplete request at the front is known to need, 0 if unknown.
func (p *Parser) Want() int { return p.want }

// Next cuts the first request off in. It returns its arguments appended to args[:0] and the bytes taken. Taken 0
// without error: the request is not complete; the next call must pass the same bytes with more behind. Taken
// without arguments: an empty request, to be ignored. After an error the stream makes no sense any more.
func (p *Parser) Next(in []byte, args [][]byte, lim *Limits) ([][]byte, int, error) {
	args = args[:0]
	if len(in) == 0 {
		return args, 0, nil
	}
	if in[0] != '*' {
		return nextInline(in, args)
	}
	at, argc := p.at, p.argc
	if argc == 0 {
		var n int64
		var next int
		if len(in) > 4 && in[2] == '\r' && in[1]-'1' <= 8 { // nearly every request
			n, next = int64(in[1]-'0'), 4
		} else {
			var err error
			if n, next, err = header(in, 1, ErrCountTooBig, ErrCount); next == 0 || err != nil {
				return args, 0, err
			}
		}
		if n > math.MaxInt32 {
			return args, 0, ErrCount
		}
		if n > unauthArgs && lim.Unauthent {
			return args, 0, ErrCountUnauth
		}
		if n <= 0 {
			p.want = 0
			return args, next, nil
		}
		argc, at = int(n), next
	} else {
		for _, s := range p.spans {
			args = append(args, in[s.at:s.at+s.n])
		}
	}
	for len(args) < argc {
		if at >= len(in) {
			return p.incomplete(in, args, argc, at, 0)
		}
		// A short length with both its bytes there is nearly every argument of nearly every request.
		var n, next int
		if at+4 < len(in) && in[at] == '$' && in[at+2] == '\r' && in[at+1]-'0' <= 9 {
			n, next = int(in[at+1]-'0'), at+4
		} else if at+5 < len(in) && in[at] == '$' && in[at+3] == '\r' && in[at+1]-'1' <= 8 && in[at+2]-'0' <= 9 {
			n, next = int(in[at+1]-'0')*10+int(in[at+2]-'0'), at+5
		} else {
			long, after, err := p.bulkHeader(in, at, lim)
			if err != nil {
				return args, 0, err
			}
			if after == 0 {
				return p.incomplete(in, args, argc, at, 0)
			}
			n, next = long, after
		}
		end := next + n
		if end+2 > len(in) {
			return p.incomplete(in, args, argc, at, end+2)
		}
		args = append(args, in[next:end:end])
		at = end + 2
	}
	if p.argc != 0 || p.want != 0 {
		*p = Parser{}
	}
	return args, at, nil
}

// bulkHeader reads "$<n>\r\n" at at. after 0: not complete yet.
func (p *Parser) bulkHeader(in []byte, at int, lim *Limits) (n, after int, err error) {
	if line := in[at:]; bytes.IndexByte(line, '\r') < 0 && len(line) <= maxLine {
		return 0, 0, nil // even a wrong first byte is only looked at once its line is there
	}
	if bytes.IndexByte(in[at:], '\r') < 0 {
		return 0, 0, ErrBulkLenTooBig
	}
	if in[at] != '$' {
		if end := at + bytes.IndexByte(in[at:], '\r'); end+2 > len(in) {
			return 0, 0, nil
		}
		return 0, 0, notDollar(in[at])
	}
	long, after, err := header(in, at+1, ErrBulkLenTooBig, ErrBulkLen)
	switch {
	case err != nil || after == 0:
		return 0, 0, err
	case long < 0 || long > lim.MaxBulk:
		return 0, 0, ErrBulkLen
	case long > unauthBulk && lim.Unauthent:
		return 0, 0, ErrBulkUnauth
	}
	return int(long), after, nil
}

// incomplete remembers how far a request has been read, if that was far.
func (p *Parser) incomplete(in []byte, args [][]byte, argc, at, want int) ([][]byte, int, error) {
	p.want = want
	if len(args) < keepFrom {
		p.argc, p.at, p.spans = 0, 0, nil
		return args[:0], 0, nil
	}
	p.argc, p.at = argc, at
	for _, a := range args[len(p.spans):] {
		start := bytes.IndexByte(in, '\r') + 2 // behind the count
		if k := len(p.spans); k > 0 {
			start = p.spans[k-1].at + p.spans[k-1].n + 2
		}
		start += bytes.IndexByte(in[start:], '\r') + 2 // behind the argument's header
		p.spans = append(p.spans, span{start, len(a)})
	}
	return args[:0], 0, nil
}

// header reads a decimal number ended by "\r\n" at at, the way every length is written. next 0: not complete yet.
func header(in []byte, at int, tooBig, wrong error) (n int64, next int, err error) {
	line := in[at:]
	end := bytes.IndexByte(line, '\r')
	if end < 0 {
		if len(in)-at+1 > maxLine {
			return 0, 0, tooBig
		}
		return 0, 0, nil
	}
	if end+2 > len(line) {
		return 0, 0, nil
	}
	n, ok := ParseInt(line[:end])
	if !ok {
		return 0, 0, wrong
	}
	return n, at + end + 2, nil
}

// ParseInt reads a canonical decimal int64: no spaces, no plus, no leading zeros, no "-0".
func ParseInt(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 20 {
		return 0, false
	}
	neg := b[0] == '-'
	digits := b
	if neg {
		digits = b[1:]
	}
	if len(digits) == 0 {
		return 0, false
	}
	if digits[0] == '0' {
		return 0, len(digits) == 1 && !neg
	}
	var u uint64
	for _, c := range digits {
		d := c - '0'
		if d > 9 {
			return 0, false
		}
		if u > (math.MaxUint64-uint64(d))/10 {
			return 0, false
		}
		u = u*10 + uint64(d)
	}
	if neg {
		if u > 1<<63 {
			return 0, false
		}
		return -int64(u), true
	}
	return int64(u), u <= math.MaxInt64
}
