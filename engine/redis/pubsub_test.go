// The registry: nothing lost, nothing out of order, nothing after leaving, nothing left behind.

package redis

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// overBoth runs a test over the epoll loops and over goroutines, where every connection really runs beside the others.
func overBoth(t *testing.T, test func(t *testing.T, r *rig, address string)) {
	for _, portable := range []bool{false, true} {
		t.Run(map[bool]string{false: "loops", true: "portable"}[portable], func(t *testing.T) {
			r := newRig(t, core.Options{})
			test(t, r, r.listenOn(engine.Options{Threads: 2, Unsettled: unsettled, Portable: portable}))
		})
	}
}

// frame reads an array of texts and numbers.
func (w *wire) frame() (words []string, err error) {
	line := func() (string, error) {
		s, err := w.r.ReadString('\n')
		return strings.TrimSuffix(s, "\r\n"), err
	}
	head, err := line()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(head[1:])
	if err != nil || head[0] != '*' && head[0] != '>' {
		return nil, fmt.Errorf("no array: %q", head)
	}
	for range n {
		s, err := line()
		if err != nil {
			return nil, err
		}
		if s[0] == '$' {
			size, _ := strconv.Atoi(s[1:])
			b := make([]byte, size+2)
			if _, err := io.ReadFull(w.r, b); err != nil {
				return nil, err
			}
			s = string(b[:size])
		}
		words = append(words, s)
	}
	return words, nil
}

