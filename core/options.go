// Options: everything a Store is told at its start. Time and randomness come in here, so that tests can set them.

package core

import (
	"errors"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// Options configures Open. The zero value of every field has a usable default.
type Options struct {
	Shards    int // power of two; 0: 64 per CPU
	Databases int // number of databases, at least 1; 0: 16

	MaxMemory     int64  // limit of Memory().Used in bytes, 0 none
	Policy        string // eviction policy, a name of evict.Names(); "": noeviction
	Samples       int    // candidates per victim, 0: the policy's own
	LFULogFactor  int    // 0: 10
	LFUDecayMin   int    // minutes, 0: 1
	NoActiveSweep bool   // expired items are only removed when met (tests; DEBUG SET-ACTIVE-EXPIRE 0)

	Now     func() int64 // Unix ms; nil: the system's clock
	Seed    [2]uint64    // key of the hash; zero: random
	Reserve int64        // bytes of address space for data; 0: 1 TB, halved until the system grants it

	// File keeps the data in a file, which the next process goes on with if Keep ended this one; "": in memory only. Shards and Seed are
	// then those that the file was made with. Identity names all else that the two must have in common: the engine, and its settings that
	// what it stores depends on. FS is where the notes beside the file are; nil: vfs.OS.
	File     string
	Identity string
	FS       vfs.FS

	// Spawn starts a background goroutine with an owner's name; nil: a plain go statement with recover.
	Spawn func(name string, f func())
}

// The store's errors. Engines translate them to their protocol's words.
var (
	ErrNoMemory = errors.New("core: no memory left for the item")
	ErrTooLarge = errors.New("core: item longer than the store can hold")
	ErrNotFound = errors.New("core: no such item")
	ErrExists   = errors.New("core: the item is there already")
	ErrFull     = errors.New("core: memory limit reached and nothing may be evicted")
)
