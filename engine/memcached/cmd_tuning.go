// Commands that tune memcached's own slabs, queues and crawler. This store moves blocks, chooses what to evict and removes
// expired items by other means: what these commands set is kept in the settings and shown, and has an effect where there is
// something like it.

package memcached

import (
	"math"
	"strconv"
)

var tuningCommands = []command{
	{name: "slabs", min: 1, flags: flagData, run: cmdNothing, subs: slabsCommands,
		syntax: "slabs reassign|automove …", about: "How the store packs its memory."},
	{name: "lru", min: 2, noreply: 1, run: cmdNothing, subs: lruCommands,
		syntax: "lru mode|tune|temp_ttl … [noreply]", about: "What is evicted."},
	{name: "lru_crawler", min: 1, run: cmdNothing, subs: crawlerCommands,
		syntax: "lru_crawler enable|disable|sleep|tocrawl|crawl|metadump …", about: "Expired items are removed when they are due, without a crawler; metadump lists the keys."},
	{name: "watch", min: 1, noreply: 1, flags: flagStream, run: cmdWATCH, syntax: "watch [fetchers mutations evictions connevents sysevents rawcmds]", about: "Sends what happens from now on, a line an event: looks (fetchers, the default), stores (mutations), evictions, connections (connevents). Nothing else is answered any more."},
	{name: "extstore", min: 2, noreply: 1, run: cmdNothing, subs: nil, syntax: "extstore …", about: "Refused: items are never on disk."},
}

var slabsCommands = []command{
	{name: "reassign", min: 4, max: 4, args: reassignArgs, run: func(*call) string { return replyNoSpare },
		syntax: "slabs reassign <from> <to>", about: "Checked; never has a page to move."},
	{name: "automove", min: 3, noreply: 1, run: cmdAutomove, syntax: "slabs automove 0|1|2|ratio <r> [noreply]", about: "0 stops the compactor, 1 and 2 start it; the ratio is kept and shown."},
}

var lruCommands = []command{
	{name: "tune", min: 6, noreply: 1, run: cmdLRUTune, syntax: "lru tune <hot%> <warm%> <hot factor> <warm factor> [noreply]", about: "Shares of the memory, and ages as multiples of COLD's, that bound HOT and WARM. In force with segmented."},
	{name: "mode", min: 3, noreply: 1, run: cmdLRUMode, syntax: "lru mode flat|segmented [noreply]", about: "Sets maxmemory-policy: allkeys-lru, memcached-lru."},
	{name: "temp_ttl", min: 3, noreply: 1, run: cmdTempTTL, syntax: "lru temp_ttl <seconds> [noreply]", about: "Items that live so long at most are held until they are due; negative: none. In force with segmented."},
}

var crawlerCommands = []command{
	{name: "crawl", min: 3, max: 3, run: cmdCrawl, syntax: "lru_crawler crawl <class>,…|all", about: "Checked; the expired items are gone already."},
	{name: "metadump", min: 3, max: 3, flags: flagData, run: cmdMetadump, syntax: "lru_crawler metadump <class>,…|all|hash", about: "Sends every key, or those of some size classes, with what is known of it."},
	{name: "tocrawl", min: 3, max: 3, run: cmdToCrawl, syntax: "lru_crawler tocrawl <n>", about: "Kept and shown: there is no crawler to bound."},
	{name: "sleep", min: 3, max: 3, run: cmdCrawlSleep, syntax: "lru_crawler sleep <microseconds>", about: "Kept and shown: there is no crawler to slow down."},
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
	replyNoClasses   = "NOTSTARTED no items to crawl"
	replyCrawlNoHash = "ERROR an unknown error happened"
	replyNoMetadump  = "ERROR metadump not allowed"

	replyManyWatchers = "WATCHER_TOO_MANY log watcher limit reached"
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
	case from < 0 || from >= maxClasses || to < 0 || to >= maxClasses: // -1 is any class with a page to spare: there is none
		return replyBadClassID
	}
	return ""
}

