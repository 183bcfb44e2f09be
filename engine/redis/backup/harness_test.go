package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// bucket is a store of an S3-speaking server in this process, which listens until the test ends.
func bucket(t *testing.T, prefix string) (Store, *httptest.Server) {
	t.Helper()
	mem := s3mem.New()
	if err := mem.CreateBucket("backups"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(mem).Server())
	t.Cleanup(server.Close)
	s, err := OpenStore("s3://backups/"+prefix, Account{Endpoint: server.URL, Region: "us-east-1", Key: "key", Secret: "secret", Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	return s, server
}

// eachStore runs a test with a directory and with a bucket.
func eachStore(t *testing.T, f func(*testing.T, Store)) {
	t.Run("directory", func(t *testing.T) { f(t, NewDir(vfs.OS, filepath.Join(t.TempDir(), "new"))) })
	t.Run("s3", func(t *testing.T) {
		s, _ := bucket(t, "some/where")
		f(t, s)
	})
}

var begin = time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)

// payload is bytes that are the same in every run.
func payload(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{7})
	r.Read(b)
	return b
}

// draftOf makes a finished draft with the given bytes in place of a snapshot.
func draftOf(t *testing.T, spool *Spool, at time.Time, data []byte, target string) *Draft {
	t.Helper()
	m := &Manifest{ID: NewID(at), Created: at, Tool: "test"}
	d, err := spool.Fill(m, 4096, false, target, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// stored makes a whole backup.
func stored(t *testing.T, s Store, at time.Time, data []byte) *Manifest {
	t.Helper()
	d := draftOf(t, &Spool{t.TempDir(), vfs.OS}, at, data, "")
	if _, err := d.Upload(context.Background(), s, &Meter{}); err != nil {
		t.Fatal(err)
	}
	return d.Manifest
}

// failing is a store of which puts fail from the nth on.
type failing struct {
	Store
	after int
	puts  []string
}

var errWire = errors.New("the wire was cut")

func (f *failing) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error {
	if f.after == 0 {
		if _, err := io.CopyN(io.Discard, r, size/2); err != nil {
			return err
		}
		return errWire
	}
	f.after--
	f.puts = append(f.puts, name)
	return f.Store.Put(ctx, name, r, size)
}

func fileIs(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %d bytes, %v, and not the %d that were put in", path, len(got), err, len(want))
	}
}
