// Dumps of the store's keys: lru_crawler metadump and stats cachedump.

package memcached

import (
	"math/bits"

	"github.com/cachesrv/cachesrv/core"
)

// classID is the number of the size class of blocks of size bytes, as the reports give it: 1 for 16 bytes, one more for
// every 8 bytes up to 128, then eight for every doubling, sixteen from 256 to 512. It depends on the size alone, so that a class
// keeps its number for ever.
func classID(size int) int {
	if size <= 128 {
		return max(0, size-16+7)/8 + 1
	}
	top := bits.Len(uint(size-1)) - 1
	id := 15 + 8*(top-7) + 1
	switch {
	case top == 8:
		return id + (size-1)>>4&15
	case top > 8:
		id += 8
	}
	return id + (size-1)>>(top-3)&7
}

// dump is a metadump that is being sent.
type dump struct {
	cursor  uint64
	classes *classSet // nil: all
}

// classSet is a set of class numbers, a bit each.
type classSet [classLimit / 64]uint64

func (s *classSet) has(id int) bool { return id < classLimit && s[id/64]>>(id%64)&1 != 0 }

// read adds the classes of a list with commas, each number below limit, and returns the error reply, "" for none. As in the original,
// nothing between two commas is no class.
func (s *classSet) read(word []byte, limit uint32) string {
	reply := replyNoClasses
	for start, i := 0, 0; i <= len(word); i++ {
		if i < len(word) && word[i] != ',' {
			continue
		}
		if i > start {
			id, ok := parseU32(word[start:i])
			if !ok || id < 1 || id >= limit {
				return replyBadClasses
			}
			s[id/64] |= 1 << (id % 64)
			reply = ""
		}
		start = i + 1
	}
	return reply
}

// dumpChunk is how many items are looked at between two looks at the output.
const dumpChunk = 100

// moreDump goes on with a metadump until the output must be sent. The newline of the command is still in the input:
// taking it ends the dump, and until then it makes the loop come back. An item that is moved meanwhile may be sent
// twice; one that is there from start to end is sent.
func (x *call) moreDump() int {
	if !x.entered {
		x.s.c.AwaitStore()
		return 0
	}
	d := &x.s.dump
	for !x.w.Full() {
		d.cursor = x.tx.Scan(0, d.cursor, dumpChunk, func(it core.Item) {
			if class := classID(it.Size()); d.classes == nil || d.classes.has(class) {
				x.appendMeta(it, class)
			}
		})
		if d.cursor == 0 {
			x.s.state = atLine
			x.write(replyEnd)
			return 1
		}
	}
	return 0
}

// appendMeta appends a line of metadump. The last access is only known if the eviction policy
// keeps it.
func (x *call) appendMeta(it core.Item, class int) {
	out := appendEscaped(append(x.w.Out, "key="...), it.Name())
	if at := it.ExpireAt(); at == 0 {
		out = append(out, " exp=-1"...)
	} else {
		out = appendUint(append(out, " exp="...), uint64(at/1000))
	}
	accessed := int64(0)
	if idle, ok := x.e.store.IdleSeconds(it); ok {
		accessed = x.tx.Now()/1000 - idle
	}
	out = appendUint(append(out, " la="...), uint64(max(0, accessed)))
	out = appendUint(append(out, " cas="...), it.CAS())
	if it.Type()&markRead != 0 {
		out = append(out, " fetch=yes cls="...)
	} else {
		out = append(out, " fetch=no cls="...)
	}
	out = appendUint(out, uint64(class))
	out = appendUint(append(out, " size="...), uint64(it.Size()))
	x.w.Out = append(out, '\n')
}

// appendEscaped appends a key with everything but letters, digits and -._~ as %XX.
func appendEscaped(dst, key []byte) []byte {
	const hex = "0123456789ABCDEF"
	for _, c := range key {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// maxCachedump bounds the reply of stats cachedump, as in the original.
const maxCachedump = 2 << 20

// appendCachedump appends up to limit items of a class, 0 for no limit. It costs a walk over the store up to the last
// item it shows.
func (x *call) appendCachedump(class int, limit uint32) {
	shown, start := uint32(0), len(x.w.Out)
	x.tx.Each(0, func(it core.Item) bool {
		if classID(it.Size()) != class {
			return true
		}
		out := append(x.w.Out, "ITEM "...)
		if isPlain(it.Name()) {
			out = append(out, it.Name()...)
		} else {
			out = appendEscaped(out, it.Name()) // it must not look like lines of the reply
		}
		out = appendUint(append(out, " ["...), uint64(len(it.Value())))
		out = appendUint(append(out, " b; "...), uint64(it.ExpireAt()/1000))
		x.w.Out = append(out, " s]\r\n"...)
		shown++
		return shown != limit && len(x.w.Out)-start < maxCachedump
	})
}
