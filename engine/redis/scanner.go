// scanner: reads the options behind a command's fixed arguments. The first error latches and is checked once.

package redis

import "github.com/cachesrv/cachesrv/engine/redis/resp"

// scanner walks over arguments. It is a value on the handler's stack.
type scanner struct {
	args [][]byte
	err  error
}

// more reports that an argument is left and nothing went wrong.
func (s *scanner) more() bool { return s.err == nil && len(s.args) > 0 }

// word takes the next argument if it is name, given in lower case.
func (s *scanner) word(name string) bool {
	if !s.more() || !equalFold(s.args[0], name) {
		return false
	}
	s.args = s.args[1:]
	return true
}

// option takes name and the value behind it. As in the real server, a name without a value is not that option.
func (s *scanner) option(name string) ([]byte, bool) {
	if len(s.args) < 2 || s.err != nil || !equalFold(s.args[0], name) {
		return nil, false
	}
	v := s.args[1]
	s.args = s.args[2:]
	return v, true
}

// fail latches err if none is latched yet.
func (s *scanner) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// integer reads b as an int64, or fails with err.
func (s *scanner) integer(b []byte, err error) int64 {
	n, ok := resp.ParseInt(b)
	if !ok {
		s.fail(err)
	}
	return n
}
