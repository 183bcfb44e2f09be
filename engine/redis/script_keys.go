// Where a script's commands have their keys, as far as its text tells.

package redis

// keyPositions is the script package's question about one command written in a script: words that are not written out are nil.
func (e *Engine) keyPositions(words []*string) ([]int, bool) {
	args := make([][]byte, len(words))
	for i, w := range words {
		if w != nil {
			args[i] = []byte(*w)
		}
	}
	cmd := e.table.find(args[0])
	if cmd == nil {
		return nil, true // it will fail, and touch nothing
	}
	if len(cmd.subs) > 0 {
		if len(words) < 2 || words[1] == nil || cmd.flags&ownSubs != 0 {
			return nil, false
		}
		if cmd = cmd.sub(args[1]); cmd == nil {
			return nil, true
		}
	}
	switch {
	case cmd.flags&noscript != 0 || !cmd.arityOK(len(args)):
		return nil, true
	case cmd.roams != nil || cmd.wide(args):
		return nil, false
	}
	for i := range cmd.keys {
		s := &cmd.keys[i]
		if s.find != nil || s.keyword != "" || s.counted && (s.first >= len(words) || words[s.first] == nil) {
			return nil, false
		}
	}
	var at []int
	for walk := cmd.walkKeys(args); walk.next(); {
		at = append(at, walk.arg)
	}
	return at, true
}
