// The server of one process: store, engine and listeners wired to the settings, from the first byte to the last.

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/certs"
)

// process is what a server gets from the program around it.
type process struct {
	style   style
	out     *logWriter
	signals chan os.Signal
	greet   func() // called when it is known that there will be a server
	ready   func() // called once every address is open
}

// serve runs until a signal or a client stops it. An error means that nothing was served.
func serve(s *config.Settings, log hclog.Logger, p process) error {
	store, err := openStore(s, log)
	if err != nil {
		return err
	}
	var personality engine.Engine
	clean := false
	defer func() { closeStore(s, store, personality, clean, log) }()
	personality, err = openEngine(s, store, log)
	if err != nil {
		return err
	}
	if c, closes := personality.(interface{ Close() }); closes {
		defer c.Close()
	}
	server, err := engine.NewServer(store, personality, serverOptions(s, personality, log))
	if err != nil {
		return err
	}
	if a, attaches := personality.(interface{ Attach(*engine.Server) }); attaches {
		a.Attach(server)
	}
	applyChanges(s, store, personality, server)
	var keeper *certs.Keeper
	if s.Engine() == config.Redis {
		keeper, err = openTLS(s, log, func(port int64) error { return moveTLS(s, server, port, keeper.Config) })
	} else if keeper, err = openSSL(s, log); err == nil && s.Bool("enable-ssl") {
		if r, refreshes := personality.(interface{ SetCertificates(func() error) }); refreshes {
			r.SetCertificates(keeper.Reload)
		}
	}
	if err == nil {
		err = listen(s, server, keeper)
	}
	if err != nil {
		_ = server.Shutdown(canceled())
		return err
	}
	p.greet()
	if err := writePorts(absolutePath(s.Get("port-file")), server.Addresses()); err != nil {
		log.Warn("the ports cannot be written", "path", s.Get("port-file"), "error", config.Cause(err))
	}
	if s.Engine() == config.Memcached && s.Int("udp-port") != 0 && s.Bool("enable-ssl") {
		log.Warn("there is no TLS over UDP: whoever reaches its port reads and writes in clear")
	}
	if udpIsLocal(s) {
		log.Warn("UDP is open on this machine's own addresses only: name others with bind (-l)")
	}
	log.Info("Server initialized")
	err = runServer(s, server, personality, log, p)
	clean = err == nil
	return err
}

// dataKeeper is a personality that keeps its data on the disk.
type dataKeeper interface {
	Load(done func(error))           // clients are refused what needs data until it has called done
	PrepareStop(signal string) error // nothing changes any more, and what has to be saved is; not after an error
}

// runServer serves and ends: on a signal or a client's wish the server drains for shutdown-timeout.
func runServer(s *config.Settings, server *engine.Server, personality engine.Engine, log hclog.Logger, p process) error {
	served, loaded := make(chan error, 1), make(chan error, 1)
	done := make(chan struct{})
	defer close(done)
	stop := func(signal string) bool {
		server.AskStop("received " + signal)
		return true
	}
	k, keeps := personality.(dataKeeper)
	if keeps {
		stop = func(signal string) bool {
			log.Info("Received " + signal + " scheduling shutdown...")
			if err := k.PrepareStop(signal); err != nil {
				log.Error(signal + " received but errors trying to shut down the server, check the logs for more information")
				log.Error("To end it without its data: SHUTDOWN NOSAVE, or kill -9.")
				return false
			}
			server.AskStop("received " + signal)
			return true
		}
		k.Load(func(err error) { loaded <- err })
		if err := awaitBriefly(loaded); err != nil { // while whoever started it in the background still listens
			_ = server.Shutdown(canceled())
			return cannotLoad(err, log)
		}
	} else {
		loaded <- nil
	}
	engine.Go("serve", log, func() { served <- server.Serve() })
	silent := func() (time.Duration, string) { return 0, "" }
	if d, has := personality.(interface {
		Unanswered() (time.Duration, string)
	}); has {
		silent = d.Unanswered
	}
	engine.Go("signals", log, func() { watchSignals(p.signals, s, log, p.out, stop, silent, done) })
	for _, a := range server.Addresses() {
		log.Debug("open", "address", a.String())
	}
	p.ready()

	for waiting := true; waiting; {
		select {
		case err := <-served:
			return err
		case err := <-loaded:
			if err != nil {
				_ = server.Shutdown(canceled())
				<-served
				return cannotLoad(err, log)
			}
			for _, a := range server.Addresses() {
				log.Info(p.style.ready(a.Kind()), "address", a.String())
			}
		case <-server.StopAsked():
			waiting = false
		}
	}
	wait := time.Duration(s.Int("shutdown-timeout")) * time.Second
	log.Info("stopping: no new connections, waiting for running commands", "at most", wait.String())
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		log.Warn("stopped with an error", "error", err)
	}
	<-served
	log.Info(fmt.Sprintf("%s is now ready to exit, bye bye...", s.Get("engine")))
	return nil
}

// cannotLoad says so in the log, in redis's words, and gives the error of the start.
func cannotLoad(err error, log hclog.Logger) error {
	log.Error(fmt.Sprintf("Fatal error loading the DB: %v. Exiting.", err))
	return fmt.Errorf("the data cannot be loaded: %w", err)
}

// awaitBriefly gives a load that takes no time at all (there is nothing, or little) the time to end before the first client is answered: a new server
// does not begin with -LOADING. Clients that connect meanwhile wait in the kernel's queue. The error is that of a load that has failed by then.
func awaitBriefly(loaded chan error) error {
	brief := time.NewTimer(100 * time.Millisecond)
	defer brief.Stop()
	select {
	case err := <-loaded:
		loaded <- err // whose place in the channel is free now
		return err
	case <-brief.C:
		return nil
	}
}

