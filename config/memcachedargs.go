// memcached's command line: one row per flag, short and long, read the way getopt_long reads it.

package config

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// MemcachedVersion is the version of memcached that the memcached engine speaks.
const MemcachedVersion = "1.6.18"

// Exit codes that memcached uses besides 1.
const (
	ExitUsage   = 64
	ExitNoUser  = 67
	ExitOS      = 71
	ExitFailure = 1
)

// Refusal is a command line that memcached refuses: its own words, without the program's name, and its exit status.
type Refusal struct {
	Text   string
	Status int
}

func (r *Refusal) Error() string { return r.Text }

func refuse(status int, format string, a ...any) error {
	return &Refusal{fmt.Sprintf(format, a...), status}
}

// memFlag is one flag. take turns its argument into settings; nil for those that ask for something else.
type memFlag struct {
	short byte
	long  string
	arg   bool
	take  func(m *memArgs, arg string) error
}

// memArgs is a command line while it is read.
type memArgs struct {
	name  string // of the program
	plan  *Plan
	flag  string // the flag being read, as it was written
	asked Asked
	notes []string
	chunk int64 // -o slab_chunk_max: it only bounds what -I may be
}

func (m *memArgs) set(name, text string) {
	m.plan.Flags = append(m.plan.Flags, Assignment{name, []string{text}, Where{Layer: FromFlag, Name: m.flag}})
}

func yes(name string) func(*memArgs, string) error {
	return func(m *memArgs, _ string) error { m.set(name, "yes"); return nil }
}

func text(name string) func(*memArgs, string) error {
	return func(m *memArgs, arg string) error { m.set(name, arg); return nil }
}

// notZero takes negative numbers as well: the original refuses only 0 and what is no number.
func notZero(name, words string) func(*memArgs, string) error {
	return func(m *memArgs, arg string) error {
		n := atoi(arg)
		if n == 0 {
			return refuse(ExitFailure, "%s", words)
		}
		m.set(name, strconv.FormatInt(min(max(n, -math.MaxInt32), math.MaxInt32), 10))
		return nil
	}
}

// number takes what atoi makes of the argument; below min the start is refused with words.
func number(name string, min int64, words string) func(*memArgs, string) error {
	return func(m *memArgs, arg string) error {
		n := atoi(arg)
		if n < min {
			return refuse(ExitFailure, "%s", words)
		}
		m.set(name, strconv.FormatInt(n, 10))
		return nil
	}
}

// atoi is C's: blanks, a sign, digits, and whatever follows is nobody's business.
func atoi(arg string) int64 {
	arg = strings.TrimLeft(arg, " \t\n\v\f\r")
	end := 0
	for end < len(arg) && (arg[end] >= '0' && arg[end] <= '9' || end == 0 && (arg[0] == '-' || arg[0] == '+')) {
		end++
	}
	n, err := strconv.ParseInt(arg[:end], 10, 32)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return n
}

var memFlags = []memFlag{
	{'p', "port", true, takePort("port")},
	{'U', "udp-port", true, takePort("udp-port")},
	{'s', "unix-socket", true, text("unixsocket")},
	{'a', "unix-mask", true, takeMask},
	{'A', "enable-shutdown", false, yes("enable-shutdown")},
	{'l', "listen", true, takeListen},
	{'d', "daemon", false, yes("daemonize")},
	{'r', "enable-coredumps", false, yes("core-dumps")},
	{'u', "user", true, text("run-as")},
	{'m', "memory-limit", true, takeMemory},
	{'M', "disable-evictions", false, func(m *memArgs, _ string) error { m.set("maxmemory-policy", "noeviction"); return nil }},
	{'c', "conn-limit", true, number("maxclients", 1, "Maximum connections must be greater than 0")},
	{'k', "lock-memory", false, yes("lock-memory")},
	{'v', "verbose", false, nil},
	{'h', "help", false, func(m *memArgs, _ string) error { m.asked = ShowHelp; return nil }},
	{'i', "license", false, func(m *memArgs, _ string) error { m.asked = ShowLicense; return nil }},
	{'V', "version", false, func(m *memArgs, _ string) error { m.asked = ShowVersion; return nil }},
	{'P', "pidfile", true, text("pidfile")},
	{'f', "slab-growth-factor", true, takeFactor},
	{'n', "slab-min-size", true, notZero("slab-min-size", "Chunk size must be greater than 0")},
	{'L', "enable-largepages", false, yes("large-pages")},
	{'D', "", true, takeDelimiter},
	{'t', "threads", true, takeThreads},
	{'R', "max-reqs-per-event", true, notZero("requests-per-event", "Number of requests per event must be greater than 0")},
	{'C', "disable-cas", false, yes("disable-cas")},
	{'b', "listen-backlog", true, number("tcp-backlog", -1<<31, "")},
	{'B', "protocol", true, takeProtocol},
	{'I', "max-item-size", true, takeItemSize},
	{'S', "enable-sasl", false, yes("enable-sasl")},
	{'F', "disable-flush-all", false, yes("disable-flush-all")},
	{'X', "disable-dumping", false, yes("disable-dumping")},
	{'W', "disable-watch", false, yes("disable-watch")},
	{'Y', "auth-file", true, text("auth-file")},
	{'e', "memory-file", true, text("memory-file")},
	{'Z', "enable-ssl", false, yes("enable-ssl")},
	{'N', "napi-ids", true, number("napi-ids", 1, "Maximum number of NAPI IDs must be greater than 0")},
	{'o', "extended", true, takeExtended},
}

