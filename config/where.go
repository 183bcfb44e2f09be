// Where a value comes from, and the error that names such a place.

package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

// Layer is a source of values; a higher one wins.
type Layer uint8

const (
	FromDefault Layer = iota
	FromFile
	FromEnv
	FromFlag
	FromClient // CONFIG SET and its like, on the running server only
)

func (l Layer) String() string {
	return [...]string{"default", "file", "environment", "flag", "client"}[l]
}

// Where is the place of one value.
type Where struct {
	Layer Layer
	File  string // FromFile
	Line  int    // FromFile: 0 if not known. Of redis-server's arguments: the line they count as.
	Name  string // FromEnv, FromFlag: the variable or flag as it was written
	Text  string // the line as it stands there, secrets masked
}

func (w Where) String() string {
	switch {
	case w.Layer == FromFile && w.Line > 0:
		return fmt.Sprintf("%s:%d", w.File, w.Line)
	case w.Layer == FromFile:
		return w.File
	case w.Name != "":
		return w.Layer.String() + " " + w.Name
	}
	return w.Layer.String()
}

// redisConf tells whether the place is a line of redis.conf syntax.
func (w Where) redisConf() bool { return w.Layer == FromFile && fileSyntax(w.File) == "" }

// Error is a start or reload refused: one place, one setting, one reason.
type Error struct {
	Where   Where
	Setting string // "" when the place as a whole is wrong
	Err     error
}

func (e *Error) Error() string {
	parts := []string{e.Where.String()}
	if e.Setting != "" {
		parts = append(parts, e.Setting)
	}
	// A quotation mark, newline or worse in a file's words must not make a second line.
	return strings.Map(printable, strings.Join(append(parts, e.Err.Error()), ": "))
}

func (e *Error) Unwrap() error { return e.Err }

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return '?'
	}
	return r
}

// The reasons that callers tell apart.
var (
	ErrUnknown   = errors.New("unknown setting")
	ErrArguments = errors.New("wrong number of arguments")
	ErrImmutable = errors.New("can't set immutable config")
	ErrProtected = errors.New("can't set protected config")
	ErrDuplicate = errors.New("duplicate parameter")
	ErrNotYet    = errors.New("this server does not support the setting yet")
	ErrNoFile    = errors.New("The server is running without a config file")
)

// Hint says how a value is written that redis's words only refuse; "" where they are enough.
func Hint(err error) string {
	const sizes = "a size is a whole number of bytes, or one with k, kb, m, mb, g or gb behind it, as in 512mb"
	switch {
	case errors.Is(err, errMemory):
		return sizes
	case errors.Is(err, errMemoryOrPercent):
		return sizes + ", or a percentage, as in 5%"
	case errors.Is(err, errSave):
		return `seconds and changes in pairs and in one word, as in --save="900 1 60 1000"; "" saves nothing by itself`
	}
	return ""
}

// Cause gives the operating system's own words for a failed file operation, without the path, in the C library's spelling.
func Cause(err error) error {
	var number syscall.Errno
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("No such file or directory")
	case errors.As(err, &number) && number.Error() != "":
		text := number.Error()
		return errors.New(strings.ToUpper(text[:1]) + text[1:])
	}
	return err
}
