// The syntax of redis.conf: lines of words, quotes with escapes, include.

package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/cachesrv/cachesrv/config/quoting"
)

// RedisConf is a redis.conf read with all its includes.
type RedisConf struct {
	Assignments []Assignment
	Lines       int // lines of the main file
}

// What a configuration file may be at most, so that a wrong path does not fill the memory.
const (
	maxConfigBytes  = 64 << 20
	maxIncludeDepth = 64
)

var errUnbalanced = errors.New("Unbalanced quotes in configuration line")

// MissingFile is a configuration file that cannot be read.
type MissingFile struct {
	Path string
	Err  error // the system's words
}

func (e *MissingFile) Error() string {
	return fmt.Sprintf("can't open config file '%s': %v", e.Path, e.Err)
}

// ReadRedisConf reads the file and what it includes. Relative includes start at the working directory, as in the original.
func ReadRedisConf(path string) (*RedisConf, error) {
	text, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	return parseRedisConf(path, text, []string{resolved(path)})
}

// ParseRedisConf reads redis.conf syntax from r; name stands for it in messages.
func ParseRedisConf(name string, r io.Reader) (*RedisConf, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxConfigBytes))
	if err != nil {
		return nil, &MissingFile{name, err}
	}
	return parseRedisConf(name, string(text), nil)
}

func readWhole(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", &MissingFile{path, Cause(err)}
	case info.IsDir():
		return "", &MissingFile{path, errors.New("Is a directory")}
	case info.Size() > maxConfigBytes:
		return "", &MissingFile{path, errors.New("File too large")}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", &MissingFile{path, Cause(err)}
	}
	return string(text), nil
}

// resolved gives one name to all ways of naming a file, to find loops.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	return path
}

// parseRedisConf reads one file; open holds the files that are being read, outermost first.
func parseRedisConf(name, text string, open []string) (*RedisConf, error) {
	conf := &RedisConf{}
	lines := strings.Split(text, "\n")
	conf.Lines = len(lines)
	if text == "" || strings.HasSuffix(text, "\n") {
		conf.Lines--
	}
	for i, line := range lines {
		words, err := lineWords(line)
		where := Where{Layer: FromFile, File: name, Line: i + 1, Text: maskLine(line)}
		if err != nil {
			return nil, &Error{where, "", err}
		}
		if len(words) == 0 {
			continue
		}
		a := Assignment{strings.ToLower(words[0]), words[1:], where}
		if a.Name != "include" {
			conf.Assignments = append(conf.Assignments, a)
			continue
		}
		more, err := include(a, open)
		if err != nil {
			return nil, err
		}
		conf.Assignments = append(conf.Assignments, more...)
	}
	return conf, nil
}

// include reads the files of one include line: a path, or a pattern that may match nothing.
func include(a Assignment, open []string) ([]Assignment, error) {
	if len(a.Words) != 1 {
		return nil, &Error{a.Where, "include", errBadDirective}
	}
	paths := a.Words
	if strings.ContainsAny(a.Words[0], "*?[") {
		found, err := filepath.Glob(a.Words[0])
		if err != nil {
			return nil, &Error{a.Where, "include", err}
		}
		paths = found
	}
	var all []Assignment
	for _, path := range paths {
		whole := resolved(path)
		for _, outer := range open {
			if outer == whole {
				return nil, &Error{a.Where, "include", fmt.Errorf("the file %s includes itself", path)}
			}
		}
		if len(open) >= maxIncludeDepth {
			return nil, &Error{a.Where, "include", errors.New("files include each other too deeply")}
		}
		text, err := readWhole(path)
		if err != nil {
			return nil, &Error{a.Where, "include", err}
		}
		// A new slice for every file: the loop must not see a brother as open.
		conf, err := parseRedisConf(path, text, append(open[:len(open):len(open)], whole))
		if err != nil {
			return nil, err
		}
		all = append(all, conf.Assignments...)
	}
	return all, nil
}

// lineWords splits one line; nil for blanks and comments.
func lineWords(line string) ([]string, error) {
	line = strings.Trim(line, " \t\r\n")
	if line == "" || line[0] == '#' {
		return nil, nil
	}
	return SplitWords(line)
}

// SplitWords splits a line as redis does.
func SplitWords(line string) ([]string, error) {
	list, err := quoting.Split(line)
	if err != nil {
		return nil, errUnbalanced
	}
	return list, nil
}

// QuoteWord writes a word so that SplitWords reads the same bytes back, and that it begins no comment. Plain words stay bare.
func QuoteWord(word string) string {
	if strings.HasPrefix(word, "#") {
		return quoting.Quoted(word)
	}
	return quoting.Quote(word)
}

// maskLine gives a line as messages may show it: what follows the name of a secret is not shown.
func maskLine(line string) string {
	line = strings.Trim(line, " \t\r\n")
	name, _, more := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
	if r := Find(strings.Trim(name, `"'`)); more && r != nil && (r.Secret || r.Name == "user") {
		return name + " ***"
	}
	return line
}
