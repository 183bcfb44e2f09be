// Spool: where backups lie on this machine until they are in the store.

package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/crypt"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// Spool is a directory for drafts. What goes into Files may be encrypted on its way; drafts are sent as they lie on the disk.
type Spool struct {
	Dir   string
	Files vfs.FS
}

// SnapshotName is what a snapshot is called in a backup.
const SnapshotName = "dump.rdb"

// What a server locks in its data directory: with an append-only file LogLock, for the snapshot that it saves a file beside it, named like it with
// SnapshotLock behind. A server that was killed leaves the files, and nobody's lock on them.
const (
	LogLock      = "cachesrv.lock"
	SnapshotLock = ".lock"
)

const draftName = "draft.json"

// PartSize is that of a part, if nobody wants another one.
const PartSize = 32 << 20

// Draft is a backup on its way. Its Manifest is complete once it is finished.
type Draft struct {
	Target   string    `json:"target"`
	Root     string    `json:"root"` // where the files lie
	InPlace  bool      `json:"in_place"`
	Manifest *Manifest `json:"manifest"`

	dir   string // of the draft itself
	below vfs.FS // the files as they are
}

// below is the file system under a layer that encrypts, or the same.
func below(files vfs.FS) vfs.FS {
	if l, is := files.(interface{ Below() vfs.FS }); is {
		return l.Below()
	}
	return files
}

// Fill makes a draft of a snapshot that fill writes. check: the snapshot is read in full, as a load would; what cannot be read makes no backup.
// fill may complete the manifest.
func (s *Spool) Fill(m *Manifest, partSize int64, check bool, target string, fill func(io.Writer) error) (d *Draft, err error) {
	d = &Draft{Target: target, dir: filepath.Join(s.Dir, m.ID), below: below(s.Files), Manifest: m}
	d.Root = d.dir
	if err := s.Files.MkdirAll(d.dir, 0o700); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Discard())
		}
	}()
	name := filepath.Join(d.dir, SnapshotName)
	f, err := s.Files.Open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return d, err
	}
	err = fill(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return d, err
	}
	if check {
		if err := s.check(name, d.Manifest); err != nil {
			return d, err
		}
	}
	names := []string{SnapshotName}
	if d.below != s.Files {
		d.Manifest.Encrypted = true
		if err := d.bringRing(); err != nil {
			return d, err
		}
		names = append(names, crypt.RingName)
	}
	return d, d.finish(names, partSize)
}

// check counts the keys of a snapshot by reading all of it.
func (s *Spool) check(name string, m *Manifest) error {
	f, err := s.Files.Open(name, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	sum, err := rdb.Check(f, nil)
	if err != nil {
		return fmt.Errorf("the snapshot cannot be read back: %w", err)
	}
	total := sum.Total()
	m.Keys = &total
	return nil
}

// bringRing puts the wrapped keys beside the files that they open, where they lie above.
func (d *Draft) bringRing() error {
	to := filepath.Join(d.dir, crypt.RingName)
	for at := d.dir; ; at = filepath.Dir(at) {
		in, err := d.below.Open(filepath.Join(at, crypt.RingName), os.O_RDONLY, 0)
		if errors.Is(err, fs.ErrNotExist) && filepath.Dir(at) != at {
			continue
		}
		if err != nil {
			return err
		}
		defer in.Close()
		if at == d.dir {
			return nil
		}
		out, err := d.below.Open(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(struct{ io.Writer }{out}, in)
		return errors.Join(err, out.Close())
	}
}

// finish measures the files and makes the draft one that can be sent, now or later.
func (d *Draft) finish(names []string, partSize int64) error {
	m := d.Manifest
	m.Format, m.Files, m.Size = Format, nil, 0
	for _, name := range names {
		f, err := d.measure(name, partSize)
		if err != nil {
			return err
		}
		m.Files, m.Size = append(m.Files, f), m.Size+f.Size
	}
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	path := filepath.Join(d.dir, draftName)
	out, err := d.below.Open(path+dirTemp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = out.Write(b)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil {
		err = d.below.Rename(path+dirTemp, path)
	}
	if err == nil {
		err = d.below.SyncDir(d.dir)
	}
	return err
}

// measure takes the hashes of a file.
func (d *Draft) measure(name string, partSize int64) (File, error) {
	f, err := d.below.Open(filepath.Join(d.Root, filepath.FromSlash(name)), os.O_RDONLY, 0)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	return split(name, f, partSize)
}

// Discard removes a draft from the spool. Files that lie elsewhere stay.
func (d *Draft) Discard() error { return removeDraft(d.below, d.dir) }

func removeDraft(files vfs.FS, dir string) error {
	list, err := files.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range list {
		err = errors.Join(err, files.Remove(filepath.Join(dir, e.Name())))
	}
	return errors.Join(err, files.Remove(dir))
}

// Open gives the youngest finished draft for a target; nil without one.
func (s *Spool) Open(target string) (*Draft, error) {
	files := below(s.Files)
	list, err := files.ReadDir(s.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for i := len(list) - 1; i >= 0; i-- {
		dir := filepath.Join(s.Dir, list[i].Name())
		if !isID(list[i].Name()) {
			continue
		}
		d, err := openDraft(files, dir, list[i].Name())
		if errors.Is(err, fs.ErrNotExist) {
			continue // its snapshot was never whole
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
		if d.Target == target {
			return d, nil
		}
	}
	return nil, nil
}

func openDraft(files vfs.FS, dir, id string) (*Draft, error) {
	f, err := files.Open(filepath.Join(dir, draftName), os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		return nil, err
	}
	d := &Draft{dir: dir, below: files}
	if err := json.Unmarshal(b, d); err != nil {
		return nil, err
	}
	if d.Manifest == nil {
		return nil, ErrManifest
	}
	text, err := d.Manifest.text()
	if err == nil {
		d.Manifest, err = parseManifest(text, id)
	}
	return d, err
}

// Sweep removes drafts that nobody has finished for so long.
func (s *Spool) Sweep(_ context.Context, now time.Time, age time.Duration) error {
	files := below(s.Files)
	list, err := files.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range list {
		if entry := (Entry{ID: e.Name()}); isID(entry.ID) && now.Sub(entry.Created()) > age {
			err = errors.Join(err, removeDraft(files, filepath.Join(s.Dir, e.Name())))
		}
	}
	return err
}
