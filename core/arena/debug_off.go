//go:build !arenadebug

// Without the arenadebug tag the checks are empty and inlined away.

package arena

import "github.com/cachesrv/cachesrv/core/ledger"

// Debug tells whether the checks of the arenadebug build are on.
const Debug = false

type debugState struct{}

func (a *Arena) debugRefuses() bool         { return false }
func (a *Arena) debugAlloc(Ref, int)        {}
func (a *Arena) debugReuse(Ref, int)        {}
func (a *Arena) debugFree(Ref, int)         {}
func (a *Arena) debugResized(Ref, int, int) {}
func (a *Arena) debugAccess(Ref, int)       {}

// debugLayout tells files of the two builds apart.
const debugLayout = 0

func (a *Arena) debugSave(*ledger.Writer)       {}
func (a *Arena) debugLoad(*ledger.Reader) error { return nil }
