// User: one user's passwords and selectors at one moment.

package acl

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strings"
)

type sum = [sha256.Size]byte

// User is a snapshot: published, it is only read.
type User struct {
	Name   string
	On     bool
	NoPass bool
	Free   bool // may do everything: a request of such a user needs no check

	clean, skip bool // sanitize-payload, skip-sanitize-payload: shown only, payloads are always checked
	passwords   []sum
	selectors   []*selector // the user's own rules, then those in parentheses
}

// newUser is a user who may do nothing.
func newUser(t *Commands, name string, anyChannel bool) *User {
	return &User{Name: name, clean: true, selectors: []*selector{newSelector(t, anyChannel)}}
}

// freeUser is the default user before anybody configures it.
func freeUser(t *Commands, name string) *User {
	u := newUser(t, name, true)
	u.On, u.NoPass = true, true
	u.selectors[0].anyKey = true
	u.selectors[0].setAll(true)
	return u.sealed()
}

// clone gives a copy that rules may change.
func (u *User) clone() *User {
	c := *u
	c.Free = false
	c.passwords = slices.Clone(u.passwords)
	c.selectors = make([]*selector, len(u.selectors))
	for i, s := range u.selectors {
		c.selectors[i] = s.clone()
	}
	return &c
}

// sealed derives what follows from the rules; the user is then ready to be published.
func (u *User) sealed() *User {
	u.Free = slices.ContainsFunc(u.selectors, (*selector).everything)
	return u
}

// Locked tells that nobody is this user without authenticating.
func (u *User) Locked() bool { return !u.NoPass || !u.On }

// accepts compares a password's sum with all of the user's, each in constant time.
func (u *User) accepts(given *sum) bool {
	match := 0
	for i := range u.passwords {
		match |= subtle.ConstantTimeCompare(u.passwords[i][:], given[:])
	}
	return u.On && (u.NoPass || match == 1)
}

// Flags are the words that describe the user apart from passwords and selectors.
func (u *User) Flags() []string {
	flags := make([]string, 0, 4)
	if u.On {
		flags = append(flags, "on")
	} else {
		flags = append(flags, "off")
	}
	if u.NoPass {
		flags = append(flags, "nopass")
	}
	if u.skip {
		flags = append(flags, "skip-sanitize-payload")
	}
	if u.clean {
		flags = append(flags, "sanitize-payload")
	}
	return flags
}

// Passwords are the sums in hexadecimal.
func (u *User) Passwords() []string {
	out := make([]string, len(u.passwords))
	for i := range u.passwords {
		out[i] = hex.EncodeToString(u.passwords[i][:])
	}
	return out
}

// Rules are the parts of a selector's description.
type Rules struct{ Commands, Keys, Channels string }

// Selectors describe the user's own rules and then those in parentheses.
func (u *User) Selectors() []Rules {
	out := make([]Rules, len(u.selectors))
	for i, s := range u.selectors {
		out[i] = Rules{s.showCommands(), s.showKeys(), s.showChannels()}
	}
	return out
}

// Describe gives the rules that make this user, on one line.
func (u *User) Describe() string {
	out := u.Flags()
	for _, p := range u.Passwords() {
		out = append(out, "#"+p)
	}
	for i, s := range u.selectors {
		text := s.describe(i > 0)
		if i > 0 {
			text = "(" + text + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

// Line is the user as a line of a file.
func (u *User) Line() string { return "user " + u.Name + " " + u.Describe() }
