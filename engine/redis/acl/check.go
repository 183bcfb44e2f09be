// The check of a request against a user.

package acl

import "slices"

// Key is one key of a request, or one channel.
type Key struct {
	Arg     int    // its place among the words
	Access  Access // of a key; 0: a pattern of any kind will do
	Literal bool   // of a channel: it is a pattern
}

// Request is what somebody wants to do. Its slices are only read, and not kept.
type Request struct {
	Command  int  // number of the command
	Open     bool // the command itself is allowed to everybody
	Args     [][]byte
	Keys     []Key
	Channels []Key
}

// Reason is why a request is denied; a later one says more about what was wrong.
type Reason uint8

const (
	Allowed Reason = iota
	DeniedCommand
	DeniedKey
	DeniedAuth // not of a request: a login that failed
	DeniedChannel
)

func (r Reason) String() string {
	return [...]string{"ok", "command", "key", "auth", "channel"}[r]
}

// Check tells whether one of the user's selectors allows all of the request. If none does, the reason is the one that got
// furthest, and arg the place of the key or channel.
func (u *User) Check(r *Request) (reason Reason, arg int) {
	reason = DeniedCommand
	for _, s := range u.selectors {
		why, at := s.check(r)
		if why == Allowed {
			return Allowed, 0
		}
		if why > reason || why == reason && at > arg {
			reason, arg = why, at
		}
	}
	return reason, arg
}

func (s *selector) check(r *Request) (Reason, int) {
	if !s.commandOK(r) {
		return DeniedCommand, 0
	}
	for _, k := range r.Keys {
		if !s.keyOK(r.Args[k.Arg], k.Access) {
			return DeniedKey, k.Arg
		}
	}
	for _, k := range r.Channels {
		if !s.channelOK(r.Args[k.Arg], k.Literal) {
			return DeniedChannel, k.Arg
		}
	}
	return Allowed, 0
}

// AnyKey and AnyChannel tell that no selector looks at keys or channels, so that a request need not name them.
func (u *User) AnyKey() bool {
	return !slices.ContainsFunc(u.selectors, func(s *selector) bool { return !s.anyKey })
}

func (u *User) AnyChannel() bool {
	return !slices.ContainsFunc(u.selectors, func(s *selector) bool { return !s.anyChannel })
}

// CheckAnywhere tells whether a selector that allows the request also allows this access to every key there is.
func (u *User) CheckAnywhere(r *Request, access Access) bool {
	return u.Free || slices.ContainsFunc(u.selectors, func(s *selector) bool {
		why, _ := s.check(r)
		return why == Allowed && s.allKeys(access)
	})
}

// Channels are the channels of all selectors.
type Channels struct {
	any   bool
	rules [][]byte
}

// Channels collects what the user may subscribe to.
func (u *User) Channels() Channels {
	var c Channels
	for _, s := range u.selectors {
		c.any = c.any || s.anyChannel
		c.rules = append(c.rules, s.channels...)
	}
	return c
}

// Allow tells whether a subscription to a channel (or, literal, to a pattern) is covered.
func (c *Channels) Allow(channel []byte, literal bool) bool {
	return c.any || inChannels(c.rules, channel, literal)
}

// Cover tells whether everything that old had is still there, so that no subscriber needs a look.
func (c *Channels) Cover(old Channels) bool {
	if c.any || old.any {
		return c.any
	}
	return !slices.ContainsFunc(old.rules, func(rule []byte) bool {
		return !slices.ContainsFunc(c.rules, func(mine []byte) bool { return string(mine) == string(rule) })
	})
}
