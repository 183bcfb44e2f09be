// Settings of the memcached engine.

package config

import (
	"errors"
	"math"
	"net"
	"strconv"
	"strings"
)

func memcachedRows() []Row {
	return []Row{
		{Name: "item-size-max", Kind: Mem(1024, 1<<30), Default: "1mb", Engines: Memcached, Memcached: "-I",
			Doc: "Longest item."},
		{Name: "disable-cas", Kind: Bool(), Default: "no", Engines: Memcached, Memcached: "-C",
			Doc: "Keep no versions for cas."},
		{Name: "enable-shutdown", Kind: Bool(), Default: "no", Engines: Memcached, Memcached: "-A",
			Doc: "Allow the shutdown command."},
		{Name: "disable-flush-all", Kind: Bool(), Default: "no", Engines: Memcached, Memcached: "-F",
			Doc: "Refuse the flush_all command."},
		{Name: "disable-dumping", Kind: Bool(), Default: "no", Engines: Memcached, Memcached: "-X",
			Doc: "Refuse stats cachedump and lru_crawler metadump."},
		{Name: "verbosity", Kind: Int(0, 3), Default: "0", Engines: Memcached, Live: true, Memcached: "-v -vv -vvv",
			Doc: "0 to 3: 1 logs warnings of the network, 2 commands and replies, 3 everything."},
		{Name: "stats-detail", Kind: Bool(), Default: "no", Engines: Memcached, Memcached: "-D switches it on",
			Doc: "Count operations per key prefix from the start."},
		{Name: "prefix-delimiter", Kind: Text("one character", oneByte), Default: ":", Engines: Memcached, Memcached: "-D",
			Doc: "Character that ends a key's prefix in those statistics."},
		{Name: "track-sizes", Kind: Bool(), Default: "no", Engines: Memcached, Memcached: "-o track_sizes",
			Doc: "Count items by size for stats sizes."},
		{Name: "requests-per-event", Kind: Int(-math.MaxInt32, math.MaxInt32), Default: "20", Engines: Memcached, State: Moot, Memcached: "-R",
			Doc: "Taken and shown in stats settings; the loops share their time among connections by bytes instead."},
		{Name: "slab-growth-factor", Kind: FloatAbove(1), Default: "1.25", Engines: Memcached, State: Moot, Memcached: "-f",
			Doc: "Taken and shown in stats settings; the size classes here are fixed, at most 12.5 % apart."},
		{Name: "slab-min-size", Kind: Int(-math.MaxInt32, math.MaxInt32), Default: "48", Engines: Memcached, State: Moot, Memcached: "-n",
			Doc: "Taken and shown in stats settings."},
		{Name: "hot-lru-pct", Kind: Int(0, 80), Default: "20", Engines: Memcached, Live: true, Memcached: "-o hot_lru_pct",
			Doc: "With the policy memcached-lru: share of the memory in percent that the newest items have in HOT, before they go to COLD, or to WARM if they were read twice."},
		{Name: "warm-lru-pct", Kind: Int(0, 80), Default: "40", Engines: Memcached, Live: true, Memcached: "-o warm_lru_pct",
			Doc: "With the policy memcached-lru: share of the memory in percent that items have in WARM. What has been there longest without being read goes to COLD."},
		{Name: "hot-max-factor", Kind: FloatAbove(0), Default: "0.20", Engines: Memcached, Live: true, Memcached: "-o hot_max_factor",
			Doc: "With the policy memcached-lru: how long items are in HOT at most, as a multiple of the age at which COLD is evicted."},
		{Name: "warm-max-factor", Kind: FloatAbove(0), Default: "2.00", Engines: Memcached, Live: true, Memcached: "-o warm_max_factor",
			Doc: "With the policy memcached-lru: how long items are in WARM at most without being read, as a multiple of the age at which COLD is evicted."},
		{Name: "temporary-ttl", Kind: Int(-math.MaxInt32, math.MaxUint32), Default: "-1", Engines: Memcached, Live: true, Memcached: "-o temporary_ttl",
			Doc: "With the policy memcached-lru: items that are stored to live so many seconds at most are not evicted; when nothing else is left there is no room. Negative: none."},
		{Name: "slab-automove", Kind: Int(0, 2), Default: "1", Engines: Memcached, Live: true, Memcached: "-o slab_automove",
			Doc: "Whether the compactor moves items to give memory back: 0 not, 1 and 2 when it is worth it."},
		{Name: "slab-automove-ratio", Kind: FloatAbove(0), Default: "0.80", Engines: Memcached, Live: true, Memcached: "-o slab_automove_ratio",
			Doc: "Taken and shown in stats settings; the compactor works by how much could go back."},
		{Name: "lru-crawler-sleep", Kind: Int(0, 1000000), Default: "100", Engines: Memcached, Live: true, Memcached: "-o lru_crawler_sleep",
			Doc: "Taken and shown in stats settings: expired items are removed when they are due, without a crawler."},
		{Name: "lru-crawler-tocrawl", Kind: Int(0, math.MaxUint32), Default: "0", Engines: Memcached, Live: true, Memcached: "-o lru_crawler_tocrawl",
			Doc: "Taken and shown in stats settings, as lru-crawler-sleep is."},
		{Name: "protocol", Kind: Enum("auto", "ascii", "binary"), Default: "auto", Engines: Memcached, Memcached: "-B",
			Doc: "Protocol that is spoken: `ascii`, `binary`, or what the first byte of a connection shows. With `enable-sasl` it is binary, with `auth-file` ascii."},
		{Name: "large-pages", Kind: Bool(), Default: "no", Engines: Memcached, Memcached: "-L",
			Doc: "Ask the system for pages of 2 MB under the items. Resident memory then grows in such steps. Where it has none, a warning says so."},
		{Name: "lock-memory", Kind: Bool(), Default: "no", Engines: Memcached, Memcached: "-k",
			Doc: "Keep the memory of the process out of swap space. It needs root or an unlimited `ulimit -l`; else a warning says that it is not in force."},
		{Name: "udp-port", Kind: Int(-1, 65535), Default: "0", Engines: Memcached, Memcached: "-U",
			Doc: "UDP port, on the addresses of `bind` (those with a port of their own have that one for UDP too); 0 none, -1 one that the system chooses. Called as `memcached` without -l it is opened on this machine's own addresses only. Answers are bounded: at most 1,400 bytes, or ten times the request."},
		{Name: "port-file", Kind: Text("path", nil), Engines: Memcached, Memcached: "environment MEMCACHED_PORT_FILENAME",
			Doc: "File that the ports are written to once all are open, one `TCP INET: port` a line."},
		{Name: "disable-watch", Kind: Bool(), Default: "no", Engines: Memcached, Memcached: "-W",
			Doc: "Refuse watch."},
		{Name: "watcher-buffer", Kind: Mem(4<<10, 1<<30), Default: "256kb", Engines: Memcached, Memcached: "-o watcher_logbuf_size",
			Doc: "Bytes of events that may wait for a client that watches, and as many again in its connection; what comes then is skipped and counted."},
		{Name: "napi-ids", Kind: Int(0, math.MaxInt32), Default: "0", Engines: Memcached, State: NotYet, Memcached: "-N",
			Why: "connections go to loops by what these have to do, not by the queue of the network card they came through",
			Doc: "The original's threads per queue of the network card; here connections go to loops by load."},
		{Name: "cluster-nodes", Kind: Text("nodes", nodeList), Engines: Memcached, Live: true,
			Doc: "Nodes that clients with auto discovery are told of, as `host|ip|port` (the address may be missing) with blanks between them; the same list in the same order on every node. SIGHUP reads it again."},
		{Name: "cluster-version", Kind: Int(1, math.MaxInt64), Default: "1", Engines: Memcached, Live: true,
			Doc: "Version of that list, which clients compare. A list that changes without it gets the next one."},
		{Name: "cluster-changes", Kind: Enum("no", "local", "yes"), Default: "local", Engines: Memcached, Live: true,
			Doc: "Who may change the list by `config set` and `config delete`: nobody; `local`: clients of this machine and those that have authenticated; or everybody who may send commands."},
		{Name: "enable-sasl", Kind: Bool(), Default: "no", Engines: Memcached, Memcached: "-S",
			Doc: "Clients must authenticate with SASL PLAIN over the binary protocol; the text protocol is not spoken."},
		{Name: "sasl-password-file", Kind: Text("path", nil), Engines: Memcached, Memcached: "environment MEMCACHED_SASL_PWDB",
			Doc: "Users of SASL, one `user:password` a line. SIGHUP reads it again."},
		{Name: "auth-file", Kind: Text("path", nil), Engines: Memcached, Memcached: "-Y",
			Doc: "Users of the text protocol, one `user:password` a line: a client must authenticate with a set whose body is `user password`. The binary protocol is not spoken. SIGHUP and the command refresh_auth read it again."},
		{Name: "enable-ssl", Kind: Bool(), Default: "no", Engines: Memcached, Memcached: "-Z",
			Doc: "TLS on every TCP address of `bind` but those with `notls:` in front; it needs `ssl-chain-cert` and `ssl-key`."},
		{Name: "ssl-chain-cert", Kind: Text("path", nil), Engines: Memcached, Memcached: "-o ssl_chain_cert",
			Doc: "The server's certificate in PEM, with those that lead to its authority behind it. The file is read again when it has changed, at SIGHUP, and by refresh_certs."},
		{Name: "ssl-key", Kind: Text("path", nil), Engines: Memcached, Memcached: "-o ssl_key",
			Doc: "Key of the server's certificate, in PEM."},
		{Name: "ssl-ca-cert", Kind: Text("path", nil), Engines: Memcached, Memcached: "-o ssl_ca_cert",
			Doc: "Authorities of client certificates, in PEM."},
		{Name: "ssl-verify-mode", Kind: Int(0, 3), Default: "0", Engines: Memcached, Memcached: "-o ssl_verify_mode",
			Doc: "Whether clients must show a certificate: 0 no, 1 one that is shown must be good, 2 yes; 3 is 1. Other values than 0 need `ssl-ca-cert`."},
		{Name: "ssl-ciphers", Kind: Text("ciphers", nil), Engines: Memcached, Memcached: "-o ssl_ciphers",
			Doc: "Ciphers of TLS 1.2, in OpenSSL's words; empty is all good ones. Unknown ones are refused."},
		{Name: "ssl-min-version", Kind: Int(0, 3), Default: "2", Engines: Memcached, Memcached: "-o ssl_min_version",
			Doc: "Oldest version that is spoken: 0 to 3 are TLS 1.0 to 1.3."},
		{Name: "ssl-session-cache", Kind: Bool(), Default: "no", Engines: Memcached, Memcached: "-o ssl_session_cache",
			Doc: "Let clients resume sessions (by tickets; the server keeps nothing)."},
	}
}

// nodeList takes host|ip|port words with single blanks between them.
func nodeList(text string) error {
	if text == "" {
		return nil
	}
	for _, word := range strings.Split(text, " ") {
		host, rest, _ := strings.Cut(word, "|")
		address, port, ok := strings.Cut(rest, "|")
		n, err := strconv.ParseUint(port, 10, 16)
		if host == "" || !ok || err != nil || n == 0 || address != "" && net.ParseIP(address) == nil {
			return errors.New("argument must be a list of host|ip|port")
		}
	}
	return nil
}

func oneByte(text string) error {
	if len(text) != 1 {
		return errors.New("argument must be one character")
	}
	return nil
}
