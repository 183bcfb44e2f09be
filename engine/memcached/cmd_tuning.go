// Commands that tune memcached's own slabs, queues and crawler. This store has none of these, it moves blocks and
// removes expired items by itself, so the commands check what they are given as the original does, keep the value for
// stats settings, and change nothing; where the original would do something visible, the answer says that it did not.

package memcached

import (
	"sync"
)

var tuningCommands = []command{
	{name: "slabs", min: 1, flags: flagData, run: cmdNothing, subs: slabsCommands,
		syntax: "slabs reassign|automove …", about: "Accepted where harmless; the store's compactor needs no tuning."},
	{name: "lru", min: 2, noreply: 1, run: cmdNothing, subs: lruCommands,
		syntax: "lru mode|tune|temp_ttl … [noreply]", about: "Checked and shown by stats settings, without effect."},
	{name: "lru_crawler", min: 1, run: cmdNothing, subs: crawlerCommands,
		syntax: "lru_crawler enable|disable|sleep|tocrawl|crawl|metadump …", about: "Expired items are removed without a crawler; metadump lists the keys."},
	{name: "watch", min: 1, noreply: 1, run: cmdWATCH, syntax: "watch [<event>…]", about: "Refused: there is no event log."},
	{name: "extstore", min: 2, noreply: 1, run: cmdNothing, subs: nil, syntax: "extstore …", about: "Refused: items are never on disk."},
}

var slabsCommands = []command{
	{name: "reassign", min: 4, max: 4, args: reassignArgs, run: func(*call) string { return replyNoSpare },
		syntax: "slabs reassign <from> <to>", about: "Checked; never has a page to move."},
	{name: "automove", min: 3, noreply: 1, run: cmdAutomove, syntax: "slabs automove 0|1|2|ratio <r> [noreply]", about: "Kept, without effect."},
}

var lruCommands = []command{
	{name: "tune", min: 6, noreply: 1, run: cmdLRUTune, syntax: "lru tune <hot%> <warm%> <hot factor> <warm factor> [noreply]", about: "Kept, without effect."},
	{name: "mode", min: 3, noreply: 1, run: cmdLRUMode, syntax: "lru mode flat|segmented [noreply]", about: "Kept, without effect."},
	{name: "temp_ttl", min: 3, noreply: 1, run: cmdTempTTL, syntax: "lru temp_ttl <seconds> [noreply]", about: "Kept, without effect."},
}

var crawlerCommands = []command{
	{name: "crawl", min: 3, max: 3, run: cmdCrawl, syntax: "lru_crawler crawl <class>,…|all", about: "Checked; expired items go by themselves."},
	{name: "metadump", min: 3, max: 3, flags: flagData, run: cmdMetadump, syntax: "lru_crawler metadump <class>|all", about: "Sends every key, or those of one size class, with what is known of it."},
	{name: "tocrawl", min: 3, max: 3, run: cmdToCrawl, syntax: "lru_crawler tocrawl <n>", about: "Kept, without effect."},
	{name: "sleep", min: 3, max: 3, run: cmdCrawlSleep, syntax: "lru_crawler sleep <microseconds>", about: "Kept, without effect."},
	{name: "enable", min: 2, max: 2, run: cmdCrawlOn, syntax: "lru_crawler enable", about: "Kept, without effect."},
	{name: "disable", min: 2, max: 2, run: cmdCrawlOff, syntax: "lru_crawler disable", about: "Kept, without effect."},
}

// Replies of this family.
const (
	replyNoSpare     = "NOSPARE source class has no spare pages"
	replySameClass   = "SAME src and dst class are identical"
	replyBadClassID  = "BADCLASS invalid src or dst class id"
	replyBadClasses  = "BADCLASS invalid class id"
	replyHotWarm     = "ERROR hot and warm pcts must not exceed 80"
	replyAgeFactor   = "ERROR hot/warm age factors must be greater than 0"
	replyLongSleep   = "CLIENT_ERROR sleep must be one second or less"
	replyCrawlerOff  = "CLIENT_ERROR lru crawler disabled"
	replyCrawlerOn   = "ERROR failed to start lru crawler thread"
	replyCrawlerDown = "ERROR failed to stop lru crawler thread"
	replyNoMetadump  = "ERROR metadump not allowed"
	replyNoWatcher   = "WATCHER_FAILED failed to add log watcher"
)

// maxClasses is the original's number of slab classes: ids from 1 to 63. The store has more, all below classLimit.
const (
	maxClasses = 64
	classLimit = 256
)

// tuning is what these commands keep. mu guards it.
type tuning struct {
	mu              sync.Mutex
	automove        uint32
	automoveRatio   float64
	hot, warm       uint32
	hotAge, warmAge float64
	segmented       bool
	temp            bool
	tempTTL         int64
	crawler         bool
	crawlSleep      uint32
	toCrawl         uint32
}

func (t *tuning) defaults() {
	t.automove, t.automoveRatio = 1, 0.8
	t.hot, t.warm, t.hotAge, t.warmAge = 20, 40, 0.2, 2
	t.segmented, t.tempTTL = true, 61
	t.crawler, t.crawlSleep = true, 100
}

