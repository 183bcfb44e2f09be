// Values of every kind, built by hand.

package rdb

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/pack"
)

// sample is a good value, its kind in front.
type sample struct {
	name  string
	value []byte
	n     int // elements
}

// packOf is a listpack of texts.
func packOf(texts ...string) []byte {
	var b pack.Builder
	for _, s := range texts {
		b.Add(pack.Text([]byte(s)))
	}
	return b.Done()
}

// zipOf is a ziplist of texts and, where they are small enough, numbers.
func zipOf(texts ...string) []byte {
	z := make([]byte, 10)
	before, last := 0, 10
	for _, s := range texts {
		last = len(z)
		if before < 254 {
			z = append(z, byte(before))
		} else {
			z = binary.LittleEndian.AppendUint32(append(z, 254), uint32(before))
		}
		if n, ok := pack.ParseInt([]byte(s)); ok && n >= 0 && n <= 12 {
			z = append(z, 0xF1+byte(n))
		} else if ok {
			z = binary.LittleEndian.AppendUint64(append(z, 0xE0), uint64(n))
		} else if len(s) < 64 {
			z = append(append(z, byte(len(s))), s...)
		} else {
			z = append(append(z, 0x40|byte(len(s)>>8), byte(len(s))), s...)
		}
		before = len(z) - last
	}
	z = append(z, 0xFF)
	binary.LittleEndian.PutUint32(z, uint32(len(z)))
	binary.LittleEndian.PutUint32(z[4:], uint32(last))
	binary.LittleEndian.PutUint16(z[8:], uint16(len(texts)))
	return z
}

// mapOf is a zipmap of short texts.
func mapOf(pairs ...string) []byte {
	z := []byte{byte(len(pairs) / 2)}
	for i, s := range pairs {
		z = append(z, byte(len(s)))
		if i%2 == 1 {
			z = append(z, 0)
		}
		z = append(z, s...)
	}
	return append(z, 0xFF)
}

func intsetOf(ns ...int64) []byte {
	s := pack.NewIntset(make([]byte, pack.EmptyIntset, 1<<12))
	for _, n := range ns {
		s, _ = s.Add(n)
	}
	return s
}

// value builds one with a Writer.
func value(k Kind, f func(w *Writer)) []byte {
	w := &Writer{}
	w.Kind(k)
	f(w)
	return w.Out
}

// all is a value that is a count and texts.
func all(k Kind, n int, texts ...string) []byte {
	return value(k, func(w *Writer) {
		w.Length(uint64(n))
		for _, s := range texts {
			w.Text([]byte(s))
		}
	})
}

// one is a value that is one text.
func one(k Kind, b []byte) []byte {
	return value(k, func(w *Writer) { w.Text(b) })
}

// streamPack is a node with two entries of the node's fields, one of its own and one that is deleted.
func streamPack() []byte {
	return packOf("3", "1", "2", "a", "b", "0",
		"2", "0", "0", "x", "1", "5",
		"2", "0", "1", "y", "2", "5",
		"3", "1", "-5", "gone", "3", "5",
		"0", "9", "7", "1", "c", "long value", "6")
}

// streamOf is a stream of two nodes and two groups.
func streamOf(k Kind) []byte {
	return value(k, func(w *Writer) {
		w.Length(2)
		w.StreamNode(ID{1000, 5}, streamPack())
		w.StreamNode(ID{5000, 0}, packOf("1", "0", "1", "f", "0", "2", "0", "0", "v", "4"))
		w.Length(4)
		w.id(ID{6000, 1})
		if k != KindStream {
			w.id(ID{1000, 5})
			w.id(ID{1001, 0})
			w.Length(9)
		}
		w.Length(2)
		group := func(name string, last ID, read uint64, pending []ID, consumers map[string][]ID, order ...string) {
			w.Text([]byte(name))
			w.id(last)
			if k != KindStream {
				w.Length(read)
			}
			w.Length(uint64(len(pending)))
			for i, id := range pending {
				w.GroupPending(Pending{ID: id, Delivered: 1700000000000 + int64(i), Count: int64(i + 1)})
			}
			w.Length(uint64(len(order)))
			for _, name := range order {
				w.Consumer(Consumer{Name: []byte(name), Seen: 1700000000000})
				if k == KindStream3 {
					w.Millis(1700000000009)
				}
				w.Length(uint64(len(consumers[name])))
				for _, id := range consumers[name] {
					w.ConsumerPending(id)
				}
			}
		}
		group("g1", ID{5000, 0}, 1<<64-1, []ID{{1000, 5}, {1000, 6}, {5000, 0}},
			map[string][]ID{"alice": {{1000, 5}, {5000, 0}}, "bob": {{1000, 6}}}, "alice", "bob", "idle")
		group("g2", ID{0, 0}, 0, nil, nil)
	})
}

// ttlPack is a listpack of fields with expiries, as it must be ordered.
func ttlPack() []byte {
	return packOf("f2", "v2", "1700000000000", "f1", "5", "1800000000000", "f3", "v3", "0", "4", "", "0")
}

