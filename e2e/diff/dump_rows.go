// DUMP, RESTORE and the digests under comparison. Payloads are built here, so that both servers restore the same.

package diff

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/e2e/harness"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

var dumpRows = []row{
	{name: "dump", weight: 3, args: withKey, same: sameValue, why: "LZF has many ways to say the same, and hash tables no order"},
	{name: "restore", tame: true, weight: 6, args: seq(restoring(word("0", "0", "0", "-1", "x")), restoreOptions), timed: true},
	{name: "restore", tame: true, weight: 4, args: seq(restoring(millis), restoreOptions), timed: true},
	{name: "restore", tame: true, weight: 2, args: seq(restoring(futureMillis), lit("ABSTTL"), restoreOptions), timed: true},
	{name: "restore-asking", weight: 1, args: seq(restoring(lit("0")), lit("replace")), timed: true},
	{name: "debug digest-value", weight: 4, tame: true, args: rep(1, 4, word(keyNames...))},
}

// Huge idle times wrap around in both servers, but not at the same second.
var restoreOptions = some(opt("replace"), opt("replace"), opt("replace"), opt("idletime", word("0", "100", "70000", "-1", "x")),
	opt("freq", word("0", "5", "255", "256", "-1", "1.5")))

// restoring is a key, a lifetime and a framed value, now and then a damaged one: what the frame does not catch, the servers judge
// differently. Sets go where sets live.
func restoring(ttl gen) gen {
	return func(s *source) []string {
		v, to := valueOf(s), key
		if rdb.Kind(v[0]).Type() == rdb.Set {
			to = setTarget
		}
		b := rdb.AppendFoot(v, 0)
		switch s.IntN(24) {
		case 0:
			b[s.IntN(len(b))] ^= 1 << s.IntN(8)
		case 1:
			b = b[:s.IntN(len(b))]
		case 2:
			b = []byte(value(s)[0])
		}
		return append(append(to(s), ttl(s)...), string(b))
	}
}

// valueOf is a value of any type and encoding that both servers read, its kind in front.
func valueOf(s *source) []byte {
	w := &rdb.Writer{Compress: s.chance(2)}
	n := 1 + s.IntN(6)
	if s.chance(6) {
		n = 100 + s.IntN(60) // beyond what is kept packed
	}
	switch s.IntN(12) {
	case 0:
		w.Kind(rdb.KindHash)
		distinctTexts(s, w, n, 2)
	case 1:
		w.Kind(rdb.KindHashListpack)
		w.Text(packedTexts(s, n, func(b *pack.Builder) { b.Add(pack.Text([]byte(value(s)[0]))) }))
	case 6:
		w.Kind(rdb.KindSet)
		distinctTexts(s, w, n, 1)
	case 7:
		w.Kind(rdb.KindIntset)
		set := pack.NewIntset(make([]byte, pack.EmptyIntset, 8*(n+2)))
		for range n {
			set, _ = set.Add(int64(s.Uint64()) >> (32 + s.IntN(32)))
		}
		w.Text(set)
	case 2:
		w.Kind(rdb.KindZset2)
		w.Length(uint64(n))
		for i := range n {
			w.Text([]byte(strconv.Itoa(i) + ":" + value(s)[0]))
			w.Score(float64(s.IntN(40)) / 4)
		}
	case 3:
		w.Kind(rdb.KindZsetListpack)
		score := 0
		w.Text(packedTexts(s, n, func(b *pack.Builder) {
			score += 1 + s.IntN(3)
			b.Add(pack.Number(int64(score)))
		}))
	case 4:
		w.Kind(rdb.KindList)
		distinctTexts(s, w, n, 1)
	case 5:
		w.Kind(rdb.KindQuicklist2)
		w.Length(2)
		w.PackedNode(packedTexts(s, n, func(b *pack.Builder) { b.Add(pack.Text([]byte(value(s)[0]))) }))
		w.LongNode([]byte("long" + value(s)[0]))
	case 8:
		streamValue(s, w)
	default:
		w.Kind(rdb.KindString)
		w.Text([]byte(value(s)[0]))
	}
	return w.Out
}

