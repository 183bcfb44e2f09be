// The pieces that argument grammars are put together from, and the values worth trying in any argument.

package diff

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// source is the randomness of one run. Relative lifetimes are numbered by it, because two equal ones set a
// moment apart would compare differently on the two servers (EXPIRE ... GT).
type source struct {
	*rand.Rand
	lifetimes int
}

func newSource(seed uint64) *source { return &source{Rand: rand.New(rand.NewPCG(seed, 1))} }

// chance is true once in n times.
func (s *source) chance(n int) bool { return s.IntN(n) == 0 }

// gen makes the arguments of one part of a command line.
type gen func(*source) []string

// lit is fixed words.
func lit(words ...string) gen { return func(*source) []string { return words } }

// seq is its parts one after the other.
func seq(parts ...gen) gen {
	return func(s *source) []string {
		var out []string
		for _, p := range parts {
			out = append(out, p(s)...)
		}
		return out
	}
}

// one is one of its parts.
func one(parts ...gen) gen {
	return func(s *source) []string { return parts[s.IntN(len(parts))](s) }
}

// word is one of its words.
func word(words ...string) gen {
	return func(s *source) []string { return words[s.IntN(len(words)):][:1] }
}

// maybe is its part half of the time, nothing otherwise.
func maybe(p gen) gen {
	return func(s *source) []string {
		if s.chance(2) {
			return p(s)
		}
		return nil
	}
}

// rep is its part between low and high times.
func rep(low, high int, p gen) gen {
	return func(s *source) []string {
		var out []string
		for range low + s.IntN(high-low+1) {
			out = append(out, p(s)...)
		}
		return out
	}
}

// some is a few of its parts, mostly none or one, in any order; now and then the same one twice. That gives
// every clash of options.
func some(parts ...gen) gen {
	return func(s *source) []string {
		var out []string
		n := [...]int{0, 0, 1, 1, 1, 2, 2, 3}[s.IntN(8)]
		for range n {
			out = append(out, parts[s.IntN(len(parts))](s)...)
		}
		return out
	}
}

// anyCase writes a word in one of the ways clients write it.
func anyCase(s *source, w string) string {
	switch s.IntN(4) {
	case 0:
		return strings.ToUpper(w)
	case 1:
		return strings.ToUpper(w[:1]) + w[1:]
	}
	return w
}

// opt is an option word in any case, followed by its arguments.
func opt(w string, args ...gen) gen {
	rest := seq(args...)
	return func(s *source) []string { return append([]string{anyCase(s, w)}, rest(s)...) }
}