func samples() []sample {
	long := strings.Repeat("long text ", 30)
	scores := func(k Kind, put func(w *Writer, s string)) []byte {
		return value(k, func(w *Writer) {
			w.Length(4)
			for i, s := range []string{"1.5", "-inf", "inf", "-0.25"} {
				w.Text([]byte("m" + string(rune('0'+i))))
				put(w, s)
			}
		})
	}
	ttl := func(k Kind, first int64) []byte {
		return value(k, func(w *Writer) {
			if k == KindHashTTL {
				w.Millis(first)
			}
			w.Length(3)
			for i, at := range []int64{0, first, first + 1000} {
				switch {
				case at == 0:
					w.Length(0)
				case k == KindHashTTL:
					w.Length(uint64(at - first + 1))
				default:
					w.Length(uint64(at))
				}
				w.Text([]byte("field" + string(rune('0'+i))))
				w.Text([]byte("7"))
			}
		})
	}
	var q pack.Squeezer
	small, _ := q.Compress(nil, []byte(long), len(long))
	return []sample{
		{"text", one(KindString, []byte("hello")), 0},
		{"empty text", one(KindString, nil), 0},
		{"byte", one(KindString, []byte("-128")), 0},
		{"short", one(KindString, []byte("32767")), 0},
		{"int", one(KindString, []byte("-2147483648")), 0},
		{"lzf", value(KindString, func(w *Writer) { w.LZF(small, len(long)) }), 0},
		{"list", all(KindList, 4, "a", "b", "a", "12"), 4},
		{"set", all(KindSet, 4, "a", "b", "", "12"), 4},
		{"zset", scores(KindZset, func(w *Writer, s string) {
			switch s {
			case "inf":
				w.Out = append(w.Out, 254)
			case "-inf":
				w.Out = append(w.Out, 255)
			default:
				w.Out = append(append(w.Out, byte(len(s))), s...)
			}
		}), 4},
		{"hash", all(KindHash, 2, "f", "v", "g", ""), 2},
		{"zset2", scores(KindZset2, func(w *Writer, s string) {
			f, _ := parseScore([]byte(s))
			w.Score(f)
		}), 4},
		{"zipmap", one(KindZipmap, mapOf("f", "v", "g", "12")), 2},
		{"list ziplist", one(KindListZiplist, zipOf("a", "5", "-70000", long)), 4},
		{"intset", one(KindIntset, intsetOf(-5, 3, 70000)), 3},
		{"zset ziplist", one(KindZsetZiplist, zipOf("a", "-inf", "b", "3", "c", "3.5")), 3},
		{"hash ziplist", one(KindHashZiplist, zipOf("f", "v", "12", "x")), 2},
		{"quicklist", value(KindQuicklist, func(w *Writer) {
			w.Length(3)
			w.Text(zipOf("a", "b"))
			w.Text(zipOf())
			w.Text(zipOf("7"))
		}), 3},
		{"stream", streamOf(KindStream), 4},
		{"hash listpack", one(KindHashListpack, packOf("f", "v", "12", "x")), 2},
		{"zset listpack", one(KindZsetListpack, packOf("a", "-inf", "b", "3", "c", "3", "a2", "3.5")), 4},
		{"quicklist2", value(KindQuicklist2, func(w *Writer) {
			w.Length(3)
			w.PackedNode(packOf("a", "5"))
			w.LongNode([]byte(long))
			w.PackedNode(packOf("7"))
		}), 4},
		{"stream2", streamOf(KindStream2), 4},
		{"set listpack", one(KindSetListpack, packOf("a", "5", "", "b")), 4},
		{"stream3", streamOf(KindStream3), 4},
		{"early hash ttl", ttl(KindHashTTLEarly, 1700000000000), 3},
		{"early hash ttl listpack", one(KindHashPackEarly, ttlPack()), 4},
		{"hash ttl", ttl(KindHashTTL, 1700000000000), 3},
		{"hash ttl listpack", value(KindHashPackTTL, func(w *Writer) { w.HashPackTTL(1700000000000, ttlPack()) }), 4},
		{"empty stream", value(KindStream2, func(w *Writer) {
			w.Length(0)
			w.StreamHead(0, StreamHead{Last: ID{5, 5}, MaxDeleted: ID{5, 5}, Added: 3})
			w.Length(0)
		}), 0},
		{"great ids", value(KindStream2, func(w *Writer) {
			w.Length(1)
			w.StreamNode(ID{1, 5}, packOf("2", "0", "1", "f", "0", "2", "0", "-6", "v", "4", "2", "-2", "-5", "v", "4"))
			w.StreamHead(2, StreamHead{Last: ID{1<<64 - 1, 7}, Added: 2})
			w.Length(0)
		}), 2},
		{"compressed", value(KindHash, func(w *Writer) {
			w.Compress = true
			w.Length(2)
			w.Text([]byte(long))
			w.Text([]byte(long + long))
			w.Text([]byte("x" + long))
			w.Text([]byte("short"))
		}), 2},
	}
}

func TestSamples(t *testing.T) {
	have := map[Kind]bool{}
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			d := mustOpen(t, s.value)
			if d.Len() != s.n {
				t.Errorf("%d elements, want %d", d.Len(), s.n)
			}
			holds(t, d)
		})
		have[Kind(s.value[0])] = true
	}
	for k := range Kind(255) {
		if k.Type() != None && k.Type() != Module && !have[k] {
			t.Errorf("no sample of %v", k)
		}
	}
}
