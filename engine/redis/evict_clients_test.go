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
