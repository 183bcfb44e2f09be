// Inline requests: a line of words as a person types it, with Redis's quoting.

package resp

import (
	"bytes"

	"github.com/cachesrv/cachesrv/config/quoting"
)

// nextInline cuts a line off in and splits it into words.
func nextInline(in []byte, args [][]byte) ([][]byte, int, error) {
	end := bytes.IndexByte(in, '\n')
	if end < 0 {
		if len(in) > maxLine {
			return args, 0, ErrInlineTooBig
		}
		return args, 0, nil
	}
	line := in[:end]
	if end > 0 && line[end-1] == '\r' {
		line = line[:end-1]
	}
	args, ok := quoting.Words(line, args)
	if !ok {
		return args, 0, ErrQuotes
	}
	return args, end + 1, nil
}
