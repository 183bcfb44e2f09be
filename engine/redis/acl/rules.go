// The grammar of rules: what ACL SETUSER, the users' file and the directive `user` are made of.

package acl

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cachesrv/cachesrv/config/quoting"
)

// Why a rule is refused, in Redis's words.
var (
	ErrUnknown    = errors.New("Unknown command or category name in ACL")
	ErrSyntax     = errors.New("Syntax error")
	ErrAllKeys    = errors.New("Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns")
	ErrAllChannel = errors.New("Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels")
	ErrNoPassword = errors.New("The password you are trying to remove from the user does not exist")
	ErrBadHash    = errors.New("The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters")
	ErrFirstArg   = errors.New("Allowing first-arg of a subcommand is not supported")
	ErrDuplicate  = errors.New("Duplicate user found. A user can only be defined once in config files")
)

// RuleError names the rule that is refused.
type RuleError struct {
	Rule string
	Why  error
}

func (e *RuleError) Error() string { return fmt.Sprintf("'%s': %v", e.Rule, e.Why) }
func (e *RuleError) Unwrap() error { return e.Why }

// OpenError is a parenthesis without its end.
type OpenError struct{ Rule string }

func (e *OpenError) Error() string {
	return fmt.Sprintf("Unmatched parenthesis in acl selector starting at '%s'.", e.Rule)
}

// ValidName tells whether a user may be called so.
func ValidName(name string) bool { return !hasSpace([]byte(name)) }

func hasSpace(b []byte) bool {
	return bytes.ContainsFunc(b, func(c rune) bool { return c == 0 || c == ' ' || c >= '\t' && c <= '\r' })
}

// joined puts the words of each selector in parentheses together.
func joined(words [][]byte) ([][]byte, error) {
	out := make([][]byte, 0, len(words))
	open := -1
	var parts []byte
	for i, w := range words {
		ends := len(w) > 0 && w[len(w)-1] == ')'
		switch {
		case open < 0 && len(w) > 0 && w[0] == '(' && !ends:
			open, parts = i, bytes.Clone(w)
		case open < 0:
			out = append(out, w)
		default:
			parts = append(append(parts, ' '), w...)
			if ends {
				out, open = append(out, parts), -1
			}
		}
	}
	if open >= 0 {
		return nil, &OpenError{string(words[open])}
	}
	return out, nil
}

// change applies rules in order to a user that is not published. anyChannel is what new selectors begin with.
func (u *User) change(t *Commands, words [][]byte, anyChannel bool) error {
	rules, err := joined(words)
	if err != nil {
		return err
	}
	for _, rule := range rules {
		if err := u.apply(t, rule, anyChannel); err != nil {
			return &RuleError{string(rule), err}
		}
	}
	return nil
}

// apply applies one rule.
func (u *User) apply(t *Commands, rule []byte, anyChannel bool) error {
	if len(rule) == 0 {
		return nil
	}
	if done, err := u.applyPassword(rule); done {
		return err
	}
	switch word := strings.ToLower(keyword(rule)); word {
	case "on", "off":
		u.On = word == "on"
	case "sanitize-payload", "skip-sanitize-payload":
		u.clean = word == "sanitize-payload"
		u.skip = !u.clean
	case "clearselectors":
		u.selectors = u.selectors[:1]
	case "reset":
		fresh := newUser(t, u.Name, anyChannel)
		fresh.selectors[0].rules = nil
		*u = *fresh
	default:
		if rule[0] == '(' && rule[len(rule)-1] == ')' {
			return u.addSelector(t, rule[1:len(rule)-1], anyChannel)
		}
		return u.selectors[0].apply(t, rule)
	}
	return nil
}

// keyword is a rule that is a word; longer ones are none.
func keyword(rule []byte) string {
	if len(rule) > len("skip-sanitize-payload") {
		return ""
	}
	return string(rule)
}

// applyPassword applies a rule about passwords, if it is one.
func (u *User) applyPassword(rule []byte) (done bool, err error) {
	switch rule[0] {
	case '>', '<', '#', '!':
	default:
		word := keyword(rule)
		nopass := strings.EqualFold(word, "nopass")
		if !nopass && !strings.EqualFold(word, "resetpass") {
			return false, nil
		}
		u.NoPass, u.passwords = nopass, nil
		return true, nil
	}
	var p sum
	if rule[0] == '>' || rule[0] == '<' {
		p = sha256.Sum256(rule[1:])
	} else if n, err := hex.Decode(p[:], rule[1:min(len(rule), 1+2*len(p))]); err != nil || n != len(p) || len(rule) != 1+2*len(p) || bytes.ContainsAny(rule, "ABCDEF") {
		return true, ErrBadHash
	}
	at := slices.Index(u.passwords, p)
	if rule[0] == '>' || rule[0] == '#' {
		u.NoPass = false
		if at < 0 {
			u.passwords = append(u.passwords, p)
		}
		return true, nil
	}
	if at < 0 {
		return true, ErrNoPassword
	}
	u.passwords = slices.Delete(u.passwords, at, at+1)
	return true, nil
}

