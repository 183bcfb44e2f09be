// Download: a backup becomes files again.

package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// Download writes the files of a backup below dir, each under its name only when it is whole, and safe on the disk when Download returns. rename, if not nil,
// gives other names.
func Download(ctx context.Context, s Store, m *Manifest, files vfs.FS, dir string, rename func(string) string, meter *Meter) error {
	meter.Expect(m.Size)
	for i := range m.Files {
		name := m.Files[i].Name
		if rename != nil {
			name = rename(name)
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := files.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := downloadFile(ctx, s, m, i, files, path, meter); err != nil {
			return err
		}
		if err := files.SyncDir(filepath.Dir(path)); err != nil {
			return err
		}
	}
	if err := files.SyncDir(dir); err != nil {
		return err
	}
	return files.SyncDir(filepath.Dir(filepath.Clean(dir)))
}

func downloadFile(ctx context.Context, s Store, m *Manifest, i int, files vfs.FS, path string, meter *Meter) (err error) {
	f, err := files.Open(path+dirTemp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = files.Remove(path + dirTemp)
		}
	}()
	whole := sha256.New()
	for j := range m.Files[i].Parts {
		if err = downloadPart(ctx, s, m, i, j, io.MultiWriter(f, whole), meter); err != nil {
			break
		}
	}
	if got := hex.EncodeToString(whole.Sum(nil)); err == nil && got != m.Files[i].SHA256 {
		err = fmt.Errorf("%s of backup %s: its SHA-256 is %s and should be %s: %w", m.Files[i].Name, m.ID, got, m.Files[i].SHA256, ErrDamaged)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return files.Rename(path+dirTemp, path)
}

func downloadPart(ctx context.Context, s Store, m *Manifest, i, j int, to io.Writer, meter *Meter) error {
	p, name := m.Files[i].Parts[j], m.object(i, j)
	watched, end := meter.Watch(ctx)
	defer end()
	r, err := s.Get(watched, name)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("part %s in %s is missing: %w", name, s, ErrDamaged)
	}
	if err != nil {
		return err
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.CopyBuffer(io.MultiWriter(to, h), struct{ io.Reader }{io.LimitReader(&metered{ctx: watched, m: meter, r: r}, p.Size+1)}, make([]byte, meterStep))
	if err != nil {
		if cause := context.Cause(watched); cause != nil {
			err = cause
		}
		return fmt.Errorf("part %s in %s: %w", name, s, err)
	}
	if n != p.Size {
		return fmt.Errorf("part %s in %s: it has not the %d bytes that the manifest says: %w", name, s, p.Size, ErrDamaged)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != p.SHA256 {
		return fmt.Errorf("part %s in %s: its SHA-256 is %s and should be %s: %w", name, s, got, p.SHA256, ErrDamaged)
	}
	return nil
}
