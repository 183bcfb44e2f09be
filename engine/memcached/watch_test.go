package memcached

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// watched has a watcher without a connection follow events, and returns what takes its lines, without their time and number.
func (r *rig) watched(events watchEvent) func() string {
	w := &watcher{conn: &engine.Conn{}, events: events}
	r.e.watch.set([]*watcher{w})
	head := regexp.MustCompile(`(?m)^ts=\d{10}\.\d{6} gid=\d+ type=`)
	return func() string {
		w.mu.Lock()
		defer w.mu.Unlock()
		lines := head.ReplaceAllString(string(w.buf), "")
		w.buf = nil
		return lines
	}
}

func TestWatchedRequests(t *testing.T) {
	r := newRig(t)
	lines := r.watched(watchFetch | watchStore)
	c := r.client()
	const found, missing = " status=found clsid=", " status=not_found clsid=0 cfd=0 size=0\n"
	for _, x := range []struct{ in, want string }{
		{"set k 0 0 3\r\nabc\r\n", "item_get key=k" + missing + "item_store key=k status=stored cmd=set ttl=0 clsid=1 cfd=0 size=3\n"},
		{"set k 0 60 3 noreply\r\nabc\r\n", "item_get key=k" + found + "1 cfd=0 size=3\nitem_store key=k status=stored cmd=set ttl=60 clsid=2 cfd=0 size=3\n"},
		{"add k 0 0 1\r\na\r\n", "item_get key=k" + found + "2 cfd=0 size=3\nitem_store key=k status=not_stored cmd=add ttl=0 clsid=0 cfd=0 size=1\n"},
		{"replace no 0 0 1\r\na\r\n", "item_get key=no" + missing + "item_store key=no status=not_stored cmd=replace ttl=0 clsid=0 cfd=0 size=1\n"},
		{"append k 0 0 1\r\na\r\n", "item_get key=k" + found + "2 cfd=0 size=3\nitem_store key=k status=stored cmd=append ttl=60 clsid=2 cfd=0 size=4\n"},
		{"cas k 0 0 1 7\r\na\r\n", "item_get key=k" + found + "2 cfd=0 size=4\nitem_store key=k status=exists cmd=cas ttl=0 clsid=0 cfd=0 size=1\n"},
		{"cas no 0 0 1 7\r\na\r\n", "item_get key=no" + missing + "item_store key=no status=not_found cmd=cas ttl=0 clsid=0 cfd=0 size=1\n"},
		{"get k no\r\n", "item_get key=k" + found + "2 cfd=0 size=4\nitem_get key=no" + missing},
		{"gat 5 k\r\n", "item_get key=k" + found + "2 cfd=0 size=4\n"},
		{"touch no 5\r\n", "item_get key=no" + missing},
		{"incr no 1\r\n", "item_get key=no" + missing},
		{"delete k\r\n", "item_get key=k" + found + "2 cfd=0 size=4\n"},
		{"ms m 2 T100\r\nhi\r\n", "item_get key=m" + missing + "item_store key=m status=stored cmd=set ttl=100 clsid=2 cfd=0 size=2\n"},
		{"ms m 2 q\r\nhi\r\n", "item_get key=m" + found + "2 cfd=0 size=2\nitem_store key=m status=stored cmd=set ttl=0 clsid=1 cfd=0 size=2\n"},
		{"ms m 2 ME\r\nhi\r\n", "item_get key=m" + found + "1 cfd=0 size=2\nitem_store key=m status=not_stored cmd=add ttl=0 clsid=0 cfd=0 size=2\n"},
		{"ms no 2 C5\r\nhi\r\n", "item_get key=no" + missing + "item_store key=no status=not_found cmd=cas ttl=0 clsid=0 cfd=0 size=2\n"},
		{"mg m v\r\n", "item_get key=m" + found + "1 cfd=0 size=2\n"},
		{"mg \"%\xff s\r\n", "item_get key=%22%25%FF" + missing},
		{"ma no\r\n", "item_get key=no" + missing},
		{"ma n N60 J10\r\n", "item_get key=n" + missing + "item_get key=n" + missing + "item_store key=n status=stored cmd=add ttl=60 clsid=2 cfd=0 size=2\n"},
		{"version\r\nmn\r\n", ""},
		{"set big 0 0 2000000\r\n" + strings.Repeat("x", 2000000) + "\r\n", "item_store key=big status=too_large cmd=set ttl=0 clsid=0 cfd=0 size=0\nitem_get key=big" + missing},
		{"ms big 2000000 T30 ME\r\n" + strings.Repeat("x", 2000000) + "\r\n", "item_store key=big status=too_large cmd=add ttl=0 clsid=0 cfd=0 size=0\nitem_get key=big" + missing},
	} {
		c.send(x.in)
		if got := lines(); got != x.want {
			t.Errorf("%.30q:\n%swant\n%s", x.in, got, x.want)
		}
	}
}

