// Whole sorted sets: a result becomes a key's value.

package value

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/core/sorted"
)

// Draft begins a result.
func (p *Place) Draft() (sorted.Draft, bool) { return sorted.NewDraft(p.tx.Arena()) }

// ReplaceSorted makes a set what the place holds, packed if it may be; an empty one deletes. It tells whether a key is or was there. The set is
// used up, on an error too.
func (p *Place) ReplaceSorted(set sorted.Set) (changed bool, err error) {
	n := set.Len()
	if n == 0 {
		drop(&set)
		if changed = p.Ok(); changed {
			p.delete()
		}
		return changed, nil
	}
	if lp, ok := p.pack(&set); ok {
		drop(&set)
		return true, p.put(core.Value{Bytes: lp, Type: core.SortedSet, Enc: packedScores})
	}
	z := SortedSet{Place: *p}
	err = z.store(set)
	*p = z.Place
	return true, err
}

// pack writes a set as a listpack; false if it is too long for that.
func (p *Place) pack(set *sorted.Set) (pack.Listpack, bool) {
	if int64(set.Len()) > p.lim.SortedSetEntries.Int() {
		return nil, false
	}
	var b pack.Builder
	c := set.Seek(0)
	for m, score, ok := set.Ascend(&c); ok; m, score, ok = set.Ascend(&c) {
		name := set.Name(m)
		if int64(len(name)) > p.lim.SortedSetValue.Int() || b.Size()+len(name) > pack.MaxListpack-100 {
			return nil, false
		}
		var buf [longestScore]byte
		b.Add(pack.Text(name))
		b.Add(scoreElem(score, buf[:0]))
	}
	return b.Done(), true
}
