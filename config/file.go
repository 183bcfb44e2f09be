// Configuration files in YAML and TOML, read through viper, with the line of every setting; other names are redis.conf.

package config

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/spf13/viper"
)

// ReadFile reads a configuration file of any syntax; its name's ending says which.
func ReadFile(path string) ([]Assignment, error) {
	syntax := fileSyntax(path)
	if syntax == "" {
		conf, err := ReadRedisConf(path)
		if err != nil {
			return nil, err
		}
		return conf.Assignments, nil
	}
	text, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	return parseTree(path, syntax, text)
}

func fileSyntax(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		return "yaml"
	case ".toml":
		return "toml"
	}
	return ""
}

// What the libraries' errors tell of the place: a line, or only the key that came twice.
var (
	lineInError = regexp.MustCompile(`(?:line |\()(\d+)`)
	keyInError  = regexp.MustCompile(`key (\S+) is already`)
)

// syntaxWords gives what a library says of a syntax error without what others have put around it.
func syntaxWords(err error) string {
	text := err.Error()
	for _, prefix := range []string{"While parsing config: ", "yaml: ", "toml: ", "unmarshal errors:\n"} {
		text = strings.TrimSpace(strings.TrimPrefix(text, prefix))
	}
	first, _, _ := strings.Cut(text, "\n")
	return first
}

// errorLine finds the line that a syntax error is about, 0 if it cannot be told.
func errorLine(message string, lines []string) int {
	if m := lineInError.FindStringSubmatch(message); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	if m := keyInError.FindStringSubmatch(message); m != nil {
		for i := len(lines) - 1; i >= 0; i-- {
			if key, _, found := cutKey(lines[i]); found && key == m[1] {
				return i + 1
			}
		}
	}
	return 0
}

func parseTree(path, syntax, text string) ([]Assignment, error) {
	v := viper.NewWithOptions(viper.KeyDelimiter("\x00")) // a key holds no such byte: names are never split
	v.SetConfigType(syntax)
	lines := strings.Split(text, "\n")
	if err := v.ReadConfig(bytes.NewBufferString(text)); err != nil {
		text := syntaxWords(err)
		where := Where{Layer: FromFile, File: path, Line: errorLine(text, lines)}
		var placed interface{ Position() (line, column int) }
		if errors.As(err, &placed) {
			where.Line, _ = placed.Position()
		}
		return nil, &Error{where, "", fmt.Errorf("not valid %s: %s", strings.ToUpper(syntax), text)}
	}
	var found []Assignment
	for name, value := range v.AllSettings() {
		at, raw := keyLine(lines, name)
		where := Where{Layer: FromFile, File: path, Line: at}
		row := Find(name)
		if row == nil {
			return nil, &Error{where, name, unknown(name, false)}
		}
		word, err := scalar(row, value, raw)
		if err != nil {
			return nil, &Error{where, row.Name, err}
		}
		found = append(found, Assignment{row.Name, []string{word}, where})
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Where.Line < found[j].Where.Line })
	return found, nil
}

// keyLine finds the line of a top-level key, and the text behind its separator; viper knows neither. Keys inside sections are
// indented, but so may be all of a file: only where no line at the margin fits are the others looked at.
func keyLine(lines []string, name string) (number int, raw string) {
	for _, indented := range []bool{false, true} {
		for i, line := range lines {
			if indented != (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")) {
				continue
			}
			if key, rest, found := cutKey(line); found && strings.EqualFold(key, name) {
				return i + 1, strings.TrimSpace(rest)
			}
		}
	}
	return 0, ""
}

func cutKey(line string) (key, rest string, found bool) {
	if line == "" || line[0] == ' ' && strings.HasPrefix(strings.TrimSpace(line), "-") {
		return "", "", false
	}
	if section := strings.Trim(strings.TrimSpace(line), "[]"); len(section) > 0 && line[0] == '[' { // of TOML
		name, _, _ := strings.Cut(section, ".")
		return name, "", true
	}
	at := strings.IndexAny(line, ":=")
	if at < 0 {
		return "", "", false
	}
	return strings.Trim(strings.TrimSpace(line[:at]), `"'`), line[at+1:], true
}

// scalar gives a value of YAML or TOML as the text that somebody would write into a redis.conf. raw is the text as it stands
// in the file: permissions are octal, whatever the file's language makes of the digits.
func scalar(r *Row, value any, raw string) (string, error) {
	if _, octal := r.Kind.(octalKind); octal {
		if n, isInt := asInt(value); isInt {
			digits, _, _ := strings.Cut(raw, "#")
			digits = strings.TrimPrefix(strings.TrimSpace(digits), "0o")
			if strings.Trim(digits, "01234567") != "" || digits == "" {
				return strconv.FormatInt(n, 8), nil
			}
			return digits, nil
		}
	}
	switch x := value.(type) {
	case nil:
		return "", nil
	case string:
		return relaxed(r.Kind, x), nil
	case bool:
		return yesNo(x), nil
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64), nil
	case []any:
		if !r.Kind.words() {
			return "", errors.New("takes one value, not a list")
		}
		parts := make([]string, 0, len(x))
		for _, item := range x {
			part, err := scalar(r, item, "")
			if err != nil {
				return "", err
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, " "), nil
	}
	if n, isInt := asInt(value); isInt {
		return strconv.FormatInt(n, 10), nil
	}
	return "", errors.New("takes a value, not a section")
}

func asInt(value any) (int64, bool) {
	switch n := value.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	case uint64:
		return int64(n), n <= 1<<63-1
	}
	return 0, false
}

func yesNo(on bool) string {
	if on {
		return "yes"
	}
	return "no"
}
