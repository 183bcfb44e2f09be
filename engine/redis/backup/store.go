// Store: where backups are kept.

package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// Store keeps objects by name; a name's parts are divided by slashes. Methods may be called from several goroutines. An object that is not there makes an error that is
// fs.ErrNotExist.
type Store interface {
	// Put makes an object of the size bytes that r holds, in one step: nobody sees a part of it. r may be read again from its beginning.
	Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	// List gives the objects whose names begin with prefix, which is empty or ends with a slash.
	List(ctx context.Context, prefix string) ([]Object, error)
	Remove(ctx context.Context, name string) error
	String() string
}

// Object is what List tells.
type Object struct {
	Name     string
	Size     int64
	Modified time.Time
}

// Account is how an S3-compatible service is reached.
type Account struct {
	Endpoint string // host:port or URL; Amazon's own if empty
	Region   string
	Key      string
	Secret   string
	Session  string
	CAFile   string // certificates of authorities, where the system's do not do
	Tries    int    // of one request; 0: as the client library has it
}

// AccountFrom takes what is not set from the environment, under the names that all tools use.
func AccountFrom(a Account, env func(string) string) Account {
	first := func(to *string, names ...string) {
		for _, n := range names {
			if *to == "" {
				*to = env(n)
			}
		}
	}
	first(&a.Endpoint, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
	first(&a.Region, "AWS_REGION", "AWS_DEFAULT_REGION")
	first(&a.Key, "AWS_ACCESS_KEY_ID")
	first(&a.Secret, "AWS_SECRET_ACCESS_KEY")
	first(&a.Session, "AWS_SESSION_TOKEN")
	first(&a.CAFile, "AWS_CA_BUNDLE")
	return a
}

// ErrTarget says that a target makes no sense.
var ErrTarget = errors.New("a target is a directory or s3://bucket/prefix")

// OpenStore opens a target: s3://bucket/prefix, or a directory.
func OpenStore(target string, a Account) (Store, error) {
	scheme, rest, is := strings.Cut(target, "://")
	switch {
	case target == "":
		return nil, fmt.Errorf("no target: %w", ErrTarget)
	case is && scheme == "s3":
		return openS3(rest, a)
	case is && scheme == "file":
		target = rest
	case is:
		return nil, fmt.Errorf("%q: %w", target, ErrTarget)
	}
	dir, err := filepath.Abs(target)
	if err != nil {
		return nil, err
	}
	return NewDir(vfs.OS, dir), nil
}
