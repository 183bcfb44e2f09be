// Key extraction: which arguments of a command are keys, and what the command does with them.

package redis

import (
	"slices"

	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// access is what a command does with a key.
type access uint16

const (
	ro         access = 1 << iota // reads it
	rw                            // reads and changes it
	ow                            // overwrites it without looking
	rm                            // deletes it without looking
	reads                         // returns or copies the value
	updates                       // changes what is there
	inserts                       // adds, changes nothing that was there
	deletes                       // removes
	notKey                        // shaped like a key, is none
	variable                      // may do less, depending on other arguments
	incomplete                    // the documented rule does not find all of them
)

var accessNames = []struct {
	flag access
	name string
}{
	{ro, "RO"}, {rw, "RW"}, {ow, "OW"}, {rm, "RM"}, {reads, "access"}, {updates, "update"}, {inserts, "insert"},
	{deletes, "delete"}, {notKey, "not_key"}, {variable, "variable_flags"}, {incomplete, "incomplete"},
}

// keySpec places some of a command's keys. It begins at argument first; with a keyword, behind the first argument from there on that is
// it, and a request without that has no such keys. From there come, each step, the keys up to last arguments further on (negative:
// counted from the end, -1 being the last; with a limit, from the end of the first limit-th part of what is left). With counted, the
// argument found is how many keys follow it. Where no rule tells, find does; a rule beside it is for the documentation.
type keySpec struct {
	notes             string
	access            access
	first, last, step int

	keyword string // in lower case
	limit   int
	counted bool
	find    func(args [][]byte) (from, to int, bad bool) // as place

	exactly func(args [][]byte) access // of a variable access: what this request does
}

// oneKey is the first argument, keyAt one that stands elsewhere, keySpan n from the first argument on, allKeys all
// arguments, pairs every other one.
func oneKey(a access) []keySpec        { return keyAt(1, a) }
func keyAt(at int, a access) []keySpec { return []keySpec{{access: a, first: at, step: 1}} }
func keySpan(n int, a access) []keySpec {
	return []keySpec{{access: a, first: 1, last: n - 1, step: 1}}
}
func allKeys(a access) []keySpec { return []keySpec{{access: a, first: 1, last: -1, step: 1}} }
func pairs(a access) []keySpec   { return []keySpec{{access: a, first: 1, last: -1, step: 2}} }

// fromTo is a source at 1 and a destination at 2; toAll a destination at 1 and sources behind it.
func fromTo(from, to access) []keySpec {
	return []keySpec{{access: from, first: 1, step: 1}, {access: to, first: 2, step: 1}}
}
func toAll(to, from access) []keySpec {
	return []keySpec{{access: to, first: 1, step: 1}, {access: from, first: 2, last: -1, step: 1}}
}

// countedAt are as many keys as argument at says, behind it; toCounted the same with a destination at 1.
func countedAt(at int, a access) []keySpec {
	return []keySpec{{access: a, first: at, step: 1, counted: true}}
}
func toCounted(to, from access) []keySpec {
	return []keySpec{{access: to, first: 1, step: 1}, {access: from, first: 2, step: 1, counted: true}}
}

// movable tells that the keys' positions do not follow from the number of arguments alone.
func (s *keySpec) movable() bool { return s.keyword != "" || s.counted || s.find != nil && s.step == 0 }

// place finds the first and the last key of a request; from 0: there are none. bad: the request contradicts itself.
func (s *keySpec) place(args [][]byte) (from, to int, bad bool) {
	if s.find != nil {
		return s.find(args)
	}
	from = s.first
	if s.keyword != "" {
		for from < len(args) && !equalFold(args[from], s.keyword) {
			from++
		}
		if from++; from >= len(args) {
			return 0, 0, from == len(args) && s.last < 0 // where one key would follow, the option is one that the handler refuses
		}
	}
	switch {
	case s.counted:
		if from >= len(args) {
			return 0, 0, true
		}
		n, ok := resp.ParseInt(args[from])
		if !ok || n < 1 || n > int64(len(args)-from-1) {
			return 0, 0, true
		}
		return from + 1, from + int(n), false
	case s.last >= 0:
		return from, from + s.last, false
	case s.limit > 0:
		return from, from + (len(args)-from)/s.limit + s.last, false
	}
	return from, len(args) + s.last, false
}

// hasKeys tells that some argument may be a key.
func (cmd *command) hasKeys() bool {
	return slices.ContainsFunc(cmd.keys, func(s keySpec) bool { return s.access&notKey == 0 })
}

// keyWalk goes through the keys of one request. It is the only way from a request to its keys: locking and
// COMMAND GETKEYS both use it. It is a value and allocates nothing.
type keyWalk struct {
	specs     []keySpec
	args      [][]byte
	at, until int // next position, last position of the spec being walked

	arg  int      // position of the current key
	spec *keySpec // where it comes from
	bad  bool     // a spec could not be placed: the handler will say why
}

// walkKeys starts a walk over a request.
func (cmd *command) walkKeys(args [][]byte) keyWalk { return keyWalk{specs: cmd.keys, args: args} }

// next moves to the next key, false after the last.
func (k *keyWalk) next() bool {
	for {
		if k.spec != nil && k.at > 0 && k.at <= k.until && k.at < len(k.args) {
			k.arg = k.at
			k.at += max(k.spec.step, 1)
			return true
		}
		if len(k.specs) == 0 {
			return false
		}
		k.spec, k.specs = &k.specs[0], k.specs[1:]
		if k.spec.access&notKey != 0 {
			k.spec = nil
			continue
		}
		var bad bool
		k.at, k.until, bad = k.spec.place(k.args)
		k.bad = k.bad || bad
	}
}

// access is what the request does with the current key.
func (k *keyWalk) access(args [][]byte) access {
	if k.spec.exactly != nil {
		return k.spec.exactly(args)
	}
	return k.spec.access
}

// legacy is the old form of key positions: first, last (negative from the end) and step.
type legacy struct{ first, last, step int }

// legacyRange sums key specs up in the old form, which knows nothing of movable ones; adjoining single keys become one range.
func legacyRange(specs []keySpec) (out legacy) {
	for i := range specs {
		switch s := &specs[i]; {
		case s.movable():
		case out.step == 0:
			out = legacy{s.first, s.first + s.last, s.step}
			if s.last < 0 {
				out.last = s.last
			}
		case out.last > 0 && s.step == 1 && s.first == out.last+1:
			out.last = s.first + s.last
			if s.last < 0 {
				out.last = s.last
			}
		}
	}
	return out
}
