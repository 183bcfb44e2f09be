// Settings: the live values. Reading is a load of an atomic; changing is checked, all or nothing, and tells the hooks.

package config

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Value is the live value of one setting. Keep the pointer where a value is read often; it stays good for ever.
type Value struct {
	row    *Row
	text   atomic.Pointer[string]
	number atomic.Int64
}

// Text is the canonical text.
func (v *Value) Text() string { return *v.text.Load() }

// Int is the number of a value: integers and sizes as such, the index of a word of an Enum, the bits of a set.
func (v *Value) Int() int64 { return v.number.Load() }

// Bool is whether a yes-or-no setting is yes.
func (v *Value) Bool() bool { return v.number.Load() != 0 }

// Row is the setting.
func (v *Value) Row() *Row { return v.row }

func (v *Value) store(text string, number int64) {
	v.text.Store(&text)
	v.number.Store(number)
}

// Settings are the values of all rows for one engine.
type Settings struct {
	engine Engines
	values []Value // as all.rows

	mu      sync.Mutex // guards everything below, and the order of changes
	sources []Where
	lines   []Assignment               // directives of the start, in order
	written map[string]func() []string // lines that Rewrite writes for a directive
	hooks   map[int][]func(string)
	vets    []vet
	reloads []func()
	loaded  []string // values as the plan gave them; a reload changes what differs from these
	plan    *Plan
	warn    []string
}

// Defaults gives the settings of an engine that nobody configured; tests start from them.
func Defaults(e Engines) *Settings {
	s := &Settings{engine: e, values: make([]Value, len(all.rows)), sources: make([]Where, len(all.rows)), hooks: map[int][]func(string){}}
	for i, r := range all.rows {
		text, number, err := r.Kind.parse(r.DefaultFor(e))
		if err != nil && !r.Directive {
			panic("config: default of " + r.Name + ": " + err.Error())
		}
		s.values[i].row = r
		s.values[i].store(text, number)
	}
	return s
}

// Engine is the personality that the settings are for.
func (s *Settings) Engine() Engines { return s.engine }

// Value gives the live value of a setting. An unknown name is a mistake of the caller and panics.
func (s *Settings) Value(name string) *Value {
	i, found := all.index[name]
	if !found {
		panic("config: no setting is named " + name)
	}
	return &s.values[i]
}

// Get, Int and Bool read one value once.
func (s *Settings) Get(name string) string { return s.Value(name).Text() }
func (s *Settings) Int(name string) int64  { return s.Value(name).Int() }
func (s *Settings) Bool(name string) bool  { return s.Value(name).Bool() }

// Source tells where the value comes from.
func (s *Settings) Source(name string) Where {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sources[all.index[name]]
}

// Each visits the settings of this engine by every name they have, older names included, until f says false.
func (s *Settings) Each(f func(name string, v *Value) bool) {
	for i := range s.values {
		v := &s.values[i]
		if v.row.Directive || v.row.Engines&s.engine == 0 {
			continue
		}
		if !f(v.row.Name, v) || v.row.Alias != "" && !f(v.row.Alias, v) {
			return
		}
	}
}

