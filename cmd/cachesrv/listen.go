// Opening what bind, port, udp-port and unixsocket name.

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
	network, hostPort string // network is tcp, tcp4 or tcp6
	optional          bool   // may be missing on this machine
	plain             bool   // without TLS where others have it
}

// addresses reads a value of bind. An entry is a name or address, * for all of IPv4, ::* for all of IPv6, or any of them with
// its own port, as memcached's -l takes it. In front of it notls: leaves TLS away there, and a tag is read over: the original tells them
// to its proxy only. The words of errors are the original's.
func addresses(bind string, port int64) ([]address, error) {
	var list []address
	for _, word := range strings.Fields(bind) {
		a := address{network: "tcp"}
		word, a.plain = strings.CutPrefix(word, "notls:")
		word, err := cutTag(word)
		if err != nil {
			return nil, badBind{err}
		}
		word, a.optional = strings.CutPrefix(word, "-")
		host, own, err := splitPort(word)
		if err != nil {
			return nil, badBind{err}
		}
		if own == "" {
			own = strconv.FormatInt(max(port, 0), 10) // -1 is any
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
	return list, nil
}

// badBind is a value of bind that cannot be read.
type badBind struct{ error }

// cutTag takes a tag off the front of an entry: tag[name]:, the brackets being part of it.
func cutTag(word string) (string, error) {
	rest, found := strings.CutPrefix(word, "tag[")
	if !found {
		return word, nil
	}
	tag, rest, closed := strings.Cut(rest, "]:")
	switch {
	case !closed:
		return "", fmt.Errorf("Invalid tag in socket config: \"%s\"", word[len("tag"):])
	case len(tag) < 1 || len(tag) > 8:
		return "", fmt.Errorf("Listener tags must be between 1 and 8 characters: \"%s\"", tag)
	}
	return rest, nil
}

// splitPort takes a port off an entry: host:port or [address]:port. A bare IPv6 address has none.
func splitPort(word string) (host, port string, err error) {
	colon := -1
	if strings.HasPrefix(word, "[") {
		end := strings.IndexByte(word, ']')
		if end < 0 {
			return "", "", fmt.Errorf("Invalid IPV6 address: \"%s\"", word)
		}
		host, word = word[1:end], word[end+1:]
		colon = strings.IndexByte(word, ':')
	} else if host = word; strings.Count(word, ":") == 1 {
		colon = strings.IndexByte(word, ':')
		host = word[:colon]
	}
	if colon < 0 {
		return host, "", nil
	}
	port = word[colon+1:]
	n, err := strconv.Atoi(port)
	if err != nil || n < -1 || n > 65535 {
		return "", "", fmt.Errorf("Invalid port number: \"%s\"", port)
	}
	return host, strconv.Itoa(max(n, 0)), nil
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
			setting = blamed(setting, err)
			return &listenError{"tcp", address, setting, s.Source(setting), err}
		}
		opened += n
	}
	if udp := s.Engine() == config.Memcached && s.Int("udp-port") != 0; udp {
		n, address, err := listenUDP(s, server, s.Int("udp-port"))
		if err != nil {
			setting := blamed("udp-port", err)
			return &listenError{"udp", address, setting, s.Source(setting), err}
		}
		opened += n
	}
	if path := s.Get("unixsocket"); path != "" {
		mode := fs.FileMode(s.Int("unixsocketperm"))
		if s.Engine() == config.Memcached {
			mode |= fs.ModeSocket // -a 0 is nobody
		}
		if err := server.Listen("unix", path, mode); err != nil {
			return &listenError{"unix", path, "unixsocket", s.Source("unixsocket"), err}
		}
		opened++
	}
	if opened == 0 {
		return &config.Error{Where: s.Source("bind"), Setting: "bind", Err: errors.New("none of the addresses is there: nothing to listen on")}
	}
	return nil
}

// blamed is the setting that is wrong when a port cannot be opened: bind where the address is at fault.
func blamed(port string, err error) string {
	var noName *net.DNSError
	var bad badBind
	if missingHere(err) || errors.As(err, &noName) || errors.As(err, &bad) {
		return "bind"
	}
	return port
}

// listenAt opens a port on every address of bind; failed is the one that an error is about.
func listenAt(s *config.Settings, server *engine.Server, port int64, greet engine.TLSConfig) (opened int, failed string, err error) {
	list, err := addresses(s.Get("bind"), port)
	if err != nil {
		return 0, s.Get("bind"), err
	}
	for _, a := range list {
		if a.plain && greet == nil {
			return opened, s.Get("bind"), badBind{errors.New("'notls' option is valid only when SSL is enabled")}
		}
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

// localBind is where UDP is open as long as nobody named addresses: datagrams of forged senders must come from this machine.
const localBind = "127.0.0.1 -::1"

func udpIsLocal(s *config.Settings) bool {
	return s.Engine() == config.Memcached && s.Int("udp-port") != 0 && s.Source("bind").Layer == config.FromDefault
}

// listenUDP opens a UDP port on the addresses of bind, if somebody named them.
func listenUDP(s *config.Settings, server *engine.Server, port int64) (opened int, failed string, err error) {
	bind := s.Get("bind")
	if udpIsLocal(s) {
		bind = localBind
	}
	list, err := addresses(bind, port)
	if err != nil {
		return 0, bind, err
	}
	for _, a := range list {
		err := server.ListenPacket("udp"+strings.TrimPrefix(a.network, "tcp"), a.hostPort)
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