// samples leaves the number of candidates to the policy unless it was set to something else than redis's default: the adaptive
// policies want 16 (2 points of hit ratio), the LRU and LFU ones 5.
func samples(setting int64) int {
	if setting == 5 {
		return 0
	}
	return int(setting)
}

func openStore(s *config.Settings, log hclog.Logger) (*core.Store, error) {
	store, err := core.Open(core.Options{
		Databases:     int(s.Int("databases")),
		MaxMemory:     s.Int("maxmemory"),
		Policy:        s.Get("maxmemory-policy"),
		Samples:       samples(s.Int("maxmemory-samples")),
		NoActiveSweep: !s.Bool("active-expire"),
		Spawn:         func(name string, f func()) { engine.Go(name, log, f) },
		File:          absolutePath(s.Get("memory-file")),
		Identity:      identity(s),
	})
	if err != nil {
		return nil, fmt.Errorf("the store cannot be opened: %w", err)
	}
	reportStart(s, store, log)
	store.SetLFU(int(s.Int("lfu-log-factor")), int(s.Int("lfu-decay-time")))
	if s.Bool("large-pages") {
		if err := store.HugePages(); err != nil {
			log.Warn("large-pages (-L) is not in force", "error", err)
		}
	}
	return store, nil
}

func serverOptions(s *config.Settings, personality engine.Engine, log hclog.Logger) engine.Options {
	settled, before := connLimits(s, personality)
	return engine.Options{
		Threads:       int(s.Int("threads")),
		MaxClients:    int(s.Int("maxclients")),
		Backlog:       int(s.Int("tcp-backlog")),
		KeepAlive:     seconds(s, "tcp-keepalive"),
		IdleTimeout:   seconds(s, "timeout"),
		FirstDeadline: seconds(s, "first-command-timeout"),
		Protected:     s.Bool("protected-mode"),
		HasPassword:   func() bool { return authenticated(s, personality) },
		Limits:        settled[engine.Normal],
		Unsettled:     before,
		Log:           log,
	}
}

func seconds(s *config.Settings, name string) time.Duration {
	return time.Duration(s.Int(name)) * time.Second
}

// What a connection may cost before its first valid command, or before its password is known.
const (
	pendingBefore = 1 << 10   // replies that the kernel does not take: they are all errors
	queryBefore   = 256 << 10 // an unfinished request, where a password is set: AUTH is short
)

// authenticated tells whether clients must say who they are: then protected mode lets other machines in.
func authenticated(s *config.Settings, personality engine.Engine) bool {
	if p, own := personality.(interface{ HasPassword() bool }); own {
		return p.HasPassword()
	}
	return s.Bool("enable-sasl") || s.Get("auth-file") != ""
}

// connLimits gives what one connection may hold after its first valid command, by class, and before it. Without a password the first
// request may be as long as any other.
func connLimits(s *config.Settings, personality engine.Engine) (settled engine.ClassLimits, before engine.Limits) {
	if s.Engine() == config.Memcached {
		settled = engine.ForAll(engine.Limits{
			QueryMax: s.Int("item-size-max") + 1<<20, // an item and its line
			PauseAt:  1 << 20,                        // as the original: no reading while replies wait
		})
	} else {
		out := config.OutputLimits(s.Get("client-output-buffer-limit"))
		for class, of := range map[engine.Class]int{engine.Normal: config.NormalClients, engine.Replica: config.ReplicaClients, engine.Subscriber: config.PubSubClients} {
			settled[class] = engine.Limits{
				OutHard:    out[of].Hard,
				OutSoft:    out[of].Soft,
				OutSoftFor: time.Duration(out[of].SoftSeconds) * time.Second,
				QueryMax:   s.Int("client-query-buffer-limit"),
			}
		}
	}
	before = settled[engine.Normal]
	before.OutHard, before.OutSoft, before.OutSoftFor = pendingBefore, 0, 0
	if p, own := personality.(interface{ MustAuthenticate() bool }); own && p.MustAuthenticate() {
		before.QueryMax = queryBefore
	}
	return settled, before
}

// applyChanges keeps store and server at the live settings. The engines watch their own.
func applyChanges(s *config.Settings, store *core.Store, personality engine.Engine, server *engine.Server) {
	number := func(name string, apply func(int64)) {
		s.OnChange(name, func(string) { apply(s.Int(name)) })
	}
	number("maxmemory", store.SetMaxMemory)
	number("maxmemory-samples", func(n int64) { store.SetSamples(samples(n)) })
	number("active-expire", func(n int64) { store.SetActiveExpire(n != 0) })
	s.OnChange("maxmemory-policy", func(name string) { _ = store.SetPolicy(name) })
	for _, name := range []string{"lfu-log-factor", "lfu-decay-time"} {
		number(name, func(int64) { store.SetLFU(int(s.Int("lfu-log-factor")), int(s.Int("lfu-decay-time"))) })
	}
	number("maxclients", func(n int64) { server.SetMaxClients(int(n)) })
	number("timeout", func(int64) { server.SetIdleTimeout(seconds(s, "timeout")) })
	number("tcp-keepalive", func(int64) { server.SetKeepAlive(seconds(s, "tcp-keepalive")) })
	number("protected-mode", func(n int64) { server.SetProtected(n != 0) })
	server.SetLimits(connLimits(s, personality))
	limits := func() { server.SetLimits(connLimits(s, personality)) }
	for _, name := range []string{"client-output-buffer-limit", "client-query-buffer-limit"} {
		number(name, func(int64) { limits() })
	}
	if p, tells := personality.(interface{ OnPassword(func()) }); tells {
		p.OnPassword(limits)
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
