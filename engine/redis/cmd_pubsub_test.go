// The pub/sub commands over real connections: what is told, to whom, in which order, and what a subscriber may send.

package redis

import (
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// told is a confirmation, or a message, as RESP2 sends it; pushed as RESP3 does.
func told(words ...any) string { return lines('*', words) }
func pushed(words ...any) string {
	return lines('>', words)
}

func lines(head byte, words []any) string {
	var b strings.Builder
	b.WriteString(string(head) + strconv.Itoa(len(words)) + "\r\n")
	for _, w := range words {
		switch w := w.(type) {
		case string:
			b.WriteString(bulk(w))
		case int:
			b.WriteString(":" + strconv.Itoa(w) + "\r\n")
		}
	}
	return b.String()
}

func TestSubscribe(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	sub, pub := dial(t, address), dial(t, address)
	sub.expect(told("subscribe", "a", 1)+told("subscribe", "b", 2)+told("subscribe", "a", 2), "SUBSCRIBE", "a", "b", "a")
	sub.expect(told("psubscribe", "a*", 3), "PSUBSCRIBE", "a*")
	sub.expect(told("ssubscribe", "a", 1), "SSUBSCRIBE", "a")
	pub.expect(":2\r\n", "PUBLISH", "a", "one")
	sub.expect(told("message", "a", "one") + told("pmessage", "a*", "a", "one"))
	pub.expect(":1\r\n", "PUBLISH", "b", "")
	sub.expect(told("message", "b", ""))
	pub.expect(":1\r\n", "SPUBLISH", "a", "two")
	sub.expect(told("smessage", "a", "two"))
	pub.expect(":0\r\n", "PUBLISH", "c", "three")
	sub.expect(told("unsubscribe", "c", 3), "UNSUBSCRIBE", "c")
	sub.expect(told("unsubscribe", "a", 2), "UNSUBSCRIBE", "a")
	sub.expect(told("unsubscribe", "b", 1), "UNSUBSCRIBE")
	sub.expect("*3\r\n"+bulk("unsubscribe")+"$-1\r\n:1\r\n", "UNSUBSCRIBE")
	sub.expect(told("punsubscribe", "a*", 0), "PUNSUBSCRIBE", "a*")
	sub.expect(told("sunsubscribe", "a", 0), "SUNSUBSCRIBE")
	sub.expect("+PONG\r\n", "PING")
	pub.expect(":0\r\n", "PUBLISH", "a", "nobody")
	if n := r.e.registry.subscriptions.Load(); n != 0 || r.e.registry.channels.Size() != 0 || r.e.registry.shards.Size() != 0 || len(r.e.registry.patterns.byName) != 0 {
		t.Errorf("%d subscriptions left", n)
	}
}

// hello3 switches to RESP3 and skips what that tells.
func (w *wire) hello3() {
	w.t.Helper()
	w.Write([]byte(request("HELLO", "3")))
	for line := ""; line != "*0\r\n"; {
		var err error
		if line, err = w.r.ReadString('\n'); err != nil {
			w.t.Fatal(err)
		}
	}
}

// A subscriber with the old protocol may only do what cannot be taken for a message.
func TestSubscriberMay(t *testing.T) {
	r := newRig(t, core.Options{})
	sub := dial(t, r.listen())
	const refused = ": only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n"
	sub.expect(told("ssubscribe", "a", 1), "SSUBSCRIBE", "a")
	sub.expect("-ERR Can't execute 'get'"+refused, "GET", "k")
	sub.expect("-ERR Can't execute 'config|get'"+refused, "CONFIG", "GET", "save")
	sub.expect("-ERR Can't execute 'hello'"+refused, "HELLO", "3")
	sub.expect("-ERR unknown command 'NOSUCH', with args beginning with: \r\n", "NOSUCH")
	sub.expect(told("pong", ""), "PING")
	sub.expect(told("pong", "hi"), "PING", "hi")
	sub.expect("-ERR wrong number of arguments for 'ping' command\r\n", "PING", "a", "b")
	sub.expect("+RESET\r\n", "RESET")
	sub.expect("$-1\r\n", "GET", "k")
	sub.expect(told("subscribe", "a", 1), "SUBSCRIBE", "a")
	sub.expect("+OK\r\n", "QUIT")
	sub.closed()
}

// With RESP3 a subscriber is a client like any other. What it sends itself comes behind the reply.
func TestSubscriberRESP3(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	sub, pub := dial(t, address), dial(t, address)
	sub.hello3()
	sub.expect(pushed("subscribe", "a", 1), "SUBSCRIBE", "a")
	sub.expect("_\r\n", "GET", "k")
	sub.expect(":1\r\n"+pushed("message", "a", "mine"), "PUBLISH", "a", "mine")
	pub.expect(":1\r\n", "PUBLISH", "a", "yours")
	sub.expect(pushed("message", "a", "yours"))
	sub.expect("+OK\r\n", "MULTI")
	sub.expect("+QUEUED\r\n", "PUBLISH", "a", "x")
	sub.expect("+QUEUED\r\n", "SET", "k", "v")
	sub.expect("*2\r\n:1\r\n+OK\r\n"+pushed("message", "a", "x"), "EXEC")
	sub.expect(">3\r\n"+bulk("punsubscribe")+"_\r\n:1\r\n", "PUNSUBSCRIBE")
}

// Confirmations are sent even to a client that wants no replies.
func TestSubscribeSilenced(t *testing.T) {
	r := newRig(t, core.Options{})
	sub := dial(t, r.listen())
	sub.Write([]byte(request("CLIENT", "REPLY", "SKIP")))
	sub.expect(told("subscribe", "a", 1), "SUBSCRIBE", "a")
}

func TestPubsubAsks(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	sub, c := dial(t, address), dial(t, address)
	sub.expect(told("subscribe", "a", 1)+told("subscribe", "bb", 2), "SUBSCRIBE", "a", "bb")
	sub.expect(told("ssubscribe", "s", 1), "SSUBSCRIBE", "s")
	sub.expect(told("psubscribe", "p*", 3), "PSUBSCRIBE", "p*")
	c.expect("*1\r\n"+bulk("a"), "PUBSUB", "CHANNELS", "?")
	c.expect("*0\r\n", "PUBSUB", "CHANNELS", "s")
	c.expect("*1\r\n"+bulk("s"), "PUBSUB", "SHARDCHANNELS")
	c.expect(told("a", 1, "s", 0), "PUBSUB", "NUMSUB", "a", "s")
	c.expect(told("s", 1), "PUBSUB", "SHARDNUMSUB", "s")
	c.expect("*0\r\n", "PUBSUB", "NUMSUB")
	c.expect(":1\r\n", "PUBSUB", "NUMPAT")
	c.expect("-ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.\r\n", "PUBSUB", "CHANNELS", "a", "b")
	c.expect("-ERR unknown subcommand 'X'. Try PUBSUB HELP.\r\n", "PUBSUB", "X")
	list := c.text("CLIENT", "LIST")
	if !strings.Contains(list, "flags=P db=0 sub=2 psub=1 ssub=1 ") {
		t.Error(list)
	}
	if info := c.text("INFO", "stats"); !strings.Contains(info, "pubsub_channels:2\r\npubsub_patterns:1\r\npubsubshard_channels:1\r\n") {
		t.Error(info)
	}
}
