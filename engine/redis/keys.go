// Key extraction: which arguments of a command are keys, and what the command does with them.

package redis

// access is what a command does with a key.
type access uint16

const (
	ro       access = 1 << iota // reads it
	rw                          // reads and changes it
	ow                          // overwrites it without looking
	rm                          // deletes it without looking
	reads                       // returns or copies the value
	updates                     // changes what is there
	inserts                     // adds, changes nothing that was there
	deletes                     // removes
	notKey                      // shaped like a key, is none
	variable                    // may do less, depending on other arguments
)

var accessNames = []struct {
	flag access
	name string
}{
	{ro, "RO"}, {rw, "RW"}, {ow, "OW"}, {rm, "RM"}, {reads, "access"}, {updates, "update"}, {inserts, "insert"},
	{deletes, "delete"}, {notKey, "not_key"}, {variable, "variable_flags"},
}

// keySpec places some of a command's keys: from argument first, each step, up to last arguments further on
// (negative: counted from the end, -1 being the last).
type keySpec struct {
	notes             string
	access            access
	first, last, step int

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

// fromTo is a source at 1 and a destination at 2.
func fromTo(from, to access) []keySpec {
	return []keySpec{{access: from, first: 1, step: 1}, {access: to, first: 2, step: 1}}
}

// keyWalk goes through the keys of one request. It is the only way from a request to its keys: locking and
// COMMAND GETKEYS both use it. It is a value and allocates nothing.
type keyWalk struct {
	specs     []keySpec
	argc      int
	at, until int // next position, last position of the spec being walked

	arg  int      // position of the current key
	spec *keySpec // where it comes from
}

// walkKeys starts a walk over a request of argc words.
func (cmd *command) walkKeys(argc int) keyWalk { return keyWalk{specs: cmd.keys, argc: argc} }

// next moves to the next key, false after the last.
func (k *keyWalk) next() bool {
	for {
		if k.spec != nil && k.at <= k.until && k.at < k.argc {
			k.arg = k.at
			k.at += k.spec.step
			return true
		}
		if len(k.specs) == 0 {
			return false
		}
		k.spec, k.specs = &k.specs[0], k.specs[1:]
		k.at = k.spec.first
		k.until = k.spec.first + k.spec.last
		if k.spec.last < 0 {
			k.until = k.argc + k.spec.last
		}
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

// legacyRange sums key specs up in the old form; adjoining single keys become one range.
func legacyRange(specs []keySpec) legacy {
	if len(specs) == 0 {
		return legacy{}
	}
	s := specs[0]
	out := legacy{s.first, s.first + s.last, s.step}
	if s.last < 0 {
		out.last = s.last
		return out
	}
	for _, s := range specs[1:] {
		if s.last >= 0 && s.step == 1 && s.first == out.last+1 {
			out.last = s.first + s.last
		}
	}
	return out
}
