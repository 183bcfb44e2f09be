// Evacuation: choosing sparse spans whose blocks should move, so that their pages can go back.

package arena

import "sort"

// Waste is how many bytes of pages the movable classes could give back if their blocks were packed tightly.
func (a *Arena) Waste() int64 {
	var pages int64
	for c := range a.sets[Movable] {
		cs := &a.sets[Movable][c]
		cs.mu.Lock()
		if n := cs.spans - neededSpans(c, cs.used); n > 1 {
			pages += int64(n-1) * int64(spanPages[c])
		}
		cs.mu.Unlock()
	}
	return pages << pageBits
}

func perSpan(c int) int64 { return int64(spanPages[c]<<pageBits) / int64(sizes[c]) }

func neededSpans(c int, used int64) int32 {
	per := perSpan(c)
	return int32((used + per - 1) / per)
}

// Evacuate marks the sparsest spans of every movable class that has more than percent of them to spare: no block comes
// from a marked span any more, and Evacuating tells the owners of its blocks to move. It returns how many it marked;
// Settle ends it.
func (a *Arena) Evacuate(percent int) (marked int) {
	for c := range a.sets[Movable] {
		cs := &a.sets[Movable][c]
		cs.mu.Lock()
		need := neededSpans(c, cs.used)
		if spare := cs.spans - need - 1; spare >= 1 && int(spare)*100 >= int(need)*percent {
			marked += a.evacuateClass(cs, c, int(need))
		}
		cs.mu.Unlock()
	}
	return marked
}

// evacuateClass keeps the fullest spans that together have room for every live block, and marks the others. cs.mu is held.
func (a *Arena) evacuateClass(cs *classState, c, need int) int {
	ids := a.pages.collect(Movable, c)
	sort.Slice(ids, func(i, j int) bool { return a.pages.span(ids[i]).used > a.pages.span(ids[j]).used })
	marked := 0
	for _, id := range ids[min(need, len(ids)):] {
		sp := a.pages.span(id)
		if sp.used == 0 || sp.state != spanPartial && sp.state != spanFull {
			continue
		}
		if sp.state == spanPartial {
			a.unlist(cs, id)
		}
		sp.state = spanEvacuating
		marked++
	}
	cs.evacuating += marked
	return marked
}

// Evacuating tells whether the block should move. Its owner then allocates another, copies, and frees this one.
func (a *Arena) Evacuating(r Ref) bool {
	sp := a.pages.span(a.pages.spanOf(r))
	if sp.class == classLarge {
		return false
	}
	cs := &a.sets[sp.kind][sp.class]
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return sp.state == spanEvacuating
}

// Settle ends an evacuation: marked spans that still hold blocks give out blocks again.
func (a *Arena) Settle() {
	for c := range a.sets[Movable] {
		cs := &a.sets[Movable][c]
		cs.mu.Lock()
		if cs.evacuating > 0 {
			a.settleClass(cs, c)
		}
		cs.mu.Unlock()
	}
}

func (a *Arena) settleClass(cs *classState, c int) {
	cs.evacuating = 0
	for _, id := range a.pages.collect(Movable, c) {
		sp := a.pages.span(id)
		if sp.state != spanEvacuating {
			continue
		}
		sp.state = spanFull
		if sp.free != 0 || sp.fresh+sizes[c] <= sp.pages<<pageBits {
			sp.state = spanPartial
			a.list(cs, id)
		}
	}
}
