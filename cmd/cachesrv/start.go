// A start from the command line to the first connection, and back: settings, background, log, server, signals.

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
)

// launch is one start.
type launch struct {
	plan     *config.Plan
	style    style
	notes    []string // warnings of the command line
	stdin    []byte   // the configuration, if it came that way
	needUser bool     // root must name another user
}

// startServer runs a server until it is stopped. When it cannot, the words are written and the error is an *exitStatus.
func startServer(l *launch) error {
	child := openChild()
	s, err := l.plan.Load()
	if err == nil && l.needUser {
		err = config.CheckRunAs(s.Get("run-as"))
	}
	if err != nil {
		return l.fail(child, err)
	}
	if s.Bool("daemonize") && child == nil {
		return runInBackground(l)
	}
	if err := l.runHere(s, child); err != nil {
		return l.fail(child, err)
	}
	return nil
}

// fail writes the words to whoever waits: the parent of a server in the background, or standard error.
func (l *launch) fail(child *childPipe, err error) error {
	if child != nil {
		child.failed(l.style, err)
		return &exitStatus{status: 1}
	}
	return &exitStatus{status: l.style.fail(os.Stderr, err)}
}

func (l *launch) runHere(s *config.Settings, child *childPipe) error {
	if err := enterDirectory(s); err != nil {
		return err
	}
	// As in redis, a relative log file, pid file or socket lies in dir.
	out, err := newLogWriter(absolutePath(s.Get("logfile")), l.style.log())
	if err != nil {
		return &logfileError{s.Source("logfile"), s.Get("logfile"), err}
	}
	log := newLogger(s, out)
	if s.Bool("core-dumps") {
		raiseCoreLimit(log)
	}
	if s.Bool("lock-memory") {
		if err := lockMemory(s.Get("run-as")); err != nil {
			log.Warn("lock-memory (-k) is not in force", "error", err)
		}
	}
	if user := s.Get("run-as"); user != "" {
		if err := becomeUser(user); err != nil {
			return err
		}
	}
	signals := catchSignals(s.Engine())
	greet := func() { hello(s, log, l.notes) }
	if l.style.greetsFirst() {
		greet()
		greet = func() {}
	}
	pidfile := writePidfile(s, log)
	defer removePidfile(pidfile)
	return serve(s, log, process{l.style, out, signals, greet, child.listening})
}

// hello says what starts and what will have no effect. Tools look for the process id in it.
func hello(s *config.Settings, log hclog.Logger, notes []string) {
	log.Info(fmt.Sprintf("cachesrv %s starting, PID: %d", config.Version, os.Getpid()))
	for _, w := range append(notes, s.Warnings()...) {
		log.Warn(w)
	}
}

// enterDirectory makes dir the working directory, and the setting say where that is.
func enterDirectory(s *config.Settings) error {
	s.OnChange("dir", func(path string) { _ = os.Chdir(path) })
	if dir := s.Get("dir"); dir != "" {
		if err := os.Chdir(dir); err != nil {
			return &config.Error{Where: s.Source("dir"), Setting: "dir", Err: config.Cause(err)}
		}
	}
	if here, err := os.Getwd(); err == nil {
		s.Note("dir", here)
	}
	return nil
}

// writePidfile gives the path that was written, absolute, or "". A start does not fail for it, as in the originals.
func writePidfile(s *config.Settings, log hclog.Logger) string {
	path := s.Get("pidfile")
	if path == "" {
		if !s.Bool("daemonize") || s.Engine() != config.Redis {
			return ""
		}
		path = "/var/run/redis.pid"
	}
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	if pid := pidIn(path); pid != os.Getpid() && isRunning(pid) {
		log.Warn("the pid file names a running process", "path", path, "pid", pid)
	}
	if err := os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644); err != nil {
		log.Warn("failed to write the pid file", "path", path, "error", config.Cause(err))
		return ""
	}
	return path
}

// pidIn reads a pid file; 0 if there is none to read.
func pidIn(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

func removePidfile(path string) {
	if path != "" {
		_ = os.Remove(path)
	}
}