// OnChange asks for f to be called with the new text after each change of a setting, under the lock that orders changes:
// f must not change settings itself.
func (s *Settings) OnChange(name string, f func(value string)) {
	i, found := all.index[name]
	if !found {
		panic("config: no setting is named " + name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks[i] = append(s.hooks[i], f)
}

// vet is somebody who has a say in changes of some settings.
type vet struct {
	rows  []int
	check func(get func(name string) string) (commit func(), err error)
}

// Vet asks for check to be called before any of the named settings is set, also to the value that it has: it may name a file that has
// changed. check sees all values as they would be. Its error refuses every change that was asked for together; commit is called when
// all values are stored. Both run under the lock that orders changes.
func (s *Settings) Vet(names []string, check func(get func(name string) string) (commit func(), err error)) {
	v := vet{check: check}
	for _, name := range names {
		i, found := all.index[name]
		if !found {
			panic("config: no setting is named " + name)
		}
		v.rows = append(v.rows, i)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.vets = append(s.vets, v)
}

// ask asks those who have a say in the changes. first is the place of the change that the error is about. The caller holds mu.
func (s *Settings) ask(changes []change) (commits []func(), first int, err error) {
	get := func(name string) string {
		at := all.index[name]
		for _, c := range changes {
			if c.at == at {
				return c.text
			}
		}
		return s.values[at].Text()
	}
	for _, v := range s.vets {
		first := slices.IndexFunc(changes, func(c change) bool { return slices.Contains(v.rows, c.at) })
		if first < 0 {
			continue
		}
		commit, err := v.check(get)
		if err != nil {
			return nil, first, err
		}
		if commit != nil {
			commits = append(commits, commit)
		}
	}
	return commits, 0, nil
}

// OnReload asks for f to be called after each successful Reload, also when no setting has changed: for files that
// settings name. Unlike the hooks of OnChange it runs without a lock.
func (s *Settings) OnReload(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reloads = append(s.reloads, f)
}

// Directive gives the lines of a directive (user, rename-command) that the start found, in order.
func (s *Settings) Directive(name string) []Assignment {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Assignment
	for _, a := range s.lines {
		if a.Name == name {
			found = append(found, a)
		}
	}
	return found
}

// OnRewrite gives Rewrite the lines of a directive as they should be, each without the directive's name.
func (s *Settings) OnRewrite(name string, lines func() []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written == nil {
		s.written = map[string]func() []string{}
	}
	s.written[name] = lines
}

// Pair is one change that a client asks for.
type Pair struct{ Name, Text string }

// SetError says which of several changes is at fault.
type SetError struct {
	Index int
	Name  string // as the client wrote it
	Err   error  // ErrUnknown, ErrDuplicate, ErrImmutable, ErrProtected, ErrNotYet, or the kind's refusal
}

func (e *SetError) Error() string { return fmt.Sprintf("%s: %v", e.Name, e.Err) }
func (e *SetError) Unwrap() error { return e.Err }

// Set is SetMany of one change, protected settings included.
func (s *Settings) Set(name, text string) error {
	return s.SetMany([]Pair{{name, text}}, true)
}

type change struct {
	at     int
	text   string
	number int64
}

// SetMany makes all changes or none. protected says that the client may change protected settings. The error is a *SetError.
func (s *Settings) SetMany(pairs []Pair, protected bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	changes := make([]change, 0, len(pairs))
	for i, p := range pairs {
		c, err := s.plannedChange(p, protected)
		for _, earlier := range changes {
			if err == nil && earlier.at == c.at {
				err = ErrDuplicate
			}
		}
		if err != nil {
			return &SetError{i, p.Name, err}
		}
		changes = append(changes, c)
	}
	commits, first, err := s.ask(changes)
	if err != nil {
		return &SetError{first, pairs[first].Name, err}
	}
	s.apply(changes, Where{Layer: FromClient})
	for _, commit := range commits {
		commit()
	}
	return nil
}

// plannedChange checks one change of a running server.
func (s *Settings) plannedChange(p Pair, protected bool) (change, error) {
	at, found := all.index[strings.ToLower(p.Name)]
	if !found || all.rows[at].Directive || all.rows[at].Engines&s.engine == 0 {
		return change{}, ErrUnknown
	}
	row := all.rows[at]
	switch {
	case !row.Live:
		return change{}, ErrImmutable
	case row.Protected && !protected:
		return change{}, ErrProtected
	}
	text := p.Text
	if limits, partial := row.Kind.(outputKind); partial {
		text = limits.merge(s.values[at].Text(), text, false)
	}
	canonical, number, err := row.Kind.parse(text)
	if err != nil {
		return change{}, err
	}
	if !row.Changeable() && canonical != s.values[at].Text() {
		return change{}, ErrNotYet
	}
	return change{at, canonical, number}, nil
}

// apply stores the changes, then runs the hooks of those that differ. The caller holds mu.
func (s *Settings) apply(changes []change, from Where) {
	var differ []change
	for _, c := range changes {
		if s.values[c.at].Text() != c.text {
			differ = append(differ, c)
		}
		s.values[c.at].store(c.text, c.number)
		s.sources[c.at] = from
	}
	for _, c := range differ {
		for _, f := range s.hooks[c.at] {
			f(c.text)
		}
	}
}

// Note replaces a value by what the server made of it at its start (the directory it is in, the port that the system
// chose). No check, no hook; the source stays.
func (s *Settings) Note(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, found := all.index[name]
	if !found {
		panic("config: no setting is named " + name)
	}
	if canonical, number, err := all.rows[i].Kind.parse(text); err == nil {
		s.values[i].store(canonical, number)
	}
}
