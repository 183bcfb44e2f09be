// XADD and XTRIM: adding entries, and the options by which old ones go.

package redis

import (
	"strconv"

	"github.com/cachesrv/cachesrv/core/stream"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// addArgs are the options of XADD and XTRIM.
type addArgs struct {
	trim     stream.Trim
	trims    bool
	noCreate bool

	id    stream.ID
	given bool // an id, and not *
	auto  bool // the id is <ms>-*
	at    int  // of the id; fields follow
}

// parse reads the options; add: they are XADD's, which end with the id.
func (a *addArgs) parse(c *client, add bool) error {
	limited := false
	i := 2
options:
	for ; i < len(c.args); i++ {
		word, more := c.args[i], len(c.args)-1-i
		switch {
		case add && string(word) == "*":
			break options
		case more > 0 && (equalFold(word, "maxlen") || equalFold(word, "minid")):
			if a.trims {
				return errTrimTwice
			}
			a.trims, a.trim.ByID = true, equalFold(word, "minid")
			i++
			if w := string(c.args[i]); more > 1 && (w == "~" || w == "=") {
				a.trim.Nodes = w == "~"
				i++
			}
			if err := a.threshold(c.args[i]); err != nil {
				return err
			}
		case more > 0 && equalFold(word, "limit"):
			i++
			n, err := integer(c.args[i])
			if err != nil {
				return err
			}
			if n < 0 {
				return errTrimLimit
			}
			a.trim.Limit, limited = n, true
		case add && equalFold(word, "nomkstream"):
			a.noCreate = true
		case add:
			var err error
			if a.id, a.auto, err = parseAutoID(word, 0); err != nil {
				return err
			}
			a.given = true
			break options
		default:
			return errSyntax
		}
	}
	a.at = i
	return a.limit(c, add, limited)
}

func (a *addArgs) threshold(b []byte) (err error) {
	if a.trim.ByID {
		a.trim.MinID, err = parseID(b, 0)
		return err
	}
	n, err := integer(b)
	if err == nil && n < 0 {
		err = errTrimLength
	}
	a.trim.Length = uint64(n)
	return err
}

// Bounds of the number of entries that may go where the client does not say: that of a hundred nodes.
const (
	trimNodes   = 100
	trimDefault = 10_000
	trimMost    = 1_000_000
)

// limit checks LIMIT, and sets it if it was not given and only whole nodes go.
func (a *addArgs) limit(c *client, add, given bool) error {
	switch {
	case a.trim.Limit != 0 && !a.trims:
		return errTrimHow
	case !add && !a.trims:
		return errTrimWhat
	case given && !a.trim.Nodes:
		return errTrimExact
	case !given && a.trim.Nodes:
		n := c.e.limits.NodeEntries.Int()
		switch {
		case n <= 0:
			n = trimDefault
		case n > trimMost/trimNodes:
			n = trimMost
		default:
			n *= trimNodes
		}
		a.trim.Limit = n
	}
	return nil
}

// next is the id of a new entry; an error: there is none.
func (a *addArgs) next(s *value.Stream, now int64) (id stream.ID, err error) {
	if s.Last == stream.MaxID {
		return id, errStreamSpent
	}
	switch {
	case !a.given:
		if id = (stream.ID{Ms: uint64(now)}); id.Ms <= s.Last.Ms {
			id, _ = s.Last.Next()
		}
		return id, nil
	case a.auto && a.id.Ms == s.Last.Ms:
		if id, _ = s.Last.Next(); id.Ms != s.Last.Ms {
			return id, errStreamTop
		}
		return id, nil
	}
	if !s.Last.Less(a.id) {
		return id, errStreamTop
	}
	return a.id, nil
}

// XADD key [NOMKSTREAM] [MAXLEN|MINID [=|~] threshold [LIMIT count]] *|id field value [field value …]
func cmdXADD(c *client) error {
	var a addArgs
	if err := a.parse(c, true); err != nil {
		return err
	}
	fields := c.args[min(a.at+1, len(c.args)):]
	if len(fields) < 2 || len(fields)%2 == 1 {
		return errArity(c.cmd)
	}
	if a.given && !a.auto && a.id.Zero() {
		return errStreamZero
	}
	var s value.Stream
	if err := c.openStreamAt(&s, 0, true); err != nil {
		return err
	}
	if !s.Ok() && a.noCreate {
		c.null()
		return nil
	}
	id, err := a.next(&s, c.tx.Now())
	if err != nil {
		return err
	}
	text := 0
	for _, f := range fields {
		text += len(f)
	}
	if text > stream.MaxEntry {
		return errStreamTooLarge
	}
	s.Edit()
	appended, trimmed := s.Append(id, fields), int64(0)
	if appended == nil && a.trims {
		trimmed = s.Trim(a.trim)
	}
	if err := s.Done(appended); err != nil {
		return storeError(err)
	}
	c.changed(1)
	c.event(classStream, "xadd", c.keys[0])
	if trimmed > 0 {
		c.notice(classStream, "xtrim", c.keys[0])
	}
	if c.tx.Journalling() {
		c.recordAdd(&a, &s, id, fields)
	}
	c.streamID(id)
	return nil
}

// recordAdd gives the journal an XADD with the id that was chosen, and that trims exactly to what is left.
func (c *client) recordAdd(a *addArgs, s *value.Stream, id stream.ID, fields [][]byte) {
	words := append(make([][]byte, 0, len(fields)+7), []byte("XADD"), c.args[1])
	if a.noCreate {
		words = append(words, []byte("NOMKSTREAM"))
	}
	if a.trims {
		words = append(words, trimWords(a.trim, s)...)
	}
	words = append(words, idWord(id))
	c.record(append(words, fields...)...)
}

// trimWords are the options of an exact trim; one of whole nodes becomes one to what it has left.
func trimWords(t stream.Trim, s *value.Stream) [][]byte {
	if t.Nodes {
		t.Length = s.Length
		if s.Length > 0 {
			t.MinID = s.First
		}
	}
	if t.ByID {
		return [][]byte{[]byte("MINID"), []byte("="), idWord(t.MinID)}
	}
	return [][]byte{[]byte("MAXLEN"), []byte("="), strconv.AppendUint(nil, t.Length, 10)}
}

// XTRIM key MAXLEN|MINID [=|~] threshold [LIMIT count]
func cmdXTRIM(c *client) error {
	var a addArgs
	if err := a.parse(c, false); err != nil {
		return err
	}
	s, err := c.findStream(0)
	if err != nil {
		return err
	}
	if !s.Ok() {
		c.integer(0)
		return nil
	}
	s.Edit()
	n := s.Trim(a.trim)
	if err := s.Done(nil); err != nil {
		return storeError(err)
	}
	if n > 0 {
		c.changed(int(n))
		c.event(classStream, "xtrim", c.keys[0])
	}
	if n > 0 && a.trim.Nodes && c.tx.Journalling() {
		c.record(append([][]byte{[]byte("XTRIM"), c.args[1]}, trimWords(a.trim, &s)...)...)
	}
	c.integer(n)
	return nil
}
