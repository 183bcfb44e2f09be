// Go: the only way this program starts a goroutine, and what happens to one that panics.

package engine

import (
	"runtime/debug"
	"sync/atomic"

	"github.com/hashicorp/go-hclog"
)

// panics counts what Go and the loops have recovered from since the process started.
var panics atomic.Int64

// Panics is the number of panics that were caught instead of ending the process.
func Panics() int64 { return panics.Load() }

// Go starts a goroutine that cannot take the process with it: a panic is logged with its stack and counted.
// name says who owns the goroutine. It is the only go statement outside tests.
func Go(name string, log hclog.Logger, f func()) {
	go func() {
		defer func() {
			if r := recover(); r != nil {
				caught(log, name, r)
			}
		}()
		f()
	}()
}

// caught records a recovered panic; it must be called from the deferred function, where the stack still shows the cause.
func caught(log hclog.Logger, where string, reason any) {
	panics.Add(1)
	if log != nil {
		log.Error("caught a panic", "in", where, "reason", reason, "stack", string(debug.Stack()))
	}
}
