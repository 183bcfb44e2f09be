// The memcached text commands under comparison: one row each, as a maker of request bytes.

package diff

import (
	"fmt"
	"strconv"
	"strings"
)

// request is one memcached request as it goes over the wire. casKey, if set, names the key whose last seen version
// is put in the place of casMark: the two servers number versions as they like.
type request struct {
	raw     string
	casKey  string
	reads   bool // may show versions that a later request needs
	alone   bool // sent between two waits: see exchange
	settled bool // decr pads a shorter number with blanks only if no reply that shows the old one is on its way
	offStep bool // its body has another length than it says: what follows is read as something else for a while
}

const casMark = "\x01cas\x01"

// verb is one memcached command.
type verb struct {
	name   string
	weight int
	make   func(s *source, name string) request
}

// A flush_all with a delay is not among them: the original brings back what an earlier one had dropped, as far as
// its memory was not used again, which depends on the second in which each item was last used.
var verbs = []verb{
	{"get", 8, retrieval},
	{"gets", 5, retrieval},
	{"gat", 2, timedRetrieval},
	{"gats", 2, timedRetrieval},
	{"set", 12, storage},
	{"add", 4, storage},
	{"replace", 3, storage},
	{"append", 4, storage},
	{"prepend", 4, storage},
	{"cas", 6, compareAndSwap},
	{"incr", 5, arithmetic},
	{"decr", 5, arithmetic},
	{"touch", 3, touching},
	{"delete", 4, deletion},
	{"flush_all", 1, oneOf("", "0", "-1", "noreply", "0 noreply", "abc", "0 0", "noreply 0", "99999999999999999999")},
	{"version", 1, oneOf("", "", "x", "noreply")},
	{"verbosity", 1, oneOf("", "0", "1 noreply", "0 noreply", "abc", "noreply", "0 0 0", "-1")},
	{"shutdown", 1, oneOf("", "graceful", "foo")},
	{"stats", 1, oneOf("nosuch", "reset", "detail", "detail foo", "detail off", "reset x", "sizes_foo", "cachedump", "cachedump 0", "cachedump 0 0", "cachedump 99 1", "cachedump a b")},
	{"junk", 2, junk},
}

func verbWheel() []*verb {
	var w []*verb
	for i := range verbs {
		for range verbs[i].weight {
			w = append(w, &verbs[i])
		}
	}
	return w
}

var memcachedKeys = []string{"k1", "k2", "k3", "k4", "k5", "k6", "pre:a", "pre:b"}
var oddMemcachedKeys = []string{strings.Repeat("l", 250), strings.Repeat("l", 251), strings.Repeat("m", 300), "k\x01", "k\x7f", "\xc3\xa4", "\xff", "0", "noreply", "k1\tk2"}

func memcachedKey(s *source) string {
	if s.chance(14) {
		return oddMemcachedKeys[s.IntN(len(oddMemcachedKeys))]
	}
	return memcachedKeys[s.IntN(len(memcachedKeys))]
}

func pick(s *source, from ...string) string { return from[s.IntN(len(from))] }

func flags(s *source) string {
	if s.chance(8) {
		return pick(s, "4294967295", "4294967296", "-1", "abc", "65536", "1.5", "", "99999999999999999999", "+1", "0x1", "2147483648", "01")
	}
	return strconv.Itoa(s.IntN(100))
}

// lifetime is none, long, or past. Nothing ends within the run by waiting. Times after 2038 are left out: the original
// keeps them in 32 bits, so that they are past.
func lifetime(s *source) string {
	if s.chance(8) {
		return pick(s, "-1", "-100", "2592001", "2147483647", "abc", "", "1.5", "-2147483648", "+100000", "0100000", "100000x", "99999999999999999999")
	}
	return pick(s, "0", "0", "0", "100000", "2592000", "2147483646")
}

func noreply(s *source) string {
	if s.chance(6) {
		return pick(s, " noreply", " noreply", " noreply ", " noreply x", " NOREPLY", " x", " norepl")
	}
	return ""
}

// body is a value: numbers, which incr wants, and text. Only letters and digits, so that a body which is taken for
// commands is nothing but unknown commands.
func body(s *source) string {
	switch s.IntN(6) {
	case 0, 1:
		return pick(s, "0", "1", "9", "10", "99", "100", "18446744073709551615", "18446744073709551616", "18446744073709551614", "007", "12a", "a12", "99999999999999999999", "1234567890", "5")
	case 2:
		return strconv.Itoa(s.IntN(100000))
	case 3:
		return strings.Repeat(pick(s, "x", "yz"), s.IntN(200))
	}
	b := make([]byte, s.IntN(12))
	for i := range b {
		b[i] = alphabet[s.IntN(len(alphabet))]
	}
	return string(b)
}

// anyBytes is a body that may hold line ends and zeros: only for lengths that are told right. It does not begin with
// blanks: incr on nothing but blanks makes the original read on into memory behind the value.
func anyBytes(s *source) string {
	b := make([]byte, s.IntN(30))
	for i := range b {
		b[i] = byte(pick(s, "\r", "\n", "\x00", "a", "\xff", " ")[0])
	}
	if len(b) > 0 {
		b[0] = 'a'
	}
	return string(b)
}

// end is the end of a line; a bare newline is as good.
func end(s *source) string {
	if s.chance(10) {
		return "\n"
	}
	return "\r\n"
}

