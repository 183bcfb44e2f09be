// The key that people hold: from a file, or behind a command.

package crypt

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// KeyLen is the length of all keys.
const KeyLen = 32

// ErrWrongKey says that a data key was wrapped under another key.
var ErrWrongKey = errors.New("wrong key")

// Wrapper wraps data keys.
type Wrapper interface {
	// Name tells people and rings which key it is, without telling the key. One word.
	Name() string
	Wrap(key []byte) ([]byte, error)
	// Unwrap fails with ErrWrongKey if it can tell.
	Unwrap(blob []byte) ([]byte, error)
}

// fileKey is a key that this process holds itself.
type fileKey struct {
	aead cipher.AEAD
	name string
}

// ParseKey takes what a key file holds: 32 bytes as they are, or in hexadecimal or base64 with blanks around.
func ParseKey(text []byte) (Wrapper, error) {
	key, err := decodeKey(text)
	if err != nil {
		return nil, err
	}
	return &fileKey{aead: newAEAD(key), name: "file:" + hex.EncodeToString(keyID(key))}, nil
}

func decodeKey(text []byte) ([]byte, error) {
	if len(text) == KeyLen {
		return text, nil
	}
	word := string(bytes.TrimSpace(text))
	if b, err := hex.DecodeString(word); err == nil && len(b) == KeyLen {
		return b, nil
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if b, err := enc.DecodeString(word); err == nil && len(b) == KeyLen {
			return b, nil
		}
	}
	return nil, fmt.Errorf("a key is %d bytes, plain or in hexadecimal or base64; this is something else of %d bytes", KeyLen, len(text))
}

// NewKeyText makes a key in the form of a key file.
func NewKeyText() string {
	key := make([]byte, KeyLen)
	rand.Read(key)
	return hex.EncodeToString(key) + "\n"
}

// keyID names a key without telling it.
func keyID(key []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte("cachesrv key id"))
	return m.Sum(nil)[:8]
}

func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the length is ours
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}

func (k *fileKey) Name() string { return k.name }

func (k *fileKey) Wrap(key []byte) ([]byte, error) {
	nonce := make([]byte, nonceLen)
	rand.Read(nonce)
	return k.aead.Seal(nonce, nonce, key, []byte(ringMagic)), nil
}

func (k *fileKey) Unwrap(blob []byte) ([]byte, error) {
	if len(blob) < nonceLen {
		return nil, ErrWrongKey
	}
	key, err := k.aead.Open(nil, blob[:nonceLen], blob[nonceLen:], []byte(ringMagic))
	if err != nil {
		return nil, ErrWrongKey
	}
	return key, nil
}

// command asks a program.
type command []string

// commandLimit is how long a key service may take.
const commandLimit = 30 * time.Second

// maxWrapped is how long a wrapped key may be.
const maxWrapped = 64 << 10

// Command is a key behind a program: `line wrap` gets a data key in base64 on its standard input and prints the wrapped key in whatever form it
// likes; `line unwrap` gets that and prints the key, as it is or in hexadecimal or base64. Words of the line are separated by blanks.
func Command(line string) (Wrapper, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil, errors.New("no command")
	}
	return command(words), nil
}

func (c command) Name() string { return "command" }

func (c command) Wrap(key []byte) ([]byte, error) {
	return c.run("wrap", []byte(base64.StdEncoding.EncodeToString(key)+"\n"))
}

func (c command) Unwrap(blob []byte) ([]byte, error) {
	out, err := c.run("unwrap", blob)
	if err != nil {
		return nil, err
	}
	return decodeKey(out)
}

func (c command) run(what string, in []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, c[0], append(c[1:len(c):len(c)], what)...)
	cmd.WaitDelay = time.Second
	cmd.Stdin = bytes.NewReader(in)
	var out, complaint limited
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", c[0], what, err, strings.TrimSpace(firstLine(complaint.b)))
	}
	if len(out.b) == 0 || out.over {
		return nil, fmt.Errorf("%s %s printed %d bytes, want 1 to %d", c[0], what, len(out.b), maxWrapped)
	}
	return out.b, nil
}

// limited keeps the first bytes of what a program prints.
type limited struct {
	b    []byte
	over bool
}

func (l *limited) Write(p []byte) (int, error) {
	room := min(len(p), maxWrapped-len(l.b))
	l.b = append(l.b, p[:room]...)
	l.over = l.over || room < len(p)
	return len(p), nil
}

func firstLine(b []byte) string {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return string(line[:min(len(line), 200)])
}
