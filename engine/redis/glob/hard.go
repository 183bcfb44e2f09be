// Patterns that would take long: every piece between stars is looked for once, from where the one before ended.

package glob

// piece is what stands between two stars: elements that take one byte of the name each.
type piece struct {
	pattern []byte
	at      []int32 // where each element begins
	plain   []byte  // the bytes they stand for, if all are literal
	fold    bool
}

// hard matches a pattern that follows a star. A piece's leftmost place is as good as any other, but for the last one, which has to reach the end.
func hard(pattern, name []byte, fold bool) bool {
	for {
		p, end := cutPiece(pattern, fold)
		if end == len(pattern) {
			from := len(name) - len(p.at)
			return from >= 0 && p.matches(name[from:])
		}
		found := p.find(name)
		if found < 0 {
			return false
		}
		name = name[found+len(p.at):]
		for end < len(pattern) && pattern[end] == '*' {
			end++
		}
		if pattern = pattern[end:]; len(pattern) == 0 {
			return true
		}
	}
}

// cutPiece reads the elements up to the next star, or the end.
func cutPiece(pattern []byte, fold bool) (p piece, end int) {
	p = piece{pattern: pattern, fold: fold}
	literal := true
	for end < len(pattern) && pattern[end] != '*' {
		p.at = append(p.at, int32(end))
		c := pattern[end]
		literal = literal && c != '?' && c != '['
		if c == '\\' && end+1 < len(pattern) {
			c = pattern[end+1]
		}
		if literal {
			p.plain = append(p.plain, p.norm(c))
		}
		end, _ = one(pattern, end, 0, fold) // where the next begins does not go with the byte
	}
	if !literal {
		p.plain = nil
	}
	return p, end
}

func (p *piece) norm(c byte) byte {
	if p.fold {
		return lower(c)
	}
	return c
}

// matches tells whether the piece is all of a name as long as it is.
func (p *piece) matches(name []byte) bool {
	for i, at := range p.at {
		if _, ok := one(p.pattern, int(at), name[i], p.fold); !ok {
			return false
		}
	}
	return true
}

// find gives the leftmost place of the piece in name, -1 if there is none.
func (p *piece) find(name []byte) int {
	switch {
	case len(p.at) > len(name):
		return -1
	case p.plain != nil:
		return p.findPlain(name)
	}
	return p.findBits(name)
}

// findPlain is the search of Knuth, Morris and Pratt: no byte of the name is looked at again, however the piece repeats itself.
func (p *piece) findPlain(name []byte) int {
	back := make([]int32, len(p.plain)) // of how many first bytes the first i+1 end with again
	k := 0
	for i := 1; i < len(p.plain); i++ {
		for k > 0 && p.plain[i] != p.plain[k] {
			k = int(back[k-1])
		}
		if p.plain[i] == p.plain[k] {
			k++
		}
		back[i] = int32(k)
	}
	k = 0
	for i, c := range name {
		c = p.norm(c)
		for k > 0 && c != p.plain[k] {
			k = int(back[k-1])
		}
		if c == p.plain[k] {
			k++
		}
		if k == len(p.plain) {
			return i + 1 - k
		}
	}
	return -1
}

// findBits keeps a bit for each element: whether the piece up to there ends at the present byte (Shift-And, Baeza-Yates and Gonnet). Which elements take a byte is
// found out when it comes for the first time.
func (p *piece) findBits(name []byte) int {
	words := (len(p.at) + 63) / 64
	var takes [256][]uint64
	state := make([]uint64, words)
	last, bit := words-1, uint64(1)<<((len(p.at)-1)%64)
	for i, c := range name {
		mask := takes[c]
		if mask == nil {
			mask = p.takers(c, words)
			takes[c] = mask
		}
		carry := uint64(1)
		for w, s := range state {
			state[w] = (s<<1 | carry) & mask[w]
			carry = s >> 63
		}
		if state[last]&bit != 0 {
			return i + 1 - len(p.at)
		}
	}
	return -1
}

// takers are the elements that take a byte.
func (p *piece) takers(c byte, words int) []uint64 {
	mask := make([]uint64, words)
	for i, at := range p.at {
		if _, ok := one(p.pattern, int(at), c, p.fold); ok {
			mask[i/64] |= 1 << (i % 64)
		}
	}
	return mask
}
