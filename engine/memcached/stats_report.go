// The lines of the stats reports.

package memcached

import (
	"cmp"
	"math/bits"
	"net"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/evict"
	"github.com/cachesrv/cachesrv/engine"
)

// stat appends "STAT <name> <value>".
func (x *call) stat(name, value string) {
	if x.s.binary {
		x.statFrame(name, value)
		return
	}
	out := append(append(x.w.Out, "STAT "...), name...)
	out = append(append(out, ' '), value...)
	x.w.Out = append(out, '\r', '\n')
}

func (x *call) statNum(name string, n int64) { x.stat(name, strconv.FormatInt(n, 10)) }

func (x *call) statBool(name string, on bool, yes, no string) {
	if on {
		x.stat(name, yes)
	} else {
		x.stat(name, no)
	}
}

// statZeros appends figures of things that only the original has, so that what reads them finds them.
func (x *call) statZeros(names ...string) {
	for _, name := range names {
		x.stat(name, "0")
	}
}

// reportGeneral writes the figures of the server in the original's order. Figures about its slab pages, its crawler
// thread and its log are zero: these parts do not exist here.
func (x *call) reportGeneral() {
	e := x.e
	var traffic engine.Stats
	conns, threads, maxConns := 0, 0, int(e.conf.Int("maxclients"))
	if server := e.server.Load(); server != nil {
		traffic, conns, maxConns = server.Stats(), server.Count(), server.MaxClients()
		threads = traffic.Loops
	}
	now := time.Now()
	user, system := engine.CPUTime()
	x.statNum("pid", int64(os.Getpid()))
	x.statNum("uptime", int64(now.Sub(e.started)/time.Second))
	x.statNum("time", now.Unix())
	x.stat("version", Version)
	x.stat("libevent", "none") // sockets are watched by the engine itself
	x.stat("cachesrv_version", config.Version)
	x.statNum("pointer_size", strconv.IntSize)
	x.stat("rusage_user", seconds(user))
	x.stat("rusage_system", seconds(system))
	x.statNum("max_connections", int64(maxConns))
	x.statNum("curr_connections", int64(conns))
	x.statNum("total_connections", traffic.Accepted)
	x.statNum("rejected_connections", traffic.Rejected)
	if x.e.certs.Load() != nil {
		x.statNum("ssl_handshake_errors", traffic.HandshakesBad)
	}
	x.statNum("connection_structures", int64(conns))
	x.statZeros("response_obj_oom", "response_obj_count", "response_obj_bytes", "read_buf_count")
	x.statNum("read_buf_bytes", traffic.Buffers)
	x.statZeros("read_buf_bytes_free", "read_buf_oom", "reserved_fds")
	x.reportCounters(e.store.Stats())
	x.statNum("bytes_read", traffic.BytesIn)
	x.statNum("bytes_written", traffic.BytesOut)
	x.statNum("limit_maxbytes", e.store.MaxMemory())
	x.statNum("accepting_conns", 1)
	x.statNum("listen_disabled_num", 0)
	x.statNum("time_in_listen_disabled_us", 0)
	x.statNum("threads", int64(threads))
	x.statZeros("conn_yields")
	x.reportMemory()
	x.reportUDP()
}

// reportCounters writes what the workers have counted.
func (x *call) reportCounters(st core.Stats) {
	for c := cmdGet; c <= authErrors; c++ {
		n := x.e.sum(c)
		if c == getExpired {
			n += uint64(st.ExpiredLazily) // met by any command; the original counts gets only
		}
		x.stat(counterNames[c], strconv.FormatUint(n, 10))
	}
}

