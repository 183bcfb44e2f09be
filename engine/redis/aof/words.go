// Words of a manifest's line, quoted as Redis quotes them.

package aof

const hexDigits = "0123456789abcdef"

// quote appends a name, in quotes if it holds anything but ordinary characters.
func quote(b []byte, name string) []byte {
	plain := name != ""
	for i := 0; i < len(name); i++ {
		if c := name[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\'' || c == '\\' {
			plain = false
		}
	}
	if plain {
		return append(b, name...)
	}
	b = append(b, '"')
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c < ' ' || c >= 0x7f:
			b = append(b, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// split takes a line apart into words; false for quotes that do not close or are followed by anything but a blank.
func split(line []byte) (words []string, ok bool) {
	for i := 0; ; {
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		if i == len(line) {
			return words, true
		}
		var word []byte
		if q := line[i]; q == '"' || q == '\'' {
			if word, i = quoted(line, i+1, q); i < 0 || i < len(line) && line[i] != ' ' && line[i] != '\t' {
				return nil, false
			}
		} else {
			at := i
			for i < len(line) && line[i] != ' ' && line[i] != '\t' {
				if line[i] < ' ' || line[i] == '"' {
					return nil, false
				}
				i++
			}
			word = line[at:i]
		}
		words = append(words, string(word))
	}
}

// quoted reads up to the closing quote and returns what is behind it, -1 if there is none.
func quoted(line []byte, i int, q byte) (word []byte, after int) {
	for i < len(line) && line[i] != q {
		c := line[i]
		i++
		if c == '\\' && i < len(line) {
			c = line[i]
			i++
			switch {
			case q == '\'': // only the quote itself is escaped there
				if c != '\'' {
					word = append(word, '\\')
				}
			case c == 'n':
				c = '\n'
			case c == 'r':
				c = '\r'
			case c == 't':
				c = '\t'
			case c == 'b':
				c = '\b'
			case c == 'a':
				c = '\a'
			case c == 'x' && i+1 < len(line) && unhex(line[i]) >= 0 && unhex(line[i+1]) >= 0:
				c = byte(unhex(line[i])<<4 | unhex(line[i+1]))
				i += 2
			}
		}
		word = append(word, c)
	}
	if i == len(line) {
		return nil, -1
	}
	return word, i + 1
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
