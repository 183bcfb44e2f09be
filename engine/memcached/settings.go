// Settings: what the memcached personality takes from the configuration.

package memcached

import (
	"strconv"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core/evict"
)

// rules are the settings that commands ask for, read once: none of them changes while the server runs.
type rules struct {
	itemMax    int  // -I: longest item in bytes, the original's header included
	noCAS      bool // -C
	shutdown   bool // -A: the shutdown command works
	noFlush    bool // -F: flush_all is refused
	noDump     bool // -X: stats cachedump and lru_crawler metadump are refused
	noWatch    bool // -W
	detail     bool // stats detail is on from the start
	delimiter  byte // of prefixes
	trackSizes bool // -o track_sizes
}

func newRules(s *config.Settings) rules {
	return rules{
		itemMax:    int(s.Int("item-size-max")),
		noCAS:      s.Bool("disable-cas"),
		shutdown:   s.Bool("enable-shutdown"),
		noFlush:    s.Bool("disable-flush-all"),
		noDump:     s.Bool("disable-dumping"),
		noWatch:    s.Bool("disable-watch"),
		detail:     s.Bool("stats-detail"),
		delimiter:  s.Get("prefix-delimiter")[0],
		trackSizes: s.Bool("track-sizes"),
	}
}

// segmentedPolicy is the eviction policy that has memcached's queues.
const segmentedPolicy = "memcached-lru"

// unusedTempTTL is what the original shows for a temporary_ttl that nobody has set.
const unusedTempTTL = 61

// followTuning keeps the store at what slabs and lru set.
func (e *Engine) followTuning() {
	compact := func(string) { e.store.SetCompaction(e.conf.Int("slab-automove") > 0) }
	compact("")
	e.conf.OnChange("slab-automove", compact)
	segments := func(string) {
		t := segmentTuning(e.conf)
		e.store.SetSegments(t)
		if t.TempTTL >= 0 {
			e.tempTTL.Store(t.TempTTL)
		}
		if policy := e.conf.Get("maxmemory-policy"); t != evict.DefaultSegments && policy != segmentedPolicy {
			e.warnLRU.Do(func() { // whoever sets them expects queues
				e.log.Warn("the settings of HOT, WARM and TEMP are in force only with the policy memcached-lru: lru mode segmented, or -o lru_maintainer",
					"maxmemory-policy", policy)
			})
		}
	}
	e.tempTTL.Store(unusedTempTTL)
	segments("")
	for _, name := range []string{"hot-lru-pct", "warm-lru-pct", "hot-max-factor", "warm-max-factor", "temporary-ttl"} {
		e.conf.OnChange(name, segments)
	}
}

// segmentTuning is what the settings say of the queues of the policy memcached-lru.
func segmentTuning(s *config.Settings) evict.SegmentTuning {
	factor := func(name string) float64 {
		f, _ := strconv.ParseFloat(s.Get(name), 64)
		return f
	}
	return evict.SegmentTuning{HotShare: float64(s.Int("hot-lru-pct")) / 100, WarmShare: float64(s.Int("warm-lru-pct")) / 100,
		HotFactor: factor("hot-max-factor"), WarmFactor: factor("warm-max-factor"), TempTTL: s.Int("temporary-ttl")}
}

// headerSize is what the original counts for an item besides key, flags and value: its header, the key's zero byte
// and the value's \r\n. The limit of -I is compared with the whole, so that both refuse the same values.
const headerSize = 48 + 1 + 2

// fits tells whether an item of this shape is within -I.
func (r *rules) fits(key, size int, flags uint32) bool {
	total := headerSize + key + size
	if flags != 0 {
		total += 4
	}
	if !r.noCAS {
		total += 8
	}
	return total <= r.itemMax
}