// keyNames are few, so that commands meet. The odd ones come seldom.
var keyNames = []string{"k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "{t}a", "{t}b"}
var oddKeys = []string{"", "k\x00\xff\r\n", strings.Repeat("long", 80), "*", "k[1]", "\\k1", " k1 ", "K1"}

func key(s *source) []string {
	if s.chance(12) {
		return oddKeys[s.IntN(len(oddKeys)):][:1]
	}
	return keyNames[s.IntN(len(keyNames)):][:1]
}

// edges are the values that break parsers of numbers. None lies between 3,000 and 512 MB: as an offset it would
// make strings so big that the run would measure nothing but copying.
var edges = []string{
	"0", "1", "-1", "2", "-2", "10", "100", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
	"-9223372036854775809", "9223372036854775806", "18446744073709551615", "18446744073709551616", "4294967296", "4294967295",
	"2147483647", "2147483648", "-2147483648", "536870912", "-0", "+1", "01", "00", " 1", "1 ", "1.0", "1.", ".5", "1e3", "1e400",
	"-1e400", "1e-400", "nan", "NaN", "-nan", "inf", "-inf", "+inf", "Inf", "infinity", "0x10", "0x1p3", "", "abc", "1a", "--1", "-", "+",
	"0.1", "-0.0", "3.0e3", "1_000", "\x00", "1\x00", "1.7976931348623157e308", "5e-324", "0.30000000000000004",
	"123456789012345678901234567890", "\xff\xfe", "1\r\n", "99999999999999999999.5", "1e17", "1e18", "-1e17", "123456789.123456789123456789",
}

// timedEdges are the edges that are no short lifetime: a key that ends within seconds ends at different moments of the
// two streams.
var timedEdges = []string{
	"0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "9223372036854775", "9223372036854774",
	"-9223372036854775", "9223370000000000", "-0", "+5", "05", " 5", "5 ", "5.0", "1e3", "nan", "inf", "", "abc", "0x10", "18446744073709551615", "\x00",
}

func edge(s *source) []string      { return edges[s.IntN(len(edges)):][:1] }
func timedEdge(s *source) []string { return timedEdges[s.IntN(len(timedEdges)):][:1] }

// number is a small whole number, or an edge one time in four.
func number(s *source) []string {
	if s.chance(4) {
		return edge(s)
	}
	return []string{strconv.Itoa(s.IntN(240) - 120)}
}

// float is a decimal fraction, or an edge one time in four.
func float(s *source) []string {
	if s.chance(4) {
		return edge(s)
	}
	return []string{strconv.FormatFloat((s.Float64()-0.5)*[...]float64{1, 10, 1e6, 1e15}[s.IntN(4)], 'g', 1+s.IntN(17), 64)}
}

// index is a position in a string, from either end.
func index(s *source) []string {
	if s.chance(6) {
		return edge(s)
	}
	return []string{strconv.Itoa(s.IntN(60) - 25)}
}

// offset is where SETRANGE writes.
func offset(s *source) []string {
	if s.chance(5) {
		return edge(s)
	}
	return []string{strconv.Itoa(s.IntN(90))}
}

// alphabet is small for LCS, whose answers are dull on random text.
const alphabet = "abcd"

// value is what a key holds: numbers, short and long text around the sizes where encodings change, bytes.
func value(s *source) []string {
	switch s.IntN(12) {
	case 0, 1:
		return []string{strconv.Itoa(s.IntN(20000) - 5000)}
	case 2:
		return edge(s)
	case 3:
		return float(s)
	case 4:
		return []string{strings.Repeat("x", 40+s.IntN(10))}
	case 5:
		b := make([]byte, s.IntN(20))
		for i := range b {
			b[i] = byte(s.IntN(256))
		}
		return []string{string(b)}
	case 6:
		if s.chance(6) {
			return []string{strings.Repeat("0123456789", 30+s.IntN(170))}
		}
	}
	b := make([]byte, s.IntN(30))
	for i := range b {
		b[i] = alphabet[s.IntN(len(alphabet))]
	}
	return []string{string(b)}
}

// seconds and millis are lifetimes from now: at least a quarter of an hour, never the same twice.
func seconds(s *source) []string {
	if s.chance(8) {
		return timedEdge(s)
	}
	s.lifetimes++
	return []string{strconv.Itoa(1000 + 10*s.lifetimes)}
}

func millis(s *source) []string {
	if s.chance(8) {
		return timedEdge(s)
	}
	s.lifetimes++
	return []string{strconv.Itoa(1000*1000 + 10000*s.lifetimes)}
}

// unixSeconds and unixMillis are moments: long past, or long after any relative lifetime, in a few values that meet.
func unixSeconds(s *source) []string {
	if s.chance(8) {
		return timedEdge(s)
	}
	return word("1", "1000000000", "4102444800", "4102444801", "4102444900", "7258118400")(s)
}

func unixMillis(s *source) []string {
	if s.chance(8) {
		return timedEdge(s)
	}
	return word("1", "1000000000000", "4102444800000", "4102444800001", "4102444800999", "7258118400000")(s)
}

func futureSeconds(s *source) []string {
	if s.chance(8) {
		return timedEdge(s)
	}
	return word("4102444800", "4102444801", "7258118400")(s)
}

func futureMillis(s *source) []string {
	if s.chance(8) {
		return timedEdge(s)
	}
	return word("4102444800000", "4102444800001", "7258118400000")(s)
}

// pattern is a glob, now and then an awkward one.
func pattern(s *source) []string {
	return word("*", "k*", "k?", "k[1-3]", "k[^1]", "k[3-1]", "\\k1", "k\\1", "*1", "{t}*", "", "[", "k[", "k[1", "k[^", "k[\\", "\\", "**", "*?*", "k[1-", "k[a-z1]", "?", "K1", "k\\[1]", "*\xff*", "k[]1]", "nosuch")(s)
}

// mutate damages a command line now and then: wrong arity, an odd value somewhere, doubled and missing arguments.
func mutate(s *source, args []string, odd gen) []string {
	out := append([]string(nil), args...)
	switch n := len(out); s.IntN(24) {
	case 0:
		out = out[:n-min(1, n-1)]
	case 1:
		if n > 1 {
			i := 1 + s.IntN(n-1)
			out = append(out[:i:i], out[i+1:]...)
		}
	case 2:
		out = append(out, odd(s)...)
	case 3:
		if n > 1 {
			out[1+s.IntN(n-1)] = odd(s)[0]
		}
	case 4:
		if s.chance(3) {
			out = out[:1]
		}
	case 5:
		if n > 1 {
			out = append(out, out[1+s.IntN(n-1)])
		}
	}
	return out
}
