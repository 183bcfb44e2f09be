// Lua patterns: a backtracking matcher with bounds on depth and steps.

package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

const (
	maxCaptures = 32
	maxMatch    = 2000 // depth of the matcher's recursion; Lua's is about 200 C levels
	stepBatch   = 4096 // steps between two looks at the quota

	openCapture  = -1
	placeCapture = -2
)

// matcher holds one match of a pattern against a text.
type matcher struct {
	L        *lua.LState
	q        *quota
	src, pat string
	level    int
	caps     [maxCaptures]struct{ at, n int }
	depth    int
	steps    int

	announced int // bytes of a result that the quota knows of
}

// room makes sure that a result may have n bytes.
func (m *matcher) room(n int) {
	if n > m.announced {
		m.announced = max(2*n, bigBlock)
		m.q.room(m.L, m.announced)
	}
}

func (m *matcher) step(n int) {
	if m.steps += n; m.steps >= stepBatch {
		n, m.steps = m.steps, 0
		m.q.worked(m.L, n)
	}
}

// classEnd is the position behind the single-character class that starts at p.
func (m *matcher) classEnd(p int) int {
	c := m.pat[p]
	p++
	switch c {
	case '%':
		if p >= len(m.pat) {
			fail(m.L, "malformed pattern (ends with '%%')")
		}
		return p + 1
	case '[':
		if p < len(m.pat) && m.pat[p] == '^' {
			p++
		}
		for first := true; ; first = false {
			if p >= len(m.pat) {
				fail(m.L, "malformed pattern (missing ']')")
			}
			c := m.pat[p]
			if c == ']' && !first {
				return p + 1
			}
			p++
			if c == '%' && p < len(m.pat) {
				p++
			}
		}
	}
	return p
}

