// logBatch: the next records of an append-only file, some at a time, so that the memory they need is loaded in advance.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
)

// logRecord is a record and where it begins. Its words lie in the reader's buffer.
type logRecord struct {
	words  [][]byte
	offset int64
}

// logBatch holds records until the next gather.
type logBatch struct {
	n     int
	recs  [core.Window]logRecord
	words [][]byte // of all records
}

// gather takes a window of records, fewer where the reader would have to move its buffer for more. io.EOF: there are none up to the reader's
// limit. With any other error there are none either, and all before what it is about have been given.
func (b *logBatch) gather(reader *aof.Reader) error {
	b.n, b.words = 0, b.words[:0]
	for b.n == 0 {
		kind, err := reader.Next()
		if err != nil {
			return err
		}
		b.take(reader, kind)
	}
	for b.n < len(b.recs) {
		kind, ok := reader.NextHeld()
		if !ok {
			break
		}
		b.take(reader, kind)
	}
	return nil
}

func (b *logBatch) take(reader *aof.Reader, kind aof.Kind) {
	if kind != aof.Record {
		return
	}
	at := len(b.words)
	b.words = append(b.words, reader.Words...) // should they move, the records before keep theirs
	b.recs[b.n] = logRecord{words: b.words[at:len(b.words):len(b.words)], offset: reader.Offset}
	b.n++
}

// lookAhead has the store load what the batch names, as the dispatcher does for a pipeline: guesses, on which nothing depends.
func (r *replay) lookAhead() {
	c, b := r.c, &r.batch
	c.ahead = nil
	if b.n < 2 || r.multi || !c.tx.WorthWhile() {
		return
	}
	want := c.w.Ahead[:0]
	for i := range b.n {
		var w core.Wanted
		words := b.recs[i].words
		if len(words) > 1 {
			w.Key = c.e.store.Key(words[1])
		}
		if len(words) > 2 {
			w.Second, w.Last = words[2], words[len(words)-1]
		}
		want = append(want, w)
	}
	c.w.Ahead, c.ahead = want, want
	if r.inTx == 0 {
		c.tx.Enter()
		c.tx.LookAhead(c.db, want)
		c.tx.Leave()
		return
	}
	c.tx.LookAhead(c.db, want)
}
