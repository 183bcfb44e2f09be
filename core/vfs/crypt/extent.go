// The extent of a container: how far it is good, and where the frames are.

package crypt

import (
	"io"
	"sort"
)

// extent is what is known of the frames of a file.
type extent struct {
	end    place // behind the last good data frame, or mark of a log
	synced int64 // what the last frame says of the plain bytes that were on the disk
	marked bool  // of a whole file: the mark is behind end
	torn   error // what follows the end of a log; nil if nothing does
	points []place
}

// pointEvery is how far apart places are remembered.
const pointEvery = 256 << 10

// note remembers a place if the last one is far.
func (x *extent) note(at place) {
	if n := len(x.points); n == 0 || at.sealed-x.points[n-1].sealed >= pointEvery {
		x.points = append(x.points, at)
	}
}

// before gives the last remembered place that is not behind a plain offset.
func (x *extent) before(plain int64) place {
	i := sort.Search(len(x.points), func(i int) bool { return x.points[i].plain > plain })
	if i == 0 {
		return place{headerLen, 0}
	}
	return x.points[i-1]
}

// cut forgets what lies at or behind a place.
func (x *extent) cut(at place) {
	i := sort.Search(len(x.points), func(i int) bool { return x.points[i].sealed > at.sealed })
	x.points = x.points[:i]
	x.end, x.synced, x.marked, x.torn = at, min(x.synced, at.plain), false, nil
}

// measure walks over a file's heads to its end. What was surely on the disk is opened when it is read; what may have been in flight is
// opened here, because the end of a log is where the first of it is bad.
func measure(name string, w *window, seal *fileSeal) (*extent, error) {
	x := &extent{}
	k := walker{w, seal, place{headerLen, 0}}
	var last head
	lastAt := k.place
	for {
		h, err := k.head()
		if err == nil {
			err = k.fits(h)
		}
		if err != nil {
			return x, x.finish(name, k, last, lastAt, err)
		}
		x.note(k.place)
		last, lastAt = h, k.place
		k.skip(h)
	}
}

// fits looks for the last byte of a frame.
func (k *walker) fits(h head) error {
	b, err := k.w.view(k.sealed+h.size()-1, 1)
	if err == nil && len(b) == 0 {
		return errShort
	}
	return err
}

// finish judges the end, where the walk found no more frame because of why.
func (x *extent) finish(name string, k walker, last head, lastAt place, why error) error {
	if why != io.EOF && !bad(why) {
		return why
	}
	x.end = k.place
	if k.seal.kind == kindWhole {
		tail := walker{k.w, k.seal, lastAt}
		if why != io.EOF || last.kind != frameMark {
			return k.verdict(name, why)
		}
		if _, err := tail.open(last); err != nil {
			return tail.verdict(name, err)
		}
		x.end, x.marked, x.synced = lastAt, true, last.synced
		return nil
	}
	if lastAt != k.place { // there is a frame
		from := place{headerLen, 0} // if the last one does not open, nobody knows how much was safe: all is looked at
		tail := walker{k.w, k.seal, lastAt}
		if _, err := tail.open(last); err == nil {
			from, x.synced = x.before(last.synced), last.synced
		} else if !bad(err) {
			return err
		}
		good, err := openUntil(walker{k.w, k.seal, from}, k.place)
		if err != nil {
			if !bad(err) {
				return err
			}
			k.place, why = good, err
		}
	}
	if why == io.EOF {
		return nil
	}
	verdict := k.verdict(name, why)
	if b, is := verdict.(*BadFile); !is || b.Err != ErrTorn {
		return verdict
	}
	x.cut(k.place)
	x.torn = verdict
	return nil
}

// openUntil opens frames up to a place and gives the first that is bad, with what is wrong with it.
func openUntil(k walker, end place) (place, error) {
	for k.sealed < end.sealed {
		h, err := k.head()
		if err == nil {
			_, err = k.open(h)
		}
		if err != nil {
			return k.place, err
		}
		k.skip(h)
	}
	return end, nil
}
