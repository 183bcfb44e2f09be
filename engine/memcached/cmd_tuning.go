// Commands that tune memcached's own slabs, queues and crawler. This store moves blocks, chooses what to evict and removes
// expired items by other means, so the commands check what they are given as the original does; what asks for the
// way things are here is answered OK, the rest with an error that says why.

package memcached

var tuningCommands = []command{
	{name: "slabs", min: 1, flags: flagData, run: cmdNothing, subs: slabsCommands,
		syntax: "slabs reassign|automove …", about: "The store's compactor needs no tuning."},
	{name: "lru", min: 2, noreply: 1, run: cmdNothing, subs: lruCommands,
		syntax: "lru mode|tune|temp_ttl … [noreply]", about: "Checked, then refused: maxmemory-policy says what is evicted."},
	{name: "lru_crawler", min: 1, run: cmdNothing, subs: crawlerCommands,
		syntax: "lru_crawler enable|disable|sleep|tocrawl|crawl|metadump …", about: "Expired items are removed when they are due, without a crawler; metadump lists the keys."},
	{name: "watch", min: 1, noreply: 1, flags: flagStream, run: cmdWATCH, syntax: "watch [<event>…]", about: "Refused: there is no event log."},
	{name: "extstore", min: 2, noreply: 1, run: cmdNothing, subs: nil, syntax: "extstore …", about: "Refused: items are never on disk."},
}

var slabsCommands = []command{
	{name: "reassign", min: 4, max: 4, args: reassignArgs, run: func(*call) string { return replyNoSpare },
		syntax: "slabs reassign <from> <to>", about: "Checked; never has a page to move."},
	{name: "automove", min: 3, noreply: 1, run: cmdAutomove, syntax: "slabs automove 0|1|2|ratio <r> [noreply]", about: "1 is how it is; the rest is refused."},
}

var lruCommands = []command{
	{name: "tune", min: 6, noreply: 1, run: cmdLRUTune, syntax: "lru tune <hot%> <warm%> <hot factor> <warm factor> [noreply]", about: "Checked, then refused."},
	{name: "mode", min: 3, noreply: 1, run: cmdLRUMode, syntax: "lru mode flat|segmented [noreply]", about: "Checked, then refused."},
	{name: "temp_ttl", min: 3, noreply: 1, run: cmdTempTTL, syntax: "lru temp_ttl <seconds> [noreply]", about: "Below 0 (none) is how it is; the rest is refused."},
}

var crawlerCommands = []command{
	{name: "crawl", min: 3, max: 3, run: cmdCrawl, syntax: "lru_crawler crawl <class>,…|all", about: "Checked; the expired items are gone already."},
	{name: "metadump", min: 3, max: 3, flags: flagData, run: cmdMetadump, syntax: "lru_crawler metadump <class>|all", about: "Sends every key, or those of one size class, with what is known of it."},
	{name: "tocrawl", min: 3, max: 3, run: cmdToCrawl, syntax: "lru_crawler tocrawl <n>", about: "0 (no bound) is how it is; the rest is refused."},
	{name: "sleep", min: 3, max: 3, run: cmdCrawlSleep, syntax: "lru_crawler sleep <microseconds>", about: "Checked, then refused."},
	{name: "enable", min: 2, max: 2, run: cmdCrawlOn, syntax: "lru_crawler enable", about: "Expired items are removed when they are due (the setting active-expire)."},
	{name: "disable", min: 2, max: 2, run: cmdCrawlOff, syntax: "lru_crawler disable", about: "Expired items stay until somebody meets them or room is needed."},
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
	replyAutomove    = "SERVER_ERROR not supported: the store moves blocks by itself"
	replyPolicy      = "SERVER_ERROR not supported: maxmemory-policy says what is evicted"
	replyWheel       = "SERVER_ERROR not supported: expired items are removed when they are due"
	replyNoWatcher   = "WATCHER_FAILED failed to add log watcher"
)

// maxClasses is the original's number of slab classes: ids from 1 to 63. The store has more, all below classLimit.
const (
	maxClasses = 64
	classLimit = 256
)

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
	if string(x.args[2]) == "ratio" {
		if len(x.args) < 4 {
			return replyError
		}
		if _, ok := parseDecimal(x.args[3]); !ok {
			return replyError
		}
		return replyAutomove
	}
	switch level, ok := parseU32(x.args[2]); {
	case !ok:
		return replyBadFormat
	case level > 2:
		return replyError
	case level == 1:
		return replyOK
	}
	return replyAutomove
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
	return replyPolicy
}

func cmdLRUMode(x *call) string {
	switch string(x.args[2]) {
	case "flat", "segmented":
		return replyPolicy
	}
	return replyError
}

func cmdTempTTL(x *call) string {
	switch ttl, ok := parseI64(x.args[2]); {
	case !ok:
		return replyError
	case ttl < 0:
		return replyOK
	}
	return replyPolicy
}

// crawls tells whether expired items are removed without anybody meeting them.
func (e *Engine) crawls() bool { return e.conf.Bool("active-expire") }

func cmdCrawl(x *call) string {
	switch {
	case !x.e.crawls():
		return replyCrawlerOff
	case !classList(x.args[2], maxClasses):
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
	class, numbered := parseU32(x.args[2])
	switch {
	case !x.e.crawls():
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
	switch n, ok := parseU32(x.args[2]); {
	case !ok:
		return replyBadFormat
	case n == 0:
		return replyOK
	}
	return replyWheel
}

func cmdCrawlSleep(x *call) string {
	switch n, ok := parseU32(x.args[2]); {
	case !ok:
		return replyBadFormat
	case n > 1000000:
		return replyLongSleep
	}
	return replyWheel
}

func cmdCrawlOn(x *call) string { return x.setCrawler("yes", replyCrawlerOn) }

func cmdCrawlOff(x *call) string { return x.setCrawler("no", replyCrawlerDown) }

// setCrawler changes the setting; already is the reply if it is so already.
func (x *call) setCrawler(to, already string) string {
	if x.e.conf.Get("active-expire") == to {
		return already
	}
	if err := x.e.conf.Set("active-expire", to); err != nil {
		return "SERVER_ERROR " + err.Error()
	}
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
