// Manifest: which files the append-only file is made of.

package aof

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/cachesrv/cachesrv/config/quoting"
	"github.com/cachesrv/cachesrv/core/vfs"
)

// Type is what a file is to the log.
type Type byte

// The types.
const (
	Base    Type = 'b' // the data at the beginning
	Incr    Type = 'i' // records behind it
	History Type = 'h' // no part of it any more
)

// Entry is one file.
type Entry struct {
	Name string
	Seq  int64
	Type Type
}

// Manifest lists the files of a log. Base is nil where there is none; the increments come in their order.
type Manifest struct {
	Base    *Entry
	History []Entry
	Incrs   []Entry
}

// Limits of what is read: a line as Redis takes it, and more lines than anybody has files.
const (
	maxLine     = 1024
	maxManifest = 16 << 20
)

// Errors of Parse, in Redis's words.
var (
	ErrEmpty     = errors.New("Found an empty AOF manifest")
	ErrFormat    = errors.New("Invalid AOF manifest file format")
	ErrLongLine  = errors.New("The AOF manifest file contains too long line")
	ErrPath      = errors.New("File can't be a path, just a filename")
	ErrTwoBases  = errors.New("Found duplicate base file information")
	ErrSequence  = errors.New("Found a non-monotonic sequence number")
	ErrType      = errors.New("Unknown AOF file type")
	ErrTwice     = errors.New("Found the same file twice")
	ErrSum       = errors.New("The AOF manifest file does not have the checksum that it says")
	ErrTooLong   = errors.New("The AOF manifest file is too long")
	errNoNewline = fmt.Errorf("%w: the last line has no end", ErrFormat)
)

