// The ring: the wrapped data keys of a directory, in a small file.

package crypt

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// RingName is the name of the file.
const RingName = "cachesrv.keys"

const ringMagic = "cachesrv-keys 1"

// maxRing is the longest ring that is read.
const maxRing = 4 << 20

// keyName names a data key: it is derived from it, so a key that was unwrapped wrongly is found.
type keyName [8]byte

// dataKey is what files are encrypted under.
type dataKey struct {
	name keyName
	key  []byte
	by   string // the Wrapper's name
	blob []byte // the key, wrapped
}

// ring is a list of data keys; the last one is for new files.
type ring []*dataKey

func newDataKey(w Wrapper) (*dataKey, error) {
	key := make([]byte, KeyLen)
	rand.Read(key)
	return wrapped(key, w)
}

func wrapped(key []byte, w Wrapper) (*dataKey, error) {
	blob, err := w.Wrap(key)
	if err != nil {
		return nil, fmt.Errorf("a data key cannot be wrapped: %w", err)
	}
	return &dataKey{keyName(keyID(key)), key, w.Name(), blob}, nil
}

// text is the file: a line a key, and a sum over the lines, since a ring that lost its end would lose keys without a word.
func (r ring) text() []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, ringMagic)
	for _, k := range r {
		fmt.Fprintf(&b, "key %x %s %s\n", k.name, k.by, base64.StdEncoding.EncodeToString(k.blob))
	}
	sum := sha256.Sum256(b.Bytes())
	fmt.Fprintf(&b, "sum %x\n", sum)
	return b.Bytes()
}

var errRing = errors.New("the file of wrapped keys is damaged")

// parseRing reads the file and unwraps the keys.
func parseRing(text []byte, w Wrapper) (ring, error) {
	at := bytes.LastIndex(text, []byte("sum "))
	if at < 0 {
		return nil, errRing
	}
	sum := sha256.Sum256(text[:at])
	lines := strings.Split(string(text[:at]), "\n")
	if string(text[at:]) != "sum "+hex.EncodeToString(sum[:])+"\n" || len(lines) < 3 || lines[0] != ringMagic {
		return nil, errRing
	}
	var r ring
	for _, line := range lines[1 : len(lines)-1] {
		k, err := parseKeyLine(line)
		if err != nil {
			return nil, err
		}
		if k.key, err = w.Unwrap(k.blob); err == nil && !bytes.Equal(keyID(k.key), k.name[:]) {
			err = ErrWrongKey
		}
		if err != nil {
			return nil, fmt.Errorf("data key %x was wrapped by %s, this is %s: %w", k.name, k.by, w.Name(), err)
		}
		r = append(r, k)
	}
	return r, nil
}

func parseKeyLine(line string) (*dataKey, error) {
	w := strings.Fields(line)
	if len(w) != 4 || w[0] != "key" {
		return nil, errRing
	}
	name, err := hex.DecodeString(w[1])
	if err != nil || len(name) != len(keyName{}) {
		return nil, errRing
	}
	blob, err := base64.StdEncoding.DecodeString(w[3])
	if err != nil {
		return nil, errRing
	}
	return &dataKey{name: keyName(name), by: w[2], blob: blob}, nil
}

// loadRing reads the ring of a directory; fs.ErrNotExist if there is none.
func loadRing(below vfs.FS, dir string, w Wrapper) (ring, error) {
	name := filepath.Join(dir, RingName)
	f, err := below.Open(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxRing))
	if err != nil {
		return nil, err
	}
	r, err := parseRing(text, w)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// save replaces the ring of a directory; whatever happens, one of the two is there.
func (r ring) save(below vfs.FS, dir string) error {
	name := filepath.Join(dir, RingName)
	tmp := name + ".tmp"
	f, err := below.Open(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(r.text())
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		if err = below.Rename(tmp, name); err == nil {
			return below.SyncDir(dir)
		}
	}
	return errors.Join(err, below.Remove(tmp))
}

// Rotate wraps the data keys of a directory and of those in it, from the key before to the one after, and adds a data key for files to come if
// fresh says so. It gives the directories that have a ring. No data is touched.
func Rotate(below vfs.FS, dir string, before, after Wrapper, fresh bool) (done []string, err error) {
	dirs := []string{dir}
	list, err := below.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		if e.IsDir() {
			dirs = append(dirs, filepath.Join(dir, e.Name()))
		}
	}
	var extra []byte
	for _, d := range dirs {
		if _, err := below.Stat(filepath.Join(d, RingName)); err != nil {
			continue
		}
		old, err := loadRing(below, d, before)
		if err != nil {
			return done, err
		}
		if fresh && extra == nil {
			extra = make([]byte, KeyLen)
			rand.Read(extra)
		}
		keys := make([][]byte, 0, len(old)+1)
		for _, k := range old {
			keys = append(keys, k.key)
		}
		if fresh {
			keys = append(keys, extra)
		}
		var r ring
		for _, key := range keys {
			k, err := wrapped(key, after)
			if err != nil {
				return done, err
			}
			r = append(r, k)
		}
		if err := r.save(below, d); err != nil {
			return done, err
		}
		done = append(done, d)
	}
	if len(done) == 0 {
		return nil, fmt.Errorf("%s holds no %s", dir, RingName)
	}
	return done, nil
}
