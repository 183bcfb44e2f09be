// Style: the words in which a start fails or succeeds, per name that the program was called by.

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine/memcached"
)

// listenError is an address that could not be opened.
type listenError struct {
	network, address string // "tcp" or "udp" and host:port, or "unix" and path
	setting          string // "port", "tls-port", "udp-port", "unixsocket", or "bind" where the address is wrong
	from             config.Where
	err              error
}

func (e *listenError) Error() string {
	return fmt.Sprintf("%s: %s: %v", e.from, e.setting, e.err)
}

func (e *listenError) Unwrap() error { return e.err }

// logfileError is a log that could not be opened.
type logfileError struct {
	from config.Where
	path string
	err  error // in redis's words
}

func (e *logfileError) Error() string {
	return fmt.Sprintf("%s: logfile: %v (%s)", e.from, e.err, e.path)
}

func (e *logfileError) Unwrap() error { return e.err }

// style is a name's way of saying things.
type style interface {
	// fail writes why there is no server and gives the exit status.
	fail(w io.Writer, err error) int

	// log is where the log goes without a logfile.
	log() *os.File

	// greetsFirst tells whether the log begins before it is known that there will be a server. Without, a start that fails says only why.
	greetsFirst() bool

	// ready says that an address takes connections.
	ready(network string) string
}

// readyWords are redis's, for all names: whoever reads the log finds the same words everywhere.
const readyWords = "Ready to accept connections "

type plainStyle struct{}

func (plainStyle) log() *os.File { return os.Stdout }

func (plainStyle) greetsFirst() bool { return true }

func (plainStyle) ready(network string) string { return readyWords + network }

func (plainStyle) fail(w io.Writer, err error) int {
	fmt.Fprintln(w, "cachesrv:", explained(err))
	return 1
}

type redisStyle struct{}

func (redisStyle) log() *os.File { return os.Stdout }

func (redisStyle) greetsFirst() bool { return true }

// ready keeps the sign that stands for the level in redis's log: container tests wait for it together with the words.
func (redisStyle) ready(network string) string { return "* " + readyWords + network }

// fail writes configuration errors as redis-server does; what failed later goes out as lines of its log.
func (redisStyle) fail(w io.Writer, err error) int {
	var missing *config.MissingFile
	var listen *listenError
	var log *logfileError
	switch {
	case errors.As(err, &log):
		w.Write(config.FatalRedis(log.err))
	case errors.As(err, &missing):
		fmt.Fprintf(os.Stdout, "%d:C # Fatal error, %v\n", os.Getpid(), missing)
	case errors.As(err, &listen) && listen.network == "unix":
		fmt.Fprintf(w, "# Failed opening Unix socket: %v\n", listen.err)
	case errors.As(err, &listen):
		_, port, _ := net.SplitHostPort(listen.address)
		fmt.Fprintf(w, "# Warning: Could not create server TCP listening socket %s: bind: %s\n", listen.address, config.Cause(listen.err))
		fmt.Fprintf(w, "# Failed listening on port %s (TCP), aborting.\n", port)
	default:
		w.Write(config.FatalRedis(err))
	}
	return 1
}

type memcachedStyle struct{}

func (memcachedStyle) log() *os.File { return os.Stderr }

func (memcachedStyle) greetsFirst() bool { return false }

func (memcachedStyle) ready(network string) string { return readyWords + network }

// fail writes the original's lines: what the system said comes first, as perror writes it, unless the port is in use.
func (memcachedStyle) fail(w io.Writer, err error) int {
	var refused *config.Refusal
	var listen *listenError
	var users *memcached.UsersError
	var unknown *net.DNSError
	var bad badBind
	switch {
	case errors.As(err, &users) && !users.SASL && users.Read:
		fmt.Fprintf(w, "Authfile [%s] has a malformed entry. Should be 'user:password'\n", users.Path)
	case errors.As(err, &users) && !users.SASL:
		fmt.Fprintf(w, "Could not open authfile [%s] for reading, error %v\n", users.Path, config.Cause(users.Err))
	case errors.As(err, &refused):
		fmt.Fprintln(w, refused.Text)
		return refused.Status
	case errors.As(err, &listen) && errors.As(err, &bad):
		fmt.Fprintf(w, "%v\nfailed to listen on one of interface(s) %s\n", bad, listen.address)
		return config.ExitOS
	case errors.As(err, &listen) && listen.network == "unix":
		cause := config.Cause(listen.err)
		fmt.Fprintf(w, "bind(): %v\nfailed to listen on UNIX socket: %s: %v\n", cause, listen.address, cause)
		return config.ExitOS
	case errors.As(err, &listen):
		host, port, _ := net.SplitHostPort(listen.address)
		if errors.As(err, &unknown) {
			listen.err = errors.New("Name or service not known")
			fmt.Fprintf(w, "getaddrinfo(): %v\n", listen.err)
		} else if !errors.Is(err, syscall.EADDRINUSE) {
			fmt.Fprintf(w, "bind(): %v\n", config.Cause(listen.err))
		}
		if host == "0.0.0.0" || host == "::" {
			fmt.Fprintf(w, "failed to listen on %s port %s: %s\n", strings.ToUpper(listen.network), port, config.Cause(listen.err))
		} else {
			fmt.Fprintf(w, "failed to listen on one of interface(s) %s: %s\n", host, config.Cause(listen.err))
		}
		return config.ExitOS
	}
	fmt.Fprintln(w, err)
	return config.ExitFailure
}
