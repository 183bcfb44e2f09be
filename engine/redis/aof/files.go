// What else lies in the directory of a log: files that a crash has left behind.

package aof

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// ErrStray says that there are files of a log without their manifest.
var ErrStray = errors.New("there are files of an append-only file, but no manifest that says how they belong together")

// ours tells a name that the log called name gives to its files: n is the number, 0 for temporary ones.
func ours(file, name string) (n int64, ok bool) {
	if strings.HasPrefix(file, "temp-") {
		rest := file[len("temp-"):]
		return 0, strings.HasPrefix(rest, name+".") || strings.HasPrefix(rest, "rewriteaof-")
	}
	rest, found := strings.CutPrefix(file, name+".")
	if !found {
		return 0, false
	}
	digits, kind, found := strings.Cut(rest, ".")
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, found && err == nil && (kind == "base.rdb" || kind == "base.aof" || kind == "incr.aof")
}

// Unlisted are the files of the log name in dir that the manifest, which may be nil, does not name.
func Unlisted(files vfs.FS, dir, name string, m *Manifest) (list []string, err error) {
	entries, err := files.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	if m != nil {
		for _, e := range m.Files() {
			known[e.Name] = true
		}
	}
	for _, e := range entries {
		if _, is := ours(e.Name(), name); is && !known[e.Name()] && !e.IsDir() {
			list = append(list, e.Name())
		}
	}
	return list, nil
}

// Tidy removes what Unlisted names, and says what that was.
func Tidy(files vfs.FS, dir, name string, m *Manifest) (gone []string, err error) {
	list, err := Unlisted(files, dir, name, m)
	for _, file := range list {
		err = errors.Join(err, files.Remove(filepath.Join(dir, file)))
	}
	if len(list) > 0 {
		err = errors.Join(err, files.SyncDir(dir))
	}
	return list, err
}

// Abandoned looks at a directory without a manifest. No error: it is empty, or a log was being made there that was never used, whose files are removed. Else it is
// ErrStray: a log has lost its manifest.
func Abandoned(files vfs.FS, dir, name string) error {
	list, err := Unlisted(files, dir, name, nil)
	if err != nil || len(list) == 0 {
		return err
	}
	if !slices.ContainsFunc(list, func(file string) bool { return !strings.HasPrefix(file, "temp-") }) { // nothing was done yet, and the plan may be cut
		_, err = Tidy(files, dir, name, nil)
		return err
	}
	draft := &Manifest{}
	if b, err := readSmall(files, filepath.Join(dir, TempManifest(name))); err == nil {
		if m, err := Parse(b); err == nil {
			draft = m
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	planned := map[string]bool{}
	for _, e := range draft.Files() {
		planned[e.Name] = true
	}
	for _, file := range list {
		if strings.HasPrefix(file, "temp-") || planned[file] {
			continue
		}
		f, err := files.Stat(filepath.Join(dir, file))
		if err != nil {
			return err
		}
		if f.Size() > 0 {
			return fmt.Errorf("%s: %w", filepath.Join(dir, file), ErrStray)
		}
	}
	_, err = Tidy(files, dir, name, nil)
	return err
}
