// Plan: everything that one start reads its settings from, and how the layers are laid over each other.

package config

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Assignment is one setting as somebody wrote it at one place.
type Assignment struct {
	Name  string
	Words []string // the arguments of a redis.conf line; one word from all other places
	Where Where
}

// Plan is a start.
type Plan struct {
	Engine   Engines           // 0: the setting engine decides
	Defaults map[string]string // other defaults than the rows', for a personality that was called by its name
	File     string            // "" none
	Lines    *RedisConf        // the file if it was read beforehand (standard input); then File is only its name
	Env      []string          // as os.Environ gives it
	Flags    []Assignment
	Strict   bool // redis-server's words for unknown lines
}

// Load reads all sources and gives the settings, or an *Error and nothing.
func (p *Plan) Load() (*Settings, error) {
	file, err := p.readFile()
	if err != nil {
		return nil, err
	}
	env, err := fromEnv(p.Env)
	if err != nil {
		return nil, err
	}
	layers := [][]Assignment{file, env, p.Flags}
	engine, err := p.engine(layers)
	if err != nil {
		return nil, err
	}
	s := Defaults(engine)
	s.plan = p
	for name, text := range p.Defaults {
		s.Note(name, text)
	}
	set := map[int]Layer{} // rows set so far, and by what
	for _, layer := range layers {
		for _, a := range layer {
			if err := s.assign(a, set, p.Strict); err != nil {
				return nil, err
			}
		}
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	for i := range s.values {
		s.loaded = append(s.loaded, s.values[i].Text())
	}
	return s, nil
}

func (p *Plan) readFile() ([]Assignment, error) {
	switch {
	case p.Lines != nil:
		return p.Lines.Assignments, nil
	case p.File == "":
		return nil, nil
	}
	return ReadFile(p.File)
}

// engine finds the personality before the rest, because defaults hang on it.
func (p *Plan) engine(layers [][]Assignment) (Engines, error) {
	engine := Redis
	if p.Engine != 0 {
		return p.Engine, nil
	}
	for _, layer := range layers {
		for _, a := range layer {
			if !strings.EqualFold(a.Name, "engine") {
				continue
			}
			_, n, err := Find("engine").Kind.parse(strings.Join(a.Words, " "))
			if err != nil {
				return 0, &Error{a.Where, "engine", err}
			}
			engine = [...]Engines{Redis, Memcached}[n]
		}
	}
	return engine, nil
}

// assign lays one assignment over what is there.
func (s *Settings) assign(a Assignment, set map[int]Layer, strict bool) error {
	at, found := all.index[strings.ToLower(a.Name)]
	if !found || all.rows[at].Directive && !a.Where.redisConf() && !strict {
		return &Error{a.Where, a.Name, unknown(a.Name, strict)}
	}
	row := all.rows[at]
	if row.Engines&s.engine == 0 {
		if strict {
			return &Error{a.Where, a.Name, unknown(a.Name, strict)}
		}
		return &Error{a.Where, row.Name, fmt.Errorf("belongs to the engine %s, and this is %s", row.Engines, s.engine)}
	}
	if row.Directive {
		return s.directive(row, a)
	}
	if len(a.Words) != 1 && (!row.Kind.words() || len(a.Words) == 0) {
		return &Error{a.Where, row.Name, ErrArguments}
	}
	text := strings.Join(a.Words, " ")
	if m, adds := row.Kind.(merger); adds {
		last, before := set[at]
		text = m.merge(s.values[at].Text(), text, !before || last != a.Where.Layer)
	}
	canonical, number, err := row.Kind.parse(text)
	if err != nil {
		return &Error{a.Where, row.Name, err}
	}
	set[at] = a.Where.Layer
	s.values[at].store(canonical, number)
	s.sources[at] = a.Where
	return nil
}

// directive takes a line that is no parameter.
func (s *Settings) directive(row *Row, a Assignment) error {
	switch {
	case len(a.Words) == 0, row.Name == "rename-command" && len(a.Words) != 2:
		return &Error{a.Where, row.Name, errBadDirective}
	case row.State == NotYet:
		s.warning(row, a.Where)
	default:
		s.lines = append(s.lines, a)
	}
	return nil
}

func (s *Settings) warning(row *Row, where Where) {
	why := ", but this version does not have its feature yet: it has no effect"
	if row.Why != "" {
		why = " and changes nothing: " + row.Why
	}
	text := fmt.Sprintf("%s is accepted%s (%s)", row.Name, why, where)
	for _, earlier := range s.warn {
		if strings.HasPrefix(earlier, row.Name+" ") {
			return
		}
	}
	s.warn = append(s.warn, text)
}

// errBadDirective is redis-server's answer to a line that it does not know.
var errBadDirective = fmt.Errorf("Bad directive or wrong number of arguments")

func unknown(name string, strict bool) error {
	if strict {
		return errBadDirective
	}
	if near := Nearest(name); near != "" {
		return fmt.Errorf("%w; did you mean %s?", ErrUnknown, near)
	}
	return ErrUnknown
}

// check looks at what no single row can see, and collects the warnings. A setting whose feature is not there goes back to
// its default: what is shown is what the server does.
func (s *Settings) check() error {
	for i, r := range all.rows {
		if s.sources[i].Layer == FromDefault || r.Directive {
			continue
		}
		byDefault, number, _ := r.Kind.parse(r.DefaultFor(s.engine))
		if s.values[i].Text() == byDefault {
			continue
		}
		if r.State == NotYet {
			s.warning(r, s.sources[i])
			s.values[i].store(byDefault, number)
		}
	}
	if err := s.checkMemory(); err != nil {
		return err
	}
	if s.Int("port") < 0 && s.engine != Memcached {
		return &Error{s.Source("port"), "port", outside(0, 65535)}
	}
	udp := s.engine == Memcached && s.Int("udp-port") != 0
	if s.Int("port") == 0 && s.Int("tls-port") == 0 && s.Get("unixsocket") == "" && !udp {
		return &Error{s.Source("port"), "port", fmt.Errorf("nothing to listen on: port and tls-port are 0 and unixsocket is empty")}
	}
	if s.engine == Redis && s.Get("memory-file") != "" && s.Bool("appendonly") {
		return &Error{s.Source("memory-file"), "memory-file", errors.New("excludes appendonly: the log of all writes is what a start has to believe")}
	}
	for _, name := range []string{"encryption-key-file", "encryption-key-command"} {
		if s.Get("memory-file") != "" && Find(name) != nil && s.Get(name) != "" {
			return &Error{s.Source("memory-file"), "memory-file", errors.New("excludes " + name + ": a memory file is not encrypted")}
		}
	}
	return s.checkAuth()
}

// Warnings are what the start should say about settings that have no effect, one line each.
func (s *Settings) Warnings() []string { return s.warn }

// checkMemory refuses items that maxmemory has no room for, by the setting that was given, and warns of a maxmemory whose unit was forgotten.
func (s *Settings) checkMemory() error {
	limit, longest, from := s.Int("maxmemory"), s.Int("item-size-max"), s.Source("maxmemory")
	switch {
	case limit == 0:
	case s.engine == Memcached && longest > limit/2 && s.Source("item-size-max").Layer == FromDefault:
		return &Error{from, "maxmemory", fmt.Errorf("%d bytes are less than two items of item-size-max (%d bytes)", limit, longest)}
	case s.engine == Memcached && longest > limit/2:
		return &Error{s.Source("item-size-max"), "item-size-max", fmt.Errorf("cannot be more than half of maxmemory (%d)", limit)}
	case limit < 1<<20:
		s.warn = append(s.warn, fmt.Sprintf("maxmemory is %d bytes, less than 1mb: is a unit missing, as in %dmb? (%s)", limit, limit, from))
	}
	return nil
}

// Reload reads the plan's sources again. What changed in them and may change at run time is changed now; restart names what
// changed but needs a new start. On an error nothing changes. Values that clients set stay, unless the sources changed them.
func (s *Settings) Reload() (changed, restart []string, err error) {
	if s.plan == nil {
		return nil, nil, nil
	}
	fresh, err := s.plan.Load()
	if err != nil {
		return nil, nil, err
	}
	if fresh.engine != s.engine {
		return nil, []string{"engine"}, nil
	}
	if changed, restart, err = s.adopt(fresh); err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	reloads := s.reloads
	s.mu.Unlock()
	for _, f := range reloads {
		f()
	}
	return changed, restart, nil
}

// adopt changes what a fresh reading of the sources changed, all of it or nothing.
func (s *Settings) adopt(fresh *Settings) (changed, restart []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var changes []change
	for i, r := range all.rows {
		switch {
		case fresh.loaded[i] == s.loaded[i]:
		case !r.Changeable():
			restart = append(restart, r.Name)
		default:
			changes = append(changes, change{i, fresh.loaded[i], fresh.values[i].Int()})
			changed = append(changed, r.Name)
		}
	}
	commits, first, err := s.ask(changes)
	if err != nil {
		at := changes[first].at
		return nil, nil, &Error{fresh.sources[at], all.rows[at].Name, err}
	}
	for _, c := range changes {
		s.apply([]change{c}, fresh.sources[c.at])
		s.loaded[c.at] = c.text
	}
	for _, commit := range commits {
		commit()
	}
	sort.Strings(changed)
	sort.Strings(restart)
	return changed, restart, nil
}
