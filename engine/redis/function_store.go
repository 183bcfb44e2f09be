// The function store: the libraries that FUNCTION LOAD made, and their functions by name.

package redis

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cachesrv/cachesrv/engine/redis/script"
)

// functionStore is read without a lock: whoever changes it makes a new librarySet.
type functionStore struct {
	mu  sync.Mutex // of whoever changes it
	set atomic.Pointer[librarySet]
}

// librarySet is one state of all libraries. It is never changed.
type librarySet struct {
	libs  []*script.Library // by name
	names map[string]*script.Function
}

var noLibraries = &librarySet{}

func (s *functionStore) load() *librarySet {
	if set := s.set.Load(); set != nil {
		return set
	}
	return noLibraries
}

// function finds a function, nil if there is none.
func (s *functionStore) function(name []byte) *script.Function { return s.load().names[string(name)] }

func (l *librarySet) library(name string) *script.Library {
	for _, lib := range l.libs {
		if lib.Name == name {
			return lib
		}
	}
	return nil
}

// with is the set with one library more; replace allows it to take the place of one of the same name.
func (l *librarySet) with(lib *script.Library, replace bool) (*librarySet, error) {
	old := l.library(lib.Name)
	if old != nil && !replace {
		return nil, errorf("ERR Library '%s' already exists", lib.Name)
	}
	for _, f := range lib.Functions {
		if other := l.names[f.Name]; other != nil && other.Library != old {
			return nil, errorf("ERR Function %s already exists", f.Name)
		}
	}
	libs := slices.Clone(l.without(old).libs)
	libs = append(libs, lib)
	slices.SortFunc(libs, func(a, b *script.Library) int { return strings.Compare(a.Name, b.Name) })
	return newLibrarySet(libs), nil
}

// without is the set without a library, which may be nil.
func (l *librarySet) without(lib *script.Library) *librarySet {
	libs := slices.DeleteFunc(slices.Clone(l.libs), func(o *script.Library) bool { return o == lib })
	return newLibrarySet(libs)
}

func newLibrarySet(libs []*script.Library) *librarySet {
	set := &librarySet{libs: libs, names: map[string]*script.Function{}}
	for _, lib := range libs {
		for _, f := range lib.Functions {
			set.names[f.Name] = f
		}
	}
	return set
}

func (l *librarySet) has(lib *script.Library) bool { return slices.Contains(l.libs, lib) }

// bytes of the texts.
func (l *librarySet) bytes() (n int) {
	for _, lib := range l.libs {
		n += len(lib.Source)
	}
	return n
}

// compile makes a library of a text. It runs the text, in an interpreter that has no host.
func (s *scripting) compile(source string) (*script.Library, error) {
	r := s.runner(script.ForFunctions)
	defer s.giveBack(r)
	lib, err := r.state.Load(source, s.e.keyPositions, nil, script.Limits{Memory: scriptMemory})
	if err != nil {
		return nil, replyError(err.Error())
	}
	return lib, nil
}

// change replaces the set by what f makes of it.
func (s *functionStore) change(f func(*librarySet) (*librarySet, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	set, err := f(s.load())
	if err == nil {
		s.set.Store(set)
	}
	return err
}

// restore adds libraries to the set, all or none.
func (l *librarySet) restore(libs []*script.Library, policy string) (*librarySet, error) {
	if policy == "flush" {
		l = noLibraries
	}
	seen := map[string]bool{}
	for _, lib := range libs {
		if seen[lib.Name] {
			return nil, errorf("ERR Library '%s' already exists", lib.Name)
		}
		seen[lib.Name] = true
		var err error
		if l, err = l.with(lib, policy == "replace"); err != nil {
			return nil, err
		}
	}
	return l, nil
}
