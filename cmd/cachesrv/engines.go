// The engines that this program holds: one line each, and what each is told of the settings.

package main

import (
	"strconv"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/memcached"
	"github.com/cachesrv/cachesrv/engine/redis"
)

func openEngine(s *config.Settings, store *core.Store, log hclog.Logger) (engine.Engine, error) {
	if s.Engine() == config.Memcached {
		return memcached.New(store, memcachedSettings(s), log.Named("engine"))
	}
	return redis.New(store, s, log.Named("engine"))
}

// memcachedSettings gives the memcached engine its values; none but the verbosity changes later, and that by its own command.
func memcachedSettings(s *config.Settings) memcached.Settings {
	growth, _ := strconv.ParseFloat(s.Get("slab-growth-factor"), 64) // its kind has checked it
	return memcached.Settings{
		ItemMax:         int(s.Int("item-size-max")),
		NoCAS:           s.Bool("disable-cas"),
		Shutdown:        s.Bool("enable-shutdown"),
		NoFlush:         s.Bool("disable-flush-all"),
		NoDump:          s.Bool("disable-dumping"),
		NoWatch:         s.Bool("disable-watch"),
		NoEvict:         s.Get("maxmemory-policy") == "noeviction",
		Detail:          s.Bool("stats-detail"),
		PrefixDelimiter: s.Get("prefix-delimiter")[0],
		TrackSizes:      s.Bool("track-sizes"),
		Verbosity:       int(s.Int("verbosity")),
		Port:            int(s.Int("port")),
		Interface:       s.Get("bind"),
		UnixSocket:      s.Get("unixsocket"),
		UnixMask:        int(s.Int("unixsocketperm")),
		Backlog:         int(s.Int("tcp-backlog")),
		Threads:         int(s.Int("threads")),
		Growth:          growth,
		ChunkSize:       int(s.Int("slab-min-size")),
		Requests:        int(s.Int("requests-per-event")),
		Idle:            int(s.Int("timeout")),
		Build:           config.Version,
	}
}
