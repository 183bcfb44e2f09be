// The pub/sub commands: subscribing, publishing, and asking who is subscribed.

package redis

import (
	"github.com/puzpuzpuz/xsync/v3"

	"github.com/cachesrv/cachesrv/engine/redis/glob"
)

func pubsubCommands() []*command {
	const listen = pubsub | noscript | loading | stale | free | listener
	const ask = pubsub | loading | stale | free
	shards := []keySpec{{access: notKey, first: 1, last: -1, step: 1}}
	return []*command{
		{name: "publish", arity: 3, flags: ask | fast, run: cmdPUBLISH,
			group: "pubsub", since: "2.0.0", syntax: "channel message", cost: "O(N+M), N being the number of the channel's subscribers, M that of all patterns",
			sum: "Sends a message to the subscribers of a channel."},
		{name: "spublish", arity: 3, flags: ask | fast, keys: oneKey(notKey), run: cmdSPUBLISH,
			group: "pubsub", since: "7.0.0", syntax: "shardchannel message", cost: "O(N), N being the number of subscribers",
			sum: "Sends a message to the subscribers of a shard channel."},
		{name: "subscribe", arity: -2, flags: listen, run: cmdSUBSCRIBE,
			group: "pubsub", since: "2.0.0", syntax: "channel...", cost: "O(N), N being the number of channels", sum: "Subscribes to channels."},
		{name: "psubscribe", arity: -2, flags: listen, run: cmdPSUBSCRIBE,
			group: "pubsub", since: "2.0.0", syntax: "pattern:{pattern:pattern}...", cost: "O(N), N being the number of patterns", sum: "Subscribes to all channels whose names match patterns."},
		{name: "ssubscribe", arity: -2, flags: listen, keys: shards, run: cmdSSUBSCRIBE,
			group: "pubsub", since: "7.0.0", syntax: "shardchannel...", cost: "O(N), N being the number of channels", sum: "Subscribes to shard channels."},
		{name: "unsubscribe", arity: -1, flags: listen, run: cmdUNSUBSCRIBE,
			group: "pubsub", since: "2.0.0", syntax: "[channel...]", cost: "O(N), N being the number of channels", sum: "Ends subscriptions to channels."},
		{name: "punsubscribe", arity: -1, flags: listen, run: cmdPUNSUBSCRIBE,
			group: "pubsub", since: "2.0.0", syntax: "[pattern:pattern...]", cost: "O(N), N being the number of patterns", sum: "Ends subscriptions to patterns."},
		{name: "sunsubscribe", arity: -1, flags: listen, keys: shards, run: cmdSUNSUBSCRIBE,
			group: "pubsub", since: "7.0.0", syntax: "[shardchannel...]", cost: "O(N), N being the number of channels", sum: "Ends subscriptions to shard channels."},
		{name: "pubsub", arity: -2, group: "pubsub", since: "2.8.0", sum: "Tells who is subscribed to what.", cost: "Depends on the subcommand.", subs: []*command{
			{name: "channels", arity: -2, flags: ask, run: cmdPUBSUBCHANNELS, since: "2.8.0", syntax: "[pattern:pattern]",
				cost: "O(N), N being the number of channels with subscribers", sum: "Lists the channels that have subscribers."},
			{name: "numpat", arity: 2, flags: ask, run: cmdPUBSUBNUMPAT, since: "2.8.0", cost: "O(1)", sum: "Counts the patterns that have subscribers."},
			{name: "numsub", arity: -2, flags: ask, run: cmdPUBSUBNUMSUB, since: "2.8.0", syntax: "[channel...]",
				cost: "O(N), N being the number of channels named", sum: "Counts the subscribers of channels."},
			{name: "shardchannels", arity: -2, flags: ask, run: cmdPUBSUBSHARDCHANNELS, since: "7.0.0", syntax: "[pattern:pattern]",
				cost: "O(N), N being the number of shard channels with subscribers", sum: "Lists the shard channels that have subscribers."},
			{name: "shardnumsub", arity: -2, flags: ask, run: cmdPUBSUBSHARDNUMSUB, since: "7.0.0", syntax: "[shardchannel...]",
				cost: "O(N), N being the number of channels named", sum: "Counts the subscribers of shard channels."},
			{name: "help", arity: 2, flags: loading | stale | free, run: cmdPUBSUBHELP, since: "6.2.0", cost: "O(1)", sum: "Lists the subcommands."},
		}},
	}
}