// frameOf is a request of the binary protocol.
func frameOf(op byte, cas uint64, key string, ext []byte, value string) string {
	h := make([]byte, headerLen)
	h[0], h[1], h[4] = requestMagic, op, byte(len(ext))
	binary.BigEndian.PutUint16(h[2:], uint16(len(key)))
	binary.BigEndian.PutUint32(h[8:], uint32(len(ext)+len(key)+len(value)))
	binary.BigEndian.PutUint64(h[16:], cas)
	return string(h) + string(ext) + key + value
}

// TestM11BinarySetFailsWhileWatched: every way in which a binary request to store can fail is a line, and the next one is answered.
func TestM11BinarySetFailsWhileWatched(t *testing.T) {
	r := newRig(t)
	lines := r.watched(watchStore)
	c := r.client()
	ext := []byte{0, 0, 0, 0, 0, 0, 0, 9}
	for _, x := range []struct{ in, want string }{
		{frameOf(1, 0, "k", ext, "abc"), "status=stored cmd=set ttl=9 clsid=3 cfd=0 size=3"},
		{frameOf(2, 0, "k", ext, "abc"), "status=not_stored cmd=add ttl=9 clsid=0 cfd=0 size=3"},
		{frameOf(3, 0, "no", ext, "abc"), "status=not_stored cmd=replace ttl=9 clsid=0 cfd=0 size=3"},
		{frameOf(1, 77, "k", ext, "abc"), "status=exists cmd=cas ttl=9 clsid=0 cfd=0 size=3"},
		{frameOf(1, 77, "no", ext, "abc"), "status=not_found cmd=cas ttl=9 clsid=0 cfd=0 size=3"},
		{frameOf(0x0e, 0, "k", nil, "abc"), "status=stored cmd=append ttl=9 clsid=3 cfd=0 size=6"},
		{frameOf(1, 0, "k", ext, strings.Repeat("x", 2<<20)), "status=too_large cmd=set ttl=0 clsid=0 cfd=0 size=0"},
	} {
		c.send(x.in)
		got := strings.TrimSpace(lines())
		if _, got, _ = strings.Cut(got, " status="); "status="+got != x.want {
			t.Errorf("opcode %d: status=%s, want %s", x.in[1], got, x.want)
		}
	}
	if got := c.send(frameOf(0x0a, 0, "", nil, "")); len(got) != headerLen {
		t.Errorf("noop is answered %q", got)
	}
}

func TestWatchedEviction(t *testing.T) {
	r := newRig(t)
	lines := r.watched(watchEvict)
	tx := r.store.NewTx()
	tx.Enter()
	defer tx.Leave()
	k := r.store.Key([]byte("old"))
	tx.Lock1(k)
	defer tx.Unlock()
	if err := tx.Put(0, k, core.Value{Bytes: []byte("value")}); err != nil {
		t.Fatal(err)
	}
	it := tx.Find(0, k)
	r.e.Removed(0, it, core.Expired)
	r.e.Removed(0, it, core.Evicted)
	if got, want := lines(), "eviction key=old fetch=no ttl=-1 la=0 clsid=1 size=5\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestWatcherWithoutRoomSkips: lines that find no room are counted, and the number stands where they are missing.
func TestWatcherWithoutRoomSkips(t *testing.T) {
	var ws watchers
	ws.init(200, nil)
	w := &watcher{events: watchFetch}
	ws.set([]*watcher{w, {events: watchStore}})
	tell := func(n int) {
		for range n {
			ws.tell(watchFetch, 1_700_000_000_000_005, []byte("x"))
		}
	}
	tell(20)
	kept := strings.Count(string(w.buf), "\n")
	if len(w.buf) > ws.limit || kept == 0 || w.skipped != uint64(20-kept) {
		t.Fatalf("%d bytes, %d lines kept, %d skipped", len(w.buf), kept, w.skipped)
	}
	w.buf = nil
	tell(1)
	if got, want := string(w.buf), fmt.Sprintf("[skipped: %d]\nts=1700000000.000005 gid=22 type=x\n", 20-kept); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestWatchersComeAndGo: their number is bounded, nobody is told after it left, and the goroutine ends with the last of them.
func TestWatchersComeAndGo(t *testing.T) {
	r := newRig(t)
	ws := &r.e.watch
	var conns [maxWatchers + 1]engine.Conn
	var wait sync.WaitGroup
	for i := range conns[:maxWatchers] {
		wait.Go(func() {
			if !ws.add(&conns[i], watchFetch) {
				t.Error("refused")
			}
		})
	}
	wait.Wait()
	if ws.add(&conns[maxWatchers], watchFetch) {
		t.Error("one more than allowed")
	}
	stop := ws.stop
	for i := range conns {
		ws.remove(&conns[i])
	}
	select {
	case <-stop:
	default:
		t.Error("the goroutine has not been ended")
	}
	if ws.wants(watchFetch) || len(*ws.list.Load()) > 0 {
		t.Error("somebody still watches")
	}
}

func TestWatchIsRefused(t *testing.T) {
	if got := newRig(t).client().send("watch fetchers nonsense\r\n"); got != "ERROR\r\n" {
		t.Errorf("an unknown event: %q", got)
	}
	if got := newRig(t, "CACHESRV_DISABLE_WATCH=yes").client().send("watch\r\n"); got != replyNoWatch+"\r\n" {
		t.Errorf("with -W: %q", got)
	}
}
