// Unix sockets in the file system: made with their final mode at once, never over a foreign file, removed only while ours.

package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
)

// maxSocketPath is the longest path of a unix socket: sun_path without its closing NUL.
const maxSocketPath = 107

// fileID tells whether a path still names the file we made.
type fileID struct{ info os.FileInfo }

// makeSocketFile has bind create a socket at path. bind is called with a name inside a fresh directory that only we may enter;
// the socket gets its mode there, 0 leaving it to the umask (0 with fs.ModeSocket is nobody's), and is then renamed, so nobody can connect before the mode holds.
func makeSocketFile(path string, mode fs.FileMode, bind func(name string) error) (*fileID, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("the path has %d bytes, a unix socket's may have %d: choose a shorter one", len(path), maxSocketPath)
	}
	if path == "" {
		return nil, errors.New("the path is empty")
	}
	if err := checkStale(path); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".s")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, err
	}
	name, release := shortName(filepath.Join(dir, "s"))
	err = bind(name)
	release()
	if err != nil {
		return nil, err
	}
	made := filepath.Join(dir, "s")
	if mode != 0 { // else bind has left what the umask allows
		if err := os.Chmod(made, mode.Perm()); err != nil {
			return nil, err
		}
	}
	if err := os.Rename(made, path); err != nil {
		return nil, err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	return &fileID{info}, nil
}

// shortName gives a name for a path that is too long to bind only because of the temporary directory in it: the way through the
// descriptor of the directory. release closes that again.
func shortName(path string) (name string, release func()) {
	if len(path) <= maxSocketPath {
		return path, func() {}
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return path, func() {}
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { dir.Close() }
}

// checkStale lets a left-over socket be replaced, and nothing else.
func checkStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errors.New("the file exists and is not a socket; remove it or choose another path")
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		conn.Close()
		return fmt.Errorf("%w: a server answers on the socket", syscall.EADDRINUSE)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("the socket exists and cannot be asked whether it is in use: %w", err)
	}
	return nil
}

// removeSocketFile removes the socket at shutdown unless somebody has put another file in its place.
func removeSocketFile(path string, mine *fileID, log hclog.Logger) {
	info, err := os.Lstat(path)
	if err != nil || mine == nil || !os.SameFile(info, mine.info) {
		return
	}
	if err := os.Remove(path); err != nil {
		log.Warn("cannot remove the unix socket", "path", path, "error", err)
	}
}
