// The file that tells others which ports were opened.

package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/cachesrv/cachesrv/engine"
)

// writePorts writes one line per address of TCP and UDP, as memcached does. It appears whole: whoever waits for it finds every port in it.
// Without a path there is nothing to do.
func writePorts(path string, list []engine.Address) error {
	if path == "" {
		return nil
	}
	var b bytes.Buffer
	for _, a := range list {
		var ip net.IP
		port := 0
		switch at := a.Addr.(type) {
		case *net.TCPAddr:
			ip, port = at.IP, at.Port
		case *net.UDPAddr:
			ip, port = at.IP, at.Port
		default:
			continue
		}
		family := "INET"
		if ip.To4() == nil {
			family = "INET6"
		}
		fmt.Fprintf(&b, "%s %s: %d\n", strings.ToUpper(a.Network()), family, port)
	}
	draft := path + ".lck"
	if err := os.WriteFile(draft, b.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(draft, path)
}
