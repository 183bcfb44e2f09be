// Listening on TCP: errors, several addresses, addresses opened while serving.

package engine

import (
	"context"
	"net"
	"strings"
	"testing"
)

func TestListenErrorsSayWhatToDo(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		s, err := NewServer(nil, &lineEngine{}, o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Shutdown(context.Background())
		for address, want := range map[string]string{
			taken.Addr().String(): "address already in use",
			"203.0.113.7:6379":    "no such address",
			"127.0.0.1:99999":     "invalid port",
			"nonsense":            "missing port",
		} {
			err := s.Listen("tcp", address, 0)
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), address) {
				t.Errorf("%s: %v", address, err)
			}
		}
		if err := s.Listen("sctp", "127.0.0.1:0", 0); err == nil {
			t.Error("an unknown network was accepted")
		}
		if n := len(s.Addrs()); n != 0 {
			t.Errorf("%d addresses after nothing but errors", n)
		}
	})
}

func TestListenWhileServing(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		r.dial().expect("echo x", "x")
		for _, address := range []string{"127.0.0.1:0", ":0", "[::1]:0"} {
			if err := r.srv.Listen("tcp", address, 0); err != nil {
				if address == "[::1]:0" {
					continue // no IPv6 here
				}
				t.Fatal(err)
			}
			addrs := r.srv.Addrs()
			_, port, _ := net.SplitHostPort(addrs[len(addrs)-1].String())
			host := "127.0.0.1"
			if address[0] == '[' {
				host = "::1"
			}
			conn, err := net.Dial("tcp", net.JoinHostPort(host, port))
			if err != nil {
				t.Fatal(address, err)
			}
			c := r.dial()
			c.Conn = conn
			c.r.Reset(conn)
			c.expect("echo x", "x")
			conn.Close()
		}
	})
}
