// INFO: the server's state in Redis's sections and under Redis's names.

package redis

import (
	"fmt"
	"math"
	"net"
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
)

// section is one section of INFO.
type section struct {
	name string
	rare bool // only with "all", "everything" or its name
	data func(*Engine, *report)
}

// debugSection is only shown by its name.
const debugSection = "Debug"

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
		{debugSection, true, (*Engine).infoDebug},
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
	r := report{tx: tx}
	for _, s := range sections() {
		named := slices.ContainsFunc(names, func(n []byte) bool { return equalFold(n, strings.ToLower(s.name)) })
		if !named && !(usual && !s.rare) && !(all && s.name != debugSection) {
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
	r.line("gcc_version", "0.0.0") // as of a program that another compiler made
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
	r.line("hz", e.settings.Get("hz"))
	r.line("configured_hz", e.settings.Get("hz"))
	r.line("lru_clock", time.Now().Unix()&(1<<24-1))
	executable, _ := os.Executable()
	r.line("executable", executable)
	r.line("config_file", e.settings.File())
	st := e.stats()
	r.line("io_threads_active", flagOf(st.Loops > 1))
	if s := e.server.Load(); s != nil {
		for i, text := range listenerLines(s.Addresses()) {
			r.line("listener"+strconv.Itoa(i), text)
		}
	}
	r.line("loops", st.Loops)
	r.line("loops_busy", st.LoopsBusy)
}

// listenerLines describes what is listened on: all addresses of a TCP port on one line, every unix socket on its own.
func listenerLines(addrs []engine.Address) (lines []string) {
	type port struct {
		kind   string
		number int
	}
	binds := map[port]string{}
	var ports []port
	var sockets []string
	for _, a := range addrs {
		tcp, ok := a.Addr.(*net.TCPAddr)
		if !ok {
			sockets = append(sockets, "name="+a.Kind()+",bind="+a.String())
			continue
		}
		p := port{a.Kind(), tcp.Port}
		if binds[p] == "" {
			ports = append(ports, p)
		}
		binds[p] += ",bind=" + tcp.IP.String()
	}
	for _, p := range ports {
		lines = append(lines, "name="+p.kind+binds[p]+",port="+strconv.Itoa(p.number))
	}
	return append(lines, sockets...)
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
	l := e.live()
	r.line("blocked_clients", l.blocked)
	r.line("tracking_clients", l.tracking)
	r.line("pubsub_clients", l.subscribers)
	r.line("watching_clients", l.watching)
	r.line("clients_in_timeout_table", l.timed)
	r.line("total_watched_keys", l.watchedKeys)
	r.line("total_blocking_keys", l.blockingKeys)
	r.line("total_blocking_keys_on_nokey", l.blockingKeysMissing)
}

func (e *Engine) infoMemory(r *report) {
	m, rss, total := e.store.Memory(), residentBytes(), systemBytes()
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
	l := e.live()
	r.line("used_memory_lua", l.scriptsVM)
	r.line("used_memory_vm_eval", l.scriptsVM)
	r.line("used_memory_lua_human", human(l.scriptsVM))
	r.line("used_memory_scripts_eval", l.scriptsMem)
	r.line("number_of_cached_scripts", l.scripts)
	r.line("number_of_functions", l.functions)
	r.line("number_of_libraries", l.libraries)
	r.line("used_memory_vm_functions", l.functionsVM)
	r.bytes("used_memory_vm_total", l.scriptsVM+l.functionsVM)
	r.line("used_memory_functions", l.functionsMem)
	r.bytes("used_memory_scripts", l.scriptsMem+l.functionsMem)
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
	r.line("mem_clients_normal", e.store.Foreign())
	r.zeros("mem_cluster_links", "mem_aof_buffer")
	r.line("mem_allocator", "cachesrv-arena")
	pending, freed := e.store.Freeing()
	r.zeros("active_defrag_running")
	r.line("lazyfree_pending_objects", pending)
	r.line("lazyfreed_objects", freed)
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

func (e *Engine) infoStats(r *report) {
	calls, hits, misses, _ := e.sums()
	recent := e.perSecond()
	net, st, l := e.stats(), e.store.Stats(), e.live()
	overNow, over := e.store.OverLimit()
	r.line("total_connections_received", net.Accepted)
	r.line("total_commands_processed", calls)
	r.line("instantaneous_ops_per_sec", int64(recent.calls))
	r.line("total_net_input_bytes", net.BytesIn)
	r.line("total_net_output_bytes", net.BytesOut)
	r.zeros("total_net_repl_input_bytes", "total_net_repl_output_bytes")
	r.line("instantaneous_input_kbps", fmt.Sprintf("%.2f", recent.input/1024))
	r.line("instantaneous_output_kbps", fmt.Sprintf("%.2f", recent.output/1024))
	r.line("instantaneous_input_repl_kbps", "0.00")
	r.line("instantaneous_output_repl_kbps", "0.00")
	r.line("rejected_connections", net.Rejected)
	r.zeros("sync_full", "sync_partial_ok", "sync_partial_err")
	r.line("expired_subkeys", e.expiredFields.Load())
	r.line("expired_keys", st.Expired)
	r.line("expired_stale_perc", "0.00")
	r.zeros("expired_time_cap_reached_count")
	r.line("expire_cycle_cpu_milliseconds", st.Sweeping.Milliseconds())
	r.line("evicted_keys", st.Evicted)
	r.line("evicted_clients", e.evictedClients.Load())
	r.line("evicted_scripts", l.evictedScripts)
	r.line("total_eviction_exceeded_time", over)
	r.line("current_eviction_exceeded_time", overNow)
	r.line("keyspace_hits", hits)
	r.line("keyspace_misses", misses)
	r.line("pubsub_channels", l.channels)
	r.line("pubsub_patterns", l.patterns)
	r.line("pubsubshard_channels", l.shardChannels)
	r.zeros("latest_fork_usec", "total_forks", "migrate_cached_sockets", "slave_expires_tracked_keys")
	r.line("active_defrag_hits", st.Moved)
	r.zeros("active_defrag_misses", "active_defrag_key_hits", "active_defrag_key_misses", "total_active_defrag_time", "current_active_defrag_time")
	r.line("tracking_total_keys", l.trackedKeys)
	r.line("tracking_total_items", l.trackedItems)
	r.line("tracking_total_prefixes", l.trackingPrefixes)
	r.zeros("unexpected_error_replies")
	r.line("total_error_replies", e.errorsTotal.Load())
	r.line("dump_payload_sanitizations", e.restores()) // every payload is checked in full
	r.line("total_reads_processed", net.Reads)
	r.line("total_writes_processed", net.Writes)
	r.zeros("io_threaded_reads_processed", "io_threaded_writes_processed", "reply_buffer_shrinks", "reply_buffer_expands")
	r.line("eventloop_cycles", net.Wakes)
	r.line("eventloop_duration_sum", net.LoopTime.Microseconds())
	r.line("eventloop_duration_cmd_sum", e.commandTime().Microseconds())
	r.line("instantaneous_eventloop_cycles_per_sec", int64(recent.wakes))
	r.line("instantaneous_eventloop_duration_usec", int64(recent.perWake))
	r.line("client_query_buffer_limit_disconnections", net.QueryClosed)
	r.line("client_output_buffer_limit_disconnections", net.OutClosed)
	r.line("acl_access_denied_auth", l.deniedAuth)
	r.line("acl_access_denied_cmd", l.deniedCommand)
	r.line("acl_access_denied_key", l.deniedKey)
	r.line("acl_access_denied_channel", l.deniedChannel)
	r.line("protocol_errors", e.protocolErrors.Load())
	r.line("loops_handed_over", net.HandOvers)
	r.line("connections_moved", net.Moved)
}

// restores is how many payloads have been read.
func (e *Engine) restores() (n int64) {
	for _, name := range []string{"restore", "restore-asking"} {
		n += e.totals(e.table.find([]byte(name)).id).calls
	}
	return n
}

// commandTime is how long commands have run, together.
func (e *Engine) commandTime() (sum time.Duration) {
	for _, cmd := range e.table.rows {
		sum += time.Duration(e.totals(cmd.id).nanos)
	}
	return sum
}

func (e *Engine) infoDebug(r *report) {
	r.zeros("eventloop_duration_aof_sum", "eventloop_duration_cron_sum", "eventloop_duration_max", "eventloop_cmd_per_cycle_max")
	r.line("go_goroutines", runtime.NumGoroutine())
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
	user, system := engine.CPUTime()
	r.line("used_cpu_sys", fmt.Sprintf("%.6f", system.Seconds()))
	r.line("used_cpu_user", fmt.Sprintf("%.6f", user.Seconds()))
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

// setShares follows latency-tracking-info-percentiles.
func (e *Engine) setShares(text string) {
	var shares []float64
	for _, word := range strings.Fields(text) {
		f, _ := strconv.ParseFloat(word, 64) // the setting has checked it
		shares = append(shares, f/100)
	}
	e.shares.Store(&shares)
}

func (e *Engine) infoLatencystats(r *report) {
	shares := *e.shares.Load()
	if len(shares) == 0 {
		return
	}
	for _, cmd := range e.table.rows {
		t := e.totals(cmd.id)
		if t.times == nil {
			continue
		}
		line := make([]string, len(shares))
		for i := range shares {
			p := percentiles(t.times, shares[i:i+1])[0]
			line[i] = fmt.Sprintf("p%s=%.3f", strconv.FormatFloat(math.Round(shares[i]*1e8)/1e6, 'f', -1, 64), micro(p))
		}
		r.line("latency_percentiles_usec_"+cmd.full, strings.Join(line, ","))
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
