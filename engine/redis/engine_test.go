// Tests of the engine: refusals, and many clients at once.

package redis

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

func TestRefusal(t *testing.T) {
	e := newRig(t, core.Options{}).e
	if got := string(e.Refusal(engine.TooManyClients)); got != "-ERR max number of clients reached\r\n" {
		t.Error(got)
	}
	got := string(e.Refusal(engine.ProtectedMode))
	if !strings.HasPrefix(got, "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user.") ||
		strings.Count(got, "\r\n") != 1 || !strings.HasSuffix(got, "\r\n") {
		t.Error(got)
	}
}

func TestAddr(t *testing.T) {
	for want, a := range map[string]net.Addr{
		"127.0.0.1:80": &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}, "[::1]:80": &net.TCPAddr{IP: net.IPv6loopback, Port: 80},
		"/run/x.sock:0": &net.UnixAddr{Name: "/run/x.sock", Net: "unix"}, "?:0": nil,
	} {
		if got := addr(a); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestManyClients: clients on several loops count together in one key, while another lists and kills none of them.
func TestManyClients(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	var wg sync.WaitGroup
	for i := range 8 {
		w := dial(t, address)
		wg.Add(1)
		go func() {
			defer wg.Done()
			name := fmt.Sprintf("own:%d", i)
			for n := 1; n <= 200; n++ {
				w.expect(fmt.Sprintf(":%d\r\n", n), "incr", name)
				if _, err := w.Write([]byte(request("incr", "all"))); err != nil {
					t.Error(err)
					return
				}
				if _, err := w.r.ReadString('\n'); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	lister := dial(t, address)
	for range 50 {
		lister.text("client", "list")
		lister.text("info", "everything")
	}
	wg.Wait()
	lister.expect("$4\r\n1600\r\n", "get", "all")
}
