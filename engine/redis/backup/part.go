// Parts: a file in pieces, each with its hash.

package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// ErrDamaged says that something is not what the manifest says.
var ErrDamaged = errors.New("damaged")

// ErrChanged says that a file has changed since it was measured.
var ErrChanged = errors.New("the file has changed since the backup began")

// split measures a file: a part a partSize, and a hash of the whole.
func split(name string, f vfs.File, partSize int64) (File, error) {
	if partSize <= 0 {
		partSize = PartSize
	}
	size, err := f.Size()
	if err != nil {
		return File{}, err
	}
	out := File{Name: name, Size: size}
	whole := sha256.New()
	buf := make([]byte, 256<<10)
	for at := int64(0); at < size; at += partSize {
		n := min(partSize, size-at)
		part := sha256.New()
		got, err := io.CopyBuffer(io.MultiWriter(whole, part), io.NewSectionReader(f, at, n), buf)
		if err == nil && got != n {
			err = ErrChanged
		}
		if err != nil {
			return out, fmt.Errorf("%s: %w", name, err)
		}
		out.Parts = append(out.Parts, Part{n, hex.EncodeToString(part.Sum(nil))})
	}
	out.SHA256 = hex.EncodeToString(whole.Sum(nil))
	return out, nil
}

// isPart compares a section with its hash.
func isPart(r io.Reader, p Part) error {
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		return err
	}
	want, _ := hex.DecodeString(p.SHA256)
	if n != p.Size || !bytes.Equal(h.Sum(nil), want) {
		return ErrChanged
	}
	return nil
}
