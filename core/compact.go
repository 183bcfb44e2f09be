// Compaction: packing blocks tighter in the background, so that what churn leaves behind goes back to the system.

package core

import "time"

const (
	compactEvery = time.Second
	compactShare = 32      // compaction begins when this part of the mapped pages could go back, …
	compactMin   = 2 << 20 // … and at least so many bytes
	compactBatch = 16      // buckets under one hold of a shard's lock: about 100 items, 10 µs when a quarter of them move
)

// compactLoop is the compactor's life: it looks once a second, which costs some µs, and works when there is something to gain.
func (s *Store) compactLoop() {
	tick := time.NewTicker(compactEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-s.compactNow:
			s.Compact()
			continue
		case <-tick.C:
		}
		s.notePeak(s.used())
		if !s.noCompact.Load() && s.mem.Waste() > max(compactMin, s.mem.Mapped()/compactShare) {
			s.compact()
		}
		s.mem.Decay()
	}
}

// SetCompaction says whether the compactor works by itself.
func (s *Store) SetCompaction(on bool) { s.noCompact.Store(!on) }

// CompactSoon asks the compactor to work now, whether or not it is worth it.
func (s *Store) CompactSoon() {
	select {
	case s.compactNow <- struct{}{}:
	default: // it has been asked already
	}
}

// Compact moves the blocks of sparse spans into others, with the shards' locks held a batch of buckets at a time, and returns how
// many it moved, and gives what is free then back to the system. It is for anybody who wants the memory back now.
func (s *Store) Compact() (moved int) {
	defer s.mem.Tidy()
	return s.compact()
}

// compact packs the blocks; the pages are left for Decay. The compactor calls it when churn has left enough behind.
func (s *Store) compact() (moved int) {
	s.compacting.Lock()
	defer s.compacting.Unlock()
	if s.mem.Evacuate(2) == 0 {
		return 0
	}
	defer s.mem.Settle()
	var later []place
	for i := range s.shards {
		for pos := range s.dbs {
			for bucket, more := 0, true; more; bucket += compactBatch {
				select {
				case <-s.stop:
					return moved
				default:
				}
				var n int
				n, more = s.compactSome(&s.shards[i], pos, bucket, &later)
				moved += n
			}
		}
	}
	for _, at := range later {
		moved += s.compactBig(at)
	}
	for i := range s.shards {
		for from, more := uint64(0), true; more; more = from != 0 {
			var n int
			from, n = s.compactTracked(&s.shards[i], from)
			moved += n
		}
	}
	s.counts.moved.Add(int64(moved))
	return moved
}

func (s *Store) compactSome(sh *shard, pos, bucket int, later *[]place) (moved int, more bool) {
	token := s.gate.RLock()
	defer s.gate.RUnlock(token)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	ks := sh.spaces[pos]
	if ks == nil || bucket >= ks.tab.Buckets() {
		return 0, false
	}
	moved = ks.tab.CompactSegment(bucket)
	to := min(bucket+compactBatch, ks.tab.Buckets())
	for i := bucket; i < to; i++ {
		if ks.apart(i) {
			return moved, true
		}
	}
	for i := bucket; i < to; i++ {
		moved += ks.tab.Compact(i, s.moveBlock)
	}
	if ks.owners > 0 {
		moved += s.compactBodies(ks, pos, bucket, to, later)
	}
	return moved, true
}
