// Tests of client eviction.

package redis

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

// fill sends an unfinished request of n bytes, or as much of it as the server takes.
func (w *wire) fill(n int) error {
	_, err := io.WriteString(w, "*2\r\n$3\r\nGET\r\n$100000000\r\n"+strings.Repeat("x", n))
	return err
}

func TestEvictClients(t *testing.T) {
	r := newRig(t, core.Options{})
	r.set.Note("maxmemory-clients", "16mb")
	address := r.listen()
	keeper, small, large := dial(t, address), dial(t, address), dial(t, address)
	small.expect("+PONG\r\n", "ping") // behind its first command a client has no small limits any more
	large.expect("+PONG\r\n", "ping")
	keeper.expect("+OK\r\n", "client", "no-evict", "on")
	if err := keeper.fill(3 << 20); err != nil {
		t.Fatal(err)
	}
	if err := small.fill(1 << 20); err != nil {
		t.Fatal(err)
	}
	large.SetDeadline(time.Now().Add(10 * time.Second))
	large.fill(40 << 20) // more than there is room for: the largest goes, and only it
	if b, err := io.ReadAll(large.r); len(b) > 0 {
		t.Fatalf("%q %v", b, err)
	}
	if n := r.e.evictedClients.Load(); n != 1 {
		t.Errorf("%d connections ended", n)
	}
	other := dial(t, address)
	for range 1000 { // the registry forgets a connection a moment after its client has seen the end
		if strings.Count(other.text("client", "list"), "\n") == 3 {
			return
		}
	}
	t.Errorf("left are\n%s", other.text("client", "list"))
}

func TestClientsLimit(t *testing.T) {
	r := newRig(t, core.Options{})
	for text, want := range map[string]int64{"0": 0, "5mb": 5 << 20, "10%": 100} {
		r.set.Note("maxmemory-clients", text)
		r.store.SetMaxMemory(1000)
		if n := r.e.clientsLimit(); n != want {
			t.Errorf("%s: %d, want %d", text, n, want)
		}
	}
	r.set.Note("maxmemory-clients", "10%")
	r.store.SetMaxMemory(0)
	if n := r.e.clientsLimit(); n != 0 {
		t.Errorf("a share of no limit is %d", n)
	}
}

// left waits until so many connections are listed, and says how many had to go.
func (r *rig) left(n int) int64 {
	r.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if r.e.server.Load().Count() <= n {
			break
		}
	}
	return r.e.evictedClients.Load()
}

// TestEvictManySmallClients: none of them holds much, all together they do.
func TestEvictManySmallClients(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	const n = 60
	for range n {
		w := dial(t, address)
		w.expect("+PONG\r\n", "ping")
		if err := w.fill(30 << 10); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(10 * time.Second); r.store.Foreign() < n*30<<10; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("only %d bytes have arrived", r.store.Foreign())
		}
	}
	me := dial(t, address)
	me.expect("+OK\r\n", "config", "set", "maxmemory-clients", "1mb") // they go at once
	if gone := r.left(n / 2); gone < n/4 || gone > n-10 {
		t.Errorf("%d of %d had to go", gone, n)
	}
	me.expect("+PONG\r\n", "ping")
	before := r.e.evictedClients.Load()
	for i := 0; r.e.evictedClients.Load() == before; i++ { // and again when more come
		if i == 200 {
			t.Fatal("nobody has to go any more")
		}
		w := dial(t, address)
		w.expect("+PONG\r\n", "ping")
		w.fill(30 << 10)
		me.expect("+PONG\r\n", "ping")
	}
}