// MemcachedArgs reads the arguments of memcached, without the program's name, which messages begin with. The error is a
// *Refusal for what memcached itself would refuse.
func MemcachedArgs(name string, args, environ []string) (*Invocation, error) {
	m := &memArgs{name: name, chunk: 512 << 10, plan: &Plan{
		Engine: Memcached,
		Env:    environ,
		// The original listens on every address and knows no protected mode.
		Defaults: map[string]string{"bind": "* -::*", "protected-mode": "no"},
	}}
	if err := m.read(args); err != nil {
		return nil, err
	}
	m.socketOnly()
	m.takeFiles(environ)
	m.followUDP()
	err := m.checkItemSize()
	if err == nil {
		err = m.checkAuth()
	}
	return &Invocation{Asked: m.asked, Plan: m.plan, Notes: m.notes}, err
}

// read walks the words: combined short flags, arguments in the same or the next word, long flags by any clear beginning.
// Words that are no flags are passed over, as the original does.
func (m *memArgs) read(args []string) error {
	verbose := 0
	for i := 0; i < len(args) && m.asked == Start; i++ {
		word := args[i]
		if word == "--" {
			break
		}
		next := func() (string, bool) {
			if i+1 >= len(args) {
				return "", false
			}
			i++
			return args[i], true
		}
		var err error
		switch {
		case strings.HasPrefix(word, "--"):
			err = m.long(word[2:], next, &verbose)
		case len(word) > 1 && word[0] == '-':
			err = m.shorts(word[1:], next, &verbose)
		}
		if err != nil {
			return err
		}
	}
	if verbose > 0 {
		m.flag = "-" + strings.Repeat("v", min(verbose, 3))
		m.set("verbosity", strconv.Itoa(min(verbose, 3)))
	}
	return nil
}

const illegal = "\nIllegal argument \"?\""

func (m *memArgs) shorts(letters string, next func() (string, bool), verbose *int) error {
	for i := 0; i < len(letters) && m.asked == Start; i++ {
		f := shortFlag(letters[i])
		if f == nil {
			return refuse(ExitFailure, "%s: invalid option -- '%c'%s", m.name, letters[i], illegal)
		}
		m.flag = "-" + string(letters[i])
		if !f.arg {
			if err := m.take(f, "", verbose); err != nil {
				return err
			}
			continue
		}
		arg, found := letters[i+1:], i+1 < len(letters)
		if !found {
			arg, found = next()
		}
		if !found {
			return refuse(ExitFailure, "%s: option requires an argument -- '%c'%s", m.name, letters[i], illegal)
		}
		return m.take(f, arg, verbose)
	}
	return nil
}

