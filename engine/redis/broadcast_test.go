// Invalidations by prefix: who gets which keys in which message.

package redis

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestBroadcast(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	w, other := dial3(t, address), dial(t, address)
	w.all("+OK\r\n", "client tracking on bcast prefix a prefix b noloop")
	w.all("+OK\r\n+OK\r\n+OK\r\n", "set a1 1", "set c 1", "set b1 1")
	other.all("+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n", "set b2 1", "set a2 1", "set a1 2", "set b1 1", "set c 1", "set a2 3")
	w.expect(gone("a1", "a2") + gone("b1", "b2"))
	other.all(":1\r\n", "del a1")
	w.expect(gone("a1"))
	w.all("_\r\n+OK\r\n+OK\r\n+PONG\r\n", "get a1", "client tracking off", "client tracking on bcast", "ping")
	w.all("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n+OK\r\n+PONG\r\n+OK\r\n"+gone("aa", "mm", "zz"), "multi", "set zz 1", "set aa 1", "exec", "ping", "set mm 1")
	w.all("+OK\r\n"+gone("e"), "set e 1 px 10")
	r.now.Add(100)
	w.all("_\r\n"+gone("e"), "get e")
	other.all("+OK\r\n", "flushdb")
	w.expect(gone())
	w.all("+OK\r\n", "client tracking off")
	other.all("+OK\r\n", "set e 1")
	w.all("+PONG\r\n", "ping")
}

// TestBroadcastNoLoop has two clients change the same keys: who changed one last is not told of it.
func TestBroadcastNoLoop(t *testing.T) {
	r := newRig(t, core.Options{})
	b := &r.e.trackers.casts
	a, c := &tracker{id: 1}, &tracker{id: 2}
	for _, tr := range []*tracker{a, c} {
		conn := r.client()
		conn.v3 = true
		conn.setBit(bitV3, true)
		tr.e, tr.c, tr.feeding = r.e, conn.client, true
		tr.mode.Store(trackOn | trackBcast | trackNoLoop)
		b.join(tr, []string{"k", ""})
	}
	for _, s := range []struct {
		by  uint64
		key string
	}{{1, "k1"}, {2, "k1"}, {2, "k2"}, {1, "k2"}, {3, "k3"}, {2, "x"}, {2, "k4"}, {2, "k4"}} {
		b.changed(s.by, []byte(s.key))
	}
	b.tell()
	take := func(tr *tracker) string {
		out := tr.write(nil, tr.waiting, tr.c)
		tr.waiting = nil
		return string(out)
	}
	if got, want := take(a), gone("k1", "k3", "k4", "x")+gone("k1", "k3", "k4"); got != want {
		t.Errorf("the first is told %q, want %q", got, want)
	}
	if got, want := take(c), gone("k2", "k3")+gone("k2", "k3"); got != want {
		t.Errorf("the second is told %q, want %q", got, want)
	}
	b.leave(a)
	b.changed(2, []byte("k"))
	b.tell()
	if got := take(a) + take(c); got != "" || b.size() != 2 {
		t.Errorf("after one has left, %q are told; %d prefixes", got, b.size())
	}
	b.leave(c)
	if b.size() != 0 || len(b.lengths) != 0 {
		t.Errorf("%d prefixes of lengths %v are left", b.size(), b.lengths)
	}
}

// TestBroadcastBound changes more in one turn than is collected.
func TestBroadcastBound(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	w, other := dial3(t, address), dial(t, address)
	w.all("+OK\r\n", "client tracking on bcast")
	const n = 3000
	in := request("client", "reply", "off")
	var want []string
	for i := range n {
		key := fmt.Sprintf("%s%05d", strings.Repeat("k", 100), i)
		in += request("set", key, "1")
		want = append(want, key)
	}
	go io.WriteString(other, in)
	var got []string
	for len(got) < n {
		line, err := w.r.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after %d keys", err, len(got))
		}
		if line[0] == 'k' {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Error("other keys were told")
	}
}
