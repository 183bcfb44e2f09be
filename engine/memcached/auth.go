// auth: who may use the server. Users and passwords come from a file, which is read again when asked.

package memcached

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/cachesrv/cachesrv/config"
)

// maxToken is the longest secret that a client may send, with its user name; the connection of a longer one is closed.
const maxToken = 16384

// protocols are those that a first byte may choose.
type protocols uint8

const (
	speakText protocols = 1 << iota
	speakBinary
)

// auth is the guard of the engine. With a file, every connection begins unauthenticated. SASL exists only in the
// binary protocol and the token only in the text protocol: the other protocol is then not spoken at all, so that there
// is no way around.
type auth struct {
	required bool // never changes
	sasl     bool // -S, else -Y
	path     string
	speaks   protocols

	users   atomic.Pointer[users] // replaced as a whole
	reading sync.Mutex            // one reload at a time: a later one never loses to an earlier one
}

// login is what a connection has shown of itself.
type login struct {
	binary   bool // it speaks the binary protocol
	authed   bool // it has authenticated; means nothing where nobody needs to
	stepping bool // an exchange of SASL waits for its next step
}

// choose gives the protocol of a connection by its first byte. Where only one is spoken it is that one, and the other's
// requests are errors in it.
func (a *auth) choose(first byte) protocols {
	switch {
	case a.speaks != speakText|speakBinary:
		return a.speaks
	case first == requestMagic:
		return speakBinary
	}
	return speakText
}

// name is how stats settings calls what is spoken.
func (p protocols) name() string {
	switch p {
	case speakText:
		return "ascii"
	case speakBinary:
		return "binary"
	}
	return "auto-negotiate"
}

// newAuth reads the settings, whose contradictions config refuses, and the file; without the file there is no server.
func newAuth(conf *config.Settings) (*auth, error) {
	a := &auth{speaks: speakText | speakBinary}
	setting := ""
	switch conf.Get("protocol") {
	case "ascii":
		a.speaks = speakText
	case "binary":
		a.speaks = speakBinary
	}
	if conf.Get("auth-file") != "" {
		a.required, a.speaks, setting = true, speakText, "auth-file"
	}
	if conf.Bool("enable-sasl") {
		a.required, a.sasl, a.speaks, setting = true, true, speakBinary, "sasl-password-file"
	}
	if !a.required {
		return a, nil
	}
	path, err := filepath.Abs(conf.Get(setting)) // the process may leave its directory before it reads again
	if err != nil {
		return nil, err
	}
	a.path = path
	if err := a.reload(); err != nil {
		return nil, &config.Error{Where: conf.Source(setting), Setting: setting, Err: err}
	}
	return a, nil
}

// reload reads the file again. On an error the users stay as they are; clients that are in stay in.
func (a *auth) reload() error {
	if !a.required {
		return nil
	}
	a.reading.Lock()
	defer a.reading.Unlock()
	data, err := readSmall(a.path)
	if err != nil {
		return &UsersError{Path: a.path, SASL: a.sasl, Err: err}
	}
	parse := parseAuthFile
	if a.sasl {
		parse = parsePasswordFile
	}
	list, err := parse(data)
	clear(data)
	if err != nil {
		return &UsersError{Path: a.path, SASL: a.sasl, Read: true, Err: err}
	}
	a.users.Store(list)
	return nil
}

// reloadUsers is reload for SIGHUP: the log hears of it.
func (e *Engine) reloadUsers() {
	if err := e.auth.reload(); err != nil {
		e.log.Error("the file of users is not read again, everybody known stays known", "error", err)
	}
}

// textFile is what stats settings shows of -Y.
func (a *auth) textFile() string {
	if !a.required || a.sasl {
		return "no"
	}
	return a.path
}

// check tells whether the pair is known.
func (a *auth) check(name, password []byte) bool {
	list := a.users.Load()
	return list != nil && list.check(name, password)
}

// maxAuthFile bounds what is read: enough for some ten thousand users.
const maxAuthFile = 1 << 20

func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxAuthFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxAuthFile:
		return nil, fmt.Errorf("longer than %d bytes", maxAuthFile)
	}
	return data, nil
}

// users is what one reading of the file gave; it never changes. Names and passwords are kept as salted hashes of
// one length, so that comparing tells nothing about them, and the memory of the process holds no password in clear.
type users struct {
	salt [16]byte
	list []user
}

type user struct{ name, password [sha256.Size]byte }

func newUsers() *users {
	u := &users{}
	rand.Read(u.salt[:]) // never fails
	return u
}

func (u *users) hash(text []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	h.Write(u.salt[:])
	h.Write(text)
	h.Sum(sum[:0])
	return sum
}

func (u *users) add(name, password []byte) {
	u.list = append(u.list, user{u.hash(name), u.hash(password)})
}

// has tells whether a name is there already. Only for reading files: it is not constant in time.
func (u *users) has(name []byte) bool {
	sum := u.hash(name)
	for i := range u.list {
		if u.list[i].name == sum {
			return true
		}
	}
	return false
}

// check compares with every user, whether one fits or not: the time depends on the number of users and on the
// length of what the client sent, and on nothing else.
func (u *users) check(name, password []byte) bool {
	n, p, fits := u.hash(name), u.hash(password), 0
	for i := range u.list {
		fits |= subtle.ConstantTimeCompare(u.list[i].name[:], n[:]) & subtle.ConstantTimeCompare(u.list[i].password[:], p[:])
	}
	return fits == 1
}
