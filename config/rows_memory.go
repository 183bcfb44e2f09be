// Settings of the store: how much it may hold, what goes when it is full, how access is counted.

package config

import "math"

// policies are the names of the eviction policies: redis's eight first, in redis's order.
var policies = []string{
	"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
	"allkeys-lru", "allkeys-lfu", "allkeys-random", "noeviction",
	"allkeys-adaptive", "volatile-adaptive", "memcached-lru",
}

// policyKind hides our own policies from the text of a refusal, which is redis's.
type policyKind struct{ enumKind }

func (k policyKind) parse(text string) (string, int64, error) {
	canonical, n, err := k.enumKind.parse(text)
	if err != nil {
		err = oneOf(policies[:8])
	}
	return canonical, n, err
}

func memoryRows() []Row {
	return []Row{
		{Name: "maxmemory", Kind: Mem(0, math.MaxInt64), Default: "0", MemcachedDefault: "64mb", Engines: Both, Live: true, Memcached: "-m (MB)",
			Doc: "Memory at most for data and client buffers; 0 is no limit."},
		{Name: "memory-file", Kind: Text("path", nil), Engines: Both, Memcached: "-e",
			Doc: "File in which the data lies, so that it is still there after a restart: when the server was stopped in order, the next start goes on with it at once. After a crash, or if anything about it is wrong, the start is an empty one (or loads the snapshot). It should be on a tmpfs with room for maxmemory and a tenth; on a disk the system writes changes back all the time. Not together with `appendonly`."},
		{Name: "maxmemory-policy", Kind: policyKind{enumKind{policies}}, Default: "noeviction", MemcachedDefault: "allkeys-adaptive", Engines: Both, Live: true, Memcached: "-M is noeviction",
			Doc: "What goes when the memory is full: one of redis's eight policies, `allkeys-adaptive` or `volatile-adaptive` (keeps what is used often and what was used lately, weighing the two by what it sees), or `memcached-lru`."},
		{Name: "maxmemory-samples", Kind: Int(1, math.MaxInt32), Default: "5", Engines: Both, Live: true,
			Doc: "Candidates that the sampling policies look at for every victim. Left at 5, the adaptive policies look at 16."},
		{Name: "maxmemory-clients", Kind: MemOrPercent(0, math.MaxInt64), Default: "0", Engines: Redis, Live: true,
			Doc: "Memory of all client buffers together at most, as a size or a share of maxmemory; 0 is no limit. The connections that hold most are closed first."},
		{Name: "tracking-table-max-keys", Kind: Int(0, math.MaxInt64), Default: "1000000", Engines: Redis, Live: true,
			Doc: "Keys at most of which the server remembers who keeps copies (CLIENT TRACKING); 0 is no limit. Beyond it random ones are forgotten and their readers told."},
		{Name: "latency-tracking", Kind: Bool(), Default: "yes", Engines: Redis, Live: true,
			Doc: "Keep latency percentiles per command for INFO latencystats."},
		{Name: "lfu-log-factor", Kind: Int(0, math.MaxInt32), Default: "10", Engines: Both, Live: true,
			Doc: "How slowly the access counter of the lfu policies rises."},
		{Name: "lfu-decay-time", Kind: Int(0, math.MaxInt32), Default: "1", Engines: Both, Live: true,
			Doc: "Minutes after which that counter falls by one; 0 never."},
		{Name: "active-expire", Kind: Bool(), Default: "yes", Engines: Both, Live: true,
			Doc: "Remove keys when they are due. With no they go when somebody meets them (for tests)."},
		{Name: "databases", Kind: Int(1, math.MaxInt32), Default: "16", MemcachedDefault: "1", Engines: Redis,
			Doc: "Number of databases for SELECT."},
	}
}

// PolicyCount is how many eviction policies there are names for; a test compares them with the store's.
func PolicyCount() int { return len(policies) }
