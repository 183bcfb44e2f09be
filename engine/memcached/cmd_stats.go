// stats and its sub-commands.

package memcached

var statsCommands = []command{
	{name: "stats", min: 1, run: cmdSTATS, subs: statsReports, syntax: "stats [<report>]", about: "Figures of the server, or one of the reports below."},
}

var statsReports = []command{
	{name: "settings", min: 2, run: cmdStatsSettings, syntax: "stats settings", about: "Settings in force."},
	{name: "items", min: 2, flags: flagData, run: cmdStatsItems, syntax: "stats items", about: "Items by size class."},
	{name: "slabs", min: 2, flags: flagData, run: cmdStatsSlabs, syntax: "stats slabs", about: "Size classes of the store: blocks and pages."},
	{name: "sizes", min: 2, flags: flagData, run: cmdStatsSizes, syntax: "stats sizes", about: "Items by size, counted by a walk over the store; only when enabled."},
	{name: "sizes_enable", min: 2, run: cmdSizesEnable, syntax: "stats sizes_enable", about: "Enables stats sizes."},
	{name: "sizes_disable", min: 2, run: cmdSizesDisable, syntax: "stats sizes_disable", about: "Disables stats sizes."},
	{name: "conns", min: 2, run: cmdStatsConns, syntax: "stats conns", about: "Connections."},
	{name: "reset", min: 2, run: cmdStatsReset, syntax: "stats reset", about: "Sets the counters to zero."},
	{name: "detail", min: 2, run: cmdStatsDetail, syntax: "stats detail on|off|dump", about: "Counts by the part of the key before the delimiter."},
	{name: "cachedump", min: 2, flags: flagData, run: cmdCachedump, syntax: "stats cachedump <class> <limit>", about: "Keys of a size class, at most 2 MB of them."},
	{name: "extstore", min: 2, run: cmdStatsNothing, syntax: "stats extstore", about: "Empty: items are never on disk."},
}

func cmdSTATS(x *call) string {
	x.tally.publish() // what this batch has counted so far belongs in it
	x.reportGeneral()
	return replyEnd
}

func cmdStatsSettings(x *call) string {
	x.reportSettings()
	return replyEnd
}

func cmdStatsItems(x *call) string {
	x.reportItems()
	return replyEnd
}

func cmdStatsSlabs(x *call) string {
	x.reportSlabs()
	return replyEnd
}

func cmdStatsConns(x *call) string {
	x.reportConns()
	return replyEnd
}

// cmdStatsSizes counts items by size in steps of 32 bytes. It costs a walk over all items, shard by shard, which is why
// it must be enabled.
func cmdStatsSizes(x *call) string {
	if !x.e.trackOn.Load() {
		x.stat("sizes_status", "disabled")
		return replyEnd
	}
	x.reportSizes()
	return replyEnd
}

// cmdSizesEnable refuses without versions, as the original does: its histogram tells by them which items it has counted.
func cmdSizesEnable(x *call) string {
	if x.e.set.noCAS {
		x.stat("sizes_status", "error")
		x.stat("sizes_error", "cas_support_disabled")
		return ""
	}
	return x.setSizes(true, "enabled")
}

func cmdSizesDisable(x *call) string { return x.setSizes(false, "disabled") }

func (x *call) setSizes(on bool, status string) string {
	x.e.trackOn.Store(on)
	x.stat("sizes_status", status)
	return ""
}

func cmdStatsReset(x *call) string {
	x.tally.publish()
	for _, c := range *x.e.calls.Load() {
		if c != nil {
			c.tally.reset()
		}
	}
	x.e.removals.reset()
	x.e.lost.reset()
	x.e.prefixes.reset()
	x.e.udp.reset()
	x.e.store.ResetStats()
	if server := x.e.server.Load(); server != nil {
		server.ResetStats()
	}
	return replyReset
}

func cmdStatsDetail(x *call) string {
	if len(x.args) < 3 {
		return replyBadDetail
	}
	switch string(x.args[2]) {
	case "on":
		x.e.prefixes.on.Store(true)
	case "off":
		x.e.prefixes.on.Store(false)
	case "dump":
		x.w.Out = x.e.prefixes.dump(x.w.Out)
		return ""
	default:
		return replyBadDetail
	}
	return replyOK
}

// cmdCachedump lists items of a size class. It knows the original's numbers only, which are blocks up to 8 KB here;
// lru_crawler metadump knows all.
func cmdCachedump(x *call) string {
	if x.e.set.noDump {
		return replyNoDump
	}
	if len(x.args) < 4 {
		return replyBadLine
	}
	class, ok1 := parseU32(x.args[2])
	limit, ok2 := parseU32(x.args[3])
	switch {
	case !ok1 || !ok2:
		return replyBadFormat
	case class >= maxClasses:
		return replyBadClass
	}
	x.appendCachedump(int(class), limit)
	return replyEnd
}

func cmdStatsNothing(*call) string { return replyEnd }