// spaced spoils the spacing of a line now and then.
func spaced(s *source, line string) string {
	if s.chance(25) {
		return pick(s, " ", "  ", "") + strings.Replace(line, " ", "  ", 1) + pick(s, "", " ", "   ")
	}
	return line
}

// payload appends a body to a storage line, seldom one that does not fit what the line said.
func payload(s *source, head func(length string) string) request {
	b := body(s)
	r := request{}
	length := strconv.Itoa(len(b))
	switch s.IntN(40) {
	case 0:
		length, r.offStep = strconv.Itoa(len(b)+1+s.IntN(6)), true
	case 1:
		length, r.offStep = strconv.Itoa(max(0, len(b)-1-s.IntN(3))), true
	case 2:
		length, r.offStep = pick(s, "-1", "2147483648", "99999999999999999999", "abc", "", "1.5", "-2147483649"), true
	case 3:
		b = anyBytes(s)
		length = strconv.Itoa(len(b))
	case 4:
		length, r.offStep = pick(s, "0", "0x2", "+2", "02", "2a"), true
	}
	r.raw = head(length) + end(s) + b + "\r\n"
	return r
}

func storage(s *source, name string) request {
	k, f, l, n := memcachedKey(s), flags(s), lifetime(s), noreply(s)
	r := payload(s, func(length string) string {
		return spaced(s, fmt.Sprintf("%s %s %s %s %s%s", name, k, f, l, length, n))
	})
	r.alone = r.offStep || odd(k, f, l)
	return r
}

// odd says whether a storage line may be refused for one of these.
func odd(key, flags, lifetime string) bool {
	_, err := strconv.ParseUint(flags, 10, 32)
	_, err2 := strconv.ParseInt(lifetime, 10, 32)
	return err != nil || err2 != nil || len(key) > 250 || strings.Contains(key, "\t")
}

func compareAndSwap(s *source, name string) request {
	k, f, l, n := memcachedKey(s), flags(s), lifetime(s), noreply(s)
	if f == "" || l == "" {
		f, l = "0", "0" // else the version would be read as the length
	}
	version := casMark
	if s.chance(6) {
		version = pick(s, "0", "1", "18446744073709551615", "18446744073709551616", "-1", "abc", "", "1.5")
	}
	r := payload(s, func(length string) string {
		if length == "" {
			length = "x"
		}
		return spaced(s, fmt.Sprintf("%s %s %s %s %s %s%s", name, k, f, l, length, version, n))
	})
	if version == casMark {
		r.casKey = k
	}
	r.alone = r.offStep || odd(k, f, l) || version != casMark
	return r
}

func retrieval(s *source, name string) request {
	n := [...]int{1, 1, 1, 1, 2, 3, 8, 30, 0}[s.IntN(9)]
	return keyList(s, name, n)
}

func timedRetrieval(s *source, name string) request {
	return keyList(s, name+" "+lifetime(s), [...]int{1, 1, 1, 2, 5, 30, 0}[s.IntN(7)])
}

// keyList ends a retrieval with n keys. One that is too long makes the original forget replies that it has not sent
// yet: such a request is sent alone.
func keyList(s *source, line string, n int) request {
	r := request{reads: true}
	for range n {
		k := memcachedKey(s)
		r.alone = r.alone || len(k) > 250
		line += " " + k
	}
	r.raw = spaced(s, line) + end(s)
	return r
}

func arithmetic(s *source, name string) request {
	delta := strconv.Itoa(s.IntN(20))
	if s.chance(4) {
		delta = pick(s, "18446744073709551615", "18446744073709551616", "-1", "abc", "1.5", "", "+1", "99", "0", "01", "1a", "9223372036854775808")
	}
	return request{raw: spaced(s, name+" "+memcachedKey(s)+" "+delta+noreply(s)) + end(s), settled: true}
}

func touching(s *source, name string) request {
	return request{raw: spaced(s, name+" "+memcachedKey(s)+" "+lifetime(s)+noreply(s)) + end(s)}
}

func deletion(s *source, name string) request {
	return request{raw: spaced(s, name+" "+memcachedKey(s)+pick(s, "", "", "", "", " 0", " 0 noreply", " 5", " abc", " noreply", " 0 0")) + end(s)}
}

// oneOf is the verb with one of these tails.
func oneOf(tails ...string) func(*source, string) request {
	return func(s *source, name string) request {
		return request{raw: strings.TrimRight(name+" "+pick(s, tails...), " ") + end(s)}
	}
}

// junk is lines that are no command at all.
func junk(s *source, _ string) request {
	return request{raw: pick(s, "", " ", "foo", "foo bar baz", "getx k1", "ge", "set", "set k1", "set k1 0", "set k1 0 0", "get", "gets", "gat", "gat 0", "gats", "incr", "incr k1",
		"decr k1", "touch", "touch k1", "delete", "cas k1 0 0 1", "append k1", "\x00", "Version", "SET k1 0 0 1", "incr k1 1 2 3 4", "verbosity", "quit k1 k2 xx yy",
		strings.Repeat("t ", 40), strings.Repeat("w", 500), "replace k1 0 0", "\xff\xff", "bget k1", "stats foo bar baz", "flush_all_", "*1", "$4", "PING", "HELLO 3") + end(s)}
}
