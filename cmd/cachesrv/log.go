// The log: hclog over standard output or a file that can be opened anew.

package main

import (
	"os"
	"sync"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
)

// logWriter writes to a file or to a standard stream.
type logWriter struct {
	path string

	mu   sync.Mutex // guards file
	file *os.File
}

// newLogWriter opens path, or takes the stream when there is none.
func newLogWriter(path string, stream *os.File) (*logWriter, error) {
	if path == "" {
		return &logWriter{file: stream}, nil
	}
	f, err := openLog(path)
	if err != nil {
		return nil, err
	}
	return &logWriter{path: path, file: f}, nil
}

func (w *logWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.file.Write(p)
}

// reopen starts a new file under the same path after somebody moved the old one away.
func (w *logWriter) reopen() error {
	if w.path == "" {
		return nil
	}
	f, err := openLog(w.path)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	old := w.file
	w.file = f
	return old.Close()
}

// newLogger makes the root logger. Its children share its level, which follows the settings.
func newLogger(s *config.Settings, w *logWriter) hclog.Logger {
	log := hclog.New(&hclog.LoggerOptions{
		Name:       s.Get("engine"),
		Level:      currentLevel(s),
		Output:     w,
		JSONFormat: s.Get("log-format") == "json",
		TimeFormat: "2006-01-02T15:04:05.000Z0700",
	})
	for _, name := range []string{"loglevel", "verbosity"} {
		s.OnChange(name, func(string) { log.SetLevel(currentLevel(s)) })
	}
	return log
}

// currentLevel is loglevel's, or what memcached's verbosity asks for if that is more.
func currentLevel(s *config.Settings) hclog.Level {
	level := levelOf(s.Get("loglevel"))
	if s.Engine() == config.Memcached {
		level = min(level, [...]hclog.Level{hclog.Off, hclog.Info, hclog.Debug, hclog.Trace}[s.Int("verbosity")])
	}
	return level
}

// levelOf translates redis's words: they lie one step apart from hclog's.
func levelOf(word string) hclog.Level {
	switch word {
	case "debug":
		return hclog.Trace
	case "verbose":
		return hclog.Debug
	case "warning":
		return hclog.Warn
	}
	return hclog.Info
}
