// Streams: nodes of entries, counters, consumer groups and what they have pending.

package rdb

import (
	"encoding/binary"
	"math"

	"github.com/cachesrv/cachesrv/core/pack"
)

// ID is the id of a stream's entry.
type ID struct{ Ms, Seq uint64 }

// Less is the order of entries.
func (id ID) Less(than ID) bool { return id.Ms < than.Ms || id.Ms == than.Ms && id.Seq < than.Seq }

// StreamHead is what a stream knows beside its entries and groups.
type StreamHead struct {
	Last       ID     // the greatest id ever given
	First      ID     // the first entry that is not deleted; 0-0 if there is none
	MaxDeleted ID     // the greatest id that was deleted
	Added      uint64 // entries ever added
}

// Group is a consumer group. Read is how many entries it has read, -1 where that cannot be told.
type Group struct {
	Name []byte
	Last ID // delivered last
	Read int64
}

// Consumer is one of a group's consumers. Times are in Unix ms, -1 never.
type Consumer struct {
	Name         []byte
	Seen, Active int64
}

// Pending is an entry that was delivered to a consumer and not acknowledged. The entry itself may be deleted.
type Pending struct {
	ID        ID
	Delivered int64 // Unix ms
	Count     int64
}

// StreamSink takes a stream: its nodes in ascending order, the head, then every group with its consumers, each of these followed
// by what it has pending, ascending.
type StreamSink interface {
	// Node is a run of entries, live of which are not deleted, as Redis keeps it in one listpack; master is the id to which its ids are relative.
	Node(master ID, lp []byte, live int) error
	Head(StreamHead) error
	Group(Group) error
	Consumer(Consumer) error
	Pending(Pending) error
}

// streamDecoder is what the walk over a stream remembers.
type streamDecoder struct {
	live  int // entries found in nodes that are not deleted
	first ID  // the first of those
	last  ID  // the last entry found, deleted ones included

	pending []pendingAt // of the current group, ascending
	names   seen        // groups; the Decoder's own seen has the consumers of one group
}

// pendingAt is where a pending entry's fields lie, and whether a consumer has claimed it.
type pendingAt struct {
	at    int
	taken bool
}

func (s *streamDecoder) reset() {
	if cap(s.pending) > seenKeep {
		s.pending = nil
	}
	s.names.reset()
	*s = streamDecoder{pending: s.pending[:0], names: s.names}
}

func (d *Decoder) checkStream(r *reader) {
	d.walkStream(r, noStream{})
	d.n = d.str.live
}

// Stream gives a stream to a sink.
func (d *Decoder) Stream(to StreamSink) error {
	r := &reader{b: d.b}
	d.str.reset()
	d.walkStream(r, to)
	return d.walked(r)
}

func (d *Decoder) walkStream(r *reader, to StreamSink) {
	for n := r.count(18); n > 0 && r.ok(); n-- {
		if !d.walkStreamNode(r, to) {
			return
		}
	}
	head, ok := d.streamHead(r)
	if !ok || !d.give(to.Head(head)) {
		return
	}
	for n := r.count(4); n > 0 && r.ok(); n-- {
		if !d.walkGroup(r, to, &head) {
			return
		}
	}
}

func (d *Decoder) walkStreamNode(r *reader, to StreamSink) bool {
	name := r.text().view(&d.first)
	if len(name) != 16 {
		r.fail("a stream node without an id")
		return false
	}
	master := idOf(name)
	b := r.text().view(&d.blob)
	if !r.ok() {
		return false
	}
	if !pack.Listpack(b).Valid(true) {
		r.fail("a stream node whose packed bytes are none")
		return false
	}
	w := nodeWalk{lp: b, master: master, last: d.str.last}
	if what := w.run(); what != "" {
		r.fail(what)
		return false
	}
	if d.str.live == 0 {
		d.str.first = w.first
	}
	d.str.last = w.last
	d.str.live += w.live
	return d.give(to.Node(master, b, w.live))
}

// streamHead reads the counters behind the nodes and holds them against what the nodes have.
func (d *Decoder) streamHead(r *reader) (StreamHead, bool) {
	length := r.length()
	h := StreamHead{Last: r.id()}
	if d.kind == KindStream {
		h.Added = length
	} else {
		r.id() // the first entry, which is known better from the nodes
		h.MaxDeleted, h.Added = r.id(), r.length()
	}
	h.First = d.str.first
	switch {
	case !r.ok():
	case length != uint64(d.str.live):
		r.fail("a stream with another length than it says")
	case h.Last.Less(d.str.last):
		r.fail("a stream whose last id is before its last entry")
	case h.Added < length:
		r.fail("a stream to which fewer entries were added than it has")
	case h.Last.Less(h.MaxDeleted):
		r.fail("a stream that has deleted what it never had")
	}
	return h, r.ok()
}