// addSelector reads what stands between parentheses: words as on a line of a file.
func (u *User) addSelector(t *Commands, text []byte, anyChannel bool) error {
	words, ok := quoting.Words(text, nil)
	if !ok {
		return ErrSyntax
	}
	s := newSelector(t, anyChannel)
	for _, w := range words {
		if err := s.apply(t, w); err != nil {
			return err
		}
	}
	u.selectors = append(u.selectors, s)
	return nil
}

// apply applies one rule about commands, keys or channels.
func (s *selector) apply(t *Commands, rule []byte) error {
	switch strings.ToLower(keyword(rule)) {
	case "allkeys", "~*":
		s.anyKey, s.keys = true, nil
		return nil
	case "resetkeys":
		s.anyKey, s.keys = false, nil
		return nil
	case "allchannels", "&*":
		s.anyChannel, s.channels = true, nil
		return nil
	case "resetchannels":
		s.anyChannel, s.channels = false, nil
		return nil
	case "allcommands", "+@all":
		s.setAll(true)
		return nil
	case "nocommands", "-@all":
		s.setAll(false)
		return nil
	case "":
		if len(rule) == 0 {
			return ErrSyntax
		}
	}
	switch rule[0] {
	case '~', '%':
		return s.addKeys(rule)
	case '&':
		return s.addChannels(rule[1:])
	case '+', '-':
		return s.applyCommand(t, string(rule[1:]), rule[0] == '+')
	}
	return ErrSyntax
}

// addKeys reads ~pattern, %R~pattern, %W~pattern and %RW~pattern.
func (s *selector) addKeys(rule []byte) error {
	if s.anyKey {
		return ErrAllKeys
	}
	access, text := Read|Write, rule[1:]
	if rule[0] == '%' {
		kind, after, found := bytes.Cut(rule[1:], []byte("~"))
		access, text = accessOf(kind), after
		if !found || access == 0 {
			return ErrSyntax
		}
	}
	if hasSpace(text) {
		return ErrSyntax
	}
	for i := range s.keys {
		if bytes.Equal(s.keys[i].text, text) {
			s.keys[i].access |= access
			return nil
		}
	}
	s.keys = append(s.keys, pattern{bytes.Clone(text), access})
	return nil
}

// accessOf reads R, W or both, each once and in any case; 0 for anything else.
func accessOf(kind []byte) (access Access) {
	for _, c := range kind {
		var one Access
		switch c | 0x20 {
		case 'r':
			one = Read
		case 'w':
			one = Write
		}
		if one == 0 || access&one != 0 {
			return 0
		}
		access |= one
	}
	return access
}

func (s *selector) addChannels(text []byte) error {
	switch {
	case s.anyChannel:
		return ErrAllChannel
	case hasSpace(text):
		return ErrSyntax
	case !slices.ContainsFunc(s.channels, func(c []byte) bool { return bytes.Equal(c, text) }):
		s.channels = append(s.channels, bytes.Clone(text))
	}
	return nil
}

// applyCommand reads @category, a command, a subcommand, or a command with the first argument that it is allowed with.
func (s *selector) applyCommand(t *Commands, name string, on bool) error {
	if strings.HasPrefix(name, "@") {
		i := t.Category(name[1:])
		if i < 0 {
			return ErrUnknown
		}
		s.note(name, on)
		s.set(t.byCategory[i], on)
		return nil
	}
	bar := strings.LastIndexByte(name, '|')
	if bar < 0 || !on {
		cmd := t.find(name)
		if cmd == nil {
			return ErrUnknown
		}
		s.set(cmd.ids(), on)
		s.note(cmd.Name, on)
		return nil
	}
	cmd, sub := t.find(name[:bar]), name[bar+1:]
	switch {
	case cmd == nil:
		return ErrUnknown
	case strings.Contains(cmd.Name, "|"):
		return ErrFirstArg
	case sub == "" || hasSpace([]byte(sub)): // with a blank in it, it could not be written to a file
		return ErrSyntax
	case len(cmd.Subs) > 0:
		if cmd = t.find(name); cmd == nil {
			return ErrUnknown
		}
		s.set(cmd.ids(), true)
	case !slices.ContainsFunc(s.first[cmd.ID], func(arg string) bool { return strings.EqualFold(arg, sub) }):
		s.addFirst(cmd.ID, sub)
	}
	s.note(name, true)
	return nil
}
