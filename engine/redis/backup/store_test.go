package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"testing"
)

func TestStoresKeepObjects(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := context.Background()
		if list, err := s.List(ctx, ""); err != nil || len(list) != 0 {
			t.Fatalf("a new store lists %v, %v", list, err)
		}
		id := NewID(begin)
		data := payload(100_000)
		if err := s.Put(ctx, id+"/part", bytes.NewReader(data), int64(len(data))); err != nil {
			t.Fatal(err)
		}
		r, err := s.Get(ctx, id+"/part")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		r.Close()
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("came back: %d bytes, %v", len(got), err)
		}
		for _, prefix := range []string{"", id + "/"} {
			if list, err := s.List(ctx, prefix); err != nil || len(list) != 1 || list[0].Name != id+"/part" || list[0].Size != int64(len(data)) {
				t.Errorf("listed below %q: %v, %v", prefix, list, err)
			}
		}
		if _, err := s.Get(ctx, id+"/other"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a missing object gives %v", err)
		}
		if err := s.Remove(ctx, id+"/part"); err != nil {
			t.Fatal(err)
		}
		if list, err := s.List(ctx, ""); err != nil || len(list) != 0 {
			t.Errorf("after the removal: %v, %v", list, err)
		}
	})
}

func TestAPutThatFailsLeavesNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := context.Background()
		id := NewID(begin)
		broken := &breaking{Reader: bytes.NewReader(payload(50_000)), after: 20_000}
		if err := s.Put(ctx, id+"/part", broken, 50_000); err == nil {
			t.Fatal("no error")
		}
		if list, _ := s.List(ctx, ""); len(list) != 0 {
			t.Errorf("left: %v", list)
		}
	})
}

// breaking fails in the middle.
type breaking struct {
	*bytes.Reader
	after int
}

func (b *breaking) Read(p []byte) (int, error) {
	if b.after <= 0 {
		return 0, errWire
	}
	n, err := b.Reader.Read(p[:min(len(p), b.after)])
	b.after -= n
	return n, err
}

func (b *breaking) WriteTo(io.Writer) (int64, error)         { return 0, errWire }
func (b *breaking) ReadAt(p []byte, _ int64) (int, error)    { return b.Read(p) }
func (b *breaking) Seek(at int64, whence int) (int64, error) { return b.Reader.Seek(at, whence) }

func TestTargets(t *testing.T) {
	for _, bad := range []string{"", "s3://", "s3:///x", "ftp://host/x", "https://bucket"} {
		if _, err := OpenStore(bad, Account{Key: "k", Secret: "s"}); !errors.Is(err, ErrTarget) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for target, want := range map[string]string{"/a/b": "/a/b", "file:///a/b/": "/a/b", "s3://b": "s3://b/", "s3://b/c/d/": "s3://b/c/d/"} {
		s, err := OpenStore(target, Account{Key: "k", Secret: "s"})
		if err != nil || s.String() != want {
			t.Errorf("%q: %v, %v", target, s, err)
		}
	}
}

func TestAServiceThatIsGoneIsNamed(t *testing.T) {
	s, server := bucket(t, "x")
	server.Close()
	err := s.Put(context.Background(), "name", bytes.NewReader(nil), 0)
	if err == nil || !bytes.Contains([]byte(err.Error()), []byte("s3://backups/x/name")) {
		t.Errorf("%v", err)
	}
}
