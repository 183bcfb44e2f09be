// Commands of auto discovery: config get, set and delete, of the list of nodes.

package memcached

var configCommands = []command{
	{name: "config", min: 3, run: cmdNothing, subs: configSubs,
		syntax: "config get|set|delete cluster …", about: "The list of nodes for clients that discover them, as in ElastiCache."},
}

var configSubs = []command{
	{name: "get", min: 3, max: 3, run: cmdCONFIGGET, syntax: "config get cluster", about: "The list: `CONFIG cluster <flags> <bytes>`, the version, the nodes as `host|ip|port`, END."},
	{name: "set", min: 5, max: 6, noreply: 5, flags: flagBody, args: configSetArgs, run: cmdCONFIGSET,
		syntax: "config set cluster <flags> <bytes> [noreply]", about: "Replaces the list by one with a higher version (the setting cluster-changes says who may)."},
	{name: "delete", min: 3, max: 4, noreply: 3, run: cmdCONFIGDELETE, syntax: "config delete cluster [noreply]", about: "Forgets the list (the setting cluster-changes says who may)."},
}

const (
	replyNoChange   = "CLIENT_ERROR changing the list of nodes is not allowed"
	replyBadName    = "CLIENT_ERROR unknown configuration name"
	replyBadNodes   = "CLIENT_ERROR bad list of nodes"
	replyOldVersion = "CLIENT_ERROR the version must be above that of the list there is"
)

// config get <name>
func cmdCONFIGGET(x *call) string {
	t := x.e.cluster.now.Load()
	if t == nil || string(x.args[2]) != clusterName {
		return replyEnd
	}
	x.w.Out = append(x.w.Out, "CONFIG "...)
	x.appendTopology(clusterName, t, false)
	return replyEnd
}

// appendTopology appends "<name> <flags> <bytes>[ <version>]\r\n<data>\r\n".
func (x *call) appendTopology(name string, t *topology, version bool) {
	out := append(append(x.w.Out, name...), ' ')
	out = append(appendUint(out, uint64(t.flags)), ' ')
	out = appendUint(out, uint64(len(t.data)))
	if version {
		out = appendUint(append(out, ' '), t.version)
	}
	out = append(append(out, "\r\n"...), t.data...)
	x.w.Out = append(out, "\r\n"...)
}

func configSetArgs(x *call) string {
	var ok bool
	switch x.flags, ok = parseU32(x.args[3]); {
	case !ok || x.size < 0:
		return replyBadFormat
	case !x.mayChangeCluster():
		return replyNoChange
	case string(x.args[2]) != clusterName:
		return replyBadName
	case x.size > maxCluster:
		return replyTooLarge
	}
	return ""
}

// config set <name> <flags> <bytes> [noreply]
func cmdCONFIGSET(x *call) string {
	t, err := parseTopology(x.flags, x.body)
	if err != nil {
		return replyBadNodes
	}
	if err := x.e.cluster.set(t); err != nil {
		return replyOldVersion
	}
	x.changedCluster(t)
	return replyStored
}

// config delete <name> [noreply]
func cmdCONFIGDELETE(x *call) string {
	switch {
	case !x.mayChangeCluster():
		return replyNoChange
	case string(x.args[2]) != clusterName || !x.e.cluster.remove():
		return replyNotFound
	}
	x.changedCluster(nil)
	return replyDeleted
}

// changedCluster tells the log who sends all clients elsewhere.
func (x *call) changedCluster(t *topology) {
	version := uint64(0)
	if t != nil {
		version = t.version
	}
	x.e.log.Info("a client has changed the list of nodes", "conn", x.s.c.ID, "version", version)
}
