// Write: a plan becomes a data directory.

package rewind

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
)

// ErrOccupied says that the new directory is not new.
var ErrOccupied = errors.New("the directory is not empty")

// Bytes is what Write will copy.
func (p *Plan) Bytes() (n int64) {
	if p.Snapshot != nil {
		return p.Snapshot.Size
	}
	if p.Base != nil {
		n = p.Base.Size
	}
	for i, name := range p.Incrs {
		n += p.length(i, name)
	}
	return n
}

// length is how much of an increment is wanted.
func (p *Plan) length(i int, name string) int64 {
	if i == len(p.Incrs)-1 {
		return p.Cut
	}
	for _, g := range p.from.Generations {
		for _, inc := range g.Incrs {
			if inc.Name == name {
				return inc.Found.Size
			}
		}
	}
	return 0
}

// Write makes the directory out, which must be missing or empty, on the file system to. The manifest comes last: until it is there, a server finds
// no log in the directory and says so. copied, if not nil, is told how many bytes were written.
func (p *Plan) Write(to vfs.FS, out string, copied func(n int)) error {
	if err := vacant(to, out); err != nil {
		return err
	}
	if err := to.MkdirAll(out, 0o755); err != nil {
		return err
	}
	names := p.from.Names
	if p.Snapshot != nil {
		if err := p.copy(to, filepath.Join(p.from.Dir, names.Snapshot), filepath.Join(out, names.Snapshot), p.Snapshot.Size, 0, copied); err != nil {
			return err
		}
		return settle(to, out)
	}
	dir := filepath.Join(out, names.LogDir)
	if err := to.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	m := &aof.Manifest{}
	if b := p.Base; b != nil {
		seq, err := p.entry(b.Name)
		if err != nil {
			return err
		}
		m.Base = &aof.Entry{Name: b.Name, Seq: seq, Type: aof.Base}
		if err := p.copy(to, p.from.path(b.Name), filepath.Join(dir, b.Name), b.Size, 0, copied); err != nil {
			return err
		}
	}
	for i, name := range p.Incrs {
		seq, err := p.entry(name)
		if err != nil {
			return err
		}
		m.Incrs = append(m.Incrs, aof.Entry{Name: name, Seq: seq, Type: aof.Incr})
		if err := p.copy(to, p.from.path(name), filepath.Join(dir, name), p.length(i, name), os.O_APPEND, copied); err != nil {
			return err
		}
	}
	if err := p.proof(to, dir); err != nil {
		return err
	}
	if err := to.SyncDir(dir); err != nil {
		return err
	}
	if err := m.Save(to, dir, names.Log); err != nil {
		return err
	}
	return settle(to, out)
}

// entry is the number of a file in the old manifest.
func (p *Plan) entry(name string) (int64, error) {
	m, err := aof.LoadManifest(p.from.files, filepath.Join(p.from.Dir, p.from.Names.LogDir), p.from.Names.Log)
	if err != nil {
		return 0, err
	}
	for _, e := range m.Files() {
		if e.Name == name {
			return e.Seq, nil
		}
	}
	return 0, fmt.Errorf("%s has left the manifest meanwhile: a server is at work there; try again", name)
}

// proof reads the last increment as a server will.
func (p *Plan) proof(to vfs.FS, dir string) error {
	if len(p.Incrs) == 0 {
		return nil
	}
	name := filepath.Join(dir, p.Incrs[len(p.Incrs)-1])
	f, err := to.Open(name, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	res, err := aof.Verify(f, name, 0, nil)
	if err == nil && !res.Whole() {
		err = fmt.Errorf("%s: cut in the wrong place", name)
		if res.Damage != nil {
			err = res.Damage
		}
	}
	return err
}

// copy makes the first size bytes of a file a file that is safe on the disk.
func (p *Plan) copy(to vfs.FS, from, name string, size int64, flag int, copied func(int)) error {
	in, err := p.from.files.Open(from, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := to.Open(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL|flag, 0o644)
	if err != nil {
		return err
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{out}, &told{io.LimitReader(in, size), copied}, make([]byte, 1<<20))
	if err == nil && n < size {
		err = fmt.Errorf("%s: %w: %d of %d bytes", from, io.ErrUnexpectedEOF, n, size)
	}
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// told tells of what is read.
type told struct {
	io.Reader
	tell func(int)
}

func (t *told) Read(b []byte) (int, error) {
	n, err := t.Reader.Read(b)
	if t.tell != nil {
		t.tell(n)
	}
	return n, err
}

func vacant(files vfs.FS, dir string) error {
	list, err := files.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && len(list) > 0 {
		err = fmt.Errorf("%s: %w: a data directory is built where nothing is", dir, ErrOccupied)
	}
	return err
}

// settle makes the names durable.
func settle(files vfs.FS, dir string) error {
	if err := files.SyncDir(dir); err != nil {
		return err
	}
	return files.SyncDir(filepath.Dir(filepath.Clean(dir)))
}
