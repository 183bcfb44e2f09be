// Keeper: the configuration in use, and how it follows the files.

package certs

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
)

// lookEvery is how often the files are looked at while connections come. Nobody looks while none do.
const lookEvery = time.Second

// Keeper holds the configuration in use. Its methods may be called from any goroutine.
type Keeper struct {
	log     hclog.Logger
	current atomic.Pointer[tls.Config]
	looked  atomic.Int64 // when the files were last looked at, in ns
	every   time.Duration

	mu    sync.Mutex // guards what follows
	files Files
	seen  string // what the files looked like when they were last loaded, or tried
}

// NewKeeper makes a keeper without a configuration.
func NewKeeper(log hclog.Logger) *Keeper {
	return &Keeper{log: log, every: lookEvery}
}

// Prepare loads what files name. Nothing changes before commit is called; an error says which file is at fault.
func (k *Keeper) Prepare(files Files) (commit func(), err error) {
	seen := files.look()
	config, notes, err := files.Load()
	if err != nil {
		return nil, err
	}
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.put(files, config, seen, notes)
	}, nil
}

// put takes a configuration into use. k.mu is held.
func (k *Keeper) put(files Files, config *tls.Config, seen string, notes []string) {
	k.files, k.seen = files, seen
	k.current.Store(config)
	k.looked.Store(time.Now().UnixNano())
	for _, note := range notes {
		k.log.Warn("TLS: " + note)
	}
}

// Clear ends the use of any configuration.
func (k *Keeper) Clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.files, k.seen = Files{}, ""
	k.current.Store(nil)
}

// Config is the configuration for the next connection, nil if there is none. When the files have changed since they were read, they are read again
// first: the connection is the first to see the new certificate. Reading them costs a look at four files, once a second at most.
func (k *Keeper) Config() *tls.Config {
	now, last := time.Now().UnixNano(), k.looked.Load()
	if now-last >= int64(k.every) && k.looked.CompareAndSwap(last, now) {
		k.refresh(false)
	}
	return k.current.Load()
}

// Reload reads the files again, changed or not. On an error the old configuration stays in use.
func (k *Keeper) Reload() error { return k.refresh(true) }

func (k *Keeper) refresh(always bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.current.Load() == nil {
		return nil
	}
	seen := k.files.look()
	if seen == k.seen && !always {
		return nil
	}
	k.seen = seen // a bad file is tried once, and again when it has changed
	config, notes, err := k.files.Load()
	if err != nil {
		k.log.Error("TLS certificates not reloaded, the old ones stay in use", "error", err)
		return err
	}
	k.put(k.files, config, seen, notes)
	k.log.Info("TLS certificates reloaded", "certificate", k.files.Cert, "valid until", day(config.Certificates[0].Leaf.NotAfter))
	return nil
}

// look tells files apart by what changes with every way of replacing them: number, size and time.
func (f Files) look() (seen string) {
	for _, path := range []string{f.Cert, f.Key, f.CA, f.CADir} {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			seen += "missing\n"
			continue
		}
		seen += fmt.Sprintln(info.Size(), info.ModTime().UnixNano(), fileNumber(info))
	}
	return seen
}
