// subscriber: what a client is subscribed to.

package redis

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// kind is one of the three ways to subscribe.
type kind int

const (
	toChannels kind = iota
	toPatterns
	toShards
	kinds
)

// The words of what is told about a subscription.
var (
	joinWords  = [kinds]string{"subscribe", "psubscribe", "ssubscribe"}
	leaveWords = [kinds]string{"unsubscribe", "punsubscribe", "sunsubscribe"}
)

// subscriber is a client's subscriptions; only those that have any have one. The client's loop changes it.
type subscriber struct {
	n     [kinds]atomic.Int32 // numbers, for everybody
	bytes atomic.Int64        // what the subscriptions cost

	mu   sync.Mutex // taken by the loop to change the maps, by others to read them
	maps [kinds]map[string]*subscription
}

// subscriptions is how many the client has of each kind. Any goroutine may ask.
func (c *client) subscriptions() (n [kinds]int32) {
	if s := c.public.subs.Load(); s != nil {
		for k := range n {
			n[k] = s.n[k].Load()
		}
	}
	return n
}

// subscriptionBytes is what they cost. Any goroutine may ask.
func (c *client) subscriptionBytes() int {
	if s := c.public.subs.Load(); s != nil {
		return int(s.bytes.Load())
	}
	return 0
}

// listens tells that the client has any subscription.
func (c *client) listens() bool { return c.public.subs.Load() != nil }

// subscribe adds one subscription and confirms it.
func (c *client) subscribe(k kind, name []byte) {
	s := c.public.subs.Load()
	if s == nil {
		s = &subscriber{}
		c.conn.SetClass(engine.Subscriber)
		c.conn.SetIdleExempt(true)
		c.public.subs.Store(s)
	}
	if s.maps[k][string(name)] == nil {
		s.add(c, k, string(name))
	}
	c.confirm(joinWords[k], name, s.told(k))
}

// told is the number that confirmations give: shard channels are counted apart from the others.
func (s *subscriber) told(k kind) int {
	if k == toShards {
		return int(s.n[toShards].Load())
	}
	return int(s.n[toChannels].Load() + s.n[toPatterns].Load())
}

func (s *subscriber) add(c *client, k kind, name string) {
	r, sub := &c.e.registry, (*subscription)(nil)
	switch k {
	case toChannels:
		sub = join(r.channels, name, c)
	case toPatterns:
		sub = r.patterns.join(name, c)
	case toShards:
		sub = join(r.shards, name, c)
	}
	s.mu.Lock()
	if s.maps[k] == nil {
		s.maps[k] = map[string]*subscription{}
	}
	s.maps[k][sub.of.name] = sub
	s.mu.Unlock()
	s.n[k].Add(1)
	s.charge(c, subscriptionBytes+len(name))
	r.count(1)
}

// charge counts what subscriptions cost.
func (s *subscriber) charge(c *client, n int) {
	s.bytes.Add(int64(n))
	c.e.store.AddForeign(int64(n))
}

// drop ends a subscription. Nobody hands the client messages of it any more; those that wait come first.
func (s *subscriber) drop(c *client, k kind, sub *subscription) {
	r := &c.e.registry
	switch k {
	case toChannels:
		leave(r.channels, sub)
	case toPatterns:
		r.patterns.leave(sub)
	case toShards:
		leave(r.shards, sub)
	}
	s.mu.Lock()
	if delete(s.maps[k], sub.of.name); len(s.maps[k]) == 0 {
		s.maps[k] = nil
	}
	s.mu.Unlock()
	s.n[k].Add(-1)
	s.charge(c, -subscriptionBytes-len(sub.of.name))
	r.count(-1)
}

// unsubscribe ends one subscription, if there is one, and confirms that.
func (c *client) unsubscribe(k kind, name []byte) {
	s, told := c.public.subs.Load(), 0
	if s != nil {
		if sub := s.maps[k][string(name)]; sub != nil {
			s.drop(c, k, sub)
		}
		c.conn.Collect(c.w)
		told = s.told(k)
	}
	c.confirm(leaveWords[k], name, told)
	c.stopListening()
}

// unsubscribeAll ends all subscriptions of a kind and confirms each; without any, that.
func (c *client) unsubscribeAll(k kind) {
	s := c.public.subs.Load()
	if s == nil || s.n[k].Load() == 0 {
		told := 0
		if s != nil {
			told = s.told(k)
		}
		c.confirm(leaveWords[k], nil, told)
		return
	}
	names := slices.Collect(maps.Keys(s.maps[k]))
	for _, name := range names {
		c.unsubscribe(k, []byte(name))
	}
}

// stopListening makes the client an ordinary one when it has no subscription left.
func (c *client) stopListening() {
	if s := c.public.subs.Load(); s != nil && s.n[toChannels].Load()+s.n[toPatterns].Load()+s.n[toShards].Load() == 0 {
		c.public.subs.Store(nil)
		c.conn.SetClass(engine.Normal)
		c.conn.SetIdleExempt(false)
	}
}

// forsake ends all subscriptions without a word.
func (c *client) forsake() {
	s := c.public.subs.Load()
	if s == nil {
		return
	}
	for k := range kinds {
		for _, sub := range s.maps[k] {
			s.drop(c, k, sub)
		}
	}
	c.stopListening()
}

// confirm tells that a subscription has begun or ended, and how many there are; a nil name is none.
func (c *client) confirm(word string, name []byte, n int) {
	out := c.w.Out
	mark := len(out)
	out = resp.AppendArray(out, 3)
	if c.v3 {
		out[mark] = '>'
	}
	out = resp.AppendBulkString(out, word)
	if name == nil {
		out = resp.AppendNull(out, c.v3)
	} else {
		out = resp.AppendBulk(out, name)
	}
	c.w.Out = resp.AppendInt(out, int64(n))
}

// everySubscription calls f for what the client is subscribed to, until f says false; then it is false. Any goroutine may call it.
func (c *client) everySubscription(f func(k kind, name string) bool) bool {
	s := c.public.subs.Load()
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range kinds {
		for name := range s.maps[k] {
			if !f(k, name) {
				return false
			}
		}
	}
	return true
}
