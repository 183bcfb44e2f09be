// The cost of a request: no allocation, and a benchmark of the whole path over a real socket.

package engine

import (
	"io"
	"net"
	"runtime"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/core/racing"
)

// pinger serves pings and gives a function that sends one and waits for it.
func pinger(t testing.TB, o Options) (ping func()) {
	o.Log = hclog.NewNullLogger()
	s, err := NewServer(nil, pingEngine{}, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("tcp", "127.0.0.1:0", 0); err != nil {
		t.Fatal(err)
	}
	go s.Serve()
	t.Cleanup(func() { s.Shutdown(t.Context()) })
	c, err := net.Dial("tcp", s.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	b := make([]byte, 64)
	return func() {
		if _, err := c.Write(b); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, b); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNoAllocationPerRequest(t *testing.T) {
	if racing.On {
		t.Skip("the race detector allocates")
	}
	ping := pinger(t, Options{})
	for range 100 {
		ping()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const n = 20000
	for range n {
		ping()
	}
	runtime.ReadMemStats(&after)
	if d := after.Mallocs - before.Mallocs; d > n/20 {
		t.Errorf("%d allocations for %d requests", d, n)
	}
}

func BenchmarkPing(b *testing.B) {
	for name, o := range map[string]Options{"loops": {}, "portable": {Portable: true}} {
		b.Run(name, func(b *testing.B) {
			ping := pinger(b, o)
			b.ReportAllocs()
			for b.Loop() {
				ping()
			}
		})
	}
}
