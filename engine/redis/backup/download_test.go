package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// TestDamagedPartsAreNamed changes, cuts, lengthens and removes one part of a backup.
func TestDamagedPartsAreNamed(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := context.Background()
		data := payload(10_000)
		for what, change := range map[string]func([]byte) []byte{
			"changed": func(b []byte) []byte { b[100] ^= 1; return b },
			"cut":     func(b []byte) []byte { return b[:100] },
			"longer":  func(b []byte) []byte { return append(b, 0) },
			"missing": nil,
		} {
			m := stored(t, s, begin, data)
			name := m.object(0, 1)
			if change == nil {
				if err := s.Remove(ctx, name); err != nil {
					t.Fatal(err)
				}
			} else {
				b := change(bytes.Clone(data[4096:8192]))
				if err := s.Put(ctx, name, bytes.NewReader(b), int64(len(b))); err != nil {
					t.Fatal(err)
				}
			}
			dir := t.TempDir()
			err := Download(ctx, s, m, vfs.OS, dir, nil, &Meter{})
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", what, err)
			}
			if list, _ := os.ReadDir(dir); len(list) != 0 {
				t.Errorf("%s: left %v", what, list)
			}
		}
	})
}

func TestATransferThatStandsStillIsGivenUp(t *testing.T) {
	s := NewDir(vfs.OS, t.TempDir())
	m := stored(t, s, begin, payload(100))
	meter := &Meter{Stall: time.Millisecond}
	slow := slowStore{s}
	if err := Download(context.Background(), slow, m, vfs.OS, t.TempDir(), nil, meter); !errors.Is(err, ErrStalled) {
		t.Errorf("%v", err)
	}
}

// slowStore never gives a byte.
type slowStore struct{ Store }

func (slowStore) Get(ctx context.Context, _ string) (io.ReadCloser, error) {
	return stuck{ctx}, nil
}

type stuck struct{ ctx context.Context }

func (s stuck) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func (stuck) Close() error { return nil }
