// Row: one setting, and the table of all of them.

package config

import "strings"

// Engines is a set of personalities.
type Engines uint8

const (
	Redis Engines = 1 << iota
	Memcached
	Both = Redis | Memcached
)

func (e Engines) String() string {
	switch e {
	case Redis:
		return "redis"
	case Memcached:
		return "memcached"
	}
	return "redis, memcached"
}

// State is how far a setting goes.
type State uint8

const (
	Works  State = iota // it does what it says
	Moot                // taken and shown; nothing in this server depends on it
	NotYet              // its feature is not there: shown with its default, one warning when a start sets it
)

// Row is one setting.
type Row struct {
	Name    string
	Alias   string // older name, taken and shown by CONFIG as well
	Kind    Kind
	Default string // canonical or not; parsed when the table is built
	// MemcachedDefault replaces Default under the memcached engine where it is not "". The word "none" stands for an empty text.
	MemcachedDefault string
	Engines          Engines
	State            State
	Live             bool // may change while the server runs
	Secret           bool // never shown, logged or listed
	Protected        bool // CONFIG SET needs enable-protected-configs
	Directive        bool // a line of redis.conf that is no parameter: not a flag, not listed by CONFIG GET
	Memcached        string
	Why              string // of a NotYet row: what the warning says instead of that the feature is to come
	Doc              string
}

// DefaultFor gives the text of the default under one engine.
func (r *Row) DefaultFor(e Engines) string {
	if e == Memcached && r.MemcachedDefault != "" {
		if r.MemcachedDefault == "none" {
			return ""
		}
		return r.MemcachedDefault
	}
	return r.Default
}

// Changeable tells whether a value may be set while the server runs.
func (r *Row) Changeable() bool { return r.Live && (r.State == Works || r.State == Moot) }

// Choices are the words that a value is one of; nil if it may be anything else.
func (r *Row) Choices() []string {
	if k, is := r.Kind.(interface{ choices() []string }); is {
		return k.choices()
	}
	return nil
}

// Env is the name of the environment variable that sets the row.
func (r *Row) Env() string {
	return "CACHESRV_" + strings.ToUpper(strings.ReplaceAll(r.Name, "-", "_"))
}

// Show gives a value as it may be shown: a secret is masked.
func (r *Row) Show(value string) string {
	if r.Secret && value != "" {
		return "***"
	}
	return value
}

// table is all rows and where to find them by name; it is built once and never changes.
type table struct {
	rows  []*Row
	index map[string]int // lower-case names and aliases
}

var all = buildTable(serverRows(), memoryRows(), redisRows(), memcachedRows(), dataRows(), knownRows(), persistRows(), clusterRows(), tlsRows(), encryptionRows())

// buildTable joins the families' rows. A name given twice or a default that its own kind refuses is a bug and panics.
func buildTable(families ...[]Row) *table {
	t := &table{index: map[string]int{}}
	for _, family := range families {
		for _, row := range family {
			r := row
			t.check(&r)
			t.rows = append(t.rows, &r)
			for _, name := range []string{r.Name, r.Alias} {
				if name == "" {
					continue
				}
				if _, twice := t.index[name]; twice {
					panic("config: two rows are named " + name)
				}
				t.index[name] = len(t.rows) - 1
			}
		}
	}
	return t
}

func (t *table) check(r *Row) {
	if r.Name == "" || r.Kind == nil || r.Doc == "" || r.Engines == 0 {
		panic("config: row " + r.Name + " is incomplete")
	}
	for _, e := range []Engines{Redis, Memcached} {
		if _, _, err := r.Kind.parse(r.DefaultFor(e)); err != nil && !r.Directive {
			panic("config: default of " + r.Name + ": " + err.Error())
		}
	}
}

// Rows gives all settings in the order of the documentation. The rows must not be changed.
func Rows() []*Row { return all.rows }

// Find gives the row of a name or alias, in any case; nil if there is none.
func Find(name string) *Row {
	if i, found := all.index[strings.ToLower(name)]; found {
		return all.rows[i]
	}
	return nil
}

// ByLetter gives the setting that one of memcached's flags stands for, "" if none does.
func ByLetter(letter string) string {
	for _, r := range all.rows {
		if flag, _, _ := strings.Cut(r.Memcached, " "); flag == "-"+letter && letter != "o" { // which is many
			return r.Name
		}
	}
	return ""
}

// Nearest gives the name most like an unknown one, "" when none is close.
func Nearest(name string) string {
	name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	best, bestAt := "", min(3, len(name)) // of a word of two letters any other would be near
	for _, r := range all.rows {
		if d := distance(name, r.Name, bestAt); d < bestAt && !r.Directive {
			best, bestAt = r.Name, d
		}
	}
	return best
}

// distance is the number of letters to change, add or drop between two words; any value from limit on means "too many".
func distance(a, b string, limit int) int {
	if len(a) > 64 || len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost = 1 + min(diagonal, row[j], row[j-1])
			}
			diagonal, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}
