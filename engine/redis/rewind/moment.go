// Moment: what is asked for.

package rewind

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Moment is a point in the log. The zero value is its end.
type Moment struct {
	at      int64 // Unix seconds
	file    string
	offset  int64
	command []string
}

var errMoment = errors.New("a time is written as 2026-11-23T10:15:30Z, as 2026-11-23 10:15:30 (local time), as seconds since 1970, or latest")

// AtTime reads a time; the word latest is the end of the log.
func AtTime(text string) (m Moment, err error) {
	if text == "latest" {
		return m, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n <= 0 || n > 1<<40 {
			return m, errMoment
		}
		return Moment{at: n}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil && t.Unix() > 0 {
			return Moment{at: t.Unix()}, nil
		}
	}
	return m, fmt.Errorf("%q: %w", text, errMoment)
}

// AtOffset reads FILE:OFFSET.
func AtOffset(text string) (m Moment, err error) {
	at := strings.LastIndexByte(text, ':')
	if at <= 0 {
		return m, fmt.Errorf("%q: an offset is written as FILE:OFFSET", text)
	}
	n, err := strconv.ParseInt(text[at+1:], 10, 64)
	if err != nil || n < 0 {
		return m, fmt.Errorf("%q: an offset is written as FILE:OFFSET, with a number of bytes", text)
	}
	return Moment{file: filepath.Base(text[:at]), offset: n}, nil
}

// Before reads a command's name and, where not every use of it is meant, its first arguments.
func Before(text string) (m Moment, err error) {
	if m.command = strings.Fields(text); len(m.command) == 0 {
		return m, errors.New("say before which command, as in --before-command FLUSHALL")
	}
	return m, nil
}

func (m *Moment) latest() bool { return m.at == 0 && m.file == "" && m.command == nil }

// is tells a record of the command that is looked for.
func (m *Moment) is(words [][]byte) bool {
	if len(words) < len(m.command) {
		return false
	}
	for i, w := range m.command {
		if i == 0 && !strings.EqualFold(string(words[0]), w) || i > 0 && string(words[i]) != w {
			return false
		}
	}
	return true
}
