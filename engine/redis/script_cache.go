// The script cache: compiled scripts by text and by digest.

package redis

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/puzpuzpuz/xsync/v3"

	"github.com/cachesrv/cachesrv/engine/redis/script"
)

// How many scripts that came with EVAL are kept, and bytes of their texts: clients that build texts must not fill the memory. Those of
// SCRIPT LOAD stay until SCRIPT FLUSH.
const (
	maxEvalScripts = 500
	maxEvalBytes   = 32 << 20
)

// scriptCache is shared by all loops. Reading takes no lock; mu guards the order of eviction and the sums.
type scriptCache struct {
	bySHA  *xsync.MapOf[string, *cachedScript]
	byText *xsync.MapOf[string, *cachedScript]
	keys   script.KeyPositions

	mu      sync.Mutex
	order   []*cachedScript // evictable ones, oldest first
	bytes   int             // of their texts
	all     int             // of all texts
	evicted atomic.Int64
}

type cachedScript struct {
	*script.Script
	used   atomic.Bool // since it was last passed over
	pinned bool        // by SCRIPT LOAD; under mu
	kept   bool        // under mu: still in the cache
}

func newScriptCache(keys script.KeyPositions) *scriptCache {
	return &scriptCache{
		bySHA: xsync.NewMapOf[string, *cachedScript](), byText: xsync.NewMapOf[string, *cachedScript](), keys: keys,
	}
}

// text finds or compiles a script. The text is copied if it is new.
func (s *scriptCache) text(text []byte, pin bool) (*cachedScript, error) {
	if len(text) > 0 && !pin {
		if sc, ok := s.byText.Load(unsafe.String(&text[0], len(text))); ok {
			if !sc.used.Load() {
				sc.used.Store(true)
			}
			return sc, nil
		}
	}
	return s.add(string(text), pin)
}

// find looks a digest up, in any case.
func (s *scriptCache) find(sha []byte) *cachedScript {
	if len(sha) != 40 {
		return nil
	}
	var room [40]byte
	for i, c := range sha {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		room[i] = c
	}
	sc, ok := s.bySHA.Load(unsafe.String(&room[0], 40))
	if !ok {
		return nil
	}
	if !sc.used.Load() {
		sc.used.Store(true)
	}
	return sc
}

func (s *scriptCache) add(text string, pin bool) (*cachedScript, error) {
	s.mu.Lock()
	sc, ok := s.byText.Load(text)
	s.mu.Unlock()
	if !ok {
		compiled, err := script.Compile(text, s.keys)
		if err != nil {
			return nil, replyError(err.Error())
		}
		sc = &cachedScript{Script: compiled}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other, ok := s.byText.Load(text); ok {
		sc = other
	}
	if !sc.kept {
		sc.kept = true
		s.all += len(text)
		s.byText.Store(sc.Source, sc)
		s.bySHA.Store(sc.SHA, sc)
		if !pin {
			s.order = append(s.order, sc)
			s.bytes += len(text)
			s.trim(sc)
		}
	}
	if pin && !sc.pinned {
		s.unqueue(sc)
	}
	sc.pinned = sc.pinned || pin
	return sc, nil
}

// unqueue takes a script out of the order of eviction, if it is there.
func (s *scriptCache) unqueue(sc *cachedScript) {
	for i, o := range s.order {
		if o == sc {
			s.order = append(s.order[:i], s.order[i+1:]...)
			s.bytes -= len(sc.Source)
			return
		}
	}
}

// trim evicts the oldest; one that was used since gets another round.
func (s *scriptCache) trim(newest *cachedScript) {
	for len(s.order) > maxEvalScripts || s.bytes > maxEvalBytes && len(s.order) > 1 {
		old := s.order[0]
		s.order = s.order[1:]
		if old == newest || old.used.Swap(false) {
			s.order = append(s.order, old)
			continue
		}
		s.bytes -= len(old.Source)
		s.drop(old)
		s.evicted.Add(1)
	}
}

func (s *scriptCache) drop(sc *cachedScript) {
	sc.kept = false
	s.all -= len(sc.Source)
	s.byText.Delete(sc.Source)
	s.bySHA.Delete(sc.SHA)
}

// flush forgets all scripts.
func (s *scriptCache) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bySHA.Range(func(_ string, sc *cachedScript) bool {
		s.drop(sc)
		return true
	})
	s.order, s.bytes = nil, 0
}

// sums are the number of scripts and the bytes of their texts.
func (s *scriptCache) sums() (n, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bySHA.Size(), s.all
}
