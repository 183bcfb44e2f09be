// The memory file at the start and at the end of a server.

package main

import (
	"fmt"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// memoWriter is a personality whose data may stay in a memory file.
type memoWriter interface {
	// Memo is what it wants to find again beside the data; false: the data is not to stay. It is called when the personality has ended.
	Memo() (memo []byte, keep bool)
}

// identity is what the next start must have in common with this one to go on with its data.
func identity(s *config.Settings) string {
	id := "engine " + s.Get("engine")
	if s.Engine() == config.Memcached {
		id += fmt.Sprintf(", item-size-max %d, disable-cas %s", s.Int("item-size-max"), s.Get("disable-cas"))
	}
	return id
}

// reportStart says what was found in the memory file.
func reportStart(s *config.Settings, store *core.Store, log hclog.Logger) {
	file := s.Get("memory-file")
	if file == "" {
		return
	}
	switch warm := store.Warm(); {
	case warm.Restored:
		n := 0
		for db := range store.Databases() {
			n += store.Len(db)
		}
		log.Info(fmt.Sprintf("warm restart: the data is there again, %d keys", n), "memory-file", file, "took", warm.Took.Round(time.Millisecond).String(),
			"kept since", warm.Saved.Format(time.RFC3339))
	case warm.Why != nil:
		log.Warn("no warm restart: the memory file cannot be trusted and was emptied", "memory-file", file, "why", warm.Why)
	default:
		log.Info("no warm restart: a new memory file", "memory-file", file)
	}
}

// closeStore ends the store. clean: the server has ended in order, so its data may stay.
func closeStore(s *config.Settings, store *core.Store, personality engine.Engine, clean bool, log hclog.Logger) {
	if l, may := personality.(interface{ Left() bool }); may && l.Left() {
		return // somebody may still be in it
	}
	defer store.Close() // after Keep it does nothing
	m, may := personality.(memoWriter)
	if s.Get("memory-file") == "" || !clean || !may {
		return
	}
	memo, keep := m.Memo()
	if !keep {
		log.Warn("the data does not stay in the memory file, as was asked")
		return
	}
	began := time.Now()
	if err := store.Keep(memo); err != nil {
		log.Error("the data does not stay in the memory file: the next start will be an empty one", "error", err)
		return
	}
	log.Info("the data stays in the memory file", "memory-file", s.Get("memory-file"), "took", time.Since(began).Round(time.Millisecond).String())
}
