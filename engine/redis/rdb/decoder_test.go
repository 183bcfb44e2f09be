// Tests of the check: what must be refused, and what refusing may cost.

package rdb

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/pack"
)

// refusal is a value that must not be taken, with a word of the reason.
type refusal struct {
	name  string
	value []byte
	why   string
}

// lengthBomb announces n of something.
func lengthBomb(k Kind, n uint64, rest ...byte) []byte {
	return append(value(k, func(w *Writer) { w.Length(n) }), rest...)
}

func refusals() []refusal {
	replace := func(b []byte, old, with string) []byte {
		if !bytes.Contains(b, []byte(old)) {
			panic("nothing to replace")
		}
		return bytes.Replace(b, []byte(old), []byte(with), 1)
	}
	stream := func(f func(w *Writer)) []byte { return value(KindStream2, f) }
	node := func(lp ...string) []byte {
		return stream(func(w *Writer) {
			w.Length(1)
			w.StreamNode(ID{1000, 5}, packOf(lp...))
			w.StreamHead(1, StreamHead{Last: ID{9000, 0}, Added: 5})
			w.Length(0)
		})
	}
	// group is a stream without entries with one group: its pending ids, and those of its consumers.
	group := func(pending []ID, consumers ...[]ID) []byte {
		return stream(func(w *Writer) {
			w.Length(0)
			w.StreamHead(0, StreamHead{Last: ID{9, 9}, Added: 9})
			w.Length(1)
			w.Group(Group{Name: []byte("g"), Last: ID{9, 9}})
			w.Length(uint64(len(pending)))
			for _, id := range pending {
				w.GroupPending(Pending{ID: id, Count: 1})
			}
			w.Length(uint64(len(consumers)))
			for i, ids := range consumers {
				w.Consumer(Consumer{Name: []byte{'a' + byte(i)}})
				w.Length(uint64(len(ids)))
				for _, id := range ids {
					w.ConsumerPending(id)
				}
			}
		})
	}
	head := func(length int, h StreamHead) []byte {
		return stream(func(w *Writer) {
			w.Length(1)
			w.StreamNode(ID{1000, 5}, packOf("1", "0", "1", "f", "0", "2", "0", "0", "v", "4"))
			w.StreamHead(length, h)
			w.Length(0)
		})
	}
	good := StreamHead{Last: ID{1000, 5}, Added: 1}
	list := []refusal{
		{"nothing", []byte{0}, "too early"},
		{"no text", []byte{0, 0xC4}, "no known form"},
		{"no length", []byte{2, 0xC0}, "no length"},
		{"bad length", []byte{2, 0x82}, "no length"},
		{"module", value(KindModule2, func(w *Writer) { w.Length(0xF4E5_A5D1_0000_0400); w.Length(0) }), "module type"},
		{"early module", []byte{6, 0, 0}, "module"},
		{"unknown", []byte{8, 0}, "no such kind"},
		{"newer", []byte{26, 0}, "no such kind"},

		{"lzf of another length", value(KindString, func(w *Writer) { w.LZF([]byte{0, 'a', 0x20, 0}, 5) }), "unpack"},
		{"lzf before its start", value(KindString, func(w *Writer) { w.LZF([]byte{0, 'a', 0x20, 9}, 4) }), "unpack"},
		{"lzf of nothing", value(KindString, func(w *Writer) { w.LZF(nil, 0) }), "unpack"},
		{"lzf bomb", value(KindString, func(w *Writer) { w.LZF([]byte{0, 'a', 0x20, 0}, math.MaxInt64) }), "unpack"},
		{"lzf bomb beyond 64 bits", value(KindString, func(w *Writer) { w.LZF([]byte{0, 'a', 0x20, 0}, 1<<32+4) }), "unpack"},

		{"empty list", all(KindList, 0), "without elements"},
		{"empty set", all(KindSet, 0), "without elements"},
		{"empty zset", all(KindZset2, 0), "without elements"},
		{"empty hash", all(KindHash, 0), "without elements"},
		{"empty hash with ttl", value(KindHashTTL, func(w *Writer) { w.HashTTL(1, 0) }), "without elements"},
		{"empty quicklist", value(KindQuicklist2, func(w *Writer) { w.Length(1); w.PackedNode(packOf()) }), "without elements"},
		{"empty quicklist of ziplists", value(KindQuicklist, func(w *Writer) { w.Length(1); w.Text(zipOf()) }), "without elements"},
		{"empty long node", value(KindQuicklist2, func(w *Writer) { w.Length(1); w.LongNode(nil) }), "without bytes"},
		{"empty ziplist", one(KindListZiplist, zipOf()), "without elements"},
		{"empty intset", one(KindIntset, intsetOf()), "none"},
		{"empty listpack", one(KindSetListpack, packOf()), "without elements"},
		{"empty zipmap", one(KindZipmap, mapOf()), "without elements"},

		{"member twice", all(KindSet, 2, "a", "a"), "twice"},
		{"number twice", value(KindSet, func(w *Writer) { w.Length(2); w.Out = append(w.Out, 0xC0, 7, 1, '7') }), "twice"},
		{"packed member twice", one(KindSetListpack, packOf("a", "b", "a")), "twice"},
		{"packed number twice", one(KindSetListpack, replace(packOf("x7", "7"), "\x82x7", "\x817\x02\x01")), "none"},
		{"field twice", all(KindHash, 2, "f", "1", "f", "2"), "twice"},
		{"packed field twice", one(KindHashListpack, packOf("f", "1", "f", "2")), "twice"},
		{"ziplist field twice", one(KindHashZiplist, zipOf("f", "1", "f", "2")), "twice"},
		{"zipmap field twice", one(KindZipmap, mapOf("f", "1", "f", "2")), "twice"},
		{"scored twice", value(KindZset2, func(w *Writer) {
			w.Length(2)
			w.Text([]byte("a"))
			w.Score(1)
			w.Text([]byte("a"))
			w.Score(2)
		}), "twice"},
		{"packed scored twice", one(KindZsetListpack, packOf("a", "1", "a", "2")), "twice"},
		{"half a field", one(KindHashListpack, packOf("f", "1", "g")), "all that belongs"},
		{"half a ziplist field", one(KindHashZiplist, zipOf("f", "1", "g")), "all that belongs"},
		{"half a member", one(KindZsetListpack, packOf("a", "1", "b")), "without a score"},

		{"nan", value(KindZset2, func(w *Writer) { w.Length(1); w.Text([]byte("a")); w.Score(math.NaN()) }), "no number"},
		{"ascii nan", append(all(KindZset, 1, "a"), 253), "no number"},
		{"ascii word", append(all(KindZset, 1, "a"), 3, 'n', 'a', 'n'), "no number"},
		{"ascii nothing", append(all(KindZset, 1, "a"), 0), "no number"},
		{"packed nan", one(KindZsetListpack, packOf("a", "nan")), "no number"},
		{"packed hexadecimal", one(KindZsetListpack, packOf("a", "0x10")), "no number"},
		{"packed overflow", one(KindZsetListpack, packOf("a", "1e999")), "no number"},
		{"ziplist nan", one(KindZsetZiplist, zipOf("a", "-nan")), "no number"},
		{"packed scores in disorder", one(KindZsetListpack, packOf("a", "2", "b", "1")), "order"},
		{"packed members in disorder", one(KindZsetListpack, packOf("b", "1", "a", "1")), "order"},

		{"node of no form", value(KindQuicklist2, func(w *Writer) { w.Length(1); w.Length(3); w.Text(packOf("a")) }), "no known form"},
		{"node that is none", value(KindQuicklist2, func(w *Writer) { w.Length(1); w.PackedNode([]byte("not a listpack")) }), "none"},
		{"listpack as intset", one(KindIntset, packOf("a")), "none"},
		{"intset in disorder", one(KindIntset, replace(intsetOf(1, 2, 3), "\x01\x00\x02\x00", "\x02\x00\x01\x00")), "none"},
		{"listpack of negative length", one(KindHashListpack, replace(packOf("field", strings.Repeat("v", 5000)), "\xf0\x88\x13\x00\x00", "\xf0\xff\xff\xff\xff")), "none"},

		{"ttls in disorder", one(KindHashPackEarly, packOf("a", "v", "5", "b", "v", "4")), "order"},
		{"ttl behind never", one(KindHashPackEarly, packOf("a", "v", "0", "b", "v", "4")), "order"},
		{"ttl of two elements", one(KindHashPackEarly, packOf("a", "v")), "all that belongs"},
		{"ttl that is text", one(KindHashPackEarly, packOf("a", "v", "soon")), "no number"},
		{"negative ttl", one(KindHashPackEarly, packOf("a", "v", "-1")), "end of time"},
		{"ttl beyond", one(KindHashPackEarly, packOf("a", "v", "70368744177664")), "end of time"},
		{"ttl beyond by base", value(KindHashTTL, func(w *Writer) {
			w.HashTTL(1<<46-1, 1)
			w.Length(2)
			w.Text(nil)
			w.Text(nil)
		}), "end of time"},
		{"base beyond", value(KindHashTTL, func(w *Writer) { w.HashTTL(1<<49, 1); w.Length(0); w.Text(nil); w.Text(nil) }), "end of time"},
		{"ttl that overflows", value(KindHashTTL, func(w *Writer) {
			w.HashTTL(10, 1)
			w.Length(math.MaxUint64 - 5)
			w.Text(nil)
			w.Text(nil)
		}), "end of time"},

		{"node id", stream(func(w *Writer) { w.Length(1); w.Text([]byte("short")); w.Text(packOf("a longer text")) }), "without an id"},
		{"node without entries", node("0", "0", "1", "f", "0"), "count its entries"},
		{"node of deleted entries", node("0", "1", "1", "f", "0", "3", "0", "0", "v", "4"), "count its entries"},
		{"node miscounts", node("2", "0", "1", "f", "0", "2", "0", "0", "v", "4"), "miscounts"},
		{"node without end of fields", node("1", "0", "1", "f", "7", "2", "0", "0", "v", "4"), "do not end"},
		{"node with endless fields", node("1", "0", "9223372036854775807", "f", "0"), "do not end"},
		{"node with negative fields", node("1", "0", "-1", "0", "2", "0", "0", "3"), "count its entries"},
		{"unknown flags", node("1", "0", "1", "f", "0", "6", "0", "0", "v", "4"), "flags"},
		{"flags are text", node("1", "0", "1", "f", "0", "x", "0", "0", "v", "4"), "flags"},
		{"entry count", node("1", "0", "1", "f", "0", "2", "0", "0", "v", "5"), "count its elements"},
		{"entry of endless fields", node("1", "0", "1", "f", "0", "0", "0", "0", "4611686018427387904", "v", "4"), "count its fields"},
		{"entry of negative fields", node("1", "0", "1", "f", "0", "0", "0", "0", "-1", "2"), "count its fields"},
		{"entry cut", node("1", "0", "1", "f", "0", "2", "0"), "flags"},
		{"entries in disorder", node("2", "0", "1", "f", "0", "2", "5", "0", "v", "4", "2", "4", "0", "v", "4"), "order"},
		{"entry before its node", node("1", "0", "1", "f", "0", "2", "0", "-1", "v", "4"), "order"},
		{"entry far before its node", node("1", "0", "1", "f", "0", "2", "-1", "0", "v", "4"), "order"},
		{"first node of id 0", stream(func(w *Writer) {
			w.Length(1)
			w.StreamNode(ID{}, packOf("1", "0", "1", "f", "0", "2", "0", "1", "v", "4"))
			w.StreamHead(1, StreamHead{Last: ID{9, 9}, Added: 1})
			w.Length(0)
		}), "order"},
		{"delivered too often", stream(func(w *Writer) {
			w.Length(0)
			w.StreamHead(0, StreamHead{})
			w.Length(1)
			w.Group(Group{Name: []byte("g")})
			w.Length(1)
			w.GroupPending(Pending{Count: -1})
			w.Length(1)
			w.Consumer(Consumer{Name: []byte("c")})
			w.Length(1)
			w.ConsumerPending(ID{})
		}), "delivered more often"},
		{"two nodes of one id", stream(func(w *Writer) {
			w.Length(2)
			for range 2 {
				w.StreamNode(ID{1, 0}, packOf("1", "0", "1", "f", "0", "2", "0", "0", "v", "4"))
			}
		}), "order"},
		{"stream length", head(2, StreamHead{Last: ID{1000, 5}, Added: 2}), "another length"},
		{"stream length without nodes", stream(func(w *Writer) { w.Length(0); w.StreamHead(3, StreamHead{Last: ID{9, 9}, Added: 3}); w.Length(0) }), "another length"},
		{"last id", head(1, StreamHead{Last: ID{1000, 4}, Added: 1}), "last id"},
		{"added", head(1, StreamHead{Last: good.Last}), "fewer entries"},
		{"deleted the future", head(1, StreamHead{Last: good.Last, MaxDeleted: ID{2000, 0}, Added: 1}), "never had"},

		{"pending without consumer", group([]ID{{1, 1}}), "no consumer"},
		{"pending with an idle consumer", group([]ID{{1, 1}}, nil), "no consumer"},
		{"pending in nobody's list", group(nil, []ID{{1, 1}}), "not pending"},
		{"pending shared by two consumers", group([]ID{{1, 1}, {2, 2}}, []ID{{1, 1}}, []ID{{1, 1}, {2, 2}}), "two consumers"},
		{"pending twice with one consumer", group([]ID{{1, 1}}, []ID{{1, 1}, {1, 1}}), "order"},
		{"pending twice", group([]ID{{1, 1}, {1, 1}}, []ID{{1, 1}}), "order"},
		{"two groups of one name", replace(streamOf(KindStream2), "\x02g2", "\x02g1"), "one name"},
		{"two consumers of one name", replace(streamOf(KindStream2), "\x04idle", "\x03bob"), "one name"},
	}
	for _, k := range []Kind{KindList, KindSet, KindZset, KindHash, KindZset2, KindQuicklist, KindStream, KindQuicklist2, KindStream2, KindStream3,
		KindHashTTLEarly} {
		for _, n := range []uint64{100, 1 << 14, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, 1<<64 - 1} {
			list = append(list, refusal{"announces", lengthBomb(k, n, 1, 'a', 1, 'b', 1, 'c'), "than there is"})
		}
	}
	for k := range Kind(len(kinds)) {
		if k.Type() != None && k.Type() != Module && k.form() != texts && k.form() != nodes && k.form() != tree {
			list = append(list, refusal{"announces a pack", lengthBomb(k, 1<<63, 1, 'a', 1, 'b', 1, 'c', 0, 0, 0, 0, 0, 0, 0, 0), ""})
		}
	}
	return list
}

