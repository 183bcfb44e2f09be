// Looking ahead: while requests that came together are run, the memory that the next ones need is on its way.

package memcached

import (
	"bytes"

	"github.com/cachesrv/cachesrv/core"
)

// glanceMost is how many bytes of lines are looked through at once: a long value is not worth it.
const glanceMost = 4 << 10

// glance hashes the keys of the requests that in begins with, up to a window of them, and has the store load what they name. Guesses may be wrong: what looks
// like a line may be a part of a value; nothing depends on it. It returns how many bytes it has looked at, 1 at least.
// Pipeline 16 over a million keys, thousand requests per CPU-second: text 807 to 901, meta 690 to 851, binary 837 to 951.
func (x *call) glance(in []byte) (seen int) {
	want := x.w.Ahead[:0]
	if x.s.binary {
		want, seen = x.glanceFrames(want, in)
	} else {
		want, seen = x.glanceLines(want, in)
	}
	x.ahead = want
	x.load(want)
	return max(seen, 1)
}

// load has the store load what keys name, and keeps their memory for the next ones.
func (x *call) load(want []core.Wanted) {
	x.w.Ahead = want
	if len(want) > 1 && x.tx.WorthWhile() {
		x.tx.LookAhead(0, want)
	}
}

// glanceLines takes the second word of each line for a key.
func (x *call) glanceLines(want []core.Wanted, in []byte) (_ []core.Wanted, at int) {
	in = in[:min(len(in), glanceMost)]
	for len(want) < core.Window && at < len(in) {
		nl := bytes.IndexByte(in[at:], '\n')
		if nl < 0 || at == 0 && nl == len(in)-1 { // a single request
			return want, len(in)
		}
		line := bytes.TrimSuffix(in[at:at+nl], []byte("\r"))
		at += nl + 1
		if space := bytes.IndexByte(line, ' '); space > 0 && space <= longestVerb {
			name, _ := nextKey(line, space)
			want = x.wanted(want, name)
		}
	}
	return want, at
}

// longestVerb is the length of "prepend", the longest word that has a key behind it.
const longestVerb = 7

func (x *call) glanceFrames(want []core.Wanted, in []byte) (_ []core.Wanted, at int) {
	var f frame
	for len(want) < core.Window && len(in)-at >= headerLen && in[at] == requestMagic {
		f.readHeader(in[at:])
		key, next := at+headerLen+int(f.extLen), at+headerLen+int(f.body)
		end := key + int(f.keyLen)
		if end > len(in) || at == 0 && next >= len(in) {
			return want, len(in)
		}
		want = x.wanted(want, in[key:end])
		at = next
	}
	return want, at
}

func (x *call) wanted(want []core.Wanted, name []byte) []core.Wanted {
	if len(name) == 0 || len(name) > maxKey {
		return want
	}
	return append(want, core.Wanted{Key: x.e.store.Key(name)})
}

// keyOf hashes a key of the request, unless glance has.
func (x *call) keyOf(name []byte) core.Key {
	for i := range x.ahead {
		if k := x.ahead[i].Key; len(k.Name) == len(name) && len(name) > 0 && &k.Name[0] == &name[0] {
			x.ahead = x.ahead[i+1:]
			return k
		}
	}
	return x.e.store.Key(name)
}

// lookAhead is glance for the next keys of a line of many: 100 keys of a million took 1.5 times as long without.
func (x *call) lookAhead(line []byte, pos int) []core.Wanted {
	want := x.w.Ahead[:0]
	for len(want) < core.Window {
		name, next := nextKey(line, pos)
		if len(name) == 0 || len(name) > maxKey {
			break
		}
		want = append(want, core.Wanted{Key: x.e.store.Key(name)})
		pos = next
	}
	x.ahead = nil // it lay in the same memory
	x.load(want)
	return want
}