// Every subscriber gets everything, and what comes from one publisher in its order.
func TestPublishOrder(t *testing.T) {
	overBoth(t, func(t *testing.T, r *rig, address string) {
		const publishers, subscribers, each = 4, 6, 3000
		var wg sync.WaitGroup
		for s := range subscribers {
			sub := dial(t, address)
			if s%2 == 0 {
				sub.expect(told("subscribe", "news", 1), "SUBSCRIBE", "news")
			} else {
				sub.expect(told("psubscribe", "n*", 1), "PSUBSCRIBE", "n*")
			}
			wg.Go(func() {
				var next [publishers]int
				for range publishers * each {
					words, err := sub.frame()
					if err != nil {
						t.Error(err)
						return
					}
					var p, i int
					if _, err := fmt.Sscan(words[len(words)-1], &p, &i); err != nil || i != next[p] {
						t.Errorf("subscriber %d: %q, publisher %d is at %d", s, words, p, next[p])
						return
					}
					next[p]++
				}
			})
		}
		for p := range publishers {
			pub := dial(t, address)
			wg.Go(func() {
				for i := 0; i < each; i += 100 {
					var b strings.Builder
					for j := range 100 {
						b.WriteString(request("PUBLISH", "news", fmt.Sprint(p, " ", i+j)))
					}
					io.WriteString(pub, b.String())
					if _, err := io.ReadFull(pub.r, make([]byte, 100*len(":6\r\n"))); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}

// Who has left gets nothing any more, however much is under way: the confirmation is behind the last message.
func TestUnsubscribeUnderLoad(t *testing.T) {
	overBoth(t, func(t *testing.T, r *rig, address string) {
		sub, pub := dial(t, address), dial(t, address)
		stop := make(chan struct{})
		var wg sync.WaitGroup
		defer wg.Wait()
		defer close(stop)
		wg.Go(func() {
			go io.Copy(io.Discard, pub.r) // ends with the connection
			batch := strings.Repeat(request("PUBLISH", "a", strings.Repeat("x", 300)), 50)
			for {
				select {
				case <-stop:
					pub.Close()
					return
				default:
					if _, err := io.WriteString(pub, batch); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
		messages, on := 0, false
		for range 300 {
			io.WriteString(sub, request("SUBSCRIBE", "a")+request("PING")+request("UNSUBSCRIBE", "a")+request("PING"))
			for pings := 0; pings < 2; {
				head, err := sub.r.Peek(1)
				if err != nil {
					t.Fatal(err)
				}
				if head[0] == '+' {
					if s, _ := sub.r.ReadString('\n'); s != "+PONG\r\n" || on {
						t.Fatalf("%q while subscribed: %v", s, on)
					}
					pings++
					continue
				}
				words, err := sub.frame()
				if err != nil {
					t.Fatal(err)
				}
				switch words[0] {
				case "subscribe":
					on = true
				case "unsubscribe":
					on = false
				case "pong":
					pings++
				case "message":
					if messages++; !on {
						t.Fatal("a message behind the end of the subscription")
					}
				}
			}
		}
		if messages == 0 {
			t.Log("no message met a subscription")
		}
	})
}

// R9: a subscriber that does not read is closed at its limit, with what waits for it never above; others get everything.
func TestR9PubsubFlood(t *testing.T) {
	overBoth(t, func(t *testing.T, r *rig, address string) {
		const hard, size, most = 1 << 20, 64 << 10, 400 // far beyond what the kernel takes
		server := r.e.server.Load()
		server.SetLimits(engine.ClassLimits{engine.Subscriber: {OutHard: hard}}, unsettled)
		slow, sub, pub := dial(t, address), dial(t, address), dial(t, address)
		slow.expect(told("subscribe", "flood", 1), "SUBSCRIBE", "flood")
		sub.expect(told("subscribe", "flood", 1), "SUBSCRIBE", "flood")
		message := strings.Repeat("m", size)
		receivers, sent := 2, 0
		for ; receivers == 2 && sent < most; sent++ {
			io.WriteString(pub, request("PUBLISH", "flood", message))
			line, err := pub.r.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			receivers = int(line[1] - '0')
			if words, err := sub.frame(); err != nil || len(words) != 3 || words[2] != message {
				t.Fatal("a message did not come whole:", err)
			}
			server.Conns(func(conn *engine.Conn) bool {
				if n := conn.Stats().OutPending; n > hard+size {
					t.Fatal("waiting for one connection:", n)
				}
				return true
			})
		}
		if receivers != 1 {
			t.Errorf("%d receivers in the end", receivers)
		}
		if n := server.Stats().OutClosed; n != 1 {
			t.Errorf("%d closed for the limit", n)
		}
		if n, _ := io.Copy(io.Discard, slow.r); n >= int64(size*sent) {
			t.Error("it got everything")
		}
		within(t, "memory is back", func() bool { return server.Stats().Buffers < 1<<20 })
	})
}

// R18: patterns made to be slow.
func TestR18PatternBombs(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	sub, pub := dial(t, address), dial(t, address)
	bombs := []string{strings.Repeat("a*", 32<<10) + "b", strings.Repeat("*", 64<<10), strings.Repeat("[", 64<<10), strings.Repeat("\\", 64<<10), strings.Repeat("[a", 32<<10), strings.Repeat("*?", 16<<10)}
	for i, bomb := range bombs {
		sub.expect(told("psubscribe", bomb, i+1), "PSUBSCRIBE", bomb)
	}
	name := strings.Repeat("a", 64<<10)
	pub.expect(":2\r\n", "PUBLISH", name, "x")
	for range 2 {
		if words, err := sub.frame(); err != nil || len(words) != 4 || words[2] != name {
			t.Fatal(err)
		}
	}
}

// A client's subscriptions end with it, and its memory with them.
func TestSubscriptionsEnd(t *testing.T) {
	overBoth(t, func(t *testing.T, r *rig, address string) {
		before := r.store.Memory().Used
		sub := dial(t, address)
		sub.expect("+PONG\r\n", "PING")
		var names []string
		for i := range 5000 {
			names = append(names, fmt.Sprint("channel:", i))
		}
		for _, word := range []string{"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"} {
			io.WriteString(sub, request(append([]string{word}, names...)...))
			for range names {
				if _, err := sub.frame(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n := r.e.registry.subscriptions.Load(); n != 15000 {
			t.Error(n)
		}
		if more := r.store.Memory().Used - before; more < 15000*subscriptionBytes {
			t.Errorf("15,000 subscriptions count for %d bytes", more)
		}
		sub.Close()
		within(t, "all ended", func() bool { return r.e.registry.subscriptions.Load() == 0 })
		reg := &r.e.registry
		if reg.channels.Size()+reg.shards.Size()+len(reg.patterns.list)+len(reg.patterns.byName) != 0 {
			t.Error("channels without subscribers are left")
		}
		within(t, "memory given back", func() bool { return r.store.Memory().Used < before+64<<10 })
	})
}

// Joining and leaving from many sides at once leaves a registry that fits the subscriptions.
func TestRegistryRaces(t *testing.T) {
	r := newRig(t, core.Options{})
	r.e.registry.init(&r.e.events)
	reg := &r.e.registry
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			c := r.client().client
			for round := range 2000 {
				name := strconv.Itoa((i + round) % 3)
				s, p := join(reg.channels, name, c), reg.patterns.join(name, c)
				if find(reg.channels, []byte(name)) != s.of || s.of.size() == 0 {
					t.Error("a subscription in a channel that nobody finds")
				}
				reg.reach([]byte(name), false)
				leave(reg.channels, s)
				reg.patterns.leave(p)
			}
		})
	}
	wg.Wait()
	if reg.channels.Size() != 0 || len(reg.patterns.list) != 0 || reg.patterns.size.Load() != 0 {
		t.Error("something is left")
	}
}

// A message is encoded once for each protocol.
func TestMessageShared(t *testing.T) {
	m := message{kind: "message", channel: []byte("c"), payload: []byte("p")}
	if !bytes.Equal(m.encoded(false), []byte(told("message", "c", "p"))) || !bytes.Equal(m.encoded(true), []byte(pushed("message", "c", "p"))) {
		t.Errorf("%q %q", m.v2, m.v3)
	}
	if &m.encoded(false)[0] != &m.v2[0] {
		t.Error("encoded twice")
	}
}

// within waits for a condition.
func within(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never happened:", what)
		}
	}
}
