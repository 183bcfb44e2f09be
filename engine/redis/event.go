// event: telling who observes a key that it has changed, and whoever listens to keyspace events what happened to it.

package redis

import (
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/cachesrv/cachesrv/core"
)

// class is what kind of keyspace event something is, and (keyspace, keyevent) in which of two ways it is told. Sets of them are what
// notify-keyspace-events asks for.
type class uint32

const (
	classGeneric class = 1 << iota // in the order of the setting's number
	classString
	classList
	classSet
	classHash
	classSorted
	classExpired
	classEvicted
	classStream
	classModule
	classNew
	classKeyspace // told by the key
	classKeyevent // told by the event
	classMiss
)

// event tells that a key has changed and how. Every handler calls it for each key that it changes, under the key's lock, once the change is
// made. Where nobody wants to know, it costs two branches.
func (c *client) event(of class, name string, k core.Key) { c.eventIn(c.db, of, name, k) }

func (c *client) eventIn(db int, of class, name string, k core.Key) {
	c.tx.Announce(db, k)
	c.noticeIn(db, of, name, k)
}

// notice is a keyspace event without a change that observers would care for, or the second event of one change.
func (c *client) notice(of class, name string, k core.Key) { c.noticeIn(c.db, of, name, k) }

func (c *client) noticeIn(db int, of class, name string, k core.Key) {
	if c.e.events.wants(of) {
		c.e.events.add(db, of, name, k.Name)
	}
}

// shrunk is event for a change that may have taken the last element: then the key is gone, too.
func (c *client) shrunk(of class, name string, k core.Key) {
	c.event(of, name, k)
	if c.e.events.wants(classGeneric) && !c.tx.Find(c.db, k).Ok() {
		c.notice(classGeneric, "del", k)
	}
}

// renewing tells, before a value is put in the place of another one, that this will count as a new key. What really is new, the store tells.
func (c *client) renewing(db int, k core.Key) {
	if c.e.events.wants(classNew) && c.tx.Find(db, k).Ok() {
		c.noticeIn(db, classNew, "new", k)
	}
}

// events are the keyspace events that wait to be delivered. They are added under the locks of their keys, which makes their order, and
// delivered outside of all locks by whoever comes first.
type events struct {
	on      atomic.Uint32 // classes that are told; none while nobody could hear it
	waiting atomic.Bool   // something was added
	to      *registry
	store   *core.Store

	delivery sync.Mutex // held while delivering, so that the order is kept; taken before mu
	mu       sync.Mutex // guards what follows; below the shards' mutexes
	list     []happening
	text     []byte // keys, one behind the other
	spare    batch
	asked    class // what is configured
}

// happening is one event, or without a name one message that was published under locks. size bytes of text are its key or channel, and more
// behind them the message.
type happening struct {
	name       string
	of         class // in which ways it is told
	db         int32
	shard      bool
	size, more int
}

// batch is what one delivery has taken.
type batch struct {
	list []happening
	text []byte
}

// Buffers that grew beyond these are not kept.
const (
	keepEvents    = 1024
	keepEventText = 64 << 10
)

// wants tells whether events of a class are told.
func (ev *events) wants(of class) bool { return class(ev.on.Load())&of != 0 }

// add queues an event. The shard of the key is locked.
func (ev *events) add(db int, of class, name string, key []byte) {
	ev.mu.Lock()
	ev.list = append(ev.list, happening{name: name, of: class(ev.on.Load()), db: int32(db), size: len(key)})
	ev.text = append(ev.text, key...)
	ev.mu.Unlock()
	ev.waiting.Store(true)
}

// addMessage queues a message behind the events of what was done before it.
func (ev *events) addMessage(channel, payload []byte, shard bool) {
	ev.mu.Lock()
	ev.list = append(ev.list, happening{shard: shard, size: len(channel), more: len(payload)})
	ev.text = append(append(ev.text, channel...), payload...)
	ev.mu.Unlock()
	ev.waiting.Store(true)
}

// ask sets what is told: the number of notify-keyspace-events.
func (ev *events) ask(what class) {
	ev.mu.Lock()
	ev.asked = what
	ev.mu.Unlock()
	ev.settle(ev.to.subscriptions.Load)
}

// settle works out what is told from now on: nothing while nobody is subscribed to anything.
func (ev *events) settle(subscriptions func() int64) {
	ev.mu.Lock()
	defer ev.mu.Unlock()
	on := ev.asked
	if subscriptions() == 0 || on&(classKeyspace|classKeyevent) == 0 {
		on = 0
	}
	ev.on.Store(uint32(on))
	ev.store.TellNew(on&classNew != 0)
}

// deliver publishes what waits. When it returns, all that was added before by the caller has been published. Nothing may be locked.
func (ev *events) deliver() {
	if !ev.waiting.Load() {
		return
	}
	ev.delivery.Lock()
	defer ev.delivery.Unlock()
	ev.waiting.Store(false)
	ev.mu.Lock()
	b := batch{ev.list, ev.text}
	ev.list, ev.text = ev.spare.list[:0], ev.spare.text[:0]
	ev.mu.Unlock()
	at := 0
	var channel []byte
	for i := range b.list {
		h := &b.list[i]
		key, message := b.text[at:at+h.size], b.text[at+h.size:at+h.size+h.more]
		at += h.size + h.more
		switch {
		case h.name != "":
			channel = ev.tell(channel[:0], h, key)
		case h.shard:
			ev.to.publishShard(key, message)
		default:
			ev.to.publish(key, message)
		}
	}
	if cap(b.list) > keepEvents || cap(b.text) > keepEventText {
		b = batch{}
	}
	clear(b.list)
	ev.spare = b
}

// tell publishes one event on its channels, and returns the scratch that their names were made in.
func (ev *events) tell(channel []byte, h *happening, key []byte) []byte {
	if h.of&classKeyspace != 0 {
		channel = strconv.AppendInt(append(channel[:0], "__keyspace@"...), int64(h.db), 10)
		channel = append(append(channel, "__:"...), key...)
		end := len(channel)
		channel = append(channel, h.name...)
		ev.to.publish(channel[:end], channel[end:])
	}
	if h.of&classKeyevent != 0 {
		channel = strconv.AppendInt(append(channel[:0], "__keyevent@"...), int64(h.db), 10)
		channel = append(append(channel, "__:"...), h.name...)
		ev.to.publish(channel, key)
	}
	return channel
}

// Removed, Added and Quiet are what the store tells (core.Listener).
func (ev *events) Removed(db int, it core.Item, why core.RemoveReason) {
	of, event := classExpired, "expired"
	if why == core.Evicted {
		of, event = classEvicted, "evicted"
	}
	if ev.wants(of) {
		ev.add(db, of, event, it.Name())
	}
}

func (ev *events) Added(db int, name []byte) {
	if ev.wants(classNew) {
		ev.add(db, classNew, "new", name)
	}
}

func (ev *events) Quiet() { ev.deliver() }
