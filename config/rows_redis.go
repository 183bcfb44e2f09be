// Settings of the redis engine that work.

package config

import "math"

func redisRows() []Row {
	return []Row{
		{Name: "requirepass", Kind: Text("password", nil), Engines: Redis, Live: true, Secret: true,
			Doc: "Password of the default user; empty is none."},
		{Name: "aclfile", Kind: Text("path", nil), Engines: Redis,
			Doc: "File of users, one `user name rules` a line, read at the start and by ACL LOAD, written by ACL SAVE. With it requirepass has no effect."},
		{Name: "acl-pubsub-default", Kind: Enum("allchannels", "resetchannels"), Default: "resetchannels", Engines: Redis, Live: true,
			Doc: "Channels that a new user begins with: all or none."},
		{Name: "acllog-max-len", Kind: Int(0, math.MaxInt64), Default: "128", Engines: Redis, Live: true,
			Doc: "Entries that the ACL log keeps."},
		{Name: "auth-delay-max", Kind: Int(0, 5000), Default: "1000", Engines: Redis, Live: true,
			Doc: "Milliseconds at most that a login from another machine waits after logins from the same address have failed: 50 after the fifth failure within a minute, then twice as long with each. 0 never waits, as redis does."},
		{Name: "proto-max-bulk-len", Kind: Mem(1<<20, math.MaxInt64), Default: "512mb", Engines: Redis, Live: true,
			Doc: "Longest single argument."},
		{Name: "client-query-buffer-limit", Kind: Mem(1<<20, math.MaxInt64), Default: "1gb", Engines: Redis, Live: true,
			Doc: "Longest unfinished request."},
		{Name: "client-output-buffer-limit", Kind: outputLimits(), Default: "normal 268435456 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", Engines: Redis, Live: true,
			Doc: "Unsent replies at most, per class: hard limit, soft limit, seconds over the soft limit. Unlike in redis the class `normal` has a limit (256mb), so that one slow reader cannot take all memory."},
		{Name: "notify-keyspace-events", Kind: keyEvents(), Engines: Redis, Live: true,
			Doc: "Keyspace events that are published: K by the key, E by the event, and the classes: g for all types, $ strings, l lists, s sets, h hashes, z sorted sets, t streams, x expired, e evicted, d modules, A all of these, m misses, n new keys."},
		{Name: "rdbcompression", Kind: Bool(), Default: "yes", Engines: Redis, Live: true,
			Doc: "Compress long strings in snapshots and serialized values (DUMP)."},
		{Name: "busy-reply-threshold", Kind: Int(0, math.MaxInt64), Default: "5000", Engines: Redis, Live: true, Alias: "lua-time-limit",
			Doc: "Milliseconds after which a script makes others see BUSY; 0: never."},
		{Name: "slowlog-log-slower-than", Kind: Int(-1, math.MaxInt64), Default: "10000", Engines: Redis, Live: true,
			Doc: "Microseconds from which a command enters the slow log; 0 all, -1 none."},
		{Name: "slowlog-max-len", Kind: Int(0, math.MaxInt64), Default: "128", Engines: Redis, Live: true,
			Doc: "Entries that the slow log keeps."},
		{Name: "enable-debug-command", Kind: Enum("no", "yes", "local"), Default: "no", Engines: Redis,
			Doc: "Whether DEBUG may be used: never, always, or by local connections."},
		{Name: "latency-monitor-threshold", Kind: Int(0, math.MaxInt64), Default: "0", Engines: Redis, Live: true,
			Doc: "Milliseconds from which LATENCY keeps an event; 0 keeps none."},
		{Name: "latency-tracking-info-percentiles", Kind: Words("percentiles", checkPercentiles), Default: "50 99 99.9", Engines: Redis, Live: true,
			Doc: "Percentiles of the times of commands that INFO latencystats shows."},
		{Name: "enable-module-command", Kind: Enum("no", "yes", "local"), Default: "no", Engines: Redis,
			Doc: "Whether MODULE may try to load modules: never, always, or by local connections. This server can load none."},
		{Name: "enable-protected-configs", Kind: Enum("no", "yes", "local"), Default: "no", Engines: Redis,
			Doc: "Whether CONFIG SET may change `dir` and other protected settings: never, always, or by local connections."},
	}
}

// known is a parameter whose feature is not there yet; Live tells what it is in the original.
func known(name string, kind Kind, def, doc string) Row {
	return Row{Name: name, Kind: kind, Default: def, Engines: Redis, State: NotYet, Live: true, Doc: doc}
}

// moot is a live parameter that nothing here depends on.
func moot(name string, kind Kind, def, doc string) Row {
	return Row{Name: name, Kind: kind, Default: def, Engines: Redis, State: Moot, Live: true, Doc: doc}
}

// with gives a row its older name.
func (r Row) with(alias string) Row { r.Alias = alias; return r }

// hidden marks a row as secret.
func (r Row) hidden() Row { r.Secret = true; return r }

// fixed takes the right to change at run time away.
func (r Row) fixed() Row { r.Live = false; return r }

// guarded marks a row as protected.
func (r Row) guarded() Row { r.Protected = true; return r }

// directive is a line of redis.conf that is no parameter.
func directive(name string, state State, doc string) Row {
	return Row{Name: name, Kind: Text("words", nil), Engines: Redis, State: state, Directive: true, Doc: doc}
}
