// redis-server's command line: [file|-] [--option value …], and its words for what is wrong with it.

package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cachesrv/cachesrv/config/quoting"
)

// RedisVersion is the version of redis that the redis engine speaks.
const RedisVersion = "7.2.0"

// Asked is what a command line wants instead of a server.
type Asked int

const (
	Start Asked = iota
	ShowVersion
	ShowHelp
	ShowLicense
	NotOffered // Invocation.Reason says what and why
)

// Invocation is a command line understood.
type Invocation struct {
	Asked  Asked
	Plan   *Plan
	Reason string   // for NotOffered
	Notes  []string // warnings to log
}

// RedisServerArgs reads the arguments of redis-server, without the program's name.
func RedisServerArgs(args []string, stdin io.Reader, environ []string) (*Invocation, error) {
	if len(args) > 0 {
		switch args[0] {
		case "-v", "--version":
			return &Invocation{Asked: ShowVersion}, nil
		case "-h", "--help":
			return &Invocation{Asked: ShowHelp}, nil
		case "--test-memory":
			return &Invocation{Asked: NotOffered, Reason: "This server has no memory test; use memtest86 or memtester."}, nil
		case "--check-system":
			return &Invocation{Asked: NotOffered, Reason: "This server has no system check."}, nil
		}
	}
	if slices.Contains(args, "--sentinel") {
		return &Invocation{Asked: NotOffered, Reason: "This server is no sentinel."}, nil
	}
	plan := &Plan{
		Engine:   Redis,
		Strict:   true,
		Env:      environ,
		Defaults: map[string]string{"bind": "* -::*"},
	}
	lines := 0
	if len(args) > 0 && (args[0] == "-" || !strings.HasPrefix(args[0], "-")) {
		if args[0] != "-" {
			text, err := readWhole(absolute(args[0]))
			if err != nil {
				return nil, err
			}
			plan.File, lines = absolute(args[0]), countLines(text)
			args = args[1:]
		}
	}
	options, fromStdin, err := redisOptions(args, lines+2)
	if err != nil {
		return nil, err
	}
	if fromStdin {
		if plan.Lines, err = ParseRedisConf("-", stdin); err != nil {
			return nil, err
		}
		if plan.File != "" {
			return nil, &Error{Where{Layer: FromFlag, Name: "-", Line: lines + 2, Text: "-"}, "", errBadDirective}
		}
	}
	plan.Flags = options
	return &Invocation{Plan: plan}, nil
}

func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

func countLines(text string) int {
	n := strings.Count(text, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		n++
	}
	return n
}

// redisOptions makes assignments of --name value …; line is what the first counts as in the original's messages, which
// sees its arguments as lines behind the file. A "-" among them means standard input.
func redisOptions(args []string, line int) (options []Assignment, stdin bool, err error) {
	var words []string // of the option being read
	end := func() error {
		if words == nil {
			return nil
		}
		where := Where{Layer: FromFlag, Name: "--" + words[0], Line: line, Text: optionLine(words)}
		line++
		list, err := SplitWords(words[0])
		if err != nil || len(list) == 0 {
			return &Error{where, "", errUnbalanced}
		}
		list = append(list, words[1:]...)
		if len(list) == 1 && strings.EqualFold(list[0], "save") {
			list = append(list, "") // alone it means: never
		}
		if list[0] == "include" {
			return errors.New("include is for files; name the file as the first argument")
		}
		options = append(options, Assignment{strings.ToLower(list[0]), list[1:], where})
		words = nil
		return nil
	}
	for _, arg := range args {
		name, option := strings.CutPrefix(arg, "--")
		switch {
		case arg == "-" && words == nil:
			stdin = true
		case option && (len(words) != 1 || Find(firstWord(name)) != nil):
			if err := end(); err != nil {
				return nil, false, err
			}
			words = []string{name}
		case words == nil:
			return nil, false, &Error{Where{Layer: FromFlag, Name: arg, Line: line, Text: optionLine(append([]string{""}, args...))}, "", errBadDirective}
		default:
			words = append(words, arg)
		}
	}
	return options, stdin, end()
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

// optionLine shows an option the way the original does: the values in quotes. Secrets are masked.
func optionLine(words []string) string {
	if r := Find(words[0]); r != nil && (r.Secret || r.Name == "user") && len(words) > 1 {
		return words[0] + ` "***"`
	}
	text := words[0]
	for _, w := range words[1:] {
		if text != "" {
			text += " "
		}
		text += quoting.Quoted(w)
	}
	return maskLine(text)
}

// FatalRedis writes a refused start the way redis-server does, so that whoever reads its standard error finds the words.
func FatalRedis(err error) []byte {
	var b bytes.Buffer
	var wrong *Error
	if !errors.As(err, &wrong) {
		fmt.Fprintf(&b, "\n*** FATAL CONFIG FILE ERROR (Redis %s) ***\n%v\n", RedisVersion, err)
		return b.Bytes()
	}
	text := strings.Map(printable, wrong.Where.Text)
	if text == "" {
		text = wrong.Where.String()
	}
	fmt.Fprintf(&b, "\n*** FATAL CONFIG FILE ERROR (Redis %s) ***\n", RedisVersion)
	fmt.Fprintf(&b, "Reading the configuration file, at line %d\n>>> '%s'\n%s\n", wrong.Where.Line, text, strings.Map(printable, wrong.Err.Error()))
	if wrong.Where.Layer == FromFile {
		fmt.Fprintf(&b, "(%s)\n", wrong.Where)
	}
	return b.Bytes()
}

// RedisUsage is the help of a binary called as redis-server.
func RedisUsage() string {
	name := filepath.Base(os.Args[0])
	return strings.ReplaceAll(`Usage: ./NAME [/path/to/redis.conf] [options] [-]
       ./NAME - (read config from stdin)
       ./NAME -v or --version
       ./NAME -h or --help

Examples:
       ./NAME (run the server with default conf)
       echo 'maxmemory 128mb' | ./NAME -
       ./NAME /etc/redis/6379.conf
       ./NAME --port 7777 --maxmemory 1gb --maxmemory-policy allkeys-lru

Every parameter of redis.conf is an option. The environment is read as well: CACHESRV_PORT=7777.
`, "NAME", name)
}
