package backup

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/crypt"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
)

// TestAnEncryptedDirectoryComesBackWithItsKeys has the ring where the log is, as a server with nothing but a log makes it.
func TestAnEncryptedDirectoryComesBackWithItsKeys(t *testing.T) {
	ctx := context.Background()
	key, err := crypt.ParseKey([]byte(crypt.NewKeyText()))
	if err != nil {
		t.Fatal(err)
	}
	dir, layout := t.TempDir(), Layout{"appendonlydir", "appendonly.aof", "dump.rdb", "lock"}
	files, err := crypt.New(vfs.OS, dir, key)
	if err != nil {
		t.Fatal(err)
	}
	logs := filepath.Join(dir, layout.LogDir)
	if err := os.Mkdir(logs, 0o755); err != nil {
		t.Fatal(err)
	}
	name := aof.IncrName(layout.Log, 1)
	f, err := files.Open(filepath.Join(logs, name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, string(aof.AppendCommand(nil, [][]byte{[]byte("SET"), []byte("k"), []byte("v")})))
	f.Close()
	if err := (&aof.Manifest{Incrs: []aof.Entry{{Name: name, Seq: 1, Type: aof.Incr}}}).Save(files, logs, layout.Log); err != nil {
		t.Fatal(err)
	}

	spool := &Spool{t.TempDir(), files}
	d, lock, err := spool.FromDirectory(Manifest{ID: NewID(begin)}, dir, layout, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := spool.FromDirectory(Manifest{ID: NewID(begin)}, dir, layout, 0, ""); !errors.Is(err, ErrInUse) {
		t.Errorf("a second one at once: %v", err)
	}
	s := NewDir(vfs.OS, t.TempDir())
	if _, err := d.Upload(ctx, s, &Meter{}); err != nil {
		t.Fatal(err)
	}
	lock.Close()
	out := t.TempDir()
	if err := Download(ctx, s, d.Manifest, vfs.OS, out, nil, &Meter{}); err != nil {
		t.Fatal(err)
	}
	back, err := crypt.New(vfs.OS, out, key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := Check(back, out, d.Manifest, nil); err != nil || c.Records != 1 || !d.Manifest.Encrypted {
		t.Errorf("%+v, %v", c, err)
	}
}
