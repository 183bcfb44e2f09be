// Selector: one set of rules about commands, keys and channels. A user has one of its own and may have more.

package acl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cachesrv/cachesrv/engine/redis/glob"
)

// Access is what a request does with a key, as far as patterns tell it apart.
type Access uint8

const (
	Read Access = 1 << iota
	Write
)

type pattern struct {
	text   []byte
	access Access
}

// selector is read-only once its user is published.
type selector struct {
	anyKey, anyChannel bool
	anyCommand         bool // no bit was ever taken away: the bits need not be looked at
	future             bool // began with +@all: commands that a later version adds are allowed

	keys     []pattern
	channels [][]byte
	bits     []uint64
	first    map[int][]string // of commands that are not allowed as such: first arguments that are
	rules    []string         // rules about commands since the last +@all or -@all, as they are shown
}

func newSelector(t *Commands, anyChannel bool) *selector {
	return &selector{anyChannel: anyChannel, bits: make([]uint64, t.words)}
}

func (s *selector) clone() *selector {
	c := *s
	c.keys, c.channels, c.bits, c.rules = slices.Clone(s.keys), slices.Clone(s.channels), slices.Clone(s.bits), slices.Clone(s.rules)
	c.first = nil
	for id, args := range s.first {
		c.addFirst(id, args...)
	}
	return &c
}

func (s *selector) addFirst(id int, args ...string) {
	if s.first == nil {
		s.first = map[int][]string{}
	}
	s.first[id] = append(s.first[id], args...)
}

// everything tells that nothing at all is denied.
func (s *selector) everything() bool { return s.anyCommand && s.anyKey && s.anyChannel }

// set allows or denies commands.
func (s *selector) set(ids []int, on bool) {
	for _, id := range ids {
		if on {
			s.bits[id/64] |= 1 << (id % 64)
		} else {
			s.bits[id/64] &^= 1 << (id % 64)
			s.anyCommand = false
		}
		delete(s.first, id)
	}
}

// setAll is +@all or -@all.
func (s *selector) setAll(on bool) {
	for i := range s.bits {
		s.bits[i] = 0
		if on {
			s.bits[i] = ^uint64(0)
		}
	}
	s.anyCommand, s.future, s.first, s.rules = on, on, nil, nil
}

// note remembers a rule about commands for the description, in place of earlier ones about the same or its subcommands.
func (s *selector) note(name string, on bool) {
	name = strings.ToLower(name)
	s.rules = slices.DeleteFunc(s.rules, func(rule string) bool {
		return rule[1:] == name || strings.HasPrefix(rule[1:], name+"|")
	})
	sign := "-"
	if on {
		sign = "+"
	}
	s.rules = append(s.rules, sign+name)
}

// commandOK tells whether a command is allowed with these words.
func (s *selector) commandOK(r *Request) bool {
	if s.anyCommand || r.Open || s.bits[r.Command/64]&(1<<(r.Command%64)) != 0 {
		return true
	}
	if len(r.Args) < 2 {
		return false
	}
	for _, arg := range s.first[r.Command] {
		if equalFold(r.Args[1], arg) {
			return true
		}
	}
	return false
}

// keyOK tells whether one pattern allows all of access at once.
func (s *selector) keyOK(key []byte, access Access) bool {
	if s.anyKey {
		return true
	}
	for i := range s.keys {
		if p := &s.keys[i]; p.access&access == access && glob.Match(p.text, key) {
			return true
		}
	}
	return false
}

// allKeys tells whether every key may be accessed so.
func (s *selector) allKeys(access Access) bool {
	return s.anyKey || slices.ContainsFunc(s.keys, func(p pattern) bool { return string(p.text) == "*" && p.access&access == access })
}

// channelOK tells whether a channel is allowed; of a pattern, whether it stands in the rules literally.
func (s *selector) channelOK(channel []byte, literal bool) bool {
	return s.anyChannel || inChannels(s.channels, channel, literal)
}

func inChannels(rules [][]byte, channel []byte, literal bool) bool {
	for _, p := range rules {
		if literal && string(p) == string(channel) || !literal && glob.Match(p, channel) {
			return true
		}
	}
	return false
}

// showCommands, showKeys and showChannels are the parts of a description; the latter two are empty where nothing is allowed.
// Words come out as they were given; describe, whose text is read again, quotes where it must.
func (s *selector) showCommands() string {
	base := "-@all"
	if s.future {
		base = "+@all"
	}
	return strings.Join(append([]string{base}, s.rules...), " ")
}

func (s *selector) showKeys() string {
	if s.anyKey {
		return "~*"
	}
	out := make([]string, len(s.keys))
	for i, p := range s.keys {
		switch p.access {
		case Read:
			out[i] = "%R~"
		case Write:
			out[i] = "%W~"
		default:
			out[i] = "~"
		}
		out[i] += string(p.text)
	}
	return strings.Join(out, " ")
}

func (s *selector) showChannels() string {
	if s.anyChannel {
		return "&*"
	}
	out := make([]string, len(s.channels))
	for i, p := range s.channels {
		out[i] = "&" + string(p)
	}
	return strings.Join(out, " ")
}

// describe gives the rules that make this selector. Between parentheses quotes mean something, and so does a parenthesis at the
// end of a word: such words are written in quotes there.
func (s *selector) describe(between bool) string {
	var out []string
	if keys := s.showKeys(); keys != "" {
		out = strings.Split(keys, " ")
	}
	if !s.anyChannel {
		out = append(out, "resetchannels")
	}
	if channels := s.showChannels(); channels != "" {
		out = append(out, strings.Split(channels, " ")...)
	}
	out = append(out, strings.Split(s.showCommands(), " ")...)
	for i := range s.keys {
		if len(s.keys) > 1 && out[i] == "~*" { // read back, this would be the rule beside which there are no patterns
			out[i] = "%RW~*"
		}
	}
	for i, word := range out {
		if between && (strings.ContainsAny(word, `"'\`) || strings.HasSuffix(word, ")")) {
			out[i] = quoted(word)
		}
	}
	return strings.Join(out, " ")
}

// quoted writes a word so that neither its quotes nor a parenthesis at its end are taken for the line's.
func quoted(word string) string {
	out := []byte{'"'}
	for _, c := range []byte(word) {
		if c == '"' || c == '\\' || c == ')' {
			out = fmt.Appendf(out, `\x%02x`, c)
		} else {
			out = append(out, c)
		}
	}
	return string(append(out, '"'))
}

// equalFold compares ASCII letters in any case, other bytes as they are.
func equalFold(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i, c := range b {
		if lower(c) != lower(word[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
