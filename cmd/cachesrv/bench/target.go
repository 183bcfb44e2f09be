// Targets: the servers under test, as URLs or as programs to start.

package bench

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// protocol is what a target speaks.
type protocol uint8

const (
	protoRedis protocol = iota
	protoText           // memcached's classic one
	protoMeta
	protoBinary
	protocols // how many there are
)

// protocolNames are those of --protocol, and of what is reported.
var protocolNames = [protocols]string{"redis", "text", "meta", "binary"}

func (p protocol) String() string { return protocolNames[p] }

// memcached tells that it is one of memcached's.
func (p protocol) memcached() bool { return p != protoRedis }

// plain is what a target of this protocol understands besides, for questions and orders.
func (p protocol) plain() protocol {
	if p.memcached() {
		return protoText
	}
	return p
}

// parser makes a reply parser of this protocol; keep makes it keep the bodies of values.
func (p protocol) parser(keep bool) replyParser {
	switch p {
	case protoText:
		return newTextParser(keep)
	case protoMeta:
		return newMetaParser(keep)
	case protoBinary:
		return &binaryParser{}
	}
	return newRESPParser(keep)
}

// target is one server under test. It does not change while a generator uses it; restart replaces process.
type target struct {
	name     string // in tables, unique in one run
	proto    protocol
	network  string // "tcp" or "unix"
	address  string
	username string
	password string
	db       int
	pid      int           // 0 when the process is unknown: no CPU and RSS figures
	recipe   *recipe       // how to start it; nil for a server that was there before
	process  *process      // the started server
	secure   *tls.Config   // nil without TLS
	patience time.Duration // for the first answer of a started server; 0: startTimeout
}

const dialTimeout = 5 * time.Second

// targetForms is what an unusable target is answered with.
const targetForms = "redis://host:port[/db], memcache://host:port, redis+unix:///path or memcache+unix:///path"

// password finds the user and password of a URL, wherever it stands in it.
var password = regexp.MustCompile(`//.*@`)

// parseTarget reads one target URL. What it says and what it names the target never shows a password.
func parseTarget(text string) (*target, error) {
	u, err := url.Parse(text)
	text = password.ReplaceAllString(text, "//***@")
	if err != nil || u.Scheme == "" {
		return nil, fmt.Errorf("target %q: not one of %s", text, targetForms)
	}
	t := &target{name: text, network: "tcp"}
	scheme, unix := strings.CutSuffix(u.Scheme, "+unix")
	port := "6379"
	switch scheme {
	case "redis":
	case "memcache", "memcached":
		t.proto, port = protoText, "11211"
	default:
		return nil, fmt.Errorf("target %q: unknown scheme %q, not one of %s", text, u.Scheme, targetForms)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("target %q: no options are known after the address", text)
	}
	if u.User != nil {
		if t.proto != protoRedis {
			return nil, fmt.Errorf("target %q: memcache targets take no password", text)
		}
		t.username = u.User.Username()
		t.password, _ = u.User.Password()
	}
	if unix {
		t.network, t.address = "unix", u.Path
		if u.Host != "" || t.address == "" {
			return nil, fmt.Errorf("target %q: a unix socket is written %s+unix:///path", t.name, scheme)
		}
		return t, nil
	}
	if u.Port() != "" {
		port = u.Port()
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("target %q: the host is missing", t.name)
	}
	t.address = net.JoinHostPort(u.Hostname(), port)
	return t, t.parseDB(u.Path)
}

func (t *target) parseDB(path string) error {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	n, err := strconv.Atoi(path)
	if err != nil || n < 0 || t.proto != protoRedis {
		return fmt.Errorf("target %q: %q is not a database number", t.name, path)
	}
	t.db = n
	return nil
}

// dial connects and, where the target needs it, authenticates and selects the database.
func (t *target) dial() (net.Conn, error) {
	c, err := net.DialTimeout(t.network, t.address, dialTimeout)
	if err != nil {
		return nil, t.fault(err)
	}
	if t.secure != nil {
		plain := c
		if c, err = t.secured(plain); err != nil {
			plain.Close()
			return nil, t.fault(err)
		}
	}
	if err := t.greet(c); err != nil {
		c.Close()
		return nil, t.fault(err)
	}
	return c, nil
}

