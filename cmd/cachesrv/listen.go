// Opening what bind, port and unixsocket name.

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/certs"
)

// address is one TCP address to open.
type address struct {
	network, hostPort string
	optional          bool // may be missing on this machine
	plain             bool // without TLS where others have it
}

// addresses reads a value of bind. An entry is a name or address, * for all of IPv4, ::* for all of IPv6, or any of them with
// its own port, as memcached's -l takes it; notls: in front leaves TLS away there.
func addresses(bind string, port int64) []address {
	var list []address
	for _, word := range strings.Fields(bind) {
		a := address{network: "tcp"}
		word, a.plain = strings.CutPrefix(word, "notls:")
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
func listen(s *config.Settings, server *engine.Server, keeper *certs.Keeper) error {
	opened := 0
	for _, setting := range []string{"port", "tls-port"} {
		port := s.Int(setting)
		if port == 0 || setting == "tls-port" && s.Engine() != config.Redis {
			continue
		}
		var greet engine.TLSConfig
		if setting == "tls-port" || s.Engine() == config.Memcached && s.Bool("enable-ssl") {
			greet = keeper.Config
		}
		n, address, err := listenAt(s, server, port, greet)
		if err != nil {
			return &listenError{"tcp", address, setting, s.Source(setting), err}
		}
		opened += n
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

// listenAt opens a port on every address of bind; failed is the one that an error is about.
func listenAt(s *config.Settings, server *engine.Server, port int64, greet engine.TLSConfig) (opened int, failed string, err error) {
	for _, a := range addresses(s.Get("bind"), port) {
		config := greet
		if a.plain {
			config = nil
		}
		err := server.ListenTLS(a.network, a.hostPort, 0, config)
		switch {
		case err == nil:
			opened++
		case !a.optional || !missingHere(err):
			return opened, a.hostPort, err
		}
	}
	return opened, "", nil
}

// moveTLS has the server listen for TLS connections on another port, or on none, instead of those where it does. Connections stay. It runs
// under the lock of the settings.
func moveTLS(s *config.Settings, server *engine.Server, port int64, greet engine.TLSConfig) error {
	if port == s.Int("tls-port") {
		return nil
	}
	old := server.Addresses()
	among := func(list []engine.Address) func(a engine.Address) bool {
		return func(a engine.Address) bool {
			return a.TLS && slices.ContainsFunc(list, func(o engine.Address) bool { return o.TLS && o.String() == a.String() })
		}
	}
	if port != 0 {
		opened, _, err := listenAt(s, server, port, greet)
		if err == nil && opened == 0 {
			err = errors.New("none of the addresses is there")
		}
		if err != nil {
			isOld := among(old)
			server.Unlisten(func(a engine.Address) bool { return a.TLS && !isOld(a) })
			return fmt.Errorf("Unable to listen on this port. Check server logs: %w", err)
		}
	}
	server.Unlisten(among(old))
	return nil
}

// missingHere tells whether an address failed because the machine does not have it or its protocol.
func missingHere(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EPROTONOSUPPORT)
}
