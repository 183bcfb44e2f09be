// R33: unix sockets in the file system.

package engine

import (
	"context"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestR33UnixSocket(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		path := filepath.Join(t.TempDir(), "sock")
		r := start(t, o)
		if err := r.srv.Listen("unix", path, 0o640); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != fs.ModeSocket|0o640 {
			t.Fatal(info.Mode(), err)
		}
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		c := r.dial()
		c.Conn = conn
		c.r.Reset(conn)
		c.expect("echo x", "x")
		for id := uint64(1); id < 3; id++ {
			if cn := r.srv.Conn(id); cn != nil && cn.Unix() && (cn.Remote().Network() != "unix" || cn.Local().String() != path) {
				t.Error(cn.Remote(), cn.Local())
			}
		}
		other, err := NewServer(nil, &lineEngine{}, o)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Shutdown(context.Background())
		if err := other.Listen("unix", path, 0o600); err == nil || !strings.Contains(err.Error(), "a server answers") {
			t.Error("a socket in use was taken:", err)
		}
		c.expect("echo still here", "still here")
	})
}

func TestR33ModeZeroIsTheUmask(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		dir := t.TempDir()
		r := start(t, o)
		if err := r.srv.Listen("unix", filepath.Join(dir, "sock"), 0); err != nil {
			t.Fatal(err)
		}
		// What any socket gets here.
		plain, err := net.Listen("unix", filepath.Join(dir, "plain"))
		if err != nil {
			t.Fatal(err)
		}
		defer plain.Close()
		want, err := os.Lstat(filepath.Join(dir, "plain"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.Lstat(filepath.Join(dir, "sock"))
		if err != nil || got.Mode() != want.Mode() || got.Mode().Perm()&0o600 != 0o600 {
			t.Errorf("%v, %v; want %v", got.Mode(), err, want.Mode())
		}
	})
}

func TestR33StaleAndForeignFiles(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		dir := t.TempDir()
		server := func() *Server {
			s, err := NewServer(nil, &lineEngine{}, o)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		path := filepath.Join(dir, "sock")
		old, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: path})
		if err != nil {
			t.Fatal(err)
		}
		old.SetUnlinkOnClose(false)
		old.Close() // left over, nobody answers
		s := server()
		if err := s.Listen("unix", path, 0o600); err != nil {
			t.Error("a stale socket was in the way:", err)
		}
		s.Shutdown(context.Background())
		if _, err := os.Lstat(path); err == nil {
			t.Error("the socket is still there after the shutdown")
		}

		if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		s = server()
		if err := s.Listen("unix", path, 0o600); err == nil || !strings.Contains(err.Error(), "not a socket") {
			t.Error(err)
		}
		s.Shutdown(context.Background())
		if b, err := os.ReadFile(path); err != nil || string(b) != "precious" {
			t.Error("a file that is not ours was touched:", err)
		}

		mine := filepath.Join(dir, "mine")
		s = server()
		if err := s.Listen("unix", mine, 0o600); err != nil {
			t.Fatal(err)
		}
		os.Remove(mine)
		os.WriteFile(mine, []byte("somebody else's"), 0o600)
		s.Shutdown(context.Background())
		if _, err := os.Lstat(mine); err != nil {
			t.Error("the shutdown removed what was put in its place:", err)
		}

		s = server()
		long := filepath.Join(dir, strings.Repeat("x", maxSocketPath-len(dir)-1))
		if err := s.Listen("unix", long, 0o600); err != nil {
			t.Errorf("a path of %d bytes: %v", len(long), err)
		} else if conn, err := net.Dial("unix", long); err != nil {
			t.Error(err)
		} else {
			conn.Close()
		}
		err = s.Listen("unix", long+"x", 0o600)
		if err == nil || !strings.Contains(err.Error(), "108 bytes") {
			t.Error(err)
		}
		s.Shutdown(context.Background())
		left, _ := filepath.Glob(filepath.Join(dir, ".s*"))
		if len(left) > 0 {
			t.Error("left behind:", left)
		}
	})
}
