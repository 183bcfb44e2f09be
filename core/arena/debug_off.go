//go:build !arenadebug

// Without the arenadebug tag the checks are empty and inlined away.

package arena

// Debug tells whether the checks of the arenadebug build are on.
const Debug = false

type debugState struct{}

func (a *Arena) debugRefuses() bool         { return false }
func (a *Arena) debugAlloc(Ref, int)        {}
func (a *Arena) debugReuse(Ref, int)        {}
func (a *Arena) debugFree(Ref, int)         {}
func (a *Arena) debugResized(Ref, int, int) {}
func (a *Arena) debugAccess(Ref, int)       {}
