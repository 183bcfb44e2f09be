// Settings of the server itself: where it listens, how many clients it takes, its process, its log.

package config

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
)

func serverRows() []Row {
	return []Row{
		{Name: "engine", Kind: Enum("redis", "memcached"), Default: "redis", MemcachedDefault: "memcached", Engines: Both,
			Doc: "The protocol that is spoken: `redis` or `memcached`."},
		{Name: "bind", Kind: Words("addresses", checkBind), Default: "127.0.0.1 -::1", Engines: Both, Memcached: "-l",
			Doc: "Addresses to listen on, separated by blanks. `*` is every IPv4 address, `::*` every IPv6 one; an address with `-` in front may be missing. An address may have its own port (`10.0.0.1:11212`, `[::1]:11212`), and in front of it, for memcached, `notls:` or a tag as in `tag[front]:10.0.0.1:11212`, which is read over. Called as `redis-server` or `memcached`, the default is every address, as the originals'."},
		{Name: "port", Kind: portKind{Int(0, 65535)}, Default: "6379", MemcachedDefault: "11211", Engines: Both, Memcached: "-p",
			Doc: "TCP port; 0 does not listen on TCP. Memcached: -1 is one that the system chooses."},
		{Name: "unixsocket", Kind: Text("path", checkSocketPath), Default: "", Engines: Both, Memcached: "-s",
			Doc: "Path of a unix socket to listen on."},
		{Name: "unixsocketperm", Kind: Octal(), Default: "0", MemcachedDefault: "700", Engines: Both, Memcached: "-a",
			Doc: "Permissions of the unix socket, in octal; 0 leaves them to the umask (memcached: means nobody)."},
		{Name: "protected-mode", Kind: Bool(), Default: "yes", Engines: Both, Live: true,
			Doc: "Refuse clients from other machines as long as no password is set. Called as `memcached` the default is no, as the original has none."},
		{Name: "tcp-backlog", Kind: Int(0, math.MaxInt32), Default: "511", MemcachedDefault: "1024", Engines: Both, Memcached: "-b",
			Doc: "Connections that may wait to be accepted."},
		{Name: "tcp-keepalive", Kind: Int(0, math.MaxInt32), Default: "300", Engines: Both, Live: true,
			Doc: "Seconds of silence after which the system probes a connection; 0 never."},
		{Name: "maxclients", Kind: Int(1, math.MaxUint32), Default: "10000", MemcachedDefault: "1024", Engines: Both, Live: true, Memcached: "-c",
			Doc: "Connections at most; more are refused."},
		{Name: "timeout", Kind: Int(0, math.MaxInt32), Default: "0", Engines: Both, Live: true, Memcached: "-o idle_timeout",
			Doc: "Close a connection that was idle for this many seconds; 0 never."},
		{Name: "first-command-timeout", Kind: Int(0, math.MaxInt32), Default: "10", MemcachedDefault: "0", Engines: Both,
			Doc: "Close a connection that has not sent its first valid command within this many seconds; 0 waits for ever, as memcached does: its clients open connections ahead of need."},
		{Name: "threads", Kind: Int(0, 128), Default: "0", Engines: Both, Memcached: "-t",
			Doc: "Network loops at most; 0 is one less than the machine has CPUs, at least one. As few are used as the load needs."},
		{Name: "shutdown-timeout", Kind: Int(0, math.MaxInt32), Default: "10", Engines: Both, Live: true,
			Doc: "Seconds that a stop waits for running commands and unsent replies."},
		{Name: "loglevel", Kind: logLevels(), Default: "notice", Engines: Both, Live: true,
			Doc: "`debug`, `verbose`, `notice` or `warning`; also `trace`, `info`, `warn`, `error`."},
		{Name: "logfile", Kind: Text("path", nil), Default: "", Engines: Both,
			Doc: "File that the log is appended to; empty is the standard output (standard error when called as `memcached`)."},
		{Name: "log-format", Kind: Enum("text", "json"), Default: "text", Engines: Both,
			Doc: "Lines of text, or one JSON object a line."},
		{Name: "daemonize", Kind: Bool(), Default: "no", Engines: Both, Memcached: "-d",
			Doc: "Run in the background. The command returns when the server listens, or with its error."},
		{Name: "pidfile", Kind: Text("path", nil), Default: "", Engines: Both, Memcached: "-P",
			Doc: "File that the process id is written to and that is removed at the end. In the background, without this, redis uses /var/run/redis.pid if it can."},
		{Name: "dir", Kind: dirKind{}, Default: "", Engines: Both, Live: true, Protected: true,
			Doc: "Working directory; empty stays where the server was started."},
		{Name: "run-as", Kind: Text("user", nil), Default: "", Engines: Both, Memcached: "-u",
			Doc: "Become this user before opening the ports, when started as root."},
		{Name: "core-dumps", Kind: Bool(), Default: "no", Engines: Both, Memcached: "-r",
			Doc: "Raise the limit of core files as far as the system allows."},
	}
}

// levelKind takes the words of redis and those of hclog; the former are what is stored.
type levelKind struct{ enumKind }

func logLevels() Kind {
	return levelKind{enumKind{[]string{"debug", "verbose", "notice", "warning"}}}
}

func (k levelKind) parse(text string) (string, int64, error) {
	switch strings.ToLower(text) {
	case "trace":
		text = "debug"
	case "info":
		text = "notice"
	case "warn", "error":
		text = "warning"
	}
	return k.enumKind.parse(text)
}

// SocketPathMax is the longest path that the system takes for a unix socket.
const SocketPathMax = 107

func checkSocketPath(path string) error {
	if len(path) > SocketPathMax {
		return fmt.Errorf("unix socket path too long (%d), must be under %d", len(path), SocketPathMax+1)
	}
	return nil
}

func checkBind(list []string) error {
	if len(list) > 16 {
		return errors.New("Too many bind addresses specified.")
	}
	return nil
}

// portKind is a port, or -1 for any; whether any port is good is the engine's to say.
type portKind struct{ Kind }

func (k portKind) parse(text string) (string, int64, error) {
	if text == "-1" {
		return text, -1, nil
	}
	return k.Kind.parse(text)
}

// dirKind is a directory that is there; the value is its absolute path.
type dirKind struct{}

func (dirKind) parse(path string) (string, int64, error) {
	if path == "" {
		return "", 0, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", 0, Cause(err)
	}
	if !info.IsDir() {
		return "", 0, errors.New("Not a directory")
	}
	whole, err := filepath.Abs(path)
	if err != nil {
		return "", 0, Cause(err)
	}
	return whole, 0, nil
}

func (dirKind) words() bool      { return false }
func (dirKind) describe() string { return "directory" }

func checkFileName(name string) error {
	if strings.ContainsRune(name, '/') || name == "." || name == ".." {
		return errors.New("can't be a path, just a filename")
	}
	return nil
}
