// pubsub: who is subscribed to what, and how a message gets to all of them.

package redis

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/puzpuzpuz/xsync/v3"

	"github.com/cachesrv/cachesrv/engine/redis/glob"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// registry holds the channels and patterns that somebody is subscribed to.
type registry struct {
	channels, shards *xsync.MapOf[string, *channel]
	patterns         patterns
	subscriptions    atomic.Int64
	events           *events // told when there are any subscriptions, and when there are none
}

// channel is one of them, or a pattern. mu is held for reading while a message is handed to the subscribers, which only queues it; so who has
// left gets nothing any more, and messages of one sender keep their order. Under it come the locks of connections.
type channel struct {
	name string
	at   int // of a pattern: its index in the list, guarded by the list's lock

	mu   sync.RWMutex
	subs []*subscription
	gone bool // no longer in the registry: the last subscriber has left
}

// subscription is one client's interest in one channel.
type subscription struct {
	of *channel
	by *client
	at int // index in of.subs, guarded by of.mu
}

// What a subscription costs beside the bytes of its name: itself, a slot in its channel and one in its client's map, and the channel.
const subscriptionBytes = 240

func (r *registry) init(ev *events) {
	r.channels, r.shards = xsync.NewMapOf[string, *channel](), xsync.NewMapOf[string, *channel]()
	r.patterns.byName = map[string]*channel{}
	r.events = ev
}

// count takes note of subscriptions made and ended.
func (r *registry) count(n int) {
	if now := r.subscriptions.Add(int64(n)); now == int64(n) || now == 0 {
		r.events.settle(r.subscriptions.Load)
	}
}

// join subscribes a client to the channel of that name.
func join(m *xsync.MapOf[string, *channel], name string, c *client) *subscription {
	for {
		ch, _ := m.LoadOrCompute(name, func() *channel { return &channel{name: name} })
		if s := ch.enter(c); s != nil {
			return s
		}
	}
}

// leave ends a subscription, and the channel with the last one.
func leave(m *xsync.MapOf[string, *channel], s *subscription) {
	s.of.exit(s, func(ch *channel) { m.Delete(ch.name) })
}

// enter adds a subscriber, nil if the channel is gone.
func (ch *channel) enter(c *client) *subscription {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if ch.gone {
		return nil
	}
	s := &subscription{ch, c, len(ch.subs)}
	ch.subs = append(ch.subs, s)
	return s
}

// exit takes a subscriber out. empty is called, with the channel locked, when it was the last.
func (ch *channel) exit(s *subscription, empty func(*channel)) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	last := len(ch.subs) - 1
	ch.subs[s.at] = ch.subs[last]
	ch.subs[s.at].at = s.at
	ch.subs[last] = nil
	if ch.subs = ch.subs[:last]; cap(ch.subs) > 64 && last < cap(ch.subs)/4 {
		ch.subs = append(make([]*subscription, 0, cap(ch.subs)/2), ch.subs...)
	}
	if last == 0 {
		ch.gone = true
		empty(ch)
	}
}

// size is the number of subscribers.
func (ch *channel) size() int {
	ch.mu.RLock()
	defer ch.mu.RUnlock()
	return len(ch.subs)
}

// send hands a message to all subscribers and tells how many those are. What it costs a subscriber is two short locks; the bytes are shared.
func (ch *channel) send(m *message) int {
	ch.mu.RLock()
	defer ch.mu.RUnlock()
	for _, s := range ch.subs {
		s.by.conn.Push(m.encoded(s.by.public.bits.Load()&bitV3 != 0))
	}
	return len(ch.subs)
}

// message is what subscribers are sent, encoded when somebody needs it: once for each version of the protocol.
type message struct {
	kind, pattern    string
	channel, payload []byte
	v2, v3           []byte
}

func (m *message) encoded(v3 bool) []byte {
	b, words, head := &m.v2, 3, byte('*')
	if v3 {
		b, head = &m.v3, '>'
	}
	if *b != nil {
		return *b
	}
	if m.pattern != "" {
		words = 4
	}
	const room = 64 // for the heads
	out := resp.AppendArray(make([]byte, 0, room+len(m.kind)+len(m.pattern)+len(m.channel)+len(m.payload)), words)
	out[0] = head
	out = resp.AppendBulkString(out, m.kind)
	if m.pattern != "" {
		out = resp.AppendBulkString(out, m.pattern)
	}
	*b = resp.AppendBulk(resp.AppendBulk(out, m.channel), m.payload)
	return *b
}

// publish sends a message to the subscribers of a channel and of the patterns that match it, and tells how many got it. Nothing may be
// locked, and neither argument is kept.
func (r *registry) publish(name, payload []byte) (receivers int) {
	if ch := find(r.channels, name); ch != nil {
		receivers = ch.send(&message{kind: "message", channel: name, payload: payload})
	}
	if r.patterns.size.Load() > 0 {
		receivers += r.patterns.send(name, payload)
	}
	return receivers
}

// publishShard is publish for channels of their own kind, which no pattern matches.
func (r *registry) publishShard(name, payload []byte) int {
	if ch := find(r.shards, name); ch != nil {
		return ch.send(&message{kind: "smessage", channel: name, payload: payload})
	}
	return 0
}

// reach is how many would get a message.
func (r *registry) reach(name []byte, shard bool) (n int) {
	if shard {
		return r.subscribers(r.shards, name)
	}
	r.patterns.matching(name, func(p *channel) { n += p.size() })
	return n + r.subscribers(r.channels, name)
}

// subscribers is the number of a channel's.
func (r *registry) subscribers(m *xsync.MapOf[string, *channel], name []byte) int {
	if ch := find(m, name); ch != nil {
		return ch.size()
	}
	return 0
}

// find looks a channel up without making a string of its name.
func find(m *xsync.MapOf[string, *channel], name []byte) *channel {
	ch, _ := m.Load(unsafe.String(unsafe.SliceData(name), len(name)))
	return ch
}

// patterns are the patterns that somebody is subscribed to. Every message is matched with all of them, in time bounded by the lengths.
type patterns struct {
	size   atomic.Int32
	mu     sync.RWMutex // guards what follows; above the channels' locks
	list   []*channel
	byName map[string]*channel
}

func (ps *patterns) join(name string, c *client) *subscription {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.byName[name]
	if p == nil {
		p = &channel{name: name, at: len(ps.list)}
		ps.byName[name] = p
		ps.list = append(ps.list, p)
		ps.size.Store(int32(len(ps.list)))
	}
	return p.enter(c)
}

func (ps *patterns) leave(s *subscription) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	s.of.exit(s, func(p *channel) {
		last := len(ps.list) - 1
		ps.list[p.at] = ps.list[last]
		ps.list[p.at].at = p.at
		ps.list[last] = nil
		ps.list = ps.list[:last]
		ps.size.Store(int32(last))
		if delete(ps.byName, p.name); last == 0 {
			ps.list, ps.byName = nil, map[string]*channel{}
		}
	})
}

// matching calls f for the patterns that match a channel's name.
func (ps *patterns) matching(name []byte, f func(p *channel)) {
	ps.mu.RLock()
	defer ps.mu.RUnlock()
	for _, p := range ps.list {
		if glob.Match(unsafe.Slice(unsafe.StringData(p.name), len(p.name)), name) {
			f(p)
		}
	}
}

func (ps *patterns) send(name, payload []byte) (receivers int) {
	ps.matching(name, func(p *channel) {
		receivers += p.send(&message{kind: "pmessage", pattern: p.name, channel: name, payload: payload})
	})
	return receivers
}
