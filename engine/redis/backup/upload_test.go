package backup

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
)

func TestABackupComesBackAsItWas(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := context.Background()
		data := payload(50_001)
		m := stored(t, s, begin, data)
		if len(m.Files[0].Parts) != 13 {
			t.Errorf("%d parts", len(m.Files[0].Parts))
		}
		loaded, err := Load(ctx, s, "latest")
		if err != nil || loaded.ID != m.ID {
			t.Fatalf("%v, %v", loaded, err)
		}
		dir := t.TempDir()
		if err := Download(ctx, s, loaded, vfs.OS, dir, func(string) string { return "renamed.rdb" }, &Meter{}); err != nil {
			t.Fatal(err)
		}
		fileIs(t, filepath.Join(dir, "renamed.rdb"), data)
		if list, _ := os.ReadDir(dir); len(list) != 1 {
			t.Errorf("the directory holds %v", list)
		}
	})
}

func TestATransferGoesOnWhereItFailed(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := context.Background()
		spool := &Spool{t.TempDir(), vfs.OS}
		data := payload(40_000)
		d := draftOf(t, spool, begin, data, s.String())
		cut := &failing{Store: s, after: 4}
		sent, err := d.Upload(ctx, cut, &Meter{})
		if !errors.Is(err, errWire) || sent != 4*4096 {
			t.Fatalf("%d bytes, %v", sent, err)
		}
		if _, err := Load(ctx, s, d.Manifest.ID); !errors.Is(err, ErrNoBackup) {
			t.Errorf("half a backup can be loaded: %v", err)
		}
		if list, err := List(ctx, s); err != nil || len(list) != 1 || list[0].Manifest != nil {
			t.Errorf("listed: %v, %v", list, err)
		}
		again, err := spool.Open(s.String())
		if err != nil || again == nil {
			t.Fatalf("%v, %v", again, err)
		}
		rest := &failing{Store: s, after: -1}
		if sent, err = again.Upload(ctx, rest, &Meter{}); err != nil || sent != 40_000-4*4096 {
			t.Fatalf("%d bytes, %v", sent, err)
		}
		for _, name := range cut.puts {
			if slices.Contains(rest.puts, name) {
				t.Errorf("%s was sent twice", name)
			}
		}
		if last := rest.puts[len(rest.puts)-1]; !strings.HasSuffix(last, manifestName) {
			t.Errorf("%s was sent last", last)
		}
		dir := t.TempDir()
		if err := Download(ctx, s, again.Manifest, vfs.OS, dir, nil, &Meter{}); err != nil {
			t.Fatal(err)
		}
		fileIs(t, filepath.Join(dir, SnapshotName), data)
		if err := again.Discard(); err != nil {
			t.Fatal(err)
		}
		if other, err := spool.Open(s.String()); other != nil || err != nil {
			t.Errorf("the spool still has %v, %v", other, err)
		}
	})
}

func TestADraftIsForOneTarget(t *testing.T) {
	spool := &Spool{t.TempDir(), vfs.OS}
	draftOf(t, spool, begin, payload(10), "one")
	if d, err := spool.Open("two"); d != nil || err != nil {
		t.Errorf("%v, %v", d, err)
	}
	if d, err := spool.Open("one"); d == nil || err != nil {
		t.Errorf("%v, %v", d, err)
	}
}

func TestWhatHasChangedMeanwhileIsNotSent(t *testing.T) {
	s := NewDir(vfs.OS, t.TempDir())
	spool := &Spool{t.TempDir(), vfs.OS}
	d := draftOf(t, spool, begin, payload(10_000), s.String())
	path := filepath.Join(d.Root, SnapshotName)
	b, _ := os.ReadFile(path)
	b[9000] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Upload(context.Background(), s, &Meter{}); !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), "offset 8192") {
		t.Errorf("%v", err)
	}
}

func TestASnapshotThatCannotBeReadMakesNoBackup(t *testing.T) {
	spool := &Spool{t.TempDir(), vfs.OS}
	_, err := spool.Fill(&Manifest{ID: NewID(begin)}, 0, true, "", func(w io.Writer) error {
		_, err := w.Write([]byte("REDIS0010 and nonsense"))
		return err
	})
	if err == nil {
		t.Error("no error")
	}
	if list, _ := os.ReadDir(spool.Dir); len(list) != 0 {
		t.Errorf("left: %v", list)
	}
}
