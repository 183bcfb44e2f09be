// Stream: entries under ids, with groups of readers. Always a structure of its own.

package value

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/stream"
)

// Stream is the stream at a place. Reading it needs nothing more; changes happen between Edit and Done. It stays when its last entry goes.
type Stream struct {
	Place
	stream.Stream
	edit    core.Edit
	editing bool
}

// OpenStream gives the stream at a place whose type was checked. If there is none it is empty, and Done makes it.
func OpenStream(p Place) (s Stream) {
	s.Open(p)
	return s
}

// Open is OpenStream for a zero Stream, without copying it.
func (s *Stream) Open(p Place) {
	s.Place = p
	if p.it.Ok() {
		s.Stream = stream.Open(p.tx.Arena(), p.it.Value())
	} else {
		s.Stream, _ = stream.New(p.tx.Arena())
	}
}

// NodeLimits say when a node of a stream is full.
func (l *Limits) NodeLimits() stream.Limits {
	return stream.Limits{Bytes: int(l.NodeBytes.Int()), Entries: int(l.NodeEntries.Int())}
}

// Append adds an entry; it is a change as others are.
func (s *Stream) Append(id stream.ID, fields [][]byte) error {
	if !s.Stream.Append(id, fields, s.lim.NodeLimits()) {
		return core.ErrNoMemory
	}
	return nil
}

// Edit begins changes. No other key may be changed before Done.
func (s *Stream) Edit() {
	if s.it.Ok() && !s.editing {
		s.edit, s.editing = s.tx.Edit(s.db, s.key, s.it), true
	}
}

// Done ends changes, and stores the stream if it is new and was changed without an error: that is what it returns then. Where nothing was begun with a
// stream that is there, nothing ends.
func (s *Stream) Done(err error) error {
	if s.editing {
		s.Stream.Encode(s.edit.Root)
		s.edit.Done()
		s.editing = false
		return err
	}
	if s.it.Ok() {
		return err
	}
	if err == nil {
		var root [stream.RootBytes]byte
		s.Stream.Encode(root[:])
		err = s.put(core.Value{Bytes: root[:], Type: core.Stream, Owns: true})
	}
	if err != nil {
		for !s.Stream.FreeStep(1 << 20) {
		}
	}
	return err
}
