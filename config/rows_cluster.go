// Parameters of redis's cluster, whose features come later.

package config

import (
	"errors"
	"math"
)

func clusterRows() []Row {
	const i32, i64 = math.MaxInt32, math.MaxInt64
	return []Row{
		known("cluster-enabled", Bool(), "no", "Be a node of a cluster.").fixed(),
		known("cluster-config-file", Text("file name", nil), "nodes.conf", "File of the cluster's state.").fixed(),
		known("cluster-port", Int(0, 65535), "0", "Port of the cluster bus.").fixed(),
		known("cluster-node-timeout", Int(0, i64), "15000", "Milliseconds until a node counts as failed."),
		known("cluster-migration-barrier", Int(0, i32), "1", "Replicas that a master keeps."),
		known("cluster-replica-validity-factor", Int(0, i32), "10", "How old a replica's data may be for a failover.").with("cluster-slave-validity-factor"),
		known("cluster-replica-no-failover", Bool(), "no", "Never promote this replica by itself.").with("cluster-slave-no-failover"),
		known("cluster-require-full-coverage", Bool(), "yes", "Stop answering when slots are not served."),
		known("cluster-allow-replica-migration", Bool(), "yes", "Let replicas move to masters without one."),
		known("cluster-allow-reads-when-down", Bool(), "no", "Serve reads while the cluster is down."),
		known("cluster-allow-pubsubshard-when-down", Bool(), "yes", "Serve sharded channels while it is down."),
		known("cluster-announce-ip", Text("address", nil), "", "Address told to other nodes."),
		known("cluster-announce-hostname", Text("host name", hostName), "", "Host name told to other nodes."),
		known("cluster-announce-human-nodename", Text("name", hostName), "", "Name of this node in logs."),
		known("cluster-announce-port", Int(0, 65535), "0", "Port told to other nodes."),
		known("cluster-announce-tls-port", Int(0, 65535), "0", "TLS port told to other nodes."),
		known("cluster-announce-bus-port", Int(0, 65535), "0", "Bus port told to other nodes."),
		known("cluster-preferred-endpoint-type", Enum("ip", "hostname", "unknown-endpoint"), "ip", "What redirects name."),
		known("cluster-link-sendbuf-limit", Mem(0, i64), "0", "Unsent bytes of a link between nodes at most."),
	}
}

func hostName(name string) error {
	for _, c := range []byte(name) {
		if c != '-' && c != '.' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return errors.New("Hostnames may only contain alphanumeric characters, hyphens or dots")
		}
	}
	return nil
}
