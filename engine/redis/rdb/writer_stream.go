// Writer: streams, as KindStream2. The number of nodes comes first, the nodes, the head, the number of groups, the groups.

package rdb

import "encoding/binary"

// StreamNode writes a node.
func (w *Writer) StreamNode(master ID, lp []byte) {
	w.Out = master.append(appendLength(w.Out, 16))
	w.Text(lp)
}

// StreamHead writes what comes behind the nodes. length is the number of entries.
func (w *Writer) StreamHead(length int, h StreamHead) {
	w.Length(uint64(length))
	w.id(h.Last)
	w.id(h.First)
	w.id(h.MaxDeleted)
	w.Length(h.Added)
}

// Group begins a group: the number of its pending entries follows, those in ascending order as GroupPending, the number of its consumers and
// those. Consumer begins one of them: the number of its pending entries follows, and each of these as ConsumerPending.
func (w *Writer) Group(g Group) {
	w.Text(g.Name)
	w.id(g.Last)
	w.Length(uint64(g.Read))
}

func (w *Writer) GroupPending(p Pending) {
	w.Out = p.ID.append(w.Out)
	w.Millis(p.Delivered)
	w.Length(uint64(p.Count))
}

func (w *Writer) Consumer(c Consumer) {
	w.Text(c.Name)
	w.Millis(c.Seen)
}

func (w *Writer) ConsumerPending(id ID) { w.Out = id.append(w.Out) }

// id writes an id as two lengths, append one as 16 bytes.
func (w *Writer) id(id ID) {
	w.Length(id.Ms)
	w.Length(id.Seq)
}

func (id ID) append(b []byte) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, id.Ms), id.Seq)
}
