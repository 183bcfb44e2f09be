// Meta commands: reading the key and the flags of a line, and the way to the handler.

package memcached

import (
	"strings"

	"github.com/cachesrv/cachesrv/core"
)

const (
	metaWords = 19 // a meta line has at most so many words, the command's own included
	maxOpaque = 32 // longest O flag, its letter included
)

// metaRow is what the row of a meta command says besides: above all the words of its errors, in which the commands of the
// original do not agree.
type metaRow struct {
	noKey    string // a line without a key
	tooMany  string // more than metaWords
	badFlags string // anything wrong with the flags; "" when the error is named
	modes    string // letters of M that are known; "" when it is not looked at
	badMode  string // another letter
	bare     bool   // no flag but a first one that is "b" alone
}

// meta is what a meta line said. It belongs to the call and is filled anew for every line; key and flags alias the read
// buffer, a decoded key the call.
type meta struct {
	key     []byte // decoded, if it was sent in base64
	flags   [metaWords][]byte
	n       int    // how many flags there are
	seen    uint64 // their letters, one bit each from 'A' on
	mode    byte   // M, 0 without
	ttl     int64  // T, N and R, in seconds as sent
	vivify  int64
	recache int64
	delta   uint64 // D, 1 without
	initial uint64 // J
	cas     uint64 // C: the version that the client expects
	newCAS  uint64 // E: the version that the item gets

	decoded [maxKey]byte
}

// has tells whether the line has the flag of that letter.
func (m *meta) has(letter byte) bool { return m.seen>>(letter-'A')&1 != 0 }

// metaRequest runs a meta line as request does: line is in up to its newline at nl, pos is behind the verb.
func (x *call) metaRequest(cmd *command, in, line []byte, pos, nl int) int {
	x.cmd, x.quiet, x.body = cmd, false, nil
	reply, taken := x.metaLine(line, pos), nl+1
	if reply == "" && cmd.needsStore() && !x.entered {
		x.s.c.AwaitStore()
		return 0
	}
	if cmd.has(flagBody) {
		if reply, taken = x.takeBody(reply, in, taken); taken == 0 {
			return 0
		}
	}
	if reply == "" {
		reply = x.runMeta()
	}
	if reply != "" {
		x.write(reply)
	}
	return taken
}

// runMeta is run without room being made for a line that cannot add memory.
func (x *call) runMeta() string {
	cmd, m := x.cmd, &x.meta
	if cmd.key == 0 {
		return cmd.run(x)
	}
	x.key = x.keyOf(m.key)
	if (cmd.has(flagBody|flagGrows) || m.seen&growing != 0) && !x.makeRoom() && cmd.has(flagDeny) {
		x.turnAway(m.key, core.ErrNoMemory, m.verb())
		return replyNoMemory
	}
	x.lockKey()
	mark := len(x.w.Out)
	reply := cmd.run(x)
	if cmd.has(flagBody) && x.e.watch.wants(watchStore) {
		x.watchedStore(m.key, x.stored(reply, mark), m.verb(), x.seconds, len(x.body))
	}
	x.tx.Unlock()
	return reply
}

// growing is the flags that may make an item, or an item longer: c gives it a version, T an expiry, I both; D and J come
// with numbers that grow.
const growing = 1<<('N'-'A') | 1<<('c'-'A') | 1<<('T'-'A') | 1<<('I'-'A') | 1<<('E'-'A') | 1<<('D'-'A') | 1<<('J'-'A')

// metaLine reads key, length and flags of a line from pos on. It returns the error reply, "" for none.
func (x *call) metaLine(line []byte, pos int) string {
	cmd, m := x.cmd, &x.meta
	m.n, m.seen, m.mode = 0, 0, 0
	m.cas, m.newCAS, m.initial, m.delta = 0, 0, 0, 1
	x.flags, x.size = 0, -1
	if cmd.key == 0 {
		return ""
	}
	m.key, pos = nextKey(line, pos)
	x.args = append(x.w.Args[:0], line[:0], m.key) // where the steps shared with the other commands look for the key
	x.w.Args = x.args
	words, length := 2, []byte(nil)
	if cmd.has(flagBody) {
		if length, pos = nextWord(line, pos); len(length) > 0 {
			x.size = announced(length)
			words++
		}
	}
	for words <= metaWords {
		var word []byte
		if word, pos = nextWord(line, pos); len(word) == 0 {
			break
		}
		if words < metaWords {
			m.flags[m.n] = word
			m.n++
		}
		words++
	}
	switch {
	case len(m.key) == 0:
		return cmd.meta.noKey
	case len(m.key) > maxKey, cmd.has(flagBody) && len(length) == 0:
		return replyBadFormat
	case cmd.meta.bare:
		return x.bareKey()
	case words > metaWords:
		return cmd.meta.tooMany
	case cmd.has(flagBody) && x.size < 0:
		return replyBadFormat
	}
	reply := x.metaFlags()
	x.args[1] = m.key // decoded now
	return reply
}

