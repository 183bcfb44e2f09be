// Waiting after failed logins: how it grows, ends and is bounded.

package acl

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

// TestR28WaitsGrow: the first failures are free, then each doubles the wait up to the limit, for the address alone.
func TestR28WaitsGrow(t *testing.T) {
	var p Penalties
	a, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	now := time.Hour
	var waits []time.Duration
	for range 12 {
		p.Failed(a, now, time.Second)
		waits = append(waits, p.Wait(a, now))
		now += p.Wait(a, now)
	}
	want := []time.Duration{0, 0, 0, 0, 50, 100, 200, 400, 800, 1000, 1000, 1000}
	for i := range want {
		if waits[i] != want[i]*time.Millisecond {
			t.Fatalf("waits %v", waits)
		}
	}
	if p.Wait(other, now) != 0 || p.Wait(a, now) != 0 {
		t.Error("who is innocent waits, or it never ends")
	}
	now += forgetAfter + 1
	p.Failed(a, now, time.Second)
	if p.Wait(a, now) != 0 {
		t.Error("a minute without failures is not forgotten")
	}
	six, neighbour := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::ffff")
	for range 5 {
		p.Failed(six, now, time.Second)
	}
	if p.Wait(neighbour, now) == 0 || p.Wait(netip.MustParseAddr("::ffff:192.0.2.9"), now) != 0 {
		t.Error("a subscriber has a whole network of addresses")
	}
	p.Failed(a, now, 0)
	p.Failed(netip.Addr{}, now, time.Second)
	if p.Wait(netip.Addr{}, now) != 0 {
		t.Error("no address waits")
	}
}

func TestPenaltiesAreBounded(t *testing.T) {
	var p Penalties
	for i := range 2 * mostAddresses {
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], uint32(i))
		p.Failed(netip.AddrFrom4(b), time.Hour, time.Second)
	}
	if len(p.addresses) != mostAddresses {
		t.Errorf("%d addresses", len(p.addresses))
	}
	p.Failed(netip.MustParseAddr("203.0.113.1"), time.Hour+forgetAfter+1, time.Second)
	if len(p.addresses) != 1 {
		t.Errorf("%d addresses are remembered after their time", len(p.addresses))
	}
}