// PUBLISH channel message
func cmdPUBLISH(c *client) error {
	n := 0
	if c.denyBlocking { // others' locks are held: the message goes out with the events of what was done before it
		n = c.e.registry.reach(c.args[1], false)
		c.e.events.addMessage(c.args[1], c.args[2], false)
	} else {
		n = c.e.registry.publish(c.args[1], c.args[2])
	}
	c.integer(int64(n))
	return nil
}

// SPUBLISH shardchannel message
func cmdSPUBLISH(c *client) error {
	n := 0
	if c.denyBlocking {
		n = c.e.registry.reach(c.args[1], true)
		c.e.events.addMessage(c.args[1], c.args[2], true)
	} else {
		n = c.e.registry.publishShard(c.args[1], c.args[2])
	}
	c.integer(int64(n))
	return nil
}

// SUBSCRIBE channel [channel …]
func cmdSUBSCRIBE(c *client) error { return c.subscribeTo(toChannels) }

// PSUBSCRIBE pattern [pattern …]
func cmdPSUBSCRIBE(c *client) error { return c.subscribeTo(toPatterns) }

// SSUBSCRIBE shardchannel [shardchannel …]
func cmdSSUBSCRIBE(c *client) error { return c.subscribeTo(toShards) }

func (c *client) subscribeTo(k kind) error {
	for _, name := range c.args[1:] {
		c.subscribe(k, name)
	}
	return nil
}

// UNSUBSCRIBE [channel …]
func cmdUNSUBSCRIBE(c *client) error { return c.unsubscribeFrom(toChannels) }

// PUNSUBSCRIBE [pattern …]
func cmdPUNSUBSCRIBE(c *client) error { return c.unsubscribeFrom(toPatterns) }

// SUNSUBSCRIBE [shardchannel …]
func cmdSUNSUBSCRIBE(c *client) error { return c.unsubscribeFrom(toShards) }

func (c *client) unsubscribeFrom(k kind) error {
	if len(c.args) == 1 {
		c.unsubscribeAll(k)
		return nil
	}
	for _, name := range c.args[1:] {
		c.unsubscribe(k, name)
	}
	return nil
}

// PUBSUB CHANNELS [pattern]
func cmdPUBSUBCHANNELS(c *client) error { return c.listChannels(c.e.registry.channels) }

// PUBSUB SHARDCHANNELS [pattern]
func cmdPUBSUBSHARDCHANNELS(c *client) error { return c.listChannels(c.e.registry.shards) }

func (c *client) listChannels(m *xsync.MapOf[string, *channel]) error {
	if len(c.args) > 3 {
		return errSubcommand(c)
	}
	mark, n := c.openArray(), 0
	m.Range(func(name string, _ *channel) bool {
		if len(c.args) < 3 || glob.Match(c.args[2], []byte(name)) {
			c.bulkString(name)
			n++
		}
		return true
	})
	c.closeArray(mark, n)
	return nil
}

// PUBSUB NUMPAT
func cmdPUBSUBNUMPAT(c *client) error {
	c.integer(int64(c.e.registry.patterns.size.Load()))
	return nil
}

// PUBSUB NUMSUB [channel …]
func cmdPUBSUBNUMSUB(c *client) error { return c.countSubscribers(c.e.registry.channels) }

// PUBSUB SHARDNUMSUB [shardchannel …]
func cmdPUBSUBSHARDNUMSUB(c *client) error { return c.countSubscribers(c.e.registry.shards) }

func (c *client) countSubscribers(m *xsync.MapOf[string, *channel]) error {
	c.array(2 * len(c.args[2:]))
	for _, name := range c.args[2:] {
		c.bulk(name)
		c.integer(int64(c.e.registry.subscribers(m, name)))
	}
	return nil
}

// PUBSUB HELP
func cmdPUBSUBHELP(c *client) error {
	c.help(
		"CHANNELS [<pattern>]",
		"    Lists the channels that have subscribers and match the pattern (default: all).",
		"NUMPAT",
		"    Counts the patterns that have subscribers.",
		"NUMSUB [<channel> ...]",
		"    Counts the subscribers of the channels, not those of patterns (default: of none).",
		"SHARDCHANNELS [<pattern>]",
		"    Lists the shard channels that have subscribers and match the pattern (default: all).",
		"SHARDNUMSUB [<shardchannel> ...]",
		"    Counts the subscribers of the shard channels.",
	)
	return nil
}
