// The words of failed starts under each name, and their exit status.

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine/memcached"
)

func TestFailedListen(t *testing.T) {
	busy := &listenError{"tcp", "0.0.0.0:7000", "port", config.Where{Layer: config.FromFile, File: "c.yaml", Line: 3}, syscall.EADDRINUSE}
	one := &listenError{"tcp", "10.0.0.1:7000", "port", config.Where{}, syscall.EADDRNOTAVAIL}
	unix := &listenError{"unix", "/x", "unixsocket", config.Where{}, syscall.EACCES}
	unknown := &listenError{"tcp", "nosuch.invalid:7000", "port", config.Where{}, &net.DNSError{Err: "no such host", Name: "nosuch.invalid", IsNotFound: true}}
	cases := []struct {
		style  style
		err    error
		status int
		want   string
	}{
		{plainStyle{}, busy, 1, "cachesrv: c.yaml:3: port: address already in use\n"},
		{redisStyle{}, busy, 1, "# Warning: Could not create server TCP listening socket 0.0.0.0:7000: bind: Address already in use\n# Failed listening on port 7000 (TCP), aborting.\n"},
		{redisStyle{}, unix, 1, "# Failed opening Unix socket: permission denied\n"},
		{memcachedStyle{}, busy, 71, "failed to listen on TCP port 7000: Address already in use\n"},
		{memcachedStyle{}, one, 71, "bind(): Cannot assign requested address\nfailed to listen on one of interface(s) 10.0.0.1: Cannot assign requested address\n"},
		{memcachedStyle{}, unix, 71, "bind(): Permission denied\nfailed to listen on UNIX socket: /x: Permission denied\n"},
		{memcachedStyle{}, &config.Refusal{Text: "no", Status: 67}, 67, "no\n"},
		{memcachedStyle{}, unknown, 71, "getaddrinfo(): Name or service not known\nfailed to listen on one of interface(s) nosuch.invalid: Name or service not known\n"},
		{memcachedStyle{}, &memcached.UsersError{Path: "/x", Err: fs.ErrNotExist}, 1, "Could not open authfile [/x] for reading, error No such file or directory\n/x: file does not exist\n"},
		{memcachedStyle{}, &memcached.UsersError{Path: "/x", Read: true, Err: errors.New("line 2: bad")}, 1, "Authfile [/x] has a malformed entry. Should be 'user:password'\n/x: line 2: bad\n"},
		{memcachedStyle{}, &memcached.UsersError{Path: "/x", SASL: true, Read: true, Err: errors.New("line 2: bad")}, 1, "/x: line 2: bad\n"},
		{memcachedStyle{}, errors.New("other"), 1, "other\n"},
	}
	for _, c := range cases {
		var b bytes.Buffer
		if status := c.style.fail(&b, c.err); status != c.status || b.String() != c.want {
			t.Errorf("%T: %d %q, want %d %q", c.style, status, b.String(), c.status, c.want)
		}
	}
}

func TestReportOfTheChild(t *testing.T) {
	err := reported("71 ")
	var end *exitStatus
	if !errors.As(err, &end) || end.status != 71 || end.text != "" {
		t.Errorf("%v", err)
	}
	for _, lost := range []string{"", "x y", "0 fine"} {
		if err := reported(lost); err == nil || errors.As(err, &end) {
			t.Errorf("%q: %v", lost, err)
		}
	}
}

func TestLogFileIsOpenedAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.log")
	w, err := newLogWriter(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	write("one\n")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if err := w.reopen(); err != nil {
		t.Fatal(err)
	}
	write("two\n")
	old, _ := os.ReadFile(path + ".1")
	fresh, _ := os.ReadFile(path)
	if string(old) != "one\n" || string(fresh) != "two\n" {
		t.Errorf("old %q, new %q", old, fresh)
	}
	if _, err := newLogWriter("/nonexistent/x", nil); err == nil || err.Error() != "Can't open the log file: No such file or directory" {
		t.Errorf("%v", err)
	}
}

func TestLogLevelFollowsTheSetting(t *testing.T) {
	s := config.Defaults(config.Redis)
	log := newLogger(s, &logWriter{file: os.Stderr}).Named("x")
	for word, want := range map[string]hclog.Level{"debug": hclog.Trace, "verbose": hclog.Debug, "notice": hclog.Info, "warning": hclog.Warn} {
		if err := s.Set("loglevel", word); err != nil || log.GetLevel() != want {
			t.Errorf("%s: %v, %v", word, log.GetLevel(), err)
		}
	}
}
