// Package quoting has the words of redis.conf, which the manifest of an append-only file is written in as well: blanks between them, quotes, escapes.
package quoting

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnbalanced: a quote does not close, or its end is not that of a word.
var ErrUnbalanced = errors.New("unbalanced quotes")

// Split splits a line as redis does: blanks between words; "…" with \n \r \t \b \a \xHH and \c for any other c; '…' with
// \' only. A closing quote must end the word.
func Split(line string) ([]string, error) {
	var words []string
	for {
		line = strings.TrimLeft(line, " \t\r\n\v\f")
		if line == "" {
			return words, nil
		}
		word, rest, err := oneWord(line)
		if err != nil {
			return nil, err
		}
		words, line = append(words, word), rest
	}
}

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func oneWord(line string) (word, rest string, err error) {
	var out []byte
	for i := 0; i < len(line); i++ {
		c := line[i]
		if isBlank(c) {
			return string(out), line[i:], nil
		}
		if c != '"' && c != '\'' {
			out = append(out, c)
			continue
		}
		text, end, ok := quoted(line[i+1:], c)
		i += 1 + end
		if !ok || i+1 < len(line) && !isBlank(line[i+1]) {
			return "", "", ErrUnbalanced
		}
		return string(append(out, text...)), line[i+1:], nil
	}
	return string(out), "", nil
}

// quoted reads up to the closing quote and gives its index; ok is false when there is none.
func quoted(s string, quote byte) (text []byte, end int, ok bool) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			return text, i, true
		case c != '\\' || i+1 == len(s) || quote == '\'' && s[i+1] != '\'':
			text = append(text, c)
		case quote == '\'':
			text = append(text, '\'')
			i++
		case s[i+1] == 'x' && i+3 < len(s) && hexDigit(s[i+2]) >= 0 && hexDigit(s[i+3]) >= 0:
			text = append(text, byte(hexDigit(s[i+2])<<4|hexDigit(s[i+3])))
			i += 3
		default:
			text = append(text, escaped(s[i+1]))
			i++
		}
	}
	return nil, len(s), false
}

func escaped(c byte) byte {
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

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// Quote writes a word so that Split reads the same bytes back. Plain words stay bare.
func Quote(word string) string {
	plain := word != ""
	for i := 0; i < len(word) && plain; i++ {
		c := word[i]
		plain = c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '\\'
	}
	if plain {
		return word
	}
	return Quoted(word)
}

// Quoted is Quote that leaves no word bare.
func Quoted(word string) string {
	out := []byte{'"'}
	for _, c := range []byte(word) {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < ' ' || c >= 0x7f:
			out = fmt.Appendf(out, `\x%02x`, c)
		default:
			out = append(out, c)
		}
	}
	return string(append(out, '"'))
}
