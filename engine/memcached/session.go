// session: the protocol state of one connection, and cutting what arrives into requests.

package memcached

import (
	"bytes"

	"github.com/cachesrv/cachesrv/engine"
)

// state is what the next bytes of a connection are.
type state uint8

const (
	atLine    state = iota // a request line
	inKeys                 // the rest of a retrieval line that is being answered while it arrives
	inBody                 // a body to throw away
	inDump                 // the newline of a metadump that is being sent
	inResync               // bytes up to a newline to throw away
	inSwallow              // bytes of a refused binary request to throw away
	inWatch                // nobody cares
)

// session implements engine.Session. Only the loop that owns the connection touches it.
type session struct {
	e *Engine
	c *engine.Conn

	state   state
	began   bool // the first byte was seen: no other protocol
	settled bool // a valid command was seen
	closing bool
	want    int       // length of the unfinished request
	left    int       // inBody, inSwallow: bytes still to come
	login             // who the client is, and what it speaks
	keys    retrieval // inKeys
	dump    dump      // inDump
}

// Feed implements engine.Session.
func (s *session) Feed(w *engine.Worker, in []byte) (taken int) {
	x := s.e.callOf(w)
	x.begin(s, w) // no defer: after a panic the loop gives the worker up, with its transaction and its call
	for seen := 0; taken < len(in) && !s.closing; {
		if taken >= seen && s.state == atLine && s.began && x.entered {
			seen = taken + x.glance(in[taken:])
		}
		n := s.step(x, in[taken:])
		taken += n
		if n == 0 || w.Full() {
			break
		}
	}
	x.finish()
	return taken
}

// Want implements engine.Session.
func (s *session) Want() int { return s.want }

// Closed implements engine.Session. Nothing outside a session is its own but a place among the watchers.
func (s *session) Closed(w *engine.Worker) {
	if s.state == inWatch {
		s.e.watch.remove(s.c)
	}
	if s.e.watch.wants(watchConn) {
		s.e.watchedConn(s.c, false)
	}
}

// step takes one piece from the start of in: a request, a part of a long one, or bytes to throw away. 0: more must
// arrive first, or the store must become free.
func (s *session) step(x *call, in []byte) int {
	switch s.state {
	case inKeys:
		return x.moreKeys(in)
	case inBody:
		return s.throwBody(in)
	case inDump:
		return x.moreDump()
	case inResync:
		return s.throwLine(in)
	case inSwallow:
		return s.throwValue(in)
	case inWatch:
		return len(in)
	}
	s.want = 0
	if !s.began {
		s.began, s.binary = true, s.e.auth.choose(in[0]) == speakBinary
	}
	if s.binary {
		return x.frame(in)
	}
	if s.e.auth.required && !s.authed {
		return x.logIn(in)
	}
	nl := bytes.IndexByte(in, '\n')
	if nl < 0 {
		return s.unfinished(x, in)
	}
	return x.request(in, nl)
}

// unfinished deals with a line that has not ended. Only multi-gets may be long: they are answered key by key, so that
// no more than a key is kept.
func (s *session) unfinished(x *call, in []byte) int {
	if hopeless(in) {
		s.close("line too long")
		return 0
	}
	if len(in) <= maxLine {
		return 0
	}
	word, pos := nextWord(in, 0)
	return x.longGet(s.e.commands.find(word), in, pos)
}

// throwBody drops the body of a refused storage command as it arrives. When its end is not the end of a line, the
// length was wrong, and the next request begins behind the next newline.
func (s *session) throwBody(in []byte) int {
	n := min(len(in), s.left)
	if s.left -= n; s.left == 0 {
		s.state = atLine
		if n > 0 && in[n-1] != '\n' {
			s.state = inResync
		}
	}
	return n
}

func (s *session) throwLine(in []byte) int {
	nl := bytes.IndexByte(in, '\n')
	if nl < 0 {
		return len(in)
	}
	s.state = atLine
	return nl + 1
}

// throw begins to drop a body of size bytes and its \r\n.
func (s *session) throw(size int) { s.state, s.left = inBody, size+2 }

// settle tells the loop once that the client speaks the protocol.
func (s *session) settle() {
	if !s.settled {
		s.settled = true
		s.c.Settled()
	}
}

func (s *session) close(why string) {
	s.closing = true
	s.c.Close(why)
}
