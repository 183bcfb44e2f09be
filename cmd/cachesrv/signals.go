// Signals: INT and TERM stop, and USR1 under the memcached engine, an INT after that at once; HUP reads the configuration again.

package main

import (
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine"
)

// catchSignals begins to collect them. It comes before anything can tell others that the server is there: whoever waits for
// the pid file or the log may send one at once.
func catchSignals(engine config.Engines) chan os.Signal {
	c := make(chan os.Signal, 8)
	signal.Notify(c, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	if engine == config.Memcached {
		signal.Notify(c, sigUser) // the original keeps its memory file at this one only; here every end in order does
	}
	return c
}

// watchSignals acts on them until done is closed. stop is called at the first INT or TERM, in a goroutine, since it may have much to save; an INT after
// that ends the process, unless stop has said false, that the server goes on. A TERM again does not, as in the originals: timeout(1) sends two in a
// row, to the process and to its group, and the data would not be saved. But if the disk has not answered for hopeless, a TERM later than soon after the first does.
func watchSignals(c chan os.Signal, s *config.Settings, log hclog.Logger, out *logWriter, stop func(signal string) bool, silent func() (time.Duration, string), done <-chan struct{}) {
	defer signal.Stop(c)
	var asked atomic.Bool
	var first time.Time
	for {
		select {
		case <-done:
			return
		case got := <-c:
			switch {
			case got == syscall.SIGHUP:
				reload(s, log, out)
			case !asked.CompareAndSwap(false, true):
				if silence, call := silent(); silence > hopeless && time.Since(first) > soon {
					log.Warn(signalName(got)+" again, and the disk does not answer: ending at once", "call", call, "for", silence.Round(time.Second).String())
					os.Exit(1)
				}
				if got != syscall.SIGINT {
					log.Warn(signalName(got) + " again: the server is stopping already; SIGINT (Ctrl-C) ends it at once, without saving")
					continue
				}
				log.Warn("SIGINT while stopping: ending at once")
				os.Exit(1)
			default:
				first = time.Now()
				engine.Go("stop", log, func() { asked.Store(stop(signalName(got))) })
			}
		}
	}
}

const (
	hopeless = 5 * time.Second
	soon     = time.Second
)

func signalName(s os.Signal) string {
	switch s {
	case syscall.SIGINT:
		return "SIGINT"
	case sigUser:
		return "SIGUSR1"
	}
	return "SIGTERM"
}

// reload applies what may change now and says what may not. The log file is opened anew, for those who rotate it.
func reload(s *config.Settings, log hclog.Logger, out *logWriter) {
	if err := out.reopen(); err != nil {
		log.Warn("the log file cannot be opened again", "error", err)
	}
	changed, restart, err := s.Reload()
	if err != nil {
		log.Error("configuration not reloaded, everything stays as it is", "error", err)
		return
	}
	for _, name := range changed {
		v := s.Value(name)
		log.Info("setting changed", "setting", name, "value", v.Row().Show(v.Text()))
	}
	if len(restart) > 0 {
		log.Warn("changed in the configuration, but only a restart applies it", "settings", strings.Join(restart, " "))
	}
	log.Info("configuration reloaded", "changed", len(changed))
}
