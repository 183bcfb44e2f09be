// Check: files of a backup are read as a server would read them.

package backup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/crypt"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// Checked is what was found in the files.
type Checked struct {
	Keys    int64 // in snapshots
	Records int64 // in increments
	Modules int   // records of modules that are not here
}

// Check reads the files of a manifest below dir in full. rename is as for Download.
func Check(files vfs.FS, dir string, m *Manifest, rename func(string) string) (c Checked, err error) {
	for i := range m.Files {
		name := m.Files[i].Name
		if rename != nil {
			name = rename(name)
		}
		if filepath.Base(name) == crypt.RingName {
			continue
		}
		if err := c.file(files, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c *Checked) file(files vfs.FS, path string) error {
	f, err := files.Open(path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	switch {
	case strings.HasSuffix(path, ".rdb"):
		s, err := rdb.Check(f, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		c.Keys += s.Total()
		c.Modules += s.ModuleRecords
	case strings.HasSuffix(path, ".aof"):
		r, err := aof.Verify(f, path, 0, nil)
		if err != nil {
			return err
		}
		if r.Damage != nil && !r.Torn {
			return r.Damage
		}
		c.Records += r.Records
	}
	return nil
}
