// Parameters of redis that concern limits, tracing and the process: taken as they are, most of them not at work yet.

package config

import "math"

func knownRows() []Row {
	const i32, i64 = math.MaxInt32, math.MaxInt64
	cpus := Text("cpu list", nil)
	return []Row{
		moot("lazyfree-lazy-eviction", Bool(), "no", "Free evicted values in the background; here large ones always are."),
		moot("lazyfree-lazy-expire", Bool(), "no", "Free expired values in the background; here large ones always are."),
		moot("lazyfree-lazy-server-del", Bool(), "no", "Free overwritten values in the background; here large ones always are."),
		moot("lazyfree-lazy-user-del", Bool(), "no", "Make DEL behave as UNLINK; here both are the same."),
		works("lazyfree-lazy-user-flush", Bool(), "no", "Make FLUSHALL and FLUSHDB behave as with ASYNC."),
		known("activedefrag", Bool(), "no", "Redis's defragmentation; the store here compacts by itself."),
		known("active-defrag-cycle-max", Int(1, 99), "25", "Share of CPU of that at most."),
		known("active-defrag-cycle-min", Int(1, 99), "1", "Share of CPU of that at least."),
		known("active-defrag-ignore-bytes", Mem(1, i64), "100mb", "Waste below which that does nothing."),
		known("active-defrag-max-scan-fields", Int(1, i64), "1000", "Fields of one value that it walks at once."),
		known("active-defrag-threshold-lower", Int(0, 1000), "10", "Percentage of waste where that starts."),
		known("active-defrag-threshold-upper", Int(0, 1000), "100", "Percentage of waste where that works at full effort."),
		known("maxmemory-eviction-tenacity", Int(0, 100), "10", "How long eviction may take at once."),
		moot("active-expire-effort", Int(1, 10), "1", "Effort of redis's expiry; here keys go when they are due."),
		known("io-threads", Int(1, 128), "1", "Redis's threads for reading and writing; use threads.").fixed(),
		known("io-threads-do-reads", Bool(), "no", "Let those threads read as well.").fixed(),
		known("bind-source-addr", Text("address", nil), "", "Address of outgoing connections."),
		known("socket-mark-id", Int(0, math.MaxUint32), "0", "Mark of listening sockets.").fixed(),
		works("shutdown-on-sigint", flags([2]string{"save", "nosave"}, "default", "save", "nosave", "now", "force"), "default", "What SIGINT does."),
		works("shutdown-on-sigterm", flags([2]string{"save", "nosave"}, "default", "save", "nosave", "now", "force"), "default", "What SIGTERM does."),
		known("supervised", Enum("upstart", "systemd", "auto", "no"), "no", "Tell a supervisor about the start.").fixed(),
		known("syslog-enabled", Bool(), "no", "Log to the system's logger.").fixed(),
		known("syslog-ident", Text("name", nil), "redis", "Name in the system's log.").fixed(),
		known("syslog-facility", Enum("user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"), "local0", "Facility of the system's log.").fixed(),
		known("oom-score-adj", Enum("no", "yes", "relative", "absolute"), "no", "Tell the kernel whom to kill first when memory ends."),
		known("oom-score-adj-values", Words("three numbers", checkOOMScores), "0 200 800", "Scores of master, replica and background child."),
		known("server_cpulist", cpus, "", "CPUs of the server's threads.").fixed().with("server-cpulist"),
		known("bio_cpulist", cpus, "", "CPUs of background threads.").fixed().with("bio-cpulist"),
		known("aof_rewrite_cpulist", cpus, "", "CPUs of the AOF rewrite.").fixed().with("aof-rewrite-cpulist"),
		known("bgsave_cpulist", cpus, "", "CPUs of the snapshot.").fixed().with("bgsave-cpulist"),
		known("locale-collate", Text("locale", nil), "", "Locale of string comparisons."),

		moot("hz", hzKind{}, "10", "Ticks a second of redis's background work; nothing here ticks."),
		moot("dynamic-hz", Bool(), "yes", "Let those ticks follow the number of clients."),
		moot("activerehashing", Bool(), "yes", "Rehash redis's tables in the background."),
		moot("always-show-logo", Bool(), "no", "Show redis's logo in the log.").fixed(),
		moot("set-proc-title", Bool(), "yes", "Change the process title.").fixed(),
		moot("proc-title-template", Text("template", nil), "{title} {listen-addr} {server-mode}", "Shape of the process title."),
		moot("disable-thp", Bool(), "yes", "Switch transparent huge pages off for redis's allocator.").fixed(),
		moot("jemalloc-bg-thread", Bool(), "yes", "Background thread of redis's allocator."),
		moot("crash-log-enabled", Bool(), "yes", "Write a report when redis crashes."),
		moot("crash-memcheck-enabled", Bool(), "yes", "Test the memory when redis crashes."),
		moot("ignore-warnings", Text("names", nil), "", "Warnings of redis's start that are silenced."),

		directive("include", Works, "Another file, or a pattern of files, read at this place."),
		directive("user", Works, "A user of the access control list: its name and rules. Not together with aclfile."),
		directive("loadmodule", NotYet, "A module to load."),
		directive("rename-command", Works, "Another name for a command, or none, so that it cannot be called."),
		directive("sentinel", NotYet, "A directive of redis-sentinel."),
	}
}

// hzKind is redis's hz: any number, kept between 1 and 500.
type hzKind struct{}

func (hzKind) parse(text string) (string, int64, error) {
	canonical, n, err := Int(0, math.MaxInt32).parse(text)
	switch {
	case err != nil:
		return "", 0, err
	case n < 1:
		return "1", 1, nil
	case n > 500:
		return "500", 500, nil
	}
	return canonical, n, nil
}

func (hzKind) words() bool      { return false }
func (hzKind) describe() string { return "number 1 to 500" }
