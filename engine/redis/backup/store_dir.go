// A store that is a directory.

package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cachesrv/cachesrv/core/vfs"
)

type dirStore struct {
	files vfs.FS
	root  string
}

// NewDir makes a store of a directory, which need not be there yet.
func NewDir(files vfs.FS, root string) Store { return &dirStore{files, root} }

func (d *dirStore) String() string { return d.root }

func (d *dirStore) path(name string) string { return filepath.Join(d.root, filepath.FromSlash(name)) }

const dirTemp = ".unfinished"

// Put writes beside the name first and syncs, so that what has the name is whole even after a loss of power.
func (d *dirStore) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error {
	path := d.path(name)
	dir := filepath.Dir(path)
	if err := d.files.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := d.files.Open(path+dirTemp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(struct{ io.Writer }{f}, &contextReader{ctx, r})
	if err == nil && n != size {
		err = fmt.Errorf("%s: %d bytes came, and not %d", path, n, size)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = d.files.Rename(path+dirTemp, path)
	}
	if err != nil {
		_ = d.files.Remove(path + dirTemp)
		return err
	}
	if err := d.files.SyncDir(dir); err != nil {
		return err
	}
	return d.files.SyncDir(d.root)
}

func (d *dirStore) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	f, err := d.files.Open(d.path(name), os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{&contextReader{ctx, f}, f}, nil
}

// List goes two levels down, which is how deep backups go.
func (d *dirStore) List(_ context.Context, prefix string) ([]Object, error) {
	var found []Object
	list, err := d.files.ReadDir(d.path(prefix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range list {
		if !e.IsDir() {
			found = append(found, d.objects(prefix, []fs.DirEntry{e})...)
			continue
		}
		if prefix == "" && isID(e.Name()) {
			below, err := d.files.ReadDir(d.path(e.Name()))
			if err != nil {
				return nil, err
			}
			found = append(found, d.objects(e.Name()+"/", below)...)
		}
	}
	return found, err
}

func (d *dirStore) objects(prefix string, list []fs.DirEntry) (found []Object) {
	for _, e := range list {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			found = append(found, Object{prefix + e.Name(), info.Size(), info.ModTime()})
		}
	}
	return found
}

// Remove takes the directory of a backup away with the last object in it.
func (d *dirStore) Remove(_ context.Context, name string) error {
	path := d.path(name)
	if err := d.files.Remove(path); err != nil {
		return err
	}
	if dir := filepath.Dir(path); dir != d.root && strings.Contains(name, "/") {
		if list, err := d.files.ReadDir(dir); err == nil && len(list) == 0 {
			_ = d.files.Remove(dir)
			return d.files.SyncDir(d.root)
		}
		return d.files.SyncDir(dir)
	}
	return nil
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (c *contextReader) Read(b []byte) (int, error) {
	if err := context.Cause(c.ctx); err != nil {
		return 0, err
	}
	return c.Reader.Read(b)
}
