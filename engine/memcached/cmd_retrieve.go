// Retrieval commands: get, gets, gat, gats. Their keys are answered one by one, also while the line still arrives.

package memcached

import (
	"bytes"

	"github.com/cachesrv/cachesrv/core"
)

var retrievalCommands = []command{
	{name: "get", min: 2, key: 1, flags: flagKeys, syntax: "get <key>*", about: "Values of the keys that are there."},
	{name: "gets", min: 2, key: 1, flags: flagKeys | flagCAS | flagGrows, syntax: "gets <key>*", about: "As get, with the version for cas."},
	{name: "gat", min: 2, key: 2, flags: flagKeys | flagTouch | flagGrows, syntax: "gat <expiry> <key>*", about: "As get, and sets a new expiry."},
	{name: "gats", min: 2, key: 2, flags: flagKeys | flagTouch | flagCAS | flagGrows, syntax: "gats <expiry> <key>*", about: "As gets, and sets a new expiry."},
	{name: "bget", min: 2, key: 1, flags: flagKeys, syntax: "bget <key>*", about: "Old name of get."},
}

// retrieval is a retrieval command whose keys are being read.
type retrieval struct {
	cmd     *command
	seconds int64 // the new expiry of gat
	failed  bool  // a key was too long: the rest of the line is thrown away
	ended   bool  // a zero byte ended the words: the rest of the line is thrown away
}

// retrieve answers a complete retrieval line: line is in up to its newline at nl, pos is behind the verb. It stops
// between two keys when the output must be sent first, and is then continued by moreKeys.
func (x *call) retrieve(cmd *command, line []byte, pos, nl int) int {
	if !x.entered {
		x.s.c.AwaitStore()
		return 0
	}
	r := retrieval{cmd: cmd}
	reply, pos := x.openKeys(&r, line, pos)
	if reply != "" {
		x.write(reply)
		return nl + 1
	}
	mark := len(x.w.Out)
	pos = x.answerKeys(&r, line, pos, len(line))
	if r.failed {
		x.w.Out = x.w.Out[:mark]
	}
	if pos < len(line) && !r.failed {
		x.s.state, x.s.keys = inKeys, r
		return pos
	}
	x.closeKeys(&r)
	return nl + 1
}

// openKeys reads what stands before the keys. It returns the error reply, "" for none, and where the keys begin.
func (x *call) openKeys(r *retrieval, line []byte, pos int) (string, int) {
	for pos < len(line) && line[pos] == ' ' {
		pos++
	}
	if pos == len(line) {
		return replyError, pos
	}
	if !r.cmd.has(flagTouch) {
		return "", pos
	}
	word, end := nextWord(line, pos)
	var ok bool
	if r.seconds, ok = parseI64(word); !ok {
		return replyBadExptime, end
	}
	return "", end
}

// answerKeys answers the words of line from pos up to end, which is the line's end or a space in it, and returns the
// position behind the last key. It stops early at a key that is too long and when the output is full.
func (x *call) answerKeys(r *retrieval, line []byte, pos, end int) int {
	var ahead []core.Wanted
	for {
		name, next := nextKey(line[:end], pos)
		if len(name) == 0 {
			return end
		}
		if len(name) > maxKey {
			r.failed = true
			return end
		}
		if len(ahead) == 0 && next < end {
			ahead = x.lookAhead(line[:end], pos)
		}
		var k core.Key
		if pos = next; len(ahead) > 0 {
			k, ahead = ahead[0].Key, ahead[1:]
		} else {
			k = x.keyOf(name)
		}
		x.answerKey(r, k)
		if x.w.Full() {
			return pos
		}
	}
}

// closeKeys writes the last line of the reply.
func (x *call) closeKeys(r *retrieval) {
	x.s.state = atLine
	if r.failed {
		x.write(replyBadFormat)
		return
	}
	x.w.Out = append(x.w.Out, "END\r\n"...)
}

// longGet begins a get whose line has no end yet.
func (x *call) longGet(cmd *command, in []byte, pos int) int {
	if cmd == nil || !cmd.has(flagKeys) {
		return 0
	}
	if !x.entered {
		x.s.c.AwaitStore()
		return 0
	}
	x.s.settle()
	x.s.state, x.s.keys = inKeys, retrieval{cmd: cmd}
	return pos + x.moreKeys(in[pos:])
}