// distinctTexts are n groups of texts, the first of each like no other.
func distinctTexts(s *source, w *rdb.Writer, n, each int) {
	w.Length(uint64(n))
	for i := range n {
		w.Text([]byte(strconv.Itoa(i) + ":" + value(s)[0]))
		for range each - 1 {
			w.Text([]byte(value(s)[0]))
		}
	}
}

// packedTexts is a listpack of n texts like no other, each followed by what next adds.
func packedTexts(s *source, n int, next func(*pack.Builder)) pack.Listpack {
	var b pack.Builder
	for i := range n {
		b.Add(pack.Text([]byte(strconv.Itoa(i) + ":" + value(s)[0])))
		next(&b)
	}
	return b.Done()
}

// streamValue is a stream of one node, with a group of two consumers.
func streamValue(s *source, w *rdb.Writer) {
	n := 1 + s.IntN(5)
	var b pack.Builder
	for _, x := range []int64{int64(n), 0, 1} {
		b.Add(pack.Number(x))
	}
	b.Add(pack.Text([]byte("f")))
	b.Add(pack.Number(0))
	for i := range n {
		for _, x := range []int64{2, int64(10 * i), 0} {
			b.Add(pack.Number(x))
		}
		b.Add(pack.Text([]byte(value(s)[0])))
		b.Add(pack.Number(4))
	}
	w.Kind(rdb.KindStream2)
	w.Length(1)
	w.StreamNode(rdb.ID{Ms: 1000, Seq: 1}, b.Done())
	w.StreamHead(n, rdb.StreamHead{Last: rdb.ID{Ms: 2000}, First: rdb.ID{Ms: 1000, Seq: 1}, Added: uint64(n + s.IntN(3))})
	w.Length(1)
	w.Group(rdb.Group{Name: []byte("g1"), Last: rdb.ID{Ms: 1000, Seq: 1}, Read: 1})
	w.Length(1)
	w.GroupPending(rdb.Pending{ID: rdb.ID{Ms: 1000, Seq: 1}, Delivered: 1700000000000, Count: 3})
	w.Length(2)
	for i, name := range []string{"alice", "bob"} {
		w.Consumer(rdb.Consumer{Name: []byte(name), Seen: 1700000000000})
		w.Length(uint64(1 - i))
		if i == 0 {
			w.ConsumerPending(rdb.ID{Ms: 1000, Seq: 1})
		}
	}
}

// sameValue wants payloads of the same value.
func sameValue(_ []string, a, b harness.Reply) bool {
	x, ok1 := contentOf(a.Str)
	y, ok2 := contentOf(b.Str)
	return ok1 && ok2 && slices.Equal(x, y)
}

// contentOf is a payload's value as lines; where elements have no order they are sorted.
func contentOf(payload string) ([]string, bool) {
	kind, b, err := rdb.Unframe([]byte(payload))
	if err != nil {
		return nil, false
	}
	var d rdb.Decoder
	if n, err := d.Open(kind, b); err != nil || n != len(b) {
		return nil, false
	}
	c := content{"type " + strconv.Itoa(int(d.Type()))}
	switch d.Type() {
	case rdb.String:
		text := make([]byte, d.Text().Len())
		d.Text().Fill(text)
		c = append(c, string(text))
	case rdb.List:
		err = d.List(&c)
	case rdb.Set:
		err = d.Set(&c)
	case rdb.SortedSet:
		err = d.SortedSet(&c)
	case rdb.Hash:
		err = d.Hash(&c)
	}
	if d.Type() != rdb.List {
		slices.Sort(c)
	}
	return c, err == nil
}

// content collects the elements of a value.
type content []string

func (c *content) add(parts ...string) error {
	*c = append(*c, strings.Join(parts, "\x00"))
	return nil
}

func (c *content) Element(text []byte) error { return c.add(string(text)) }
func (c *content) Node(lp []byte, _ int) error {
	pk := pack.Listpack(lp)
	for p := pk.First(); p < pk.End(); p = pk.Next(p) {
		c.add(string(pk.Get(p).Append(nil)))
	}
	return nil
}
func (c *content) Member(text []byte) error { return c.add(string(text)) }
func (c *content) Score(member []byte, score float64) error {
	return c.add(string(member), strconv.FormatFloat(score, 'g', -1, 64))
}
func (c *content) Field(field, value []byte, expireAt int64) error {
	return c.add(string(field), string(value), strconv.FormatInt(expireAt, 10))
}