// Parse reads a manifest. Everything it does not know makes an error, except for keys of a line that a later version may have.
func Parse(b []byte) (*Manifest, error) {
	if len(b) > maxManifest {
		return nil, ErrTooLong
	}
	if len(b) == 0 {
		return nil, ErrEmpty
	}
	m, seen := &Manifest{}, map[string]bool{}
	for number := 1; len(b) > 0; number++ {
		line, rest, ended := bytes.Cut(b, []byte("\n"))
		b = rest
		if line = bytes.TrimRight(line, "\r"); len(line) > 0 && line[0] == '#' && ended && len(line) < maxLine {
			continue
		}
		err := m.parseLine(line, ended, seen)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	return m, nil
}

func (m *Manifest) parseLine(line []byte, ended bool, seen map[string]bool) error {
	switch {
	case len(line) >= maxLine:
		return ErrLongLine
	case !ended:
		return errNoNewline
	}
	words, err := quoting.Split(string(line))
	if err != nil || len(words) < 6 || len(words)%2 != 0 {
		return ErrFormat
	}
	var e Entry
	for ; len(words) > 0; words = words[2:] {
		switch strings.ToLower(words[0]) {
		case "file":
			e.Name = words[1]
		case "seq":
			seq, err := strconv.ParseInt(words[1], 10, 64)
			if err != nil {
				return ErrFormat
			}
			e.Seq = seq
		case "type":
			if len(words[1]) != 1 {
				return ErrType
			}
			e.Type = Type(words[1][0])
		}
	}
	if e.Name == "" || e.Seq <= 0 || e.Type == 0 {
		return ErrFormat
	}
	if !plainName(e.Name) {
		return ErrPath
	}
	if seen[e.Name] {
		return ErrTwice
	}
	seen[e.Name] = true
	return m.add(e)
}

func (m *Manifest) add(e Entry) error {
	switch e.Type {
	case Base:
		if m.Base != nil {
			return ErrTwoBases
		}
		m.Base = &e
	case Incr:
		if n := len(m.Incrs); n > 0 && e.Seq <= m.Incrs[n-1].Seq {
			return ErrSequence
		}
		m.Incrs = append(m.Incrs, e)
	case History:
		m.History = append(m.History, e)
	default:
		return ErrType
	}
	return nil
}

// plainName tells a name that cannot lead out of the directory.
func plainName(name string) bool {
	return name != "." && name != ".." && !strings.ContainsAny(name, "/\\\x00")
}

// Append writes the manifest as Redis does: base, history, increments.
func (m *Manifest) Append(b []byte) []byte {
	if m.Base != nil {
		b = m.Base.append(b)
	}
	for _, e := range m.History {
		b = e.append(b)
	}
	for _, e := range m.Incrs {
		b = e.append(b)
	}
	return b
}

func (e *Entry) append(b []byte) []byte {
	b = append(b, "file "...)
	b = append(b, quoting.Quote(e.Name)...)
	b = append(b, " seq "...)
	b = strconv.AppendInt(b, e.Seq, 10)
	return append(append(b, " type "...), byte(e.Type), '\n')
}

// Clone is a copy that shares nothing.
func (m *Manifest) Clone() *Manifest {
	c := &Manifest{History: append([]Entry(nil), m.History...), Incrs: append([]Entry(nil), m.Incrs...)}
	if m.Base != nil {
		base := *m.Base
		c.Base = &base
	}
	return c
}

// Files are all that the manifest names, those of the log first and in their order.
func (m *Manifest) Files() (list []Entry) {
	if m.Base != nil {
		list = append(list, *m.Base)
	}
	list = append(list, m.Incrs...)
	return append(list, m.History...)
}

// NextBase and NextIncr are the numbers that the next files get.
func (m *Manifest) NextBase() int64 { return m.next(".base.", m.Base) }

// NextIncr is NextBase for an increment.
func (m *Manifest) NextIncr() int64 {
	var last *Entry
	if n := len(m.Incrs); n > 0 {
		last = &m.Incrs[n-1]
	}
	return m.next(".incr.", last)
}

// next looks at the history too: a file that is kept there must not be written over.
func (m *Manifest) next(kind string, last *Entry) int64 {
	seq := int64(0)
	if last != nil {
		seq = last.Seq
	}
	for _, e := range m.History {
		if strings.Contains(e.Name, kind) {
			seq = max(seq, e.Seq)
		}
	}
	return seq + 1
}

// BaseName and IncrName are what Redis calls the files of a log with the name appendfilename.
func BaseName(name string, seq int64, rdb bool) string {
	if rdb {
		return fmt.Sprintf("%s.%d.base.rdb", name, seq)
	}
	return fmt.Sprintf("%s.%d.base.aof", name, seq)
}

// IncrName is BaseName for an increment.
func IncrName(name string, seq int64) string { return fmt.Sprintf("%s.%d.incr.aof", name, seq) }

// ManifestName is the manifest's, and TempManifest that of one that is being written.
func ManifestName(name string) string { return name + ".manifest" }

// TempManifest is what a manifest is called until it is whole.
func TempManifest(name string) string { return "temp-" + name + ".manifest" }

// LoadManifest reads the manifest of the log name in dir; an error that is fs.ErrNotExist where there is none.
func LoadManifest(files vfs.FS, dir, name string) (*Manifest, error) {
	path := filepath.Join(dir, ManifestName(name))
	b, err := readSmall(files, path)
	if err != nil {
		return nil, err
	}
	m, err := Parse(b)
	if err == nil {
		err = unsealed(b)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// sealed ends a manifest with an annotation like those of the log, a comment to Redis: one bit makes history of an increment.
func sealed(b []byte) []byte {
	var s sum
	s.add(b)
	return appendSum(b, s, -1)
}

// unsealed compares a manifest with its annotation, if it has one.
func unsealed(b []byte) error {
	at := bytes.LastIndex(b, []byte("\n"+sumMark)) + 1
	if at == 0 {
		return nil
	}
	var s sum
	s.add(b[:at])
	if said, _, ok := parseSum(bytes.TrimRight(b[at:], "\r\n")); !ok || said != s {
		return ErrSum
	}
	return nil
}

// Save replaces the manifest in one step: whatever happens, the old one or this one is there.
func (m *Manifest) Save(files vfs.FS, dir, name string) error {
	if err := m.Draft(files, dir, name); err != nil {
		return err
	}
	return Publish(files, dir, name)
}

// Draft writes the manifest under its temporary name, safe on the disk; Publish then gives it its own.
func (m *Manifest) Draft(files vfs.FS, dir, name string) error {
	temp := filepath.Join(dir, TempManifest(name))
	f, err := files.Open(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(sealed(m.Append(nil)))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return files.SyncDir(dir)
}

// Publish is the second half of Save.
func Publish(files vfs.FS, dir, name string) error {
	if err := files.Rename(filepath.Join(dir, TempManifest(name)), filepath.Join(dir, ManifestName(name))); err != nil {
		return err
	}
	return files.SyncDir(dir)
}

// readSmall reads a file of bounded length.
func readSmall(files vfs.FS, path string) ([]byte, error) {
	f, err := files.Open(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxManifest+1))
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return b, nil
}
