// INFO: the server's state in Redis's sections and under Redis's names.

package redis

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/acl"
)

// section is one section of INFO.
type section struct {
	name string
	rare bool // only with "all", "everything" or its name
	data func(*Engine, *report)
}

func sections() []section {
	return []section{
		{"Server", false, (*Engine).infoServer},
		{"Clients", false, (*Engine).infoClients},
		{"Memory", false, (*Engine).infoMemory},
		{"Persistence", false, (*Engine).infoPersistence},
		{"Stats", false, (*Engine).infoStats},
		{"Replication", false, (*Engine).infoReplication},
		{"CPU", false, (*Engine).infoCPU},
		{"Modules", false, func(*Engine, *report) {}},
		{"Commandstats", true, (*Engine).infoCommandstats},
		{"Errorstats", false, (*Engine).infoErrorstats},
		{"Latencystats", true, (*Engine).infoLatencystats},
		{"Cluster", false, func(_ *Engine, r *report) { r.line("cluster_enabled", 0) }},
		{"Keyspace", false, (*Engine).infoKeyspace},
	}
}

// report collects the lines of INFO.
type report struct {
	b  []byte
	tx *core.Tx // nil while somebody holds the store exclusively
}

func (r *report) line(name string, value any) { r.b = fmt.Appendf(r.b, "%s:%v\r\n", name, value) }

// zeros writes the fields of features that do not exist here.
func (r *report) zeros(names ...string) {
	for _, n := range names {
		r.line(n, 0)
	}
}

// bytes writes a number of bytes, and once more for people.
func (r *report) bytes(name string, n int64) {
	r.line(name, n)
	r.line(name+"_human", human(n))
}

// INFO [section …]
func cmdINFO(c *client) error {
	tx := c.tx
	if !c.entered {
		tx = nil
	}
	c.verbatim(c.e.info(tx, c.args[1:]))
	return nil
}

// info gives the text of the sections named; of the usual ones if none is.
func (e *Engine) info(tx *core.Tx, names [][]byte) string {
	usual, all := len(names) == 0, false
	for _, n := range names {
		usual = usual || equalFold(n, "default")
		all = all || equalFold(n, "all") || equalFold(n, "everything")
	}
	everything := slices.ContainsFunc(names, func(n []byte) bool { return equalFold(n, "everything") })
	r := report{tx: tx}
	for _, s := range sections() {
		named := slices.ContainsFunc(names, func(n []byte) bool { return equalFold(n, strings.ToLower(s.name)) })
		modules := s.name == "Modules"
		if !named && !(usual && !s.rare) && !(all && !modules) && !everything {
			continue
		}
		if len(r.b) > 0 {
			r.b = append(r.b, "\r\n"...)
		}
		r.b = fmt.Appendf(r.b, "# %s\r\n", s.name)
		s.data(e, &r)
	}
	return string(r.b)
}

// human writes bytes with a unit.
func human(n int64) string {
	f := float64(n)
	units := []string{"K", "M", "G", "T", "P"}
	if n < 1024 {
		return strconv.FormatInt(n, 10) + "B"
	}
	for i, u := range units {
		if f /= 1024; f < 1024 || i == len(units)-1 {
			return fmt.Sprintf("%.2f%s", f, u)
		}
	}
	return ""
}

func (e *Engine) stats() engine.Stats {
	if s := e.server.Load(); s != nil {
		return s.Stats()
	}
	return engine.Stats{}
}

