// The commands of cluster mode, as a server answers them that runs without it.

package redis

func clusterCommands() []*command {
	const plain = stale | free
	const alter = admin | stale | noAsyncLoading | free
	sub := func(name string, arity int, f flags, since, syntax, cost, sum string) *command {
		return &command{name: name, arity: arity, flags: f, since: since, syntax: syntax, cost: cost, sum: sum, run: cmdNoCluster}
	}
	varies := func(cmd *command) *command { cmd.tips = []string{"nondeterministic_output"}; return cmd }
	replaced := func(cmd *command, since, instead string) *command { cmd.gone = deprecation{since, instead}; return cmd }
	const nodes, slots = "O(N), N being the number of nodes", "O(N), N being the number of slots"
	meet := sub("meet", -4, alter, "3.0.0", "ip port:int [cluster_bus_port:int]^4.0.0", "O(1)", "Makes a node of another server known.")
	meet.past = []change{{"4.0.0", "The port of the cluster's bus."}}
	slotsRow := replaced(varies(sub("slots", 2, plain, "3.0.0", "", nodes, "Lists which node serves which slots.")), "7.0.0", "`CLUSTER SHARDS`")
	slotsRow.past = []change{{"4.0.0", "The nodes' ids."}, {"7.0.0", "More about the nodes' addresses."}}
	subs := []*command{
		sub("addslots", -3, alter, "3.0.0", "slot:int...", slots, "Gives slots to this node."),
		sub("addslotsrange", -4, alter, "7.0.0", "start-slot_end-slot:{start-slot:int end-slot:int}...", slots, "Gives ranges of slots to this node."),
		varies(sub("bumpepoch", 2, alter, "3.0.0", "", "O(1)", "Raises the configuration's epoch.")),
		varies(sub("count-failure-reports", 3, admin|plain, "3.0.0", "node-id", "O(N), N being the number of reports", "Counts who reports a node as failed.")),
		sub("countkeysinslot", 3, plain, "3.0.0", "slot:int", "O(1)", "Counts the keys of a slot."),
		sub("delslots", -3, alter, "3.0.0", "slot:int...", slots, "Takes slots from this node."),
		sub("delslotsrange", -4, alter, "7.0.0", "start-slot_end-slot:{start-slot:int end-slot:int}...", slots, "Takes ranges of slots from this node."),
		sub("failover", -2, alter, "3.0.0", "[options:<FORCE | TAKEOVER>]", "O(1)", "Lets a replica take its master's place."),
		sub("flushslots", 2, alter, "3.0.0", "", "O(1)", "Takes all slots from this node."),
		sub("forget", 3, alter, "3.0.0", "node-id", "O(1)", "Removes a node from those known."),
		varies(sub("getkeysinslot", 4, plain, "3.0.0", "slot:int count:int", "O(N), N being the number of keys asked for", "Names keys of a slot.")),
		sub("help", 2, loading|plain, "5.0.0", "", "O(1)", "Lists the subcommands."),
		varies(sub("info", 2, plain, "3.0.0", "", "O(1)", "Tells about the cluster's state.")),
		sub("keyslot", 3, plain, "3.0.0", "key", "O(N), N being the length of the key", "Tells the slot of a key."),
		varies(sub("links", 2, plain, "7.0.0", "", nodes, "Lists the connections to other nodes.")),
		meet,
		sub("myid", 2, plain, "3.0.0", "", "O(1)", "Tells this node's id."),
		sub("myshardid", 2, plain, "7.2.0", "", "O(1)", "Tells the id of this node's shard."),
		varies(sub("nodes", 2, plain, "3.0.0", "", nodes, "Describes the nodes.")),
		varies(sub("replicas", 3, admin|plain, "5.0.0", "node-id", nodes, "Lists a node's replicas.")),
		sub("replicate", 3, alter, "3.0.0", "node-id", "O(1)", "Makes this node a replica of another."),
		sub("reset", -2, admin|noscript|plain, "3.0.0", "[hard_soft:<HARD | SOFT>]", nodes, "Makes this node forget its cluster."),
		sub("saveconfig", 2, alter, "3.0.0", "", "O(1)", "Writes the cluster's configuration to disk."),
		sub("set-config-epoch", 3, alter, "3.0.0", "config-epoch:int", "O(1)", "Sets the epoch of a fresh node."),
		sub("setslot", -4, alter, "3.0.0", `slot:int subcommand:<"IMPORTING" node-id | "MIGRATING" node-id | "NODE" node-id | STABLE>`, "O(1)", "Gives a slot to a node, or moves it."),
		varies(sub("shards", 2, plain, "7.0.0", "", nodes, "Lists shards with their slots and nodes.")),
		replaced(varies(sub("slaves", 3, admin|plain, "3.0.0", "node-id", nodes, "Lists a node's replicas.")), "5.0.0", "`CLUSTER REPLICAS`"),
		slotsRow,
	}
	one := func(name string, f flags, sum string) *command {
		return &command{name: name, arity: 1, flags: f | fast | free, cats: catConnection, group: "cluster", since: "3.0.0", cost: "O(1)", sum: sum, run: cmdNoCluster}
	}
	return []*command{
		{name: "cluster", arity: -2, group: "cluster", since: "3.0.0", cost: "That of the subcommand.", sum: "Commands of cluster mode.", subs: subs},
		one("asking", 0, "Announces that the next request follows a redirection."),
		one("readonly", loading|stale, "Lets a replica answer reading requests of this connection."),
		one("readwrite", loading|stale, "Ends what READONLY began."),
	}
}

// CLUSTER subcommand, ASKING, READONLY, READWRITE
func cmdNoCluster(*client) error { return errNoCluster }