func (m *memArgs) long(word string, next func() (string, bool), verbose *int) error {
	name, arg, has := strings.Cut(word, "=")
	var fits []*memFlag
	for i := range memFlags {
		f := &memFlags[i]
		if f.long == name && name != "" {
			fits = []*memFlag{f}
			break
		}
		if f.long != "" && strings.HasPrefix(f.long, name) {
			fits = append(fits, f)
		}
	}
	switch {
	case len(fits) == 0:
		return refuse(ExitFailure, "%s: unrecognized option '--%s'%s", m.name, name, illegal)
	case len(fits) > 1:
		var names []string
		for _, f := range fits {
			names = append(names, "'--"+f.long+"'")
		}
		return refuse(ExitFailure, "%s: option '--%s' is ambiguous; possibilities: %s%s", m.name, name, strings.Join(names, " "), illegal)
	}
	f := fits[0]
	m.flag = "--" + f.long
	switch {
	case has && !f.arg:
		return refuse(ExitFailure, "%s: option '--%s' doesn't allow an argument%s", m.name, f.long, illegal)
	case !has && f.arg:
		if arg, has = next(); !has {
			return refuse(ExitFailure, "%s: option '--%s' requires an argument%s", m.name, f.long, illegal)
		}
	}
	return m.take(f, arg, verbose)
}

func (m *memArgs) take(f *memFlag, arg string, verbose *int) error {
	if f.short == 'v' {
		*verbose++
		return nil
	}
	return f.take(m, arg)
}

func shortFlag(letter byte) *memFlag {
	for i := range memFlags {
		if memFlags[i].short == letter {
			return &memFlags[i]
		}
	}
	return nil
}

func takePort(name string) func(*memArgs, string) error {
	return func(m *memArgs, arg string) error {
		n := atoi(arg)
		if n < -1 || n > 65535 {
			return refuse(ExitUsage, "ERROR: Invalid port number %d.", n)
		}
		m.set(name, strconv.FormatInt(n, 10))
		return nil
	}
}

func takeMask(m *memArgs, arg string) error {
	end := 0
	for end < len(arg) && arg[end] >= '0' && arg[end] <= '7' {
		end++
	}
	n, _ := strconv.ParseUint("0"+arg[:end], 8, 32)
	m.set("unixsocketperm", strconv.FormatUint(n&0o777, 8))
	return nil
}

// takeListen adds addresses: -l may come several times, and its argument may be a list.
func takeListen(m *memArgs, arg string) error {
	list := strings.FieldsFunc(arg, func(r rune) bool { return r == ',' || r == ';' || r == ' ' })
	for i := range m.plan.Flags {
		if a := &m.plan.Flags[i]; a.Name == "bind" {
			a.Words[0] += " " + strings.Join(list, " ")
			return nil
		}
	}
	m.set("bind", strings.Join(list, " "))
	return nil
}

func takeMemory(m *memArgs, arg string) error {
	n := atoi(arg)
	if n <= 0 {
		return refuse(ExitUsage, "Cannot set item size limit higher than 1/2 of memory max.")
	}
	m.set("maxmemory", strconv.FormatInt(n<<20, 10))
	return nil
}

func takeThreads(m *memArgs, arg string) error {
	n := atoi(arg)
	if n <= 0 {
		return refuse(ExitFailure, "Number of threads must be greater than 0")
	}
	if n > 64 {
		m.notes = append(m.notes, "a high number of worker threads is not recommended: set this to the number of CPU cores or less")
	}
	m.set("threads", strconv.FormatInt(min(n, 128), 10))
	return nil
}

func takeFactor(m *memArgs, arg string) error {
	f, err := strconv.ParseFloat(arg, 64)
	if err != nil || f <= 1 {
		return refuse(ExitFailure, "Factor must be greater than 1")
	}
	m.set("slab-growth-factor", arg)
	return nil
}

// takeDelimiter switches the statistics per prefix on as well.
func takeDelimiter(m *memArgs, arg string) error {
	if arg == "" {
		return refuse(ExitFailure, "No delimiter specified")
	}
	m.set("prefix-delimiter", arg[:1])
	m.set("stats-detail", "yes")
	return nil
}

func takeProtocol(m *memArgs, arg string) error {
	switch arg {
	case "auto", "ascii", "binary":
		m.set("protocol", arg)
		return nil
	}
	return refuse(ExitUsage, "Invalid value for binding protocol: %s\n -- should be one of auto, binary, or ascii", arg)
}

