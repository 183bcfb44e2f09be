// Upload: a draft goes into the store.

package backup

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Upload sends what the store has not got, and the manifest at the end. After an error the draft is there as before, and Upload may be called
// again. sent is what was not there.
func (d *Draft) Upload(ctx context.Context, s Store, meter *Meter) (sent int64, err error) {
	m := d.Manifest
	list, err := s.List(ctx, m.ID+"/")
	if err != nil {
		return 0, err
	}
	there := map[string]int64{}
	for _, o := range list {
		there[o.Name] = o.Size
	}
	meter.Expect(m.Size)
	for i := range m.Files {
		n, err := d.uploadFile(ctx, s, meter, i, there)
		sent += n
		if err != nil {
			return sent, err
		}
	}
	return sent, m.save(ctx, s)
}

func (d *Draft) uploadFile(ctx context.Context, s Store, meter *Meter, i int, there map[string]int64) (sent int64, err error) {
	m := d.Manifest
	path := filepath.Join(d.Root, filepath.FromSlash(m.Files[i].Name))
	f, err := d.below.Open(path, os.O_RDONLY, 0)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	at := int64(0)
	for j, p := range m.Files[i].Parts {
		name := m.object(i, j)
		if size, is := there[name]; is && size == p.Size {
			meter.Skip(p.Size)
			at += p.Size
			continue
		}
		// What is sent must be what was measured, however long ago that was.
		if err := isPart(io.NewSectionReader(f, at, p.Size), p); err != nil {
			return sent, fmt.Errorf("%s, from offset %d: %w", path, at, err)
		}
		watched, end := meter.Watch(ctx)
		err := s.Put(watched, name, &metered{ctx: watched, m: meter, r: io.NewSectionReader(f, at, p.Size)}, p.Size)
		end()
		if err != nil {
			return sent, err
		}
		sent += p.Size
		at += p.Size
	}
	return sent, nil
}