// change runs f with the values locked.
func (t *tuning) change(f func()) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
	return replyOK
}

// cmdNothing is a command of this family without the second word it needs.
func cmdNothing(*call) string { return replyError }

func reassignArgs(x *call) string {
	from, okFrom := parseI64(x.args[2])
	to, okTo := parseI64(x.args[3])
	switch {
	case !okFrom || !okTo:
		return replyBadFormat
	case from == to:
		return replySameClass
	case from < -1 || from >= maxClasses || to < 0 || to >= maxClasses:
		return replyBadClassID
	}
	return ""
}

func cmdAutomove(x *call) string {
	x.quiet = string(x.last()) == "noreply"
	t := &x.e.tuning
	if string(x.args[2]) == "ratio" {
		if len(x.args) < 4 {
			return replyError
		}
		ratio, ok := parseDecimal(x.args[3])
		if !ok {
			return replyError
		}
		return t.change(func() { t.automoveRatio = ratio })
	}
	level, ok := parseU32(x.args[2])
	if !ok {
		return replyBadFormat
	}
	if level > 2 {
		return replyError
	}
	return t.change(func() { t.automove = level })
}

func cmdLRUTune(x *call) string {
	hot, ok1 := parseU32(x.args[2])
	warm, ok2 := parseU32(x.args[3])
	hotAge, ok3 := parseDecimal(x.args[4])
	warmAge, ok4 := parseDecimal(x.args[5])
	switch {
	case !ok1 || !ok2 || !ok3 || !ok4:
		return replyError
	case hot+warm > 80:
		return replyHotWarm
	case !(hotAge > 0) || !(warmAge > 0):
		return replyAgeFactor
	}
	t := &x.e.tuning
	return t.change(func() { t.hot, t.warm, t.hotAge, t.warmAge = hot, warm, hotAge, warmAge })
}

func cmdLRUMode(x *call) string {
	t := &x.e.tuning
	switch string(x.args[2]) {
	case "flat":
		return t.change(func() { t.segmented = false })
	case "segmented":
		return t.change(func() { t.segmented = true })
	}
	return replyError
}

func cmdTempTTL(x *call) string {
	ttl, ok := parseI64(x.args[2])
	if !ok {
		return replyError
	}
	t := &x.e.tuning
	return t.change(func() {
		if t.temp = ttl >= 0; t.temp {
			t.tempTTL = ttl
		}
	})
}

func cmdCrawl(x *call) string {
	t := &x.e.tuning
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.crawler {
		return replyCrawlerOff
	}
	if !classList(x.args[2], maxClasses) {
		return replyBadClasses
	}
	return replyOK
}

// classList tells whether word is "all", "hash", or class numbers below limit with commas between them.
func classList(word []byte, limit uint32) bool {
	if string(word) == "all" || string(word) == "hash" {
		return true
	}
	for start, i := 0, 0; i <= len(word); i++ {
		if i < len(word) && word[i] != ',' {
			continue
		}
		if id, ok := parseU32(word[start:i]); !ok || id < 1 || id >= limit {
			return false
		}
		start = i + 1
	}
	return true
}

func cmdMetadump(x *call) string {
	t := &x.e.tuning
	t.mu.Lock()
	defer t.mu.Unlock()
	class, numbered := parseU32(x.args[2])
	switch {
	case !t.crawler:
		return replyCrawlerOff
	case x.e.set.noDump:
		return replyNoMetadump
	case !classList(x.args[2], classLimit):
		return replyBadClasses
	case !numbered:
		class = 0
	}
	x.s.state, x.s.dump = inDump, dump{class: int(class)}
	return ""
}

func cmdToCrawl(x *call) string {
	n, ok := parseU32(x.args[2])
	if !ok {
		return replyBadFormat
	}
	t := &x.e.tuning
	return t.change(func() { t.toCrawl = n })
}

func cmdCrawlSleep(x *call) string {
	n, ok := parseU32(x.args[2])
	if !ok {
		return replyBadFormat
	}
	if n > 1000000 {
		return replyLongSleep
	}
	t := &x.e.tuning
	return t.change(func() { t.crawlSleep = n })
}

func cmdCrawlOn(x *call) string {
	t := &x.e.tuning
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.crawler {
		return replyCrawlerOn
	}
	t.crawler = true
	return replyOK
}

func cmdCrawlOff(x *call) string {
	t := &x.e.tuning
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.crawler {
		return replyCrawlerDown
	}
	t.crawler = false
	return replyOK
}

// watchEvents are the words that watch knows.
var watchEvents = map[string]bool{
	"rawcmds": true, "evictions": true, "fetchers": true, "mutations": true, "sysevents": true,
	"connevents": true, "proxyreqs": true, "proxyevents": true, "proxyuser": true,
}

func cmdWATCH(x *call) string {
	if x.e.set.noWatch {
		return replyNoWatch
	}
	for _, word := range x.args[1:] {
		if !watchEvents[string(word)] {
			return replyError
		}
	}
	return replyNoWatcher
}
