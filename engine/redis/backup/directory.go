// Backups of a data directory that no server uses.

package backup

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/crypt"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
)

// Layout says what the files of a data directory are called.
type Layout struct{ LogDir, Log, Snapshot, Lock string }

// ErrInUse says that a server has the directory.
var ErrInUse = errors.New("a server is using this directory: make the backup from the server, with --addr")

// FromDirectory makes a draft of the files that a server would load, where they lie. The directory is locked until the lock is closed.
func (s *Spool) FromDirectory(m Manifest, dir string, l Layout, partSize int64, target string) (d *Draft, lock io.Closer, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, nil, err
	}
	d = &Draft{Target: target, dir: filepath.Join(s.Dir, m.ID), below: below(s.Files), Manifest: &m, Root: dir, InPlace: true}
	names, err := listFiles(s.Files, dir, l)
	if err != nil {
		return nil, nil, err
	}
	lock, err = d.below.Lock(filepath.Join(dir, l.Lock))
	if errors.Is(err, vfs.ErrLocked) {
		return nil, nil, fmt.Errorf("%s: %w", dir, ErrInUse)
	}
	if err != nil {
		return nil, nil, err
	}
	for _, ring := range []string{crypt.RingName, path.Join(l.LogDir, crypt.RingName)} { // the layer makes one in the first directory that gets a file
		if _, err := d.below.Stat(filepath.Join(dir, filepath.FromSlash(ring))); err == nil {
			m.Encrypted, names = true, append(names, ring)
		}
	}
	err = d.below.MkdirAll(d.dir, 0o700)
	if err == nil {
		err = d.finish(names, partSize)
	}
	if err != nil {
		return nil, nil, errors.Join(err, lock.Close(), d.Discard())
	}
	return d, lock, nil
}

// listFiles names what a server would load: the log if there is one, else the snapshot. The manifest of the log is read through the layer that encrypts.
func listFiles(files vfs.FS, dir string, l Layout) (names []string, err error) {
	m, err := aof.LoadManifest(files, filepath.Join(dir, l.LogDir), l.Log)
	switch {
	case err == nil:
		names = append(names, path.Join(l.LogDir, aof.ManifestName(l.Log)))
		for _, e := range m.Files() {
			if _, err := files.Stat(filepath.Join(dir, l.LogDir, e.Name)); e.Type == aof.History && errors.Is(err, fs.ErrNotExist) {
				continue
			}
			names = append(names, path.Join(l.LogDir, e.Name))
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if _, err := files.Stat(filepath.Join(dir, l.Snapshot)); err == nil {
		names = append(names, l.Snapshot)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s holds neither %s nor %s", dir, path.Join(l.LogDir, aof.ManifestName(l.Log)), l.Snapshot)
	}
	return names, nil
}
