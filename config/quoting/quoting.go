// Package quoting has the words of redis.conf, in which the manifest of an append-only file and what a person types to the server are written as well: blanks between them,
// quotes, escapes.
package quoting

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrUnbalanced: a quote does not close, or its end is not that of a word.
var ErrUnbalanced = errors.New("unbalanced quotes")

// Split splits a line as redis does: blanks between words; "…" with \n \r \t \b \a \xHH and \c for any other c; '…' with
// \' only. A closing quote must end the word. A NUL byte ends the line.
func Split(line string) ([]string, error) {
	list, ok := Words([]byte(line), nil)
	if !ok {
		return nil, ErrUnbalanced
	}
	var words []string
	for _, w := range list {
		words = append(words, string(w))
	}
	return words, nil
}

// Words is Split that appends to words. Those without quotes alias the line, the others are new; the line's length bounds both. false: the quotes are unbalanced.
func Words(line []byte, words [][]byte) ([][]byte, bool) {
	if nul := bytes.IndexByte(line, 0); nul >= 0 {
		line = line[:nul]
	}
	for {
		for len(line) > 0 && isBlank(line[0]) {
			line = line[1:]
		}
		if len(line) == 0 {
			return words, true
		}
		plain := 0
		for plain < len(line) && !endsWord(line[plain]) && line[plain] != '"' && line[plain] != '\'' {
			plain++
		}
		if plain == len(line) || endsWord(line[plain]) {
			words = append(words, line[:plain:plain])
			line = line[plain:]
			continue
		}
		word, rest, ok := quotedWord(line)
		if !ok {
			return words, false
		}
		words = append(words, word)
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
			case endsWord(c):
				return word, line[i:], true
			case c == '"' || c == '\'':
				quote = c
			default:
				word = append(word, c)
			}
		case c == quote:
			if i+1 < len(line) && !isBlank(line[i+1]) {
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
			word = append(word, escaped(line[i]))
		default:
			word = append(word, c)
		}
	}
	return word, nil, quote == 0
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

// isBlank: what may stand between words and behind a closing quote; endsWord: what ends one without quotes, to which \v and \f belong in the original.
func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func endsWord(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isHex(c byte) bool { return c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'f' }

func hexDigit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
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