func (e *Engine) infoServer(r *report) {
	up := time.Since(e.started)
	r.line("redis_version", Version)
	r.line("redis_git_sha1", "00000000")
	r.line("redis_git_dirty", 0)
	r.line("redis_build_id", buildID())
	r.line("redis_mode", "standalone")
	r.line("cachesrv_version", config.Version)
	r.line("os", systemName())
	r.line("arch_bits", strconv.IntSize)
	r.line("monotonic_clock", "POSIX clock_gettime")
	r.line("multiplexing_api", "epoll")
	r.line("atomicvar_api", "go-atomic")
	r.line("go_version", strings.TrimPrefix(runtime.Version(), "go"))
	r.line("process_id", os.Getpid())
	r.line("process_supervised", "no")
	r.line("run_id", e.runID)
	port := e.settings.Get("port")
	if port == "0" {
		port = e.settings.Get("tls-port")
	}
	r.line("tcp_port", port)
	r.line("server_time_usec", time.Now().UnixMicro())
	r.line("uptime_in_seconds", int64(up/time.Second))
	r.line("uptime_in_days", int64(up/(24*time.Hour)))
	r.line("hz", 10)
	r.line("configured_hz", 10)
	r.line("lru_clock", time.Now().Unix()&(1<<24-1))
	executable, _ := os.Executable()
	r.line("executable", executable)
	r.line("config_file", e.settings.File())
	st := e.stats()
	r.line("io_threads_active", flagOf(st.Loops > 1))
	if s := e.server.Load(); s != nil {
		for i, a := range s.Addresses() {
			r.line("listener"+strconv.Itoa(i), "name="+a.Kind()+",bind="+a.String())
		}
	}
	r.line("loops", st.Loops)
	r.line("loops_busy", st.LoopsBusy)
}

func flagOf(v bool) int {
	if v {
		return 1
	}
	return 0
}

// buildID is the start of the commit that the program was built from.
func buildID() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 16 {
				return s.Value[:16]
			}
		}
	}
	return "0"
}

func (e *Engine) infoClients(r *report) {
	count, limit := 0, int64(0)
	var in, out int
	if s := e.server.Load(); s != nil {
		count, limit = s.Count(), int64(s.MaxClients())
		s.Conns(func(c *engine.Conn) bool {
			st := c.Stats()
			in, out = max(in, st.QueryCap), max(out, st.OutPending)
			return true
		})
	}
	r.line("connected_clients", count)
	r.line("cluster_connections", 0)
	r.line("maxclients", limit)
	r.line("client_recent_max_input_buffer", in)
	r.line("client_recent_max_output_buffer", out)
	r.line("blocked_clients", e.blocked.Load())
	r.line("tracking_clients", e.trackers.all.Size())
	r.zeros("clients_in_timeout_table")
	keys, gone := e.store.Waiting()
	r.line("total_blocking_keys", keys)
	r.line("total_blocking_keys_on_nokey", gone)
}

func (e *Engine) infoMemory(r *report) {
	m, rss, total := e.store.Memory(), residentBytes(), systemBytes()
	st := e.stats()
	overhead := m.Startup + m.Tables + m.Wheels + m.Policy + m.Foreign + m.Tracked
	dataset := max(m.Used-overhead, 0)
	peak := max(m.Peak, m.Used)
	r.bytes("used_memory", m.Used)
	r.bytes("used_memory_rss", rss)
	r.bytes("used_memory_peak", peak)
	r.line("used_memory_peak_perc", percent(m.Used, peak))
	r.line("used_memory_overhead", overhead)
	r.line("used_memory_startup", m.Startup)
	r.line("used_memory_dataset", dataset)
	r.line("used_memory_dataset_perc", percent(dataset, m.Used-m.Startup))
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	r.line("go_heap", heap.HeapAlloc)
	r.line("go_heap_system", heap.Sys)
	r.line("allocator_allocated", m.Items)
	r.line("allocator_active", m.Mapped)
	r.line("allocator_resident", m.Mapped)
	r.bytes("total_system_memory", total)
	e.scripts.infoMemory(r)
	r.bytes("maxmemory", e.store.MaxMemory())
	r.line("maxmemory_policy", e.store.Policy())
	r.line("allocator_frag_ratio", ratio(m.Mapped, m.Items))
	r.line("allocator_frag_bytes", max(m.Mapped-m.Items, 0))
	r.line("allocator_rss_ratio", ratio(m.Mapped, m.Mapped))
	r.line("allocator_rss_bytes", 0)
	r.line("rss_overhead_ratio", ratio(rss, m.Mapped))
	r.line("rss_overhead_bytes", rss-m.Mapped)
	r.line("mem_fragmentation_ratio", ratio(rss, m.Used))
	r.line("mem_fragmentation_bytes", rss-m.Used)
	r.zeros("mem_not_counted_for_evict", "mem_replication_backlog", "mem_total_replication_buffers", "mem_clients_slaves")
	r.line("mem_clients_normal", st.Buffers)
	r.zeros("mem_cluster_links", "mem_aof_buffer")
	r.line("mem_allocator", "cachesrv-arena")
	r.zeros("active_defrag_running", "lazyfree_pending_objects", "lazyfreed_objects")
}