// reportMemory writes what the store holds.
func (x *call) reportMemory() {
	st, m := x.e.store.Stats(), x.e.store.Memory()
	x.statNum("hash_power_level", int64(bits.Len64(uint64(m.Tables/8)|1)-1))
	x.statNum("hash_bytes", m.Tables)
	x.statZeros("hash_is_expanding", "slab_reassign_rescues", "slab_reassign_chunk_rescues", "slab_reassign_evictions_nomem",
		"slab_reassign_inline_reclaim", "slab_reassign_busy_items", "slab_reassign_busy_deletes", "slab_reassign_running")
	x.statNum("slabs_moved", st.Moved)
	x.statZeros("lru_crawler_running", "lru_crawler_starts", "lru_maintainer_juggles", "malloc_fails", "log_worker_dropped")
	watch := &x.e.watch
	x.statNum("log_worker_written", watch.written.Load())
	x.statNum("log_watcher_skipped", watch.skipped.Load())
	x.statNum("log_watcher_sent", watch.sent.Load())
	x.statNum("log_watchers", int64(len(*watch.list.Load())))
	x.statZeros("unexpected_napi_ids", "round_robin_fallback")
	x.statNum("bytes", m.Items)
	x.statNum("curr_items", int64(x.e.store.Len(0)))
	x.stat("total_items", strconv.FormatUint(x.e.sum(totalItems), 10))
	x.statZeros("slab_global_page_pool")
	x.statNum("expired_unfetched", x.e.removals.sum(expiredUnread))
	x.statNum("evicted_unfetched", x.e.removals.sum(evictedUnread))
	x.statNum("evicted_active", x.e.segmentsOf(-1, evictedActive))
	x.statNum("evictions", st.Evicted)
	x.statNum("reclaimed", st.ReclaimedExpired)
	x.statNum("crawler_reclaimed", st.Expired)
	x.statZeros("crawler_items_checked", "lrutail_reflocked")
	x.statNum("moves_to_cold", x.e.segmentsOf(-1, movedToCold))
	x.statNum("moves_to_warm", x.e.segmentsOf(-1, movedToWarm))
	x.statNum("moves_within_lru", x.e.segmentsOf(-1, movedWithin))
	x.statZeros("direct_reclaims", "lru_bumps_dropped")
	x.statNum("used_memory", m.Used)
	x.statNum("mapped_memory", m.Mapped)
}

// threads is how many loops there are, also where the setting leaves that to the machine; before the server listens, the setting.
func (x *call) threads() string {
	if server := x.e.server.Load(); server != nil {
		return strconv.Itoa(server.Stats().Loops)
	}
	return x.e.conf.Get("threads")
}

// reportSettings writes the settings in force, under the original's names.
func (x *call) reportSettings() {
	e, c := x.e, x.e.conf
	x.statNum("maxbytes", e.store.MaxMemory())
	x.statNum("maxconns", c.Int("maxclients"))
	x.statNum("tcpport", c.Int("port"))
	x.statNum("udpport", c.Int("udp-port"))
	x.stat("inter", interfaces(c))
	x.statNum("verbosity", int64(e.verbose.Load()))
	x.stat("oldest", "0")
	x.statBool("evictions", e.store.Policy() != "noeviction", "on", "off")
	x.stat("domain_socket", orNull(c.Get("unixsocket")))
	x.stat("umask", c.Get("unixsocketperm"))
	x.statBool("shutdown_command", e.set.shutdown, "yes", "no")
	x.stat("growth_factor", shownFactor(c.Get("slab-growth-factor")))
	x.stat("chunk_size", c.Get("slab-min-size"))
	x.stat("num_threads", x.threads())
	x.stat("num_threads_per_udp", "0")
	x.stat("stat_key_prefix", string(e.set.delimiter))
	x.statBool("detail_enabled", e.prefixes.on.Load(), "yes", "no")
	x.stat("reqs_per_event", c.Get("requests-per-event"))
	x.statBool("cas_enabled", !e.set.noCAS, "yes", "no")
	x.stat("tcp_backlog", c.Get("tcp-backlog"))
	x.stat("binding_protocol", e.auth.speaks.name())
	x.statBool("auth_enabled_sasl", e.auth.sasl, "yes", "no")
	x.stat("auth_enabled_ascii", e.auth.textFile())
	x.statNum("item_size_max", int64(e.set.itemMax))
	x.stat("maxconns_fast", "yes")
	x.stat("hashpower_init", "0")
	x.reportTuning()
	x.stat("idle_timeout", c.Get("timeout"))
	x.statNum("watcher_logbuf_size", c.Int("watcher-buffer"))
	x.statZeros("worker_logbuf_size", "read_buf_mem_limit")
	x.statBool("track_sizes", e.trackOn.Load(), "yes", "no")
	x.stat("inline_ascii_response", "no")
	x.reportNoExtstore()
	x.reportTLS()
	x.stat("num_napi_ids", "(null)")
	x.stat("memory_file", cmp.Or(c.Get("memory-file"), "(null)"))
	x.stat("maxmemory_policy", e.store.Policy())
}

