// Admission and listing of connections (R12, R32).

package engine

import (
	"net/netip"
	"strings"
	"testing"
)

func TestR12MaxClients(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.MaxClients = 3
		r := start(t, o)
		var in []*client
		for range 3 {
			c := r.dial()
			c.expect("echo x", "x")
			in = append(in, c)
		}
		for range 20 {
			if got := string(r.dial().expectEnd()); got != "full\n" {
				t.Fatalf("%q", got)
			}
		}
		if st := r.srv.Stats(); st.Rejected != 20 || st.Accepted != 3 {
			t.Errorf("%+v", st)
		}
		in[0].Close()
		r.eventually("a place is free", func() bool { return r.srv.Count() == 2 })
		r.dial().expect("echo x", "x")
		r.srv.SetMaxClients(4)
		r.dial().expect("echo x", "x")
		if got := string(r.dial().expectEnd()); got != "full\n" {
			t.Fatalf("%q", got)
		}
	})
}

func TestR32ProtectedMode(t *testing.T) {
	password := false
	s, err := NewServer(nil, &lineEngine{}, Options{Protected: true, HasPassword: func() bool { return password }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.backend.finish()
	tcp, unix := &listener{}, &listener{path: "/x"}
	admitted := func(l *listener, peer string) bool {
		var at netip.AddrPort
		if peer != "" {
			at = netip.MustParseAddrPort(peer)
		}
		reason, ok := s.admit(l, at)
		if !ok && reason != ProtectedMode {
			t.Errorf("%s: refused for %d", peer, reason)
		}
		return ok
	}
	for peer, want := range map[string]bool{
		"127.0.0.1:5": true, "127.9.9.9:5": true, "[::1]:5": true, "[::ffff:127.0.0.1]:5": true,
		"10.0.0.1:5": false, "[fe80::1]:5": false, "[::ffff:10.0.0.1]:5": false, "0.0.0.0:5": false,
	} {
		if admitted(tcp, peer) != want {
			t.Errorf("%s: admitted is %v", peer, !want)
		}
	}
	if !admitted(unix, "") {
		t.Error("a unix socket is always local")
	}
	password = true
	if !admitted(tcp, "10.0.0.1:5") {
		t.Error("refused although there is a password")
	}
	password = false
	s.SetProtected(false)
	if !admitted(tcp, "10.0.0.1:5") {
		t.Error("refused although protected mode is off")
	}
	if n := s.Count(); n != 7 {
		t.Errorf("Count = %d", n)
	}
}

func TestConnsAscending(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		for range 40 {
			r.dial().expect("echo x", "x")
		}
		last, n := uint64(0), 0
		r.srv.Conns(func(c *Conn) bool {
			if c.ID <= last || r.srv.Conn(c.ID) != c || c.Server() != r.srv || c.Session() == nil {
				t.Errorf("connection %d after %d", c.ID, last)
			}
			last = c.ID
			n++
			return n < 30
		})
		if n != 30 {
			t.Errorf("%d visited", n)
		}
	})
}

// R11: a storm of short connections leaves nothing behind and hurts nobody.
func TestR11AcceptStorm(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		steady := r.dial()
		for range 10 {
			var storm []*client
			for range 60 {
				storm = append(storm, r.dial())
			}
			for i, c := range storm {
				if i%2 == 0 {
					c.send("echo " + strings.Repeat("y", i) + "\n")
				}
				c.Close()
			}
			steady.expect("echo x", "x")
		}
		r.eventually("all gone", func() bool { return r.srv.Count() == 1 })
	})
}