// moreKeys goes on with a retrieval line. Without the line's end, the last word may be unfinished and is left unless
// it is already too long.
func (x *call) moreKeys(in []byte) int {
	if !x.entered {
		x.s.c.AwaitStore()
		return 0
	}
	r := &x.s.keys
	nl := bytes.IndexByte(in, '\n')
	if r.failed || r.ended {
		if nl < 0 {
			return len(in)
		}
		x.closeKeys(r)
		return nl + 1
	}
	if nl >= 0 {
		return x.lastKeys(r, in, nl)
	}
	if zero := bytes.IndexByte(in, 0); zero >= 0 {
		pos := x.answerKeys(r, in, 0, zero)
		r.ended = pos == zero
		return pos
	}
	space := bytes.LastIndexByte(in, ' ')
	if len(in)-space-1 > maxKey+1 { // one more may be the \r before a newline
		r.failed = true
		return len(in)
	}
	if space < 0 {
		return 0
	}
	return x.answerKeys(r, in, 0, space+1)
}

// lastKeys answers what is left of a line up to its newline in[nl].
func (x *call) lastKeys(r *retrieval, in []byte, nl int) int {
	line := in[:nl]
	if nl > 0 {
		line = cutLine(in, nl)
		if nl == 1 && line[0] == '\r' {
			line = line[:0]
		}
	}
	pos := x.answerKeys(r, line, 0, len(line))
	if pos < len(line) && !r.failed {
		return pos
	}
	x.closeKeys(r)
	return nl + 1
}

// answerKey writes the VALUE block of one key, if it is there. The hot path of the server.
func (x *call) answerKey(r *retrieval, k core.Key) {
	name := k.Name
	if t := x.e.legacy(name); t != nil {
		x.w.Out = append(x.w.Out, "VALUE "...)
		x.appendTopology(legacyKey, t, r.cmd.has(flagCAS))
		x.tally.inc(cmdGet)
		x.tally.inc(getHits)
		return
	}
	if r.cmd.has(flagGrows) {
		x.tx.MakeRoom(itemOverhead) // a version or an expiry may be new; without room they do without it
	}
	x.tx.Lock1(k)
	it := x.tx.Read(0, k)
	hit, size := it.Ok(), 0
	if x.e.watch.wants(watchFetch) {
		x.watchedFetch(name, it)
	}
	if hit {
		wasRead(it)
		size = it.Size()
		if p := x.e.store.Segmenter(); p != nil && !r.cmd.has(flagTouch) {
			x.readFrom(p, it)
		}
		var version uint64
		if r.cmd.has(flagCAS) {
			version, it = x.version(k, it)
		}
		x.appendValue(r, k, it, version)
		if r.cmd.has(flagTouch) {
			x.touch(k, it, deadline(r.seconds, x.tx.Now()))
		}
	}
	x.tx.Unlock()
	x.countRead(r.cmd.has(flagTouch), hit, size)
	if x.e.prefixes.on.Load() {
		x.e.prefixes.count(name, prefixGet, hit)
	}
}

// appendValue appends "VALUE <key> <flags> <bytes>[ <version>]\r\n<value>\r\n".
func (x *call) appendValue(r *retrieval, k core.Key, it core.Item, version uint64) {
	value := it.Value()
	out := append(x.w.Out, "VALUE "...)
	out = append(out, k.Name...)
	out = append(out, ' ')
	out = appendUint(out, uint64(it.Flags()))
	out = append(out, ' ')
	out = appendUint(out, uint64(len(value)))
	if r.cmd.has(flagCAS) {
		out = append(out, ' ')
		out = appendUint(out, version)
	}
	out = append(out, '\r', '\n')
	out = append(out, value...)
	x.w.Out = append(out, '\r', '\n')
}

// version returns the item's version and gives it one if it has none: set stores no version, so that items which nobody
// reads with gets pay nothing for it. The item may have moved.
func (x *call) version(k core.Key, it core.Item) (uint64, core.Item) {
	if x.e.set.noCAS {
		return 0, it
	}
	if v := it.CAS(); v != 0 {
		return v, it
	}
	v := x.e.store.NextCAS()
	if !x.tx.SetCAS(0, k, v) {
		v = 0 // no memory for it: a version that no cas accepts
	}
	return v, x.tx.Find(0, k)
}

// countRead counts a get, or a get that touches, and what it found: an item of size bytes.
func (x *call) countRead(touch, hit bool, size int) {
	n, found, missed := cmdGet, getHits, getMisses
	if touch {
		n, found, missed = cmdTouch, touchHits, touchMisses
	}
	x.tally.inc(n)
	if hit {
		x.tally.of(found, size)
	} else {
		x.tally.inc(missed)
	}
}