// reportTLS writes the settings of TLS in the original's words for what is not given.
func (x *call) reportTLS() {
	c := x.e.conf
	or := func(text, none string) string {
		if text == "" {
			return none
		}
		return text
	}
	x.statBool("ssl_enabled", x.e.certs.Load() != nil, "yes", "no")
	x.stat("ssl_chain_cert", or(c.Get("ssl-chain-cert"), "(null)"))
	x.stat("ssl_key", or(c.Get("ssl-key"), "(null)"))
	x.stat("ssl_verify_mode", c.Get("ssl-verify-mode"))
	x.stat("ssl_keyformat", "1")
	x.stat("ssl_ciphers", or(c.Get("ssl-ciphers"), "NULL"))
	x.stat("ssl_ca_cert", or(c.Get("ssl-ca-cert"), "NULL"))
	x.stat("ssl_wbuf_size", "16384")
	x.stat("ssl_session_cache", c.Get("ssl-session-cache"))
	x.stat("ssl_kernel_tls", "no")
	x.stat("ssl_min_version", [...]string{"tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3"}[c.Int("ssl-min-version")])
}

// reportNoExtstore writes the settings of the original's store on a flash disk, which there is not here, as it shows them when it is off.
func (x *call) reportNoExtstore() {
	for _, s := range [][2]string{
		{"ext_item_size", "512"}, {"ext_item_age", "4294967295"}, {"ext_low_ttl", "0"}, {"ext_recache_rate", "2000"}, {"ext_wbuf_size", "4194304"},
		{"ext_compact_under", "0"}, {"ext_drop_under", "0"}, {"ext_max_sleep", "1000000"}, {"ext_max_frag", "0.80"},
		{"slab_automove_freeratio", "0.010"}, {"ext_drop_unread", "no"},
	} {
		x.stat(s[0], s[1])
	}
}

// shownFactor is a factor with two digits behind the point.
func shownFactor(text string) string {
	f, _ := strconv.ParseFloat(text, 64)
	return strconv.FormatFloat(f, 'f', 2, 64)
}

// reportTuning writes what slabs, lru and lru_crawler are set to.
func (x *call) reportTuning() {
	c := x.e.conf
	x.stat("slab_reassign", "yes")
	x.stat("slab_automove", c.Get("slab-automove"))
	x.stat("slab_automove_ratio", shownFactor(c.Get("slab-automove-ratio")))
	x.stat("slab_automove_window", "0")
	x.stat("slab_chunk_max", c.Get("item-size-max")) // no item is cut into pieces
	x.statBool("lru_crawler", x.e.crawls(), "yes", "no")
	x.stat("lru_crawler_sleep", c.Get("lru-crawler-sleep"))
	x.stat("lru_crawler_tocrawl", c.Get("lru-crawler-tocrawl"))
	x.stat("tail_repair_time", "0")
	x.statBool("flush_enabled", !x.e.set.noFlush, "yes", "no")
	x.statBool("dump_enabled", !x.e.set.noDump, "yes", "no")
	x.stat("hash_algorithm", "keyed")
	x.stat("lru_maintainer_thread", "no")
	x.statBool("lru_segmented", x.e.store.Segmenter() != nil, "yes", "no")
	x.stat("hot_lru_pct", c.Get("hot-lru-pct"))
	x.stat("warm_lru_pct", c.Get("warm-lru-pct"))
	x.stat("hot_max_factor", shownFactor(c.Get("hot-max-factor")))
	x.stat("warm_max_factor", shownFactor(c.Get("warm-max-factor")))
	x.statBool("temp_lru", c.Int("temporary-ttl") >= 0, "yes", "no")
	x.statNum("temporary_ttl", x.e.tempTTL.Load())
}

