// Depth of a source text, found before it is parsed.

package script

import "strings"

const (
	maxNesting = 1000     // brackets, blocks and operators that nest to the right
	maxSource  = 16 << 20 // bytes
	maxTokens  = 200_000  // about: parsing one takes a microsecond or two and 500 bytes
)

// tooDeep reports a text that would nest too deeply for the parser and the compiler, which recurse, or is too long for them. It overestimates: operators count until the
// expression's list goes on.
func tooDeep(src string) bool {
	open, blocks, run, tokens := 0, 0, 0, 0
	for i := 0; i < len(src); i++ {
		if !isCSpace(src[i]) {
			tokens++
		}
		switch c := src[i]; {
		case c == '-' && strings.HasPrefix(src[i:], "--"):
			i = skipComment(src, i+2) - 1
		case c == '"' || c == '\'':
			i = skipQuoted(src, i)
		case c == '[' && longBracket(src, i) >= 0:
			i = skipLong(src, i) - 1
		case c == '(' || c == '{' || c == '[':
			open++
		case c == ')' || c == '}' || c == ']':
			open--
		case c == '^' || c == '#' || c == '-' || c == '.' && strings.HasPrefix(src[i:], ".."):
			run++
		case c == ',' || c == ';' || c == '=':
			run = 0
		case isWord(c):
			end := i
			for end < len(src) && isWord(src[end]) {
				end++
			}
			switch src[i:end] {
			case "function", "do", "then", "repeat", "else":
				blocks++
				run = 0
			case "elseif":
				blocks-- // its then comes
			case "end", "until":
				blocks--
				run = 0
			case "not":
				run++
			case "local", "return", "if", "while", "for":
				run = 0
			}
			i = end - 1
		}
		if open+blocks+run > maxNesting || tokens > maxTokens {
			return true
		}
	}
	return false
}

func isWord(c byte) bool {
	return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
}

// longBracket is the number of = between the brackets that open a long text at i, -1 if none does.
func longBracket(src string, i int) int {
	n := 0
	for i++; i < len(src) && src[i] == '='; i++ {
		n++
	}
	if i < len(src) && src[i] == '[' {
		return n
	}
	return -1
}

// skipLong is where the long text that opens at i ends.
func skipLong(src string, i int) int {
	end := "]" + strings.Repeat("=", longBracket(src, i)) + "]"
	if n := strings.Index(src[i:], end); n >= 0 {
		return i + n + len(end)
	}
	return len(src)
}

// skipComment gives the position behind a comment whose text starts at i.
func skipComment(src string, i int) int {
	if i < len(src) && src[i] == '[' && longBracket(src, i) >= 0 {
		return skipLong(src, i)
	}
	if n := strings.IndexByte(src[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(src)
}

// skipQuoted gives the position of the closing quote.
func skipQuoted(src string, i int) int {
	for q := src[i]; ; {
		if i++; i >= len(src) || src[i] == q || src[i] == '\n' {
			return i
		}
		if src[i] == '\\' {
			i++
		}
	}
}