// slabs automove 0|1|2|ratio <r> [noreply]
func cmdAutomove(x *call) string {
	x.quiet = string(x.last()) == "noreply"
	if string(x.args[2]) == "ratio" {
		if len(x.args) < 4 {
			return replyError
		}
		ratio, ok := parseDecimal(x.args[3])
		if !ok {
			return replyError
		}
		return x.tune("slab-automove-ratio", decimal(ratio))
	}
	switch level, ok := parseU32(x.args[2]); {
	case !ok:
		return replyBadFormat
	case level > 2:
		return replyError
	default:
		return x.tune("slab-automove", strconv.Itoa(int(level)))
	}
}

// tune changes settings, given as names with their texts behind them.
func (x *call) tune(words ...string) string {
	for i := 0; i < len(words); i += 2 {
		if err := x.e.conf.Set(words[i], words[i+1]); err != nil {
			return "SERVER_ERROR " + err.Error()
		}
	}
	return replyOK
}

// decimal is a factor as a setting.
func decimal(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// lru tune <hot%> <warm%> <hot factor> <warm factor> [noreply]
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
	return x.tune("hot-lru-pct", strconv.Itoa(int(hot)), "warm-lru-pct", strconv.Itoa(int(warm)), "hot-max-factor", decimal(hotAge), "warm-max-factor", decimal(warmAge))
}

// lru mode flat|segmented [noreply]
func cmdLRUMode(x *call) string {
	switch string(x.args[2]) {
	case "flat":
		return x.tune("maxmemory-policy", "allkeys-lru")
	case "segmented":
		return x.tune("maxmemory-policy", segmentedPolicy)
	}
	return replyError
}

// lru temp_ttl <seconds> [noreply]
func cmdTempTTL(x *call) string {
	ttl, ok := parseI64(x.args[2])
	if !ok {
		return replyError
	}
	if ttl >= 0 {
		ttl &= math.MaxUint32 // as the original keeps it
	}
	return x.tune("temporary-ttl", strconv.FormatInt(max(ttl, -1), 10))
}

// crawls tells whether expired items are removed without anybody meeting them.
func (e *Engine) crawls() bool { return e.conf.Bool("active-expire") }

// lru_crawler crawl <class>,…|all
func cmdCrawl(x *call) string {
	switch {
	case !x.e.crawls():
		return replyCrawlerOff
	case string(x.args[2]) == "hash":
		return replyCrawlNoHash
	case string(x.args[2]) == "all":
		return replyOK
	}
	var classes classSet
	if reply := classes.read(x.args[2], maxClasses); reply != "" {
		return reply
	}
	return replyOK
}

// lru_crawler metadump <class>,…|all|hash
func cmdMetadump(x *call) string {
	switch {
	case !x.e.crawls():
		return replyCrawlerOff
	case x.e.set.noDump:
		return replyNoMetadump
	}
	var d dump
	if word := string(x.args[2]); word != "all" && word != "hash" {
		d.classes = new(classSet)
		if reply := d.classes.read(x.args[2], classLimit); reply != "" {
			return reply
		}
	}
	x.s.state, x.s.dump = inDump, d
	return ""
}

// lru_crawler tocrawl <n>
func cmdToCrawl(x *call) string {
	n, ok := parseU32(x.args[2])
	if !ok {
		return replyBadFormat
	}
	return x.tune("lru-crawler-tocrawl", strconv.FormatUint(uint64(n), 10))
}

// lru_crawler sleep <microseconds>
func cmdCrawlSleep(x *call) string {
	switch n, ok := parseU32(x.args[2]); {
	case !ok:
		return replyBadFormat
	case n > 1000000:
		return replyLongSleep
	default:
		return x.tune("lru-crawler-sleep", strconv.Itoa(int(n)))
	}
}

func cmdCrawlOn(x *call) string {
	if x.e.crawls() {
		return replyCrawlerOn
	}
	return x.tune("active-expire", "yes")
}

// cmdCrawlOff is no error where the crawler is off already.
func cmdCrawlOff(x *call) string { return x.tune("active-expire", "no") }

// watch [<event>…]
func cmdWATCH(x *call) string {
	if x.e.set.noWatch {
		return replyNoWatch
	}
	events := watchFetch
	for i, word := range x.args[1:] {
		ev, known := watchWords[string(word)]
		if !known {
			return replyError
		}
		if i == 0 {
			events = 0
		}
		events |= ev
	}
	if !x.e.watch.add(x.s.c, events) {
		return replyManyWatchers
	}
	x.s.state = inWatch
	x.s.c.SetIdleExempt(true)
	return replyOK
}
