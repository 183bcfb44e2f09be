// Package glob matches names against the patterns of KEYS and its kin: * ? [a-z] [^a] and backslash.
//
// Matching is a loop, never a recursion, and goes back at most to the last star. Where it goes back too often, hard.go takes over, whose cost is
// len(pattern) + len(name), and with ? and classes a 64th of their product: 64 KB against 64 KB take tens of milliseconds, not seconds.
package glob

// Match reports whether the whole of name matches pattern. The empty name only matches the empty pattern.
func Match(pattern, name []byte) bool { return match(pattern, name, false, patience(pattern, name)) }

// MatchFold is Match for ASCII letters of either case.
func MatchFold(pattern, name []byte) bool { return match(pattern, name, true, patience(pattern, name)) }

// match walks both sides. star is the place in pattern behind the last star met, from the place in name where
// that star's part ends for now; a mismatch lets the star take one byte more. patience is how many bytes may be compared in vain.
func match(pattern, name []byte, fold bool, patience int) bool {
	if len(name) == 0 {
		return len(pattern) == 0
	}
	p, n := 0, 0
	star, from := -1, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			for p < len(pattern) && pattern[p] == '*' {
				p++
			}
			if p == len(pattern) {
				return true
			}
			star, from = p, n
			continue
		}
		if p < len(pattern) {
			if next, ok := one(pattern, p, name[n], fold); ok {
				p, n = next, n+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		if patience -= p - star; patience < 0 {
			return hard(pattern[star:], name[from:], fold)
		}
		from++
		p, n = star, from
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// patience is so much that no pattern which people write ever loses it.
func patience(pattern, name []byte) int { return 4096 + 8*(len(pattern)+len(name)) }

// one matches the single-byte element of pattern at p with c and returns where the next element starts.
func one(pattern []byte, p int, c byte, fold bool) (next int, ok bool) {
	switch pattern[p] {
	case '?':
		return p + 1, true
	case '[':
		return class(pattern, p+1, c, fold)
	case '\\':
		if p+1 < len(pattern) {
			p++
		}
	}
	return p + 1, same(pattern[p], c, fold)
}

// class matches the [...] whose inside starts at p. A class that is never closed ends with the pattern.
func class(pattern []byte, p int, c byte, fold bool) (next int, ok bool) {
	not := p < len(pattern) && pattern[p] == '^'
	if not {
		p++
	}
	for {
		switch {
		case p >= len(pattern):
			return p, ok != not
		case pattern[p] == '\\' && p+1 < len(pattern):
			p++
			ok = ok || pattern[p] == c
		case pattern[p] == ']':
			return p + 1, ok != not
		case p+2 < len(pattern) && pattern[p+1] == '-':
			lo, hi, x := pattern[p], pattern[p+2], c
			if lo > hi {
				lo, hi = hi, lo
			}
			if fold {
				lo, hi, x = lower(lo), lower(hi), lower(x)
			}
			ok = ok || lo <= x && x <= hi
			p += 2
		default:
			ok = ok || same(pattern[p], c, fold)
		}
		p++
	}
}

func same(a, b byte, fold bool) bool {
	return a == b || fold && lower(a) == lower(b)
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