func (d *Decoder) walkGroup(r *reader, to StreamSink, head *StreamHead) bool {
	name := r.text().view(&d.first)
	if !r.ok() {
		return false
	}
	if !d.str.names.add(name) {
		r.fail("two groups of one name")
		return false
	}
	g := Group{Name: name, Last: r.id()}
	if d.kind == KindStream {
		g.Read = head.distance(uint64(d.str.live), g.Last)
	} else {
		g.Read = int64(r.length())
	}
	if g.Read < -1 {
		r.fail("a group that has read a negative number of entries")
	}
	if !r.ok() || !d.give(to.Group(g)) || !d.groupPending(r) {
		return false
	}
	d.seen.reset()
	for n := r.count(10); n > 0 && r.ok(); n-- {
		if !d.walkConsumer(r, to) {
			return false
		}
	}
	for i := range d.str.pending {
		if !d.str.pending[i].taken {
			r.fail("a pending entry that no consumer has")
		}
	}
	return r.ok()
}

// groupPending notes where a group's pending entries lie: what consumers have of them comes later, by id only.
func (d *Decoder) groupPending(r *reader) bool {
	d.str.pending = d.str.pending[:0]
	var last ID
	for n := r.count(25); n > 0 && r.ok(); n-- {
		at := r.at
		id := r.rawID()
		r.millis()
		if r.length() > math.MaxInt64 {
			r.fail("an entry delivered more often than can be counted")
		}
		if len(d.str.pending) > 0 && !last.Less(id) {
			r.fail("pending entries that are not in order")
		}
		d.str.pending = append(d.str.pending, pendingAt{at: at})
		last = id
	}
	return r.ok()
}

func (d *Decoder) walkConsumer(r *reader, to StreamSink) bool {
	c := Consumer{Name: r.text().view(&d.first), Seen: r.millis()}
	c.Active = c.Seen
	if d.kind == KindStream3 {
		c.Active = r.millis()
	}
	if !r.ok() {
		return false
	}
	if !d.seen.add(c.Name) {
		r.fail("two consumers of one name")
		return false
	}
	if c.Seen < 0 || c.Active < -1 {
		r.fail("a consumer last seen before the beginning of time")
		return false
	}
	if !d.give(to.Consumer(c)) {
		return false
	}
	var last ID
	n := r.count(16)
	for i := 0; i < n && r.ok(); i++ {
		id := r.rawID()
		if i > 0 && !last.Less(id) {
			r.fail("pending entries that are not in order")
			return false
		}
		last = id
		p, ok := d.claim(r, id)
		if !ok || !d.give(to.Pending(p)) {
			return false
		}
	}
	return r.ok()
}

// claim finds a consumer's entry among those of its group. Each has one consumer: an entry that two shared would be freed twice
// by a server that counts on that.
func (d *Decoder) claim(r *reader, id ID) (Pending, bool) {
	list := d.str.pending
	low, high := 0, len(list)
	for low < high {
		if mid := (low + high) / 2; idOf(r.b[list[mid].at:]).Less(id) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	switch {
	case low == len(list) || idOf(r.b[list[low].at:]) != id:
		r.fail("a consumer with an entry that its group has not pending")
		return Pending{}, false
	case list[low].taken:
		r.fail("a pending entry that two consumers have")
		return Pending{}, false
	}
	list[low].taken = true
	at := reader{b: r.b, at: list[low].at + 16}
	return Pending{ID: id, Delivered: at.millis(), Count: int64(at.length())}, true
}

// distance is how many entries were added up to an id, as far as that can be told from the counters: -1 if it cannot. Streams of
// the first format do not have it for their groups. Nothing was deleted in the middle there, as far as is known.
func (h *StreamHead) distance(length uint64, id ID) int64 {
	switch {
	case h.Added == 0:
		return 0
	case length == 0 && !h.Last.Less(id), id == h.Last:
		return int64(h.Added)
	case h.Last.Less(id):
		return -1
	case id.Less(h.First):
		return int64(h.Added - length)
	case id == h.First:
		return int64(h.Added-length) + 1
	}
	return -1
}

// id takes an id that is written as two lengths.
func (r *reader) id() ID {
	ms := r.length()
	return ID{ms, r.length()}
}

// rawID takes an id of 16 bytes.
func (r *reader) rawID() ID {
	if b := r.raw(16); b != nil {
		return idOf(b)
	}
	return ID{}
}

func idOf(b []byte) ID {
	return ID{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}

// noStream is the sink of the check, which is done on the way.
type noStream struct{}

func (noStream) Node(ID, []byte, int) error { return nil }
func (noStream) Head(StreamHead) error      { return nil }
func (noStream) Group(Group) error          { return nil }
func (noStream) Consumer(Consumer) error    { return nil }
func (noStream) Pending(Pending) error      { return nil }
