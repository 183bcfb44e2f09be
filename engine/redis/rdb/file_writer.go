// FileWriter: an RDB file, put together record by record.

package rdb

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/cachesrv/cachesrv/core/pack"
)

// FileWriter is a Writer with what stands around values in a file. What it writes lies in Out until Full takes it; the checksum is up to
// whoever sends the pieces on, see Summing.
type FileWriter struct {
	Writer
	db int // of the records being written, and 1
}

// Header begins a file.
func (w *FileWriter) Header(version int) {
	w.Out = fmt.Appendf(w.Out, "%s%04d", magic, version)
	w.db = 0
}

// Aux writes a name and its value.
func (w *FileWriter) Aux(name, value string) {
	w.Out = append(w.Out, opAux)
	w.Text([]byte(name))
	w.Text([]byte(value))
}

// Database says to which database the records that follow belong.
func (w *FileWriter) Database(db int) {
	if w.db != db+1 {
		w.Out = append(w.Out, opDatabase)
		w.Length(uint64(db))
		w.db = db + 1
	}
}

// Forget has the next record say its database: something else may stand before it.
func (w *FileWriter) Forget() { w.db = 0 }

// Sizes announces how many keys the database has, and how many of them expire.
func (w *FileWriter) Sizes(keys, expiring int) {
	w.Out = append(w.Out, opResize)
	w.Length(uint64(keys))
	w.Length(uint64(expiring))
}

// Expiry, Idle and Freq come before the kind, the key and the value that they are about.
func (w *FileWriter) Expiry(ms int64) {
	w.Out = append(w.Out, opExpireMs)
	w.Millis(ms)
}

func (w *FileWriter) Idle(seconds int64) {
	w.Out = append(w.Out, opIdle)
	w.Length(uint64(seconds))
}

func (w *FileWriter) Freq(n int) { w.Out = append(w.Out, opFreq, byte(n)) }

// End is the last record. The checksum follows it.
func (w *FileWriter) End() { w.Out = append(w.Out, opEnd) }

// Summing passes bytes on and sums them up.
type Summing struct {
	To  io.Writer
	sum uint64
}

func (s *Summing) Write(b []byte) (int, error) {
	s.sum = pack.CRC64(s.sum, b)
	return s.To.Write(b)
}

// Foot writes the checksum of all that was written, or the zero that stands for none.
func (s *Summing) Foot(sum bool) error {
	var b [sumBytes]byte
	if sum {
		binary.LittleEndian.PutUint64(b[:], s.sum)
	}
	_, err := s.To.Write(b[:])
	return err
}
