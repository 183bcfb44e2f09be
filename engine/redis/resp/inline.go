// Inline requests: a line of words as a person types it, with Redis's quoting.

package resp

import "bytes"

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
	args, ok := Split(line, args)
	if !ok {
		return args, 0, ErrQuotes
	}
	return args, end + 1, nil
}

// Split cuts line into words and appends them to args: separated by white space, "…" with backslash escapes, '…'
// with only \' as one. A closing quote must be followed by white space or the end. Words without quotes alias
// line, the others are new; the line's length bounds both. A NUL byte ends the line.
func Split(line []byte, args [][]byte) ([][]byte, bool) {
	if nul := bytes.IndexByte(line, 0); nul >= 0 {
		line = line[:nul]
	}
	for {
		for len(line) > 0 && isSpace(line[0]) {
			line = line[1:]
		}
		if len(line) == 0 {
			return args, true
		}
		plain := 0
		for plain < len(line) && !isSpace(line[plain]) && line[plain] != '"' && line[plain] != '\'' {
			plain++
		}
		if plain == len(line) || isSpace(line[plain]) {
			args = append(args, line[:plain:plain])
			line = line[plain:]
			continue
		}
		word, rest, ok := quotedWord(line)
		if !ok {
			return args, false
		}
		args = append(args, word)
		line = rest
	}
}

// quotedWord reads one word that has a quote in it.
func quotedWord(line []byte) (word, rest []byte, ok bool) {
	word = make([]byte, 0, 16)
	var quote byte
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote == 0:
			switch {
			case isSpace(c):
				return word, line[i:], true
			case c == '"' || c == '\'':
				quote = c
			default:
				word = append(word, c)
			}
		case c == quote:
			if i+1 < len(line) && !isSpace(line[i+1]) {
				return nil, nil, false
			}
			return word, line[i+1:], true
		case c == '\\' && quote == '\'' && i+1 < len(line) && line[i+1] == '\'':
			word = append(word, '\'')
			i++
		case c == '\\' && quote == '"' && i+3 < len(line) && line[i+1] == 'x' && isHex(line[i+2]) && isHex(line[i+3]):
			word = append(word, hexDigit(line[i+2])<<4|hexDigit(line[i+3]))
			i += 3
		case c == '\\' && quote == '"' && i+1 < len(line):
			i++
			word = append(word, unescape(line[i]))
		default:
			word = append(word, c)
		}
	}
	return word, nil, quote == 0
}

func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'a':
		return '\a'
	}
	return c
}

func isSpace(c byte) bool {
	return c == ' ' || c >= '\t' && c <= '\r'
}

func isHex(c byte) bool {
	return c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func hexDigit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}
