// Writer: the words of a ledger, one after the other.

package ledger

import (
	"bufio"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// The end of a ledger, little endian: the length of everything before it (64 bits), its CRC-32C (32 bits), and these bytes.
const (
	endBytes = int64(8 + 4 + len(endMark))
	endMark  = "ledger\r\n"
)

// Sum is the checksum of ledgers, CRC-32C: processors have an instruction for it.
func Sum(sum uint32, b []byte) uint32 { return crc32.Update(sum, castagnoli, b) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Writer writes a ledger. The first error sticks and is told by Close.
type Writer struct {
	out *bufio.Writer
	n   uint64
	sum uint32
	err error
	buf [binary.MaxVarintLen64]byte
}

// NewWriter writes to w.
func NewWriter(w io.Writer) *Writer { return &Writer{out: bufio.NewWriterSize(w, 64<<10)} }

func (w *Writer) put(b []byte) {
	if w.err == nil {
		_, w.err = w.out.Write(b)
		w.n += uint64(len(b))
		w.sum = Sum(w.sum, b)
	}
}

// Uint writes a number in as few bytes as it needs.
func (w *Writer) Uint(n uint64) { w.put(binary.AppendUvarint(w.buf[:0], n)) }

// Bool writes a yes or no.
func (w *Writer) Bool(yes bool) {
	if yes {
		w.Uint(1)
	} else {
		w.Uint(0)
	}
}

// Bytes writes a length and bytes.
func (w *Writer) Bytes(b []byte) {
	w.Uint(uint64(len(b)))
	w.put(b)
}

// Section names what follows, for Reader.Section.
func (w *Writer) Section(name string) { w.Bytes([]byte(name)) }

// Close writes the end. The file underneath stays open.
func (w *Writer) Close() error {
	end := binary.LittleEndian.AppendUint64(w.buf[:0], w.n)
	end = binary.LittleEndian.AppendUint32(end, w.sum)
	w.put(append(end, endMark...))
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.err
}