func TestR20Refusals(t *testing.T) {
	var d Decoder
	for _, c := range refusals() {
		n, err := d.Open(Kind(c.value[0]), c.value[1:])
		if err == nil {
			t.Errorf("%s: taken, %d of %d bytes: %x", c.name, n, len(c.value)-1, c.value)
			continue
		}
		if !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want a word about %q", c.name, err, c.why)
		}
		if at := err.(*Corrupt).At; at < 0 || at >= len(c.value) {
			t.Errorf("%s: offset %d of %d", c.name, at, len(c.value)-1)
		}
	}
	if _, err := d.Open(KindModule2, value(KindModule2, func(w *Writer) { w.Length(0x1FFF) })[1:]); err == nil || !strings.Contains(err.Error(), "AAAAAAAAH") {
		t.Errorf("the module is not named: %v", err)
	}
}

// TestR20Truncated cuts every sample at every byte.
func TestR20Truncated(t *testing.T) {
	var d Decoder
	for _, s := range samples() {
		for n := range len(s.value) - 1 {
			if _, err := d.Open(Kind(s.value[0]), s.value[1:1+n]); err == nil {
				t.Errorf("%s: taken when cut to %d of %d bytes", s.name, n, len(s.value)-1)
			}
		}
	}
}

// TestR20Flipped damages every byte of every sample, the kind's too. What is taken nevertheless must hold all promises.
func TestR20Flipped(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 20))
	taken := 0
	for _, s := range samples() {
		for i := range s.value {
			for k := range 24 {
				b := bytes.Clone(s.value)
				if k < 8 {
					b[i] ^= 1 << k
				} else {
					b[i] = byte(r.UintN(256))
				}
				var d Decoder
				if _, err := d.Open(Kind(b[0]), b[1:]); err == nil {
					taken++
					holds(t, &d)
				}
			}
		}
	}
	if taken == 0 {
		t.Error("no damage was harmless: the test does not reach what it tests")
	}
}

