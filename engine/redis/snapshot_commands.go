// A snapshot as commands: the base of an append-only file that has no snapshot in it (aof-use-rdb-preamble no).

package redis

import (
	"context"
	"errors"
	"io"
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// writeCommands is writeSnapshot in that form: a string as SET, everything else as RESTORE of its serialized value.
func (e *Engine) writeCommands(ctx context.Context, w io.Writer, began func()) error {
	s := &snapshotWriter{recordWriter: e.recordWriter()}
	s.commands = true
	return s.run(ctx, w, began)
}

// commandForm is what a recordWriter needs for commands.
type commandForm struct {
	selected int    // the database of the commands being written, and 1
	line     []byte // scratch for a command, or its beginning
	value    []byte // scratch for a value

	// The length of a value stands before it. So it is written to the scratch; where that is not enough its pieces are only counted and summed up, and it is
	// written once more. A long value costs its encoding twice for that, but no memory.
	onward        func([]byte) []byte // where the second time leads
	measure, pass func([]byte) []byte // the methods below, bound once
	gone          int                 // bytes of the value that are not in the buffer any more
	sum           uint64              // of these, the first time
	kind          rdb.Kind
}

// errMoved would be a fault of ours: an item that is walked does not change.
var errMoved = errors.New("a value is not as long as it was a moment before")

// beginCommands writes the functions of the moment.
func (s *snapshotWriter) beginCommands() {
	for _, lib := range s.e.scripts.functions.load().libs {
		s.words([]byte("FUNCTION"), []byte("LOAD"), []byte(lib.Source))
	}
}

func (w *recordWriter) words(words ...[]byte) {
	w.line = aof.AppendCommand(w.line[:0], words)
	w.Raw(w.line)
}

// command writes a key.
func (w *recordWriter) command(db int, it core.Item) error {
	var digits [20]byte
	if w.selected != db+1 {
		w.selected = db + 1
		w.words([]byte("SELECT"), strconv.AppendInt(digits[:0], int64(db), 10))
	}
	at := strconv.AppendInt(digits[:0], it.ExpireAt(), 10)
	if it.Type() != core.String {
		return w.restore(it, at)
	}
	w.head("SET", it.Name(), 3)
	w.long(len(it.Value()))
	w.Raw(it.Value())
	w.Raw(crlf)
	if it.ExpireAt() != 0 {
		w.words([]byte("PEXPIREAT"), it.Name(), at)
	}
	return nil
}

// head begins a command of so many words, in line, with its name and a key.
func (w *recordWriter) head(name string, key []byte, words int) {
	w.line = aof.AppendCount(w.line[:0], '*', words)
	w.word([]byte(name))
	w.word(key)
}

func (w *recordWriter) word(s []byte) { w.line = aof.AppendWord(w.line, s) }

// long writes the line and the length of a word of which it is not to hold a copy, and which follows.
func (w *recordWriter) long(n int) {
	w.line = aof.AppendCount(w.line, '$', n)
	w.Raw(w.line)
}

var crlf = []byte("\r\n")

// restore writes RESTORE key at payload ABSTTL.
func (w *recordWriter) restore(it core.Item, at []byte) error {
	if w.measure == nil {
		w.measure, w.pass = w.measured, w.passed
	}
	out := w.Out
	w.onward, w.Full, w.Out, w.gone, w.sum = w.Full, w.measure, w.value[:0], 0, 0
	w.c.writeValue(&w.Writer, it)
	rest := w.Out
	w.value, w.Out, w.Full = rest, out, w.onward
	if w.gone == 0 {
		w.kind = rdb.Kind(rest[0])
	}
	n, sum := w.gone+len(rest), pack.CRC64(w.sum, rest)
	w.head("RESTORE", it.Name(), 5)
	w.word(at)
	w.long(n + rdb.FootBytes)
	if w.gone == 0 {
		w.Raw(rest)
	} else if err := w.again(it, n); err != nil {
		return err
	}
	w.line = append(rdb.FootOf(w.line[:0], w.kind, sum), crlf...)
	w.word([]byte("ABSTTL"))
	w.Raw(w.line)
	return nil
}

// again writes a value of n bytes that has been measured.
func (w *recordWriter) again(it core.Item, n int) error {
	before := len(w.Out)
	w.gone, w.Full = 0, w.pass
	w.c.writeValue(&w.Writer, it)
	w.Full = w.onward
	if w.gone+len(w.Out)-before != n {
		return errMoved
	}
	return nil
}

// measured takes a piece of a value that is measured, passed one that is written.
func (w *recordWriter) measured(b []byte) []byte {
	if w.gone == 0 {
		w.kind = rdb.Kind(b[0])
	}
	w.gone, w.sum = w.gone+len(b), pack.CRC64(w.sum, b)
	return b[:0]
}

func (w *recordWriter) passed(b []byte) []byte {
	w.gone += len(b)
	return w.onward(b)
}
