// The options of the commands that walk over one collection: HSCAN, SSCAN, ZSCAN.

package redis

import (
	"math"

	"github.com/cachesrv/cachesrv/engine/redis/glob"
)

// scanOptions are COUNT and MATCH.
type scanOptions struct {
	count   int
	pattern []byte // nil: everything
}

// option takes one of them; false: the next argument is something else.
func (o *scanOptions) option(s *scanner) bool {
	if v, ok := s.option("count"); ok {
		n := s.integer(v, errNotInt)
		if s.err == nil && n < 1 {
			s.fail(errSyntax)
		}
		o.count = int(min(n, math.MaxInt32))
		return true
	}
	v, ok := s.option("match")
	if ok {
		if o.pattern = v; string(v) == "*" {
			o.pattern = nil
		}
	}
	return ok
}

// matches tells whether a name is asked for.
func (o *scanOptions) matches(name []byte) bool {
	return o.pattern == nil || glob.Match(o.pattern, name)
}

// emptyScan replies that there is nothing to walk over.
func (c *client) emptyScan() { c.w.Out = append(c.w.Out, "*2\r\n$1\r\n0\r\n*0\r\n"...) }
