// Stream ids as clients write them, and as replies and the journal show them.

package redis

import (
	"bytes"
	"math"
	"strconv"

	"github.com/cachesrv/cachesrv/core/stream"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

const (
	idLength = 127 // longer arguments are no ids
	idDigits = 41  // of the longest id written out
)

// cut is an argument as C sees it: up to its first NUL.
func cut(b []byte) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i]
	}
	return b
}

// parseID reads <ms>-<seq>, or <ms> with missing as the rest.
func parseID(b []byte, missing uint64) (stream.ID, error) {
	id, auto, err := parseAutoID(b, missing)
	if auto {
		return id, errStreamID
	}
	return id, err
}

// parseAutoID also takes <ms>-*, whose number the server chooses.
func parseAutoID(b []byte, missing uint64) (id stream.ID, auto bool, err error) {
	if len(b) > idLength {
		return id, false, errStreamID
	}
	ms, seq, both := bytes.Cut(cut(b), []byte{'-'})
	var ok bool
	if id.Ms, ok = parseUnsigned(ms); !ok {
		return id, false, errStreamID
	}
	switch {
	case !both:
		id.Seq = missing
	case string(seq) == "*":
		return id, true, nil
	default:
		if id.Seq, ok = parseUnsigned(seq); !ok {
			return id, false, errStreamID
		}
	}
	return id, false, nil
}

// parseBound reads the end of a range, where - and + are the least and the greatest id.
func parseBound(b []byte, missing uint64) (stream.ID, error) {
	if len(b) <= idLength {
		switch string(cut(b)) {
		case "-":
			return stream.ID{}, nil
		case "+":
			return stream.MaxID, nil
		}
	}
	return parseID(b, missing)
}

// parseStart and parseEnd read the ends of a range; a parenthesis before an id leaves it out.
func parseStart(b []byte) (stream.ID, error) {
	if len(b) > 1 && b[0] == '(' {
		id, err := parseID(b[1:], 0)
		if err != nil {
			return id, err
		}
		if id, ok := id.Next(); ok {
			return id, nil
		}
		return id, errStreamStart
	}
	return parseBound(b, 0)
}

func parseEnd(b []byte) (stream.ID, error) {
	if len(b) > 1 && b[0] == '(' {
		id, err := parseID(b[1:], math.MaxUint64)
		if err != nil {
			return id, err
		}
		if id, ok := id.Prev(); ok {
			return id, nil
		}
		return id, errStreamEnd
	}
	return parseBound(b, math.MaxUint64)
}

// parseUnsigned reads a number as the original does, which first tries its strict way and then C's: that allows blanks, signs and zeros before the
// number, and wraps a negative one unless it was written strictly.
func parseUnsigned(b []byte) (uint64, bool) {
	if n, ok := resp.ParseInt(b); ok {
		return uint64(n), n >= 0
	}
	for len(b) > 0 && (b[0] == ' ' || b[0] >= '\t' && b[0] <= '\r') {
		b = b[1:]
	}
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	var n uint64
	for _, c := range b {
		c -= '0'
		if c > 9 || n > math.MaxUint64/10 || n*10 > math.MaxUint64-uint64(c) {
			return 0, false
		}
		n = n*10 + uint64(c)
	}
	if negative {
		n = -n
	}
	return n, true
}

// appendID writes an id.
func appendID(b []byte, id stream.ID) []byte {
	b = strconv.AppendUint(b, id.Ms, 10)
	b = append(b, '-')
	return strconv.AppendUint(b, id.Seq, 10)
}

// idWord is an id as a word of the journal.
func idWord(id stream.ID) []byte { return appendID(nil, id) }

// streamID replies an id.
func (c *client) streamID(id stream.ID) {
	var b [idDigits]byte
	c.bulk(appendID(b[:0], id))
}