// sizeClass is a size class of the store.
type sizeClass struct {
	core.Class
	items int64 // blocks in use but for those of the tables
}

// classes gives the store's size classes by number. Blocks that cannot be moved are its wheels' and left out.
func (x *call) classes() (ids []int, byID map[int]sizeClass) {
	byID = map[int]sizeClass{}
	for _, c := range x.e.store.Classes() {
		if c.Kind != arena.Movable {
			continue
		}
		id := classID(c.Size)
		sum, seen := byID[id]
		if !seen {
			ids = append(ids, id)
			sum.Size, sum.SpanPages = c.Size, c.SpanPages
		}
		sum.Spans, sum.Total, sum.Used = sum.Spans+c.Spans, sum.Total+c.Total, sum.Used+c.Used
		sum.items = sum.Used
		byID[id] = sum
	}
	x.tx.TableBlocks(func(bytes, n int) {
		if c, ok := byID[classID(bytes)]; ok {
			c.items = max(0, c.items-int64(n))
			byID[classID(bytes)] = c
		}
	})
	sort.Ints(ids)
	return ids, byID
}

// reportItems writes what there is of the items of each size class; mem_requested counts whole blocks. What the original tells of its
// queues is zero under policies that have none.
func (x *call) reportItems() {
	ids, byID := x.classes()
	census := x.takeCensus()
	for _, id := range ids {
		c := byID[id]
		if c.items == 0 {
			continue
		}
		at, gone := "items:"+strconv.Itoa(id)+":", &x.e.removals[id]
		num := func(name string, n int64) { x.statNum(at+name, n) }
		zero := func(names ...string) {
			for _, name := range names {
				x.stat(at+name, "0")
			}
		}
		var in, age [evict.Segments]int64
		if census != nil {
			in, age = census.share(id, c.items), census.age[id]
		}
		num("number", c.items)
		num("number_hot", in[evict.Hot])
		num("number_warm", in[evict.Warm])
		num("number_cold", in[evict.Cold])
		if x.e.conf.Int("temporary-ttl") >= 0 {
			num("number_temp", in[evict.Temp])
		}
		num("age_hot", age[evict.Hot])
		num("age_warm", age[evict.Warm])
		num("age", age[evict.Cold])
		num("mem_requested", c.items*int64(c.Size))
		num("evicted", int64(gone[evicted].Load()))
		num("evicted_nonzero", int64(gone[evictedTimed].Load()))
		num("evicted_time", x.e.evictedIdle[id].Load())
		num("outofmemory", x.e.ofClass(id, classNoMemory))
		zero("tailrepairs", "reclaimed")
		num("expired_unfetched", int64(gone[expiredUnread].Load()))
		num("evicted_unfetched", int64(gone[evictedUnread].Load()))
		num("evicted_active", x.e.segmentsOf(id, evictedActive))
		num("crawler_reclaimed", int64(gone[expired].Load()))
		zero("crawler_items_checked", "lrutail_reflocked")
		num("moves_to_cold", x.e.segmentsOf(id, movedToCold))
		num("moves_to_warm", x.e.segmentsOf(id, movedToWarm))
		num("moves_within_lru", x.e.segmentsOf(id, movedWithin))
		zero("direct_reclaims")
		num("hits_to_hot", x.e.segmentsOf(id, segmentCount(evict.Hot)))
		num("hits_to_warm", x.e.segmentsOf(id, segmentCount(evict.Warm)))
		num("hits_to_cold", x.e.segmentsOf(id, segmentCount(evict.Cold)))
		num("hits_to_temp", x.e.segmentsOf(id, segmentCount(evict.Temp)))
	}
}

