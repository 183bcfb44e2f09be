// The two files of users: -Y's authfile, and the password file of SASL.

package memcached

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
)

// maxUserLine is the longest line of either file, as in the original.
const maxUserLine = 255

// parseAuthFile reads lines "user:password"; the password goes to the end of the line and may hold colons. The same
// user may come again with another password, and both are good. Empty lines mean nothing.
func parseAuthFile(data []byte) (*users, error) {
	return parseUsers(data, func(u *users, name, rest []byte) { u.add(name, rest) })
}

// parsePasswordFile reads lines "user:password" or "user:password:more"; what is behind the second colon is not ours.
// The first line of a user counts.
func parsePasswordFile(data []byte) (*users, error) {
	return parseUsers(data, func(u *users, name, rest []byte) {
		password, _, _ := bytes.Cut(rest, []byte{':'})
		if !u.has(name) {
			u.add(name, password)
		}
	})
}

// parseUsers cuts lines and hands on what is before and behind their first colon. A line without a user or without a
// password is refused: no file may let somebody in by accident.
func parseUsers(data []byte, take func(u *users, name, rest []byte)) (*users, error) {
	u := newUsers()
	for n := 1; len(data) > 0; n++ {
		var line []byte
		line, data, _ = bytes.Cut(data, []byte{'\n'})
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if len(line) == 0 {
			continue
		}
		name, rest, found := bytes.Cut(line, []byte{':'})
		switch {
		case len(line) > maxUserLine:
			return nil, fmt.Errorf("line %d: longer than %d bytes", n, maxUserLine)
		case bytes.IndexByte(line, 0) >= 0:
			return nil, fmt.Errorf("line %d: has a zero byte", n)
		case !found || len(name) == 0 || len(rest) == 0:
			return nil, fmt.Errorf("line %d: malformed entry, should be 'user:password'", n)
		}
		take(u, name, rest)
	}
	return u, nil
}

// UsersError is a file of users without which there is no server.
type UsersError struct {
	Path string
	SASL bool // it is the password file of SASL
	Read bool // it could be read, but not understood
	Err  error
}

func (e *UsersError) Error() string {
	cause := e.Err
	if path := (*fs.PathError)(nil); errors.As(cause, &path) {
		cause = path.Err
	}
	return fmt.Sprintf("%s: %v", e.Path, cause)
}

func (e *UsersError) Unwrap() error { return e.Err }
