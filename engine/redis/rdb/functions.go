// The payload of FUNCTION DUMP: the texts of libraries, and the foot that all payloads have.

package rdb

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/pack"
)

// opLibrary stands before the text of a library. Before it, release candidates of 7.0 wrote libraries in another form; nobody reads that.
const opLibrary = 245

// Library writes one library.
func (w *Writer) Library(source string) {
	w.Out = append(w.Out, opLibrary)
	w.Text([]byte(source))
}

// LibrariesFoot ends the payload.
func (w *Writer) LibrariesFoot() {
	w.Out = binary.LittleEndian.AppendUint16(w.Out, Version)
	w.Out = binary.LittleEndian.AppendUint64(w.Out, pack.CRC64(0, w.Out))
}

// maxLibraries bounds the bytes of all texts in a payload, packed ones included.
const maxLibraries = 64 << 20

// Libraries reads the texts in a payload of FUNCTION DUMP. ErrFrame: the frame is wrong; nil and no error: the content is.
func Libraries(payload []byte) (sources []string, ok bool, err error) {
	n := len(payload) - FootBytes
	if n < 0 {
		return nil, false, ErrFrame
	}
	version, sum := binary.LittleEndian.Uint16(payload[n:]), binary.LittleEndian.Uint64(payload[n+2:])
	if version > Newest || sum != pack.CRC64(0, payload[:n+2]) {
		return nil, false, ErrFrame
	}
	r := &reader{b: payload[:n]}
	total := 0
	for r.left() > 0 {
		if r.byte() != opLibrary {
			return nil, false, nil
		}
		t := r.text()
		if total += t.Len(); !r.ok() || total > maxLibraries {
			return nil, false, nil
		}
		var scratch []byte
		sources = append(sources, string(t.view(&scratch)))
	}
	return sources, true, nil
}
