// ID: what an entry is called, a Unix time in ms and a number within it.

package stream

import (
	"cmp"
	"encoding/binary"
	"math"
)

// idBytes is the length of an id as a name: big endian, so that names sort as ids do.
const idBytes = 16

// ID is the name of an entry. Ids of a stream only grow.
type ID struct{ Ms, Seq uint64 }

// MaxID is the greatest id there is; the zero ID is the least.
var MaxID = ID{math.MaxUint64, math.MaxUint64}

// Compare orders ids.
func (id ID) Compare(other ID) int {
	if id.Ms != other.Ms {
		return cmp.Compare(id.Ms, other.Ms)
	}
	return cmp.Compare(id.Seq, other.Seq)
}

// Less tells whether id comes before other.
func (id ID) Less(other ID) bool {
	return id.Ms < other.Ms || id.Ms == other.Ms && id.Seq < other.Seq
}

// Zero tells whether it is the least id, which no entry has.
func (id ID) Zero() bool { return id == ID{} }

// Next is the id after id; false, and the least, if there is none.
func (id ID) Next() (ID, bool) {
	if id.Seq++; id.Seq == 0 {
		id.Ms++
		return id, id.Ms != 0
	}
	return id, true
}

// Prev is the id before id; false, and the greatest, if there is none.
func (id ID) Prev() (ID, bool) {
	if id.Seq--; id.Seq == math.MaxUint64 {
		id.Ms--
		return id, id.Ms != math.MaxUint64
	}
	return id, true
}

// name is the id as the trees order it.
func (id ID) name() (b [idBytes]byte) {
	binary.BigEndian.PutUint64(b[:], id.Ms)
	binary.BigEndian.PutUint64(b[8:], id.Seq)
	return b
}

// score goes up with the id; where it stands still, the name decides.
func (id ID) score() float64 { return float64(id.Ms) }

func idOf(name []byte) ID {
	return ID{binary.BigEndian.Uint64(name), binary.BigEndian.Uint64(name[8:])}
}