func percent(part, whole int64) string {
	if whole <= 0 {
		return "0.00%"
	}
	return fmt.Sprintf("%.2f%%", float64(part)*100/float64(whole))
}

func ratio(a, b int64) string {
	if b <= 0 {
		return "1.00"
	}
	return fmt.Sprintf("%.2f", float64(a)/float64(b))
}

func (e *Engine) infoPersistence(r *report) {
	_, _, _, dirty := e.sums()
	r.zeros("loading", "async_loading", "current_cow_peak", "current_cow_size", "current_cow_size_age")
	r.line("current_fork_perc", "0.00")
	r.zeros("current_save_keys_processed", "current_save_keys_total")
	r.line("rdb_changes_since_last_save", dirty)
	r.line("rdb_bgsave_in_progress", 0)
	r.line("rdb_last_save_time", e.started.Unix())
	r.line("rdb_last_bgsave_status", "ok")
	r.line("rdb_last_bgsave_time_sec", -1)
	r.line("rdb_current_bgsave_time_sec", -1)
	r.zeros("rdb_saves", "rdb_last_cow_size", "rdb_last_load_keys_expired", "rdb_last_load_keys_loaded", "aof_enabled", "aof_rewrite_in_progress", "aof_rewrite_scheduled")
	r.line("aof_last_rewrite_time_sec", -1)
	r.line("aof_current_rewrite_time_sec", -1)
	r.line("aof_last_bgrewrite_status", "ok")
	r.zeros("aof_rewrites", "aof_rewrites_consecutive_failures")
	r.line("aof_last_write_status", "ok")
	r.zeros("aof_last_cow_size", "module_fork_in_progress", "module_fork_last_cow_size")
}

func (e *Engine) infoStats(r *report) {
	calls, hits, misses, _ := e.sums()
	perSecond, input, output := e.perSecond()
	net, st := e.stats(), e.store.Stats()
	r.line("total_connections_received", net.Accepted)
	r.line("total_commands_processed", calls)
	r.line("instantaneous_ops_per_sec", int64(perSecond))
	r.line("total_net_input_bytes", net.BytesIn)
	r.line("total_net_output_bytes", net.BytesOut)
	r.zeros("total_net_repl_input_bytes", "total_net_repl_output_bytes")
	r.line("instantaneous_input_kbps", fmt.Sprintf("%.2f", input/1024))
	r.line("instantaneous_output_kbps", fmt.Sprintf("%.2f", output/1024))
	r.line("instantaneous_input_repl_kbps", "0.00")
	r.line("instantaneous_output_repl_kbps", "0.00")
	r.line("rejected_connections", net.Rejected)
	r.zeros("sync_full", "sync_partial_ok", "sync_partial_err")
	r.line("expired_keys", st.Expired+st.ExpiredLazily)
	r.line("expired_stale_perc", "0.00")
	r.zeros("expired_time_cap_reached_count", "expire_cycle_cpu_milliseconds")
	r.line("evicted_keys", st.Evicted)
	r.line("evicted_clients", e.evictedClients.Load())
	r.line("evicted_scripts", e.scripts.cache.evicted.Load())
	r.zeros("total_eviction_exceeded_time", "current_eviction_exceeded_time")
	r.line("keyspace_hits", hits)
	r.line("keyspace_misses", misses)
	r.line("pubsub_channels", e.registry.channels.Size())
	r.line("pubsub_patterns", e.registry.patterns.size.Load())
	r.line("pubsubshard_channels", e.registry.shards.Size())
	r.zeros("latest_fork_usec", "total_forks", "migrate_cached_sockets", "slave_expires_tracked_keys")
	r.line("active_defrag_hits", st.Moved)
	r.zeros("active_defrag_misses", "active_defrag_key_hits", "active_defrag_key_misses", "total_active_defrag_time", "current_active_defrag_time")
	keys, items := e.store.Tracked()
	r.line("tracking_total_keys", keys)
	r.line("tracking_total_items", items)
	r.line("tracking_total_prefixes", e.trackers.casts.size())
	r.zeros("unexpected_error_replies")
	r.line("total_error_replies", e.errorsTotal.Load())
	r.zeros("dump_payload_sanitizations")
	r.line("total_reads_processed", net.Reads)
	r.line("total_writes_processed", net.Writes)
	r.zeros("io_threaded_reads_processed", "io_threaded_writes_processed", "reply_buffer_shrinks", "reply_buffer_expands")
	r.line("acl_access_denied_auth", e.denials.Denied[acl.DeniedAuth].Load())
	r.line("acl_access_denied_cmd", e.denials.Denied[acl.DeniedCommand].Load())
	r.line("acl_access_denied_key", e.denials.Denied[acl.DeniedKey].Load())
	r.line("acl_access_denied_channel", e.denials.Denied[acl.DeniedChannel].Load())
	r.line("client_query_buffer_limit_disconnections", net.QueryClosed)
	r.line("client_output_buffer_limit_disconnections", net.OutClosed)
	r.line("protocol_errors", e.protocolErrors.Load())
	r.line("loops_handed_over", net.HandOvers)
	r.line("connections_moved", net.Moved)
}