// metaFlags reads the flags. An unknown or a doubled one ends the search for errors; of others the last is told.
func (x *call) metaFlags() string {
	m := &x.meta
	reply, bad := replyBadFormat, false
	for _, flag := range m.flags[:m.n] {
		letter := flag[0]
		bit := uint64(1) << (letter - 'A') // 0 for bytes that are no flag, also those below 'A'
		if letter >= 127 || m.seen&bit != 0 {
			return x.cmd.meta.refuse(replyTwice)
		}
		m.seen |= bit
		ok, why := true, replyBadArg
		switch token := flag[1:]; letter {
		case 'c', 'f', 'h', 'k', 'l', 'q', 's', 't', 'u', 'v', 'x', 'I', 'L', 'O', 'P':
		case 'b':
			ok, why = m.decodeKey(), replyBadKey
		case 'T':
			m.ttl, ok = parseI64(token)
		case 'N':
			m.vivify, ok = parseI64(token)
		case 'R':
			m.recache, ok = parseI64(token)
		case 'F':
			x.flags, ok = parseU32(token)
			why = reply // the original has no words of its own for it
		case 'C':
			m.cas, ok = parseU64(token)
		case 'E':
			m.newCAS, ok = parseU64(token)
		case 'M':
			if ok, why = len(token) == 1, replyBadM; ok {
				m.mode = token[0]
			}
		case 'J':
			m.initial, ok = parseU64(token)
			why = replyBadJ
		case 'D':
			m.delta, ok = parseU64(token)
			why = replyBadD
		default:
			return x.cmd.meta.refuse(replyBadFlag)
		}
		if !ok {
			reply, bad = why, true
		}
	}
	if bad {
		return x.cmd.meta.refuse(reply)
	}
	return x.metaLimits()
}

// metaLimits checks what the flags mean together, before anything is changed.
func (x *call) metaLimits() string {
	m := &x.meta
	row := x.cmd.meta
	if m.mode != 0 && row.modes != "" && strings.IndexByte(row.modes, m.mode) < 0 {
		return row.badMode
	}
	if m.has('O') {
		for _, flag := range m.flags[:m.n] {
			if flag[0] == 'O' && len(flag) > maxOpaque {
				return replyOpaque
			}
		}
	}
	return ""
}

// bareKey is for me, which looks at nothing but a flag that is "b" alone.
func (x *call) bareKey() string {
	m := &x.meta
	if m.n > 0 && string(m.flags[0]) == "b" {
		if !m.decodeKey() {
			return replyBadFormat
		}
		m.seen = 1 << ('b' - 'A')
	}
	return ""
}

// decodeKey replaces the key by what its base64 stands for.
func (m *meta) decodeKey() bool {
	m.key = decodeBase64(m.decoded[:0], m.key)
	return len(m.key) > 0
}

// refuse is the reply to an error in the flags.
func (r *metaRow) refuse(reply string) string {
	if r.badFlags != "" {
		return r.badFlags
	}
	return reply
}

// appendBack appends what the client wants to have back: its key and its opaque token.
func (m *meta) appendBack(out []byte, flag []byte, binary bool) []byte {
	switch flag[0] {
	case 'k':
		return appendKey(append(out, ' ', 'k'), m.key, binary)
	case 'O':
		return append(append(out, ' '), flag...)
	}
	return out
}

// answerBack writes a reply that consists of a code and what the client wants to have back.
func (x *call) answerBack(code string) string {
	m := &x.meta
	out := append(x.w.Out, code...)
	for _, flag := range m.flags[:m.n] {
		out = m.appendBack(out, flag, m.has('b'))
	}
	x.w.Out = append(out, '\r', '\n')
	return ""
}

// answerDone is answerBack for success, which q silences.
func (x *call) answerDone() string {
	if x.meta.has('q') {
		return ""
	}
	return x.answerBack(codeDone)
}

// ttlOf is the seconds that are left of an expiry, counted as clients set it; -1 is for ever.
func (x *call) ttlOf(at int64) int64 {
	if at == 0 {
		return -1
	}
	return max(0, at-x.tx.Now()+999) / 1000
}

// appendTTL appends " t" and the seconds left.
func (x *call) appendTTL(out []byte, at int64) []byte {
	left := x.ttlOf(at)
	if left < 0 {
		return append(out, " t-1"...)
	}
	return appendUint(append(out, ' ', 't'), uint64(left))
}

// freshCAS is the version of an item that is being stored: what E says, a new one if c wants to see it or renew says so, else
// none, which costs nothing.
func (x *call) freshCAS(renew bool) uint64 {
	m := &x.meta
	switch {
	case x.e.set.noCAS:
		return 0
	case m.has('E'):
		return m.newCAS
	case renew || m.has('c'):
		return x.e.store.NextCAS()
	}
	return 0
}

// isVersion tells whether an item has the version that C asks for. An item that nobody asked for its version has one
// that nobody can know.
func (x *call) isVersion(it core.Item) bool {
	want := x.meta.cas
	if x.e.set.noCAS {
		return want == 0
	}
	return want != 0 && it.CAS() == want
}
