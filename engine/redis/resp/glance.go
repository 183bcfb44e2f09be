// Glance: the words of a request that say what memory it will need, before its turn.

package resp

// Glance reads the request at the start of in: its first, second and last argument behind the command's name, and how many bytes it has. It is for
// hints. n is 0 where it is not complete, or not of the plain form that nearly all have.
func Glance(in []byte) (first, second, last []byte, n int) {
	if len(in) < 4 || in[0] != '*' || in[1]-'1' > 8 || in[2] != '\r' {
		return nil, nil, nil, 0
	}
	at := 4
	for i, argc := 0, int(in[1]-'0'); i < argc; i++ {
		if at+4 > len(in) || in[at] != '$' || in[at+1]-'0' > 9 {
			return nil, nil, nil, 0
		}
		size := int(in[at+1] - '0')
		for at += 2; in[at] != '\r'; {
			d := in[at] - '0'
			if at++; d > 9 || size > 1<<20 || at == len(in) {
				return nil, nil, nil, 0
			}
			size = size*10 + int(d)
		}
		end := at + 2 + size
		if end+2 > len(in) {
			return nil, nil, nil, 0
		}
		last = in[at+2 : end]
		switch i {
		case 1:
			first = last
		case 2:
			second = last
		}
		at = end + 2
	}
	return first, second, last, at
}