// TestR20Kinds takes every sample for every kind.
func TestR20Kinds(t *testing.T) {
	var d Decoder
	for _, s := range samples() {
		for k := range 256 {
			if _, err := d.Open(Kind(k), s.value[1:]); err == nil {
				holds(t, &d)
			}
		}
	}
}

// allocated is how many bytes f allocates on the Go heap.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestR20Memory holds the check to 64 times the payload, and a little that every check takes.
func TestR20Memory(t *testing.T) {
	const share, fixed = 64, 16 << 10
	values := map[string][]byte{}
	for _, c := range refusals() {
		values[c.name] = c.value
	}
	for _, s := range samples() {
		values[s.name] = s.value
	}
	// The shortest distinct members there are: numbers of one byte, of two, of four.
	values["many numbers"] = value(KindSet, func(w *Writer) {
		w.Length(200_000)
		for n := range 200_000 {
			w.Number(int64(n - 128))
		}
	})
	var b pack.Builder
	for n := range 200_000 {
		b.Add(pack.Number(int64(n - 4096)))
	}
	values["packed numbers"] = one(KindSetListpack, b.Done())
	values["pending"] = value(KindStream2, func(w *Writer) {
		w.Length(0)
		w.StreamHead(0, StreamHead{Last: ID{1 << 40, 0}, Added: 1 << 40})
		w.Length(1)
		w.Group(Group{Name: []byte("g")})
		w.Length(50_000)
		for n := range 50_000 {
			w.GroupPending(Pending{ID: ID{uint64(n), 1}})
		}
		w.Length(0)
	})
	values["consumers"] = value(KindStream2, func(w *Writer) {
		w.Length(0)
		w.StreamHead(0, StreamHead{})
		w.Length(10_000)
		for n := range 10_000 {
			w.Group(Group{Name: binary.BigEndian.AppendUint16(nil, uint16(n))})
			w.Length(0)
			w.Length(0)
		}
	})
	for name, v := range values {
		got := allocated(func() {
			var d Decoder
			d.Open(Kind(v[0]), v[1:])
		})
		if got > uint64(share*len(v)+fixed) {
			t.Errorf("%s: %d bytes allocated for %d", name, got, len(v))
		}
	}
}

