// Verify: how far a file is good.

package aof

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// Result is what Verify has found.
type Result struct {
	Good    int64 // up to here the file is whole: records, groups and transactions
	Size    int64
	Records int64
	Groups  int64 // with a checksum
	First   int64 // time of the first and the last annotation, Unix seconds, 0 without
	Last    int64
	Damage  *Damage // why Good is not Size; nil for an unfinished transaction at the end
	Torn    bool    // what is behind Good was never acknowledged, or is cut off: it may be left out
}

// Whole tells that nothing has to be left out.
func (r *Result) Whole() bool { return r.Good == r.Size }

// Verify reads a file from offset to its end. An error is the file system's. safe, if not nil, is told from time to time up to where the file can be
// read meanwhile: that will not turn out to be torn.
func Verify(file vfs.File, name string, offset int64, safe func(end int64)) (*Result, error) {
	size, err := file.Size()
	if err != nil {
		return nil, err
	}
	v := verifier{r: NewReader(file, name, offset, size), res: &Result{Good: offset, Size: size}, safe: safe, sealed: offset, told: offset, foreign: true}
	for {
		err := v.step()
		var d *Damage
		switch {
		case err == nil:
			continue
		case err == io.EOF:
			err = v.finish(nil)
		case errors.As(err, &d):
			err = v.finish(d)
		}
		return v.res, err
	}
}

// verifier is a Verify that runs.
type verifier struct {
	r    *Reader
	res  *Result
	safe func(int64)

	group   sum   // since the last annotation, which ended at
	sealed  int64 // here
	first   bool  // a command has come since
	foreign bool  // Redis wrote what has come since: no annotation will cover it
	marked  bool  // the item before was a Mark
	multi   bool
	whole   int64 // end of the last item outside of a transaction
	told    int64
}

// foreignStep is how much of what Redis wrote is told as safe at once.
const foreignStep = 256 << 10

func (v *verifier) step() error {
	kind, err := v.r.Next()
	if err != nil {
		return err
	}
	res := v.res
	switch kind {
	case Sum:
		if err := v.sum(); err != nil {
			return err
		}
	case Time:
		if res.First == 0 {
			res.First = v.r.Seconds
		}
		res.Last = v.r.Seconds
		fallthrough
	case Mark, Annotation:
		v.group.add(v.r.Raw)
	case Record:
		res.Records++
		word := v.r.Words[0]
		if !v.first {
			v.first = true
			v.foreign = isWord(word, "SELECT") && !v.marked || v.sealed == 0 && !v.marked
		}
		switch {
		case isWord(word, "MULTI"):
			if v.multi {
				return v.r.damaged("a transaction inside a transaction", false)
			}
			v.multi = true
		case isWord(word, "EXEC"):
			v.multi = false
		}
		v.group.add(v.r.Raw)
	}
	v.marked = kind == Mark
	if v.multi {
		return nil
	}
	v.whole = v.r.End()
	if kind == Sum {
		res.Good = v.whole
		v.tell(v.whole)
	} else if v.first && v.foreign {
		res.Good = v.whole
		if v.whole-v.told >= foreignStep {
			v.tell(v.whole)
		}
	}
	return nil
}

// sum compares what an annotation says with what there is.
func (v *verifier) sum() error {
	said := v.r.sum
	if said.n != 0 { // 0 begins a new group behind what nothing covers
		if said.n != v.group.n || said.crc != v.group.crc {
			return &Damage{File: v.r.name, Offset: v.sealed, Why: fmt.Sprintf("the checksum at offset %d does not fit the %d bytes before it", v.r.Offset, v.r.Offset-v.sealed)}
		}
		v.res.Groups++
	}
	v.group, v.sealed, v.first, v.foreign = sum{}, v.r.End(), false, false
	return nil
}

func (v *verifier) tell(end int64) {
	if v.told = end; v.safe != nil {
		v.safe(end)
	}
}

// finish decides what becomes of the end.
func (v *verifier) finish(d *Damage) error {
	res := v.res
	res.Damage, res.Torn = d, true
	if d == nil {
		if v.whole > res.Good { // ours, whole, only the annotation is missing
			res.Good = v.whole
		}
		if res.Good < res.Size {
			res.Damage = &Damage{File: v.r.name, Offset: res.Good, Why: "the file ends inside a transaction", Short: true}
		}
		return nil
	}
	synced, err := v.claims(max(d.Offset, v.sealed))
	if err != nil {
		return err
	}
	res.Torn = synced <= v.sealed
	if v.foreign && !d.Short { // as Redis has it, unless nothing is there but what was never written
		res.Torn, err = v.empty(d.Offset)
	}
	return err
}

// empty tells that only zeroes follow: the file was made longer before the machine stopped.
func (v *verifier) empty(from int64) (bool, error) {
	buf := make([]byte, min(64<<10, v.res.Size-from))
	for at := from; at < v.res.Size; at += int64(len(buf)) {
		n, err := v.r.file.ReadAt(buf[:min(int64(len(buf)), v.res.Size-at)], at)
		if err != nil && err != io.EOF {
			return false, err
		}
		if len(bytes.Trim(buf[:n], "\x00")) > 0 {
			return false, nil
		}
	}
	return true, nil
}

// claims looks for the annotations behind an offset, and gives the largest number of synced bytes that one of them knows of.
func (v *verifier) claims(from int64) (synced int64, err error) {
	const step = 1 << 20
	mark := []byte("\n" + sumMark)
	buf := make([]byte, 0, min(step+longestLine, v.res.Size-from))
	for at := from; at < v.res.Size; at += step {
		buf = buf[:min(int64(cap(buf)), v.res.Size-at)]
		n, err := v.r.file.ReadAt(buf, at)
		if err != nil && err != io.EOF {
			return 0, err
		}
		for b := buf[:n]; ; {
			i := bytes.Index(b, mark)
			if i < 0 {
				break
			}
			b = b[i+1:]
			end := bytes.IndexByte(b, '\r')
			if end < 0 || end > longestLine {
				continue
			}
			if _, s, ok := parseSum(b[:end]); ok && s <= v.res.Size {
				synced = max(synced, s)
			}
		}
	}
	return synced, nil
}

// isWord compares a command's name.
func isWord(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i := range b {
		if b[i]&^0x20 != word[i] {
			return false
		}
	}
	return true
}