func takeItemSize(m *memArgs, arg string) error {
	n := atoi(arg)
	switch {
	case strings.HasSuffix(strings.ToLower(arg), "k"):
		n <<= 10
	case strings.HasSuffix(strings.ToLower(arg), "m"):
		n <<= 20
	}
	if n < 1024 {
		return refuse(ExitUsage, "Item max size cannot be less than 1024 bytes.")
	}
	m.set("item-size-max", strconv.FormatInt(n, 10))
	return nil
}

// socketOnly switches TCP off where -s asks for a unix socket, wherever -p stands.
func (m *memArgs) socketOnly() {
	for _, a := range m.plan.Flags {
		if a.Name == "unixsocket" {
			m.flag = a.Where.Name
			m.set("port", "0")
			m.set("udp-port", "0")
			return
		}
	}
}

// followUDP gives TCP the port of UDP where only that was named.
func (m *memArgs) followUDP() {
	if udp := m.last("udp-port"); udp != "" && udp != "0" && m.last("port") == "" {
		m.set("port", udp)
	}
}

// checkItemSize compares -I with -m once both are known, and only then with what an item may have at all: the original's order.
func (m *memArgs) checkItemSize() error {
	memory, item := int64(64<<20), int64(1<<20)
	for _, a := range m.plan.Flags {
		switch a.Name {
		case "maxmemory":
			memory, _ = strconv.ParseInt(a.Words[0], 10, 64)
		case "item-size-max":
			item, _ = strconv.ParseInt(a.Words[0], 10, 64)
		}
	}
	if m.asked == Start && item > memory/2 {
		return refuse(ExitUsage, "Cannot set item size limit higher than 1/2 of memory max.")
	}
	if m.asked == Start && item > 1<<30 {
		return refuse(ExitUsage, "Cannot set item size limit higher than a gigabyte.")
	}
	switch { // the original cuts items into chunks; a command line that it refuses is refused
	case m.asked != Start || m.chunk == 0:
	case m.chunk > item:
		return refuse(ExitUsage, "slab_chunk_max (bytes: %d) cannot be larger than -I (item_size_max %d)", m.chunk, item)
	case item%m.chunk != 0:
		return refuse(ExitUsage, "-I (item_size_max: %d) must be evenly divisible by slab_chunk_max (bytes: %d)", item, m.chunk)
	}
	return nil
}

// The environment names the file of SASL's users, and the one that ports are written to.
const (
	passwordVariable = "MEMCACHED_SASL_PWDB"
	portVariable     = "MEMCACHED_PORT_FILENAME"
)

// takeFiles takes them from the environment where the original does.
func (m *memArgs) takeFiles(environ []string) {
	for _, e := range environ {
		name, path, _ := strings.Cut(e, "=")
		m.flag = name
		switch {
		case path == "":
		case name == passwordVariable && m.last("enable-sasl") != "":
			m.set("sasl-password-file", path)
		case name == portVariable && m.last("unixsocket") == "":
			m.set("port-file", path)
		}
	}
}

// last is the text of the last assignment to a setting, "" if there is none.
func (m *memArgs) last(name string) (text string) {
	for _, a := range m.plan.Flags {
		if a.Name == name {
			text = a.Words[0]
		}
	}
	return text
}

// checkAuth refuses combinations that would leave a way in without authentication.
func (m *memArgs) checkAuth() error {
	sasl, file, protocol := m.last("enable-sasl") != "", m.last("auth-file") != "", m.last("protocol")
	switch {
	case m.asked != Start:
		return nil
	case sasl && protocol != "" && protocol != "binary":
		return refuse(ExitUsage, "ERROR: You cannot allow the ASCII protocol while using SASL.")
	case sasl && atoi(m.last("udp-port")) != 0:
		return refuse(ExitUsage, "ERROR: Cannot enable UDP while using binary SASL authentication.")
	case file && protocol != "" && protocol != "ascii":
		return refuse(ExitUsage, "ERROR: You cannot allow the BINARY protocol while using ascii authentication tokens.")
	case file && atoi(m.last("udp-port")) != 0:
		return refuse(ExitUsage, "Cannot use UDP with ascii authentication enabled (-U 0 to disable)")
	}
	return nil
}

// CheckRunAs says in memcached's words that root must name another user.
func CheckRunAs(user string) error {
	if user == "" && os.Geteuid() == 0 {
		return refuse(ExitUsage, "can't run as root without the -u switch")
	}
	return nil
}