// greet sends AUTH and SELECT and wants OK for each. Without them it sends a PING to Redis: a server may close whoever is silent at first, and
// connections are opened long before their turn.
func (t *target) greet(c net.Conn) error {
	var commands [][]string
	if t.password != "" || t.username != "" {
		auth := []string{"AUTH", t.password}
		if t.username != "" {
			auth = []string{"AUTH", t.username, t.password}
		}
		commands = append(commands, auth)
	}
	if t.db != 0 {
		commands = append(commands, []string{"SELECT", strconv.Itoa(t.db)})
	}
	if t.proto != protoRedis {
		return nil
	}
	k := newControl(t, c)
	if len(commands) == 0 {
		return k.ping()
	}
	for _, words := range commands {
		r, err := k.do(words...)
		if err == nil && r.kind == kindError {
			err = fmt.Errorf("%s: %s", words[0], r.text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fault names the target in front of err, and what became of its process if it was started here.
func (t *target) fault(err error) error {
	if t.process != nil {
		if end := t.process.ended(); end != "" {
			return fmt.Errorf("%s: the server is gone (%s): %w", t.name, end, err)
		}
	}
	return fmt.Errorf("%s: %w", t.name, err)
}

// uniqueNames gives targets that would share a name a number each.
func uniqueNames(targets []*target) {
	seen := map[string]int{}
	for _, t := range targets {
		seen[t.name]++
		if n := seen[t.name]; n > 1 {
			t.name += "#" + strconv.Itoa(n)
		}
	}
}

// recipe is how a server is started.
type recipe struct {
	program string // path, or "" for this binary
	args    []string
	proto   protocol
	secure  []string // arguments for TLS, nil without it
}

// parseSpawn reads the value of --spawn: programs separated by commas, each with its arguments behind it. Blanks
// separate words. Double quotes protect commas, single quotes keep a word with blanks (or none) in one piece.
func parseSpawn(text string) ([]*target, error) {
	items, err := splitSpawn(text)
	if err != nil {
		return nil, err
	}
	var targets []*target
	for _, words := range items {
		if len(words) == 0 {
			return nil, fmt.Errorf("--spawn %q: a program is missing between commas", text)
		}
		t, err := spawnTarget(words)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	return targets, nil
}

func spawnTarget(words []string) (*target, error) {
	r := &recipe{program: words[0], args: words[1:]}
	name := filepath.Base(r.program)
	switch r.program {
	case "redis", "cachesrv-redis":
		r.program, name = "", "cachesrv-redis"
	case "memcached", "cachesrv-memcached":
		r.program, name, r.proto = "", "cachesrv-memcached", protoText
	default:
		if !strings.Contains(r.program, "/") {
			return nil, fmt.Errorf("--spawn %q: redis, memcached, or the path of a server", r.program)
		}
		switch {
		case strings.HasPrefix(name, "memcached"):
			r.proto = protoText
		case strings.HasPrefix(name, "redis-server"), strings.HasPrefix(name, "valkey-server"):
		default:
			return nil, fmt.Errorf("--spawn %q: it is not known how to start a %q, only redis-server, valkey-server"+
				" and memcached; start it yourself and give its URL", r.program, name)
		}
	}
	return &target{name: name, proto: r.proto, network: "tcp", recipe: r}, nil
}

// splitSpawn cuts text at commas into items, and items at blanks into words.
func splitSpawn(text string) ([][]string, error) {
	var items [][]string
	var words []string
	var word []byte
	begun, double := false, false // a word has begun, if only with ''; inside double quotes
	endWord := func() {
		if begun {
			words = append(words, string(word))
		}
		word, begun = word[:0], false
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'':
			length := strings.IndexByte(text[i+1:], '\'')
			if length < 0 {
				return nil, fmt.Errorf("--spawn %q: a quote is not closed", text)
			}
			word, begun = append(word, text[i+1:i+1+length]...), true
			i += length + 1
		case c == '"':
			double = !double
		case c == ' ' || c == '\t':
			endWord()
		case c == ',' && !double:
			endWord()
			items, words = append(items, words), nil
		default:
			word, begun = append(word, c), true
		}
	}
	if double {
		return nil, fmt.Errorf("--spawn %q: a quote is not closed", text)
	}
	endWord()
	return append(items, words), nil
}