// TestDecoderIsReused opens good and bad values with one Decoder and compares with fresh ones.
func TestDecoderIsReused(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	good, bad := samples(), refusals()
	var d Decoder
	for range 3000 {
		if r.IntN(2) == 0 {
			c := bad[r.IntN(len(bad))]
			if _, err := d.Open(Kind(c.value[0]), c.value[1:]); err == nil {
				t.Fatalf("%s: taken", c.name)
			}
			continue
		}
		s := good[r.IntN(len(good))]
		n, err := d.Open(Kind(s.value[0]), append(bytes.Clone(s.value[1:]), "what follows"...))
		if err != nil || n != len(s.value)-1 || d.Len() != s.n {
			t.Fatalf("%s: %d of %d bytes, %d elements, %v", s.name, n, len(s.value)-1, d.Len(), err)
		}
	}
}

// TestOnlyNode: a list is given packed if it has one node, and not if an empty one follows, in whose memory the first may have been unpacked.
func TestOnlyNode(t *testing.T) {
	node := packOf(strings.Repeat("alike", 20), "2")
	for _, compress := range []bool{true, false} {
		for nodes := 1; nodes <= 2; nodes++ {
			w := Writer{Compress: compress}
			w.Kind(KindQuicklist2)
			w.Length(uint64(nodes))
			w.PackedNode(node)
			if nodes == 2 {
				w.PackedNode(packOf())
			}
			got, ok := mustOpen(t, w.Out).Packed()
			if ok != (nodes == 1) || ok && string(got) != string(node) {
				t.Errorf("compressed %v, %d nodes: %v, %x", compress, nodes, ok, got)
			}
		}
	}
}
