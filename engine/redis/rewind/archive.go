// Archive: what a data directory holds to go back to.

package rewind

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// Names are what the settings call the files of a data directory.
type Names struct {
	LogDir   string // appenddirname
	Log      string // appendfilename
	Snapshot string // dbfilename
}

// Usual are the names that a server has by default.
func Usual() Names { return Names{"appendonlydir", "appendonly.aof", "dump.rdb"} }

// Archive is what there is. Generations come in their order; the last one is what a server would load.
type Archive struct {
	Dir         string
	Names       Names
	Generations []Generation
	Snapshot    *Base
	Unordered   bool // there are old files too, but the manifest does not tell how they follow each other

	files vfs.FS
}

// Generation is a base and what was written behind it. Without a base it begins with nothing.
type Generation struct {
	Base  *Base
	Incrs []Increment
}

// Base is a file that holds everything as of one moment.
type Base struct {
	Name string
	Size int64
	At   int64 // Unix seconds
}

// Increment is a file of records.
type Increment struct {
	Name   string
	Found  aof.Result
	Latest bool // a server was writing to it: its end may be torn
}

// ErrNothing says that a directory holds no data that a moment could be taken from.
var ErrNothing = errors.New("neither an append-only file nor a snapshot is there")

// Open looks at a directory and reads all increments once.
func Open(files vfs.FS, dir string, names Names) (*Archive, error) {
	a := &Archive{Dir: dir, Names: names, files: files}
	if _, err := files.Stat(dir); err != nil {
		return nil, err
	}
	var err error
	if a.Snapshot, err = a.base(names.Snapshot); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	m, err := aof.LoadManifest(files, filepath.Join(dir, names.LogDir), names.Log)
	switch {
	case err == nil:
		err = a.read(m)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
		if a.Snapshot == nil {
			err = fmt.Errorf("%s: %w (looked for %s and %s)", dir, ErrNothing, filepath.Join(names.LogDir, aof.ManifestName(names.Log)), names.Snapshot)
		}
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

func (a *Archive) path(name string) string { return filepath.Join(a.Dir, a.Names.LogDir, name) }

// read fills the generations from a manifest.
func (a *Archive) read(m *aof.Manifest) error {
	lists, ok := history(m.History)
	a.Unordered = !ok
	lists = append(lists, append(baseOf(m.Base), m.Incrs...))
	for i, list := range lists {
		g, err := a.generation(list, i == len(lists)-1)
		if errors.Is(err, fs.ErrNotExist) && i < len(lists)-1 {
			a.Generations = nil // what comes before a gap leads nowhere
			continue
		}
		if err != nil {
			return err
		}
		a.Generations = append(a.Generations, g)
	}
	return nil
}

func baseOf(b *aof.Entry) []aof.Entry {
	if b == nil {
		return nil
	}
	return []aof.Entry{*b}
}

// history takes the old files of a manifest apart into generations. This server lists them as they came to be, each base before its increments; Redis lists the
// youngest generation first and its base last. false for another order.
func history(list []aof.Entry) (lists [][]aof.Entry, ok bool) {
	if len(list) == 0 {
		return nil, true
	}
	if isBase(list[0]) {
		for _, e := range list {
			if isBase(e) {
				lists = append(lists, nil)
			}
			lists[len(lists)-1] = append(lists[len(lists)-1], e)
		}
	} else if isBase(list[len(list)-1]) {
		for at := len(list); at > 0; {
			from := at - 1
			for from > 0 && !isBase(list[from-1]) {
				from--
			}
			lists = append(lists, append([]aof.Entry{list[at-1]}, list[from:at-1]...))
			at = from
		}
	}
	seq := int64(0)
	for _, l := range lists {
		for _, e := range l[1:] {
			if e.Seq <= seq {
				return nil, false
			}
			seq = e.Seq
		}
	}
	return lists, lists != nil
}

func isBase(e aof.Entry) bool { return strings.Contains(e.Name, ".base.") }

func (a *Archive) generation(list []aof.Entry, last bool) (g Generation, err error) {
	for i, e := range list {
		if e.Type == aof.Base || isBase(e) {
			if g.Base, err = a.base(filepath.Join(a.Names.LogDir, e.Name)); err != nil {
				return g, err
			}
			g.Base.Name = e.Name
			continue
		}
		inc := Increment{Name: e.Name, Latest: last && i == len(list)-1}
		f, err := a.files.Open(a.path(e.Name), os.O_RDONLY, 0)
		if err != nil {
			return g, err
		}
		found, err := aof.Verify(f, a.path(e.Name), 0, nil)
		f.Close()
		if err != nil {
			return g, err
		}
		inc.Found = *found
		g.Incrs = append(g.Incrs, inc)
	}
	return g, nil
}

var errSeen = errors.New("seen")

// base looks at a snapshot, or at a base that is a list of records. Its moment is what it says itself, else when it was written.
func (a *Archive) base(name string) (*Base, error) {
	path := filepath.Join(a.Dir, name)
	info, err := a.files.Stat(path)
	if err != nil {
		return nil, err
	}
	b := &Base{Name: name, Size: info.Size(), At: info.ModTime().Unix()}
	f, err := a.files.Open(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if strings.HasSuffix(name, ".aof") {
		if kind, err := firstTime(aof.NewReader(f, path, 0, b.Size)); err == nil && kind > 0 {
			b.At = kind
		}
		return b, nil
	}
	r := rdb.FileReader{From: io.LimitReader(f, 1<<20)}
	r.Aux = func(name, value string) error {
		if name != "ctime" {
			return nil
		}
		if at, err := strconv.ParseInt(value, 10, 64); err == nil && at > 0 {
			b.At = at
		}
		return errSeen
	}
	if _, err := r.Next(); err != nil && r.Version == 0 {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}

// firstTime is the annotation that a list of records begins with, 0 without.
func firstTime(r *aof.Reader) (int64, error) {
	kind, err := r.Next()
	if err != nil || kind != aof.Time {
		return 0, err
	}
	return r.Seconds, nil
}

// From is the first moment of a generation; 0 if it begins with nothing.
func (g *Generation) From() int64 {
	if g.Base == nil {
		return 0
	}
	return g.Base.At
}

// To is the last moment that a generation knows of.
func (g *Generation) To() int64 {
	to := g.From()
	for i := range g.Incrs {
		to = max(to, g.Incrs[i].Found.Last)
	}
	return to
}

// timed tells whether the records of a generation say when they were written.
func (g *Generation) timed() bool {
	records := int64(0)
	for i := range g.Incrs {
		if g.Incrs[i].Found.First > 0 {
			return true
		}
		records += g.Incrs[i].Found.Records
	}
	return records == 0
}

// Text writes a moment as it is asked for.
func Text(seconds int64) string {
	if seconds == 0 {
		return "the beginning"
	}
	return time.Unix(seconds, 0).UTC().Format(time.RFC3339)
}