func (e *Engine) infoReplication(r *report) {
	r.line("role", "master")
	r.line("connected_slaves", 0)
	r.line("master_failover_state", "no-failover")
	r.line("master_replid", e.runID)
	r.line("master_replid2", strings.Repeat("0", 40))
	r.line("master_repl_offset", 0)
	r.line("second_repl_offset", -1)
	r.line("repl_backlog_active", 0)
	r.line("repl_backlog_size", e.settings.Get("repl-backlog-size"))
	r.zeros("repl_backlog_first_byte_offset", "repl_backlog_histlen")
}

func (e *Engine) infoCPU(r *report) {
	u := processUsage()
	r.line("used_cpu_sys", fmt.Sprintf("%.6f", u.system))
	r.line("used_cpu_user", fmt.Sprintf("%.6f", u.user))
	r.line("used_cpu_sys_children", "0.000000")
	r.line("used_cpu_user_children", "0.000000")
}

func (e *Engine) infoCommandstats(r *report) {
	for _, cmd := range e.table.rows {
		t := e.totals(cmd.id)
		if t.calls == 0 && t.rejected == 0 && t.failed == 0 {
			continue
		}
		usec, each := t.nanos/1000, 0.0
		if t.calls > 0 {
			each = float64(t.nanos) / 1000 / float64(t.calls)
		}
		r.line("cmdstat_"+cmd.full, fmt.Sprintf("calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d", t.calls, usec, each, t.rejected, t.failed))
	}
}

func (e *Engine) infoErrorstats(r *report) {
	var codes []string
	for code := range e.errorKinds.Range {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		if n, ok := e.errorKinds.Load(code); ok {
			r.line("errorstat_"+code, fmt.Sprintf("count=%d", n.Value()))
		}
	}
}

func (e *Engine) infoLatencystats(r *report) {
	shares := []float64{0.50, 0.99, 0.999}
	for _, cmd := range e.table.rows {
		t := e.totals(cmd.id)
		if t.times == nil {
			continue
		}
		p := percentiles(t.times, shares)
		r.line("latency_percentiles_usec_"+cmd.full, fmt.Sprintf("p50=%.3f,p99=%.3f,p99.9=%.3f", micro(p[0]), micro(p[1]), micro(p[2])))
	}
}

func micro(d time.Duration) float64 { return float64(d) / 1000 }

func (e *Engine) infoKeyspace(r *report) {
	for db := range e.store.Databases() {
		if n := e.store.Len(db); n > 0 {
			ttl := int64(0)
			if r.tx != nil {
				ttl = r.tx.AvgTTL(db)
			}
			r.line("db"+strconv.Itoa(db), fmt.Sprintf("keys=%d,expires=%d,avg_ttl=%d", n, e.store.Expiring(db), ttl))
		}
	}
}
