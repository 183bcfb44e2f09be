// The file of ports has the original's lines.

package main

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/cachesrv/cachesrv/engine"
)

func TestWritePorts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ports")
	list := []engine.Address{
		{Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 7}}, {Addr: &net.TCPAddr{IP: net.IPv6zero, Port: 8}, TLS: true},
		{Addr: &net.UnixAddr{Net: "unix", Name: "/x"}}, {Addr: &net.UDPAddr{IP: net.IPv4zero, Port: 9}}, {Addr: &net.UDPAddr{IP: net.IPv6loopback, Port: 10}},
	}
	if err := writePorts(path, list); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if want := "TCP INET: 7\nTCP INET6: 8\nUDP INET: 9\nUDP INET6: 10\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := writePorts(filepath.Join(path, "under a file"), list); err == nil {
		t.Error("no error for a path that cannot be")
	}
	if err := writePorts("", list); err != nil {
		t.Error(err)
	}
}
