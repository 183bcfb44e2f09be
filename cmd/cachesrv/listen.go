// Opening what bind, port and unixsocket name.

package main

import (
	"errors"
	"io/fs"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine"
)

// address is one TCP address to open.
type address struct {
	network, hostPort string
	optional          bool // may be missing on this machine
}

// addresses reads a value of bind. An entry is a name or address, * for all of IPv4, ::* for all of IPv6, or any of them with
// its own port, as memcached's -l takes it.
func addresses(bind string, port int64) []address {
	var list []address
	for _, word := range strings.Fields(bind) {
		a := address{network: "tcp"}
		word, a.optional = strings.CutPrefix(word, "-")
		host, own := splitPort(word)
		if own == "" {
			own = strconv.FormatInt(port, 10)
		}
		switch host {
		case "*":
			a.network, host = "tcp4", "0.0.0.0"
		case "::*", "::":
			a.network, host = "tcp6", "::"
		}
		a.hostPort = net.JoinHostPort(host, own)
		list = append(list, a)
	}
	return list
}

// splitPort takes a port off an entry: host:port or [address]:port. A bare IPv6 address has none.
func splitPort(word string) (host, port string) {
	if strings.HasPrefix(word, "[") || strings.Count(word, ":") == 1 {
		if h, p, err := net.SplitHostPort(word); err == nil {
			return h, p
		}
	}
	return strings.Trim(word, "[]"), ""
}

// listen opens everything or nothing: the caller shuts the server down on an error.
func listen(s *config.Settings, server *engine.Server) error {
	opened := 0
	if port := s.Int("port"); port != 0 {
		for _, a := range addresses(s.Get("bind"), port) {
			err := server.Listen(a.network, a.hostPort, 0)
			if err != nil && a.optional && missingHere(err) {
				continue
			}
			if err != nil {
				return &listenError{"tcp", a.hostPort, "port", s.Source("port"), err}
			}
			opened++
		}
	}
	if path := s.Get("unixsocket"); path != "" {
		if err := server.Listen("unix", path, fs.FileMode(s.Int("unixsocketperm"))); err != nil {
			return &listenError{"unix", path, "unixsocket", s.Source("unixsocket"), err}
		}
		opened++
	}
	if opened == 0 {
		return &config.Error{Where: s.Source("bind"), Setting: "bind", Err: errors.New("none of the addresses is there: nothing to listen on")}
	}
	return nil
}

// missingHere tells whether an address failed because the machine does not have it or its protocol.
func missingHere(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EPROTONOSUPPORT)
}