// inClass tests a byte against %a and its like.
func inClass(c, class byte) bool {
	var in bool
	switch class | 0x20 {
	case 'a':
		in = c|0x20 >= 'a' && c|0x20 <= 'z'
	case 'c':
		in = c < 32 || c == 127
	case 'd':
		in = c >= '0' && c <= '9'
	case 'l':
		in = c >= 'a' && c <= 'z'
	case 'p':
		in = c > 32 && c < 127 && !(c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9')
	case 's':
		in = isCSpace(c)
	case 'u':
		in = c >= 'A' && c <= 'Z'
	case 'w':
		in = c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
	case 'x':
		in = digit(c) < 16
	case 'z':
		in = c == 0
	default:
		return class == c
	}
	if class|0x20 >= 'a' && class|0x20 <= 'z' && class < 'a' {
		return !in
	}
	if class < 'A' || class > 'z' || class > 'Z' && class < 'a' {
		return class == c
	}
	return in
}

// inSet tests a byte against [..] between p, at the bracket, and end, at the closing one.
func (m *matcher) inSet(c byte, p, end int) bool {
	want := true
	if p+1 < len(m.pat) && m.pat[p+1] == '^' {
		want = false
		p++
	}
	for p++; p < end; p++ {
		switch {
		case m.pat[p] == '%' && p+1 < len(m.pat):
			p++
			if inClass(c, m.pat[p]) {
				return want
			}
		case p+2 < end && m.pat[p+1] == '-':
			if m.pat[p] <= c && c <= m.pat[p+2] {
				return want
			}
			p += 2
		case m.pat[p] == c:
			return want
		}
	}
	return !want
}

// single tests the byte at s against the class from p to end.
func (m *matcher) single(s, p, end int) bool {
	if s >= len(m.src) {
		return false
	}
	c := m.src[s]
	switch m.pat[p] {
	case '.':
		return true
	case '%':
		return inClass(c, m.pat[p+1])
	case '[':
		m.step((end - p) >> 2)
		return m.inSet(c, p, end-1)
	}
	return m.pat[p] == c
}

// match matches the pattern from p at s; it gives the end of the match, -1 for none.
func (m *matcher) match(s, p int) int {
	if m.depth++; m.depth > maxMatch {
		fail(m.L, "pattern too complex")
	}
	defer func() { m.depth-- }()
	for p < len(m.pat) {
		m.step(1)
		switch m.pat[p] {
		case '(':
			if p+1 < len(m.pat) && m.pat[p+1] == ')' {
				return m.open(s, p+2, placeCapture)
			}
			return m.open(s, p+1, openCapture)
		case ')':
			return m.shut(s, p+1)
		case '$':
			if p+1 == len(m.pat) {
				if s == len(m.src) {
					return s
				}
				return -1
			}
		case '%':
			if p+1 < len(m.pat) {
				switch c := m.pat[p+1]; {
				case c == 'b':
					if s = m.balance(s, p+2); s < 0 {
						return -1
					}
					p += 4
					continue
				case c == 'f':
					p += 2
					if p >= len(m.pat) || m.pat[p] != '[' {
						fail(m.L, "missing '[' after '%%f' in pattern")
					}
					end := m.classEnd(p)
					var before, here byte
					if s > 0 {
						before = m.src[s-1]
					}
					if s < len(m.src) {
						here = m.src[s]
					}
					if m.inSet(before, p, end-1) || !m.inSet(here, p, end-1) {
						return -1
					}
					p = end
					continue
				case c >= '0' && c <= '9':
					if s = m.back(s, c); s < 0 {
						return -1
					}
					p += 2
					continue
				}
			}
		}
		end := m.classEnd(p)
		kind := byte(0)
		if end < len(m.pat) {
			kind = m.pat[end]
		}
		switch kind {
		case '?':
			if m.single(s, p, end) {
				if r := m.match(s+1, end+1); r >= 0 {
					return r
				}
			}
			p = end + 1
		case '*':
			return m.longest(s, p, end, 0)
		case '+':
			return m.longest(s, p, end, 1)
		case '-':
			for {
				if r := m.match(s, end+1); r >= 0 {
					return r
				}
				if !m.single(s, p, end) {
					return -1
				}
				s++
			}
		default:
			if !m.single(s, p, end) {
				return -1
			}
			s++
			p = end
		}
	}
	return s
}

// longest takes as many of a class as there are, and gives back until the rest matches.
func (m *matcher) longest(s, p, end, least int) int {
	i := 0
	for m.single(s+i, p, end) {
		i++
		m.step(1)
	}
	for ; i >= least; i-- {
		if r := m.match(s+i, end+1); r >= 0 {
			return r
		}
	}
	return -1
}

func (m *matcher) open(s, p, what int) int {
	if m.level >= maxCaptures {
		fail(m.L, "too many captures")
	}
	m.caps[m.level].at, m.caps[m.level].n = s, what
	m.level++
	r := m.match(s, p)
	if r < 0 {
		m.level--
	}
	return r
}

func (m *matcher) shut(s, p int) int {
	l := m.level - 1
	for ; l >= 0; l-- {
		if m.caps[l].n == openCapture {
			break
		}
	}
	if l < 0 {
		fail(m.L, "invalid pattern capture")
	}
	m.caps[l].n = s - m.caps[l].at
	r := m.match(s, p)
	if r < 0 {
		m.caps[l].n = openCapture
	}
	return r
}

func (m *matcher) balance(s, p int) int {
	if p+1 >= len(m.pat) {
		fail(m.L, "unbalanced pattern")
	}
	if s >= len(m.src) || m.src[s] != m.pat[p] {
		return -1
	}
	b, e, depth := m.pat[p], m.pat[p+1], 1
	for i := s + 1; i < len(m.src); i++ {
		m.step(1)
		switch m.src[i] {
		case e:
			if depth--; depth == 0 {
				return i + 1
			}
		case b:
			depth++
		}
	}
	return -1
}

func (m *matcher) back(s int, c byte) int {
	l := int(c - '1')
	if l < 0 || l >= m.level || m.caps[l].n == openCapture {
		fail(m.L, "invalid capture index")
	}
	text := m.src[m.caps[l].at : m.caps[l].at+max(m.caps[l].n, 0)]
	m.step(len(text) / 16)
	if strings.HasPrefix(m.src[s:], text) {
		return s + len(text)
	}
	return -1
}

// capture gives capture i of a match from s to e; capture 0 of a pattern without captures is the whole.
func (m *matcher) capture(i, s, e int) lua.LValue {
	if i >= m.level {
		if i != 0 {
			fail(m.L, "invalid capture index")
		}
		return lua.LString(m.src[s:e])
	}
	switch c := m.caps[i]; c.n {
	case openCapture:
		fail(m.L, "unfinished capture")
	case placeCapture:
		return lua.LNumber(c.at + 1)
	default:
		return lua.LString(m.src[c.at : c.at+c.n])
	}
	return lua.LNil
}

// pushCaptures pushes all of them, or the whole match.
func (m *matcher) pushCaptures(s, e int, whole bool) int {
	n := m.level
	if n == 0 && whole {
		n = 1
	}
	for i := range n {
		m.L.Push(m.capture(i, s, e))
	}
	return n
}

// from starts matching at s.
func (m *matcher) from(s, p int) int {
	m.level, m.depth = 0, 0
	return m.match(s, p)
}