// reportSlabs writes the store's size classes. A page is a span of the class.
func (x *call) reportSlabs() {
	const pageBytes = 4096
	mapped := int64(0)
	ids, byID := x.classes()
	for _, id := range ids {
		c, at := byID[id], strconv.Itoa(id)+":"
		x.statNum(at+"chunk_size", int64(c.Size))
		x.statNum(at+"chunks_per_page", c.Total/int64(c.Spans))
		x.statNum(at+"total_pages", int64(c.Spans))
		x.statNum(at+"total_chunks", c.Total)
		x.statNum(at+"used_chunks", c.Used)
		x.statNum(at+"free_chunks", c.Total-c.Used)
		x.stat(at+"free_chunks_end", "0")
		for count, name := range slabCounts {
			x.statNum(at+name, x.e.ofClass(id, classCount(count)))
		}
		mapped += int64(c.Spans) * int64(c.SpanPages) * pageBytes
	}
	x.statNum("active_slabs", int64(len(ids)))
	x.statNum("total_malloced", mapped)
}

// reportSizes counts items in steps of 32 bytes.
func (x *call) reportSizes() {
	counts := map[int]int64{}
	x.tx.Each(0, func(it core.Item) bool {
		counts[(it.Size()+31)/32*32]++
		return true
	})
	sizes := make([]int, 0, len(counts))
	for size := range counts {
		sizes = append(sizes, size)
	}
	sort.Ints(sizes)
	for _, size := range sizes {
		x.statNum(strconv.Itoa(size), counts[size])
	}
}

// reportConns writes the sockets listened on and the connections, by the socket's number. Those without one get negative numbers.
func (x *call) reportConns() {
	server := x.e.server.Load()
	if server == nil {
		return
	}
	now := time.Now()
	for i, a := range server.Addresses() {
		if a.FD < 0 {
			a.FD = -1 - i
		}
		at, state := strconv.Itoa(a.FD)+":", "conn_listening"
		if a.Kind() == "udp" {
			x.stat(at+"UDP", "UDP")
			state = "conn_read"
		}
		x.stat(at+"addr", address(a.Addr))
		x.stat(at+"state", state)
		x.statNum(at+"secs_since_last_cmd", int64(now.Sub(x.e.started)/time.Second))
	}
	server.Conns(func(c *engine.Conn) bool {
		id := int64(c.FD())
		if id < 0 {
			id = int64(c.ID)
		}
		at, st := strconv.FormatInt(id, 10)+":", c.Stats()
		state := "conn_read"
		switch {
		case c == x.s.c:
			state = "conn_parse_cmd"
		case st.OutPending > 0:
			state = "conn_mwrite"
		}
		x.stat(at+"addr", address(c.Remote()))
		x.stat(at+"listen_addr", address(c.Local()))
		x.stat(at+"state", state)
		x.statNum(at+"secs_since_last_cmd", max(0, int64(now.Sub(st.LastActive)/time.Second)))
		return true
	})
}

// address writes an address with its family, as the original does.
func address(a net.Addr) string {
	switch a := a.(type) {
	case *net.TCPAddr:
		if a.IP.To4() == nil {
			return "tcp6:" + a.String()
		}
		return "tcp:" + a.String()
	case *net.UDPAddr:
		if a.IP.To4() == nil {
			return "udp6:" + a.String()
		}
		return "udp:" + a.String()
	case *net.UnixAddr:
		return "unix:" + a.Name
	}
	return a.String()
}

// interfaces is what bind names, as -l would; NULL if nobody named any.
func interfaces(c *config.Settings) string {
	if c.Source("bind").Layer == config.FromDefault {
		return "NULL"
	}
	return orNull(strings.ReplaceAll(c.Get("bind"), " ", ","))
}

func orNull(s string) string {
	if s == "" {
		return "NULL"
	}
	return s
}

// seconds writes a duration as the original writes rusage.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 6, 64) }
