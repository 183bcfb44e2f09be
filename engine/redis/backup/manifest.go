// Manifest: what a backup consists of.

package backup

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"time"
)

// Format is the number of this form of manifests.
const Format = 1

const manifestName = "backup.json"

// maxManifest is the longest manifest that is read.
const maxManifest = 64 << 20

// Manifest describes a backup. What it does not say of itself is taken from where it lies.
type Manifest struct {
	Format    int       `json:"format"`
	ID        string    `json:"id"`
	Created   time.Time `json:"created"` // when the snapshot was asked for
	Tool      string    `json:"tool"`
	Server    string    `json:"server,omitempty"`
	Source    string    `json:"source"` // address or directory
	Encrypted bool      `json:"encrypted"`
	Keys      *int64    `json:"keys,omitempty"`
	Size      int64     `json:"size"`
	Files     []File    `json:"files"`
}

// File is one file of the data directory.
type File struct {
	Name   string `json:"name"` // relative, with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Parts  []Part `json:"parts"`
}

// Part is a piece of a file, and an object of the store.
type Part struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

var idForm = regexp.MustCompile(`^\d{8}T\d{6}Z-[0-9a-f]{6}$`)

func isID(s string) bool { return idForm.MatchString(s) }

// NewID names a backup by its time, so that names sort as times do.
func NewID(now time.Time) string {
	var b [3]byte
	rand.Read(b[:])
	return now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:])
}

// object is the name of a part in the store.
func (m *Manifest) object(file, part int) string {
	return fmt.Sprintf("%s/%d-%06d-%s", m.ID, file, part, m.Files[file].Parts[part].SHA256[:16])
}

// ErrManifest says that a manifest is not what Append writes.
var ErrManifest = errors.New("not a manifest of a backup")

// parseManifest reads a manifest and believes nothing.
func parseManifest(b []byte, id string) (*Manifest, error) {
	m := &Manifest{}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if m.Format != Format {
		return nil, fmt.Errorf("%w: form %d is not known here", ErrManifest, m.Format)
	}
	if m.ID != id {
		return nil, fmt.Errorf("%w: it says that it is %q's", ErrManifest, m.ID)
	}
	names, whole := map[string]bool{}, int64(0)
	for i := range m.Files {
		f := &m.Files[i]
		if !fs.ValidPath(f.Name) || f.Name == "." || strings.Contains(f.Name, "\\") || path.Clean(f.Name) != f.Name || names[f.Name] {
			return nil, fmt.Errorf("%w: file name %q", ErrManifest, f.Name)
		}
		names[f.Name] = true
		size := int64(0)
		for _, p := range f.Parts {
			if p.Size < 0 || p.Size > f.Size-size || !isHash(p.SHA256) {
				return nil, fmt.Errorf("%w: the parts of %s", ErrManifest, f.Name)
			}
			size += p.Size
		}
		if size != f.Size || !isHash(f.SHA256) {
			return nil, fmt.Errorf("%w: the parts of %s", ErrManifest, f.Name)
		}
		whole += f.Size
	}
	if len(m.Files) == 0 || whole != m.Size {
		return nil, fmt.Errorf("%w: the sizes do not add up", ErrManifest)
	}
	return m, nil
}

func isHash(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && s == strings.ToLower(s)
}

func (m *Manifest) text() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", " ")
	return append(b, '\n'), err
}

// ErrNoBackup says that there is no backup of that name.
var ErrNoBackup = errors.New("there is no such backup")

// Load reads the manifest of a backup. The word latest is the youngest whole one.
func Load(ctx context.Context, s Store, id string) (*Manifest, error) {
	if id == "latest" {
		list, err := List(ctx, s)
		if err != nil {
			return nil, err
		}
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].Manifest != nil {
				return list[i].Manifest, nil
			}
		}
		return nil, fmt.Errorf("%s: %w: none is whole", s, ErrNoBackup)
	}
	if !isID(id) {
		return nil, fmt.Errorf("%q: %w: names look like 20261128T053412Z-0a1b2c", id, ErrNoBackup)
	}
	r, err := s.Get(ctx, id+"/"+manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s in %s: %w, or it was never finished", id, s, ErrNoBackup)
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err == nil && len(b) > maxManifest {
		err = fmt.Errorf("%w: it is too long", ErrManifest)
	}
	if err != nil {
		return nil, err
	}
	m, err := parseManifest(b, id)
	if err != nil {
		return nil, fmt.Errorf("%s/%s in %s: %w", id, manifestName, s, err)
	}
	return m, nil
}

// save puts the manifest in the store, which makes the backup whole.
func (m *Manifest) save(ctx context.Context, s Store) error {
	b, err := m.text()
	if err != nil {
		return err
	}
	return s.Put(ctx, m.ID+"/"+manifestName, bytes.NewReader(b), int64(len(b)))
}
