// A layer that makes a file system fail by rule, and writes down what was asked of it.

// Package faults wraps a file system for tests: it fails, delays or shortens what a Rule names, lists the steps that were taken, and ends
// the "process" at one of them. It knows nothing of what is below, which may be the real disk or a simulated one.
package faults

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// ErrKilled is the answer to everything after the step at which the process was ended.
var ErrKilled = errors.New("faults: the process has ended")

// Op is a set of operations.
type Op uint16

// The operations. Open is opening a file that is there, Create opening one with os.O_CREATE. Those of Changes are steps.
const (
	Open Op = 1 << iota
	Create
	Read
	Write
	Truncate
	Sync
	Rename
	Remove
	Mkdir
	SyncDir

	Changes = Create | Write | Truncate | Sync | Rename | Remove | Mkdir | SyncDir
)

var opNames = []string{"open", "create", "read", "write", "truncate", "sync", "rename", "remove", "mkdir", "syncdir"}

func (o Op) String() string {
	var names []string
	for i, n := range opNames {
		if o&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return strings.Join(names, "|")
}

// Rule says what goes wrong.
type Rule struct {
	Op   Op     // on which operations
	Name string // on which files: a pattern of filepath.Match for the last name; empty is every file. Of a rename the new name counts.
	Skip int    // how many times it goes well first
	Once bool   // whether it happens once or from then on

	Err  error  // what is answered; nil lets the operation happen
	Room int64  // of writes: bytes that are taken before Err, over all files of the rule; the last write is cut short
	Wait func() // called before the operation, without any lock
}

// The usual rules.

// Full is a disk with room for n more bytes.
func Full(n int64) *Rule { return &Rule{Op: Write, Room: n, Err: syscall.ENOSPC} }

// ReadOnly is a file system that takes no change.
func ReadOnly() *Rule { return &Rule{Op: Changes &^ (Sync | SyncDir), Err: syscall.EROFS} }

// BadSync is a Sync that fails once and has lost what it should have made safe.
func BadSync(name string) *Rule { return &Rule{Op: Sync, Name: name, Once: true, Err: syscall.EIO} }

// Step is one change that was asked for.
type Step struct {
	Op   Op
	Name string // the last name
	Len  int    // of writes
	Err  error
}

// FS is the layer.
type FS struct {
	below vfs.FS

	mu     sync.Mutex // guards all below
	rules  []*active
	steps  []Step
	killAt int // steps that may happen; -1 all
	dead   bool
	onKill func()
}

type active struct {
	*Rule
	met  int
	room int64
	done bool
}

// New puts the layer over a file system.
func New(below vfs.FS) *FS { return &FS{below: below, killAt: -1} }

// Add makes a rule hold; the first that applies counts.
func (s *FS) Add(r *Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, &active{Rule: r, room: r.Room})
}

// Drop ends a rule: there is space again, or the disk is well.
func (s *FS) Drop(r *Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = slices.DeleteFunc(s.rules, func(a *active) bool { return a.Rule == r })
}

// Steps lists the changes that were asked for so far.
func (s *FS) Steps() []Step {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.steps)
}

// KillAt lets n changes happen. The one after it, and everything later, gets ErrKilled; then is called once before that.
func (s *FS) KillAt(n int, then func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.killAt, s.onKill = n, then
}

// ask tells what is to happen: how many bytes of a write are to be taken, and the error after that. whole is -1 for no limit.
func (s *FS) ask(op Op, name string, length int) (take int, err error) {
	base := filepath.Base(name)
	s.mu.Lock()
	if s.killAt >= 0 && op&Changes != 0 && len(s.steps) >= s.killAt && !s.dead {
		s.dead = true
		if s.onKill != nil {
			s.onKill()
		}
	}
	if s.dead {
		s.mu.Unlock()
		return 0, &fs.PathError{Op: op.String(), Path: name, Err: ErrKilled}
	}
	take = length
	var wait func()
	for _, a := range s.rules {
		if !a.applies(op, base) {
			continue
		}
		wait = a.Wait
		if take, err = a.outcome(length); err != nil {
			err = &fs.PathError{Op: op.String(), Path: name, Err: err}
		}
		break
	}
	if op&Changes != 0 {
		s.steps = append(s.steps, Step{op, base, length, err})
	}
	s.mu.Unlock()
	if wait != nil {
		wait()
	}
	return take, err
}

func (a *active) applies(op Op, base string) bool {
	if a.done || a.Op&op == 0 {
		return false
	}
	if ok, _ := filepath.Match(a.Name, base); a.Name != "" && !ok {
		return false
	}
	a.met++
	return a.met > a.Skip
}

// outcome takes from the rule's room what a write needs.
func (a *active) outcome(length int) (int, error) {
	if a.Err == nil {
		a.done = a.Once
		return length, nil
	}
	take := int(min(int64(length), a.room))
	a.room -= int64(take)
	if take == length && length > 0 {
		return take, nil
	}
	a.done = a.Once
	return take, a.Err
}

// Open implements vfs.FS.
func (s *FS) Open(name string, flags int, perm fs.FileMode) (vfs.File, error) {
	op := Open
	if flags&os.O_CREATE != 0 {
		op = Create
	}
	if _, err := s.ask(op, name, 0); err != nil {
		return nil, err
	}
	f, err := s.below.Open(name, flags, perm)
	if err != nil {
		return nil, err
	}
	return &file{f, s, name}, nil
}

// Rename implements vfs.FS.
func (s *FS) Rename(from, to string) error {
	if _, err := s.ask(Rename, to, 0); err != nil {
		return err
	}
	return s.below.Rename(from, to)
}

// Remove implements vfs.FS.
func (s *FS) Remove(name string) error {
	if _, err := s.ask(Remove, name, 0); err != nil {
		return err
	}
	return s.below.Remove(name)
}

// MkdirAll implements vfs.FS.
func (s *FS) MkdirAll(name string, perm fs.FileMode) error {
	if _, err := s.ask(Mkdir, name, 0); err != nil {
		return err
	}
	return s.below.MkdirAll(name, perm)
}

// SyncDir implements vfs.FS.
func (s *FS) SyncDir(name string) error {
	if _, err := s.ask(SyncDir, name, 0); err != nil {
		return err
	}
	return s.below.SyncDir(name)
}

// Stat implements vfs.FS.
func (s *FS) Stat(name string) (fs.FileInfo, error) { return s.below.Stat(name) }

// ReadDir implements vfs.FS.
func (s *FS) ReadDir(name string) ([]fs.DirEntry, error) { return s.below.ReadDir(name) }

// Lock implements vfs.FS.
func (s *FS) Lock(name string) (io.Closer, error) { return s.below.Lock(name) }
