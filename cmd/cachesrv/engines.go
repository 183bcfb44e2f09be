// The engines that this program holds, one line each.

package main

import (
	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/memcached"
	"github.com/cachesrv/cachesrv/engine/redis"
)

func openEngine(s *config.Settings, store *core.Store, log hclog.Logger) (engine.Engine, error) {
	if s.Engine() == config.Memcached {
		return memcached.New(store, s, log.Named("engine"))
	}
	files, err := openFiles(s, ".")
	if err != nil {
		return nil, err
	}
	e, err := redis.New(store, s, log.Named("engine"))
	if err == nil {
		e.SetFiles(files)
	}
	return e, err
}
