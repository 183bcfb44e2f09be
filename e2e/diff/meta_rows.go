// The meta commands under comparison, and what of their replies cannot be the same on two servers.

package diff

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// metaVerbs are mixed with classic commands on the same keys: both see what the other did.
var metaVerbs = []verb{
	{"mg", 20, metaGet},
	{"ms", 14, solid(metaSet)},
	{"md", 6, metaDelete},
	{"ma", 6, metaCount},
	{"me", 2, metaDebug},
	{"mn", 1, oneOf("", "", "x", "k1 v")},
	{"get", 3, retrieval},
	{"gets", 2, retrieval},
	{"set", 3, solid(storage)},
	{"add", 1, solid(storage)},
	{"append", 2, solid(storage)},
	{"incr", 2, arithmetic},
	{"touch", 2, touching},
	{"delete", 1, deletion},
	{"junk", 2, metaJunk},
}

func metaWheel() []*verb {
	var w []*verb
	for i := range metaVerbs {
		for range metaVerbs[i].weight {
			w = append(w, &metaVerbs[i])
		}
	}
	return w
}

// metaKey is a key and whether it is written in base64.
func metaKey(s *source) (key string, b bool) {
	if !s.chance(5) {
		return memcachedKey(s), false
	}
	if s.chance(4) {
		return pick(s, "Zm9", "!!", "Zm9vZ===", "====", "Zm9=", "Zm9vZg==Zm9v", "Z!m9v", "k1", strings.Repeat("A", 252), strings.Repeat("A", 248)), true
	}
	return base64.StdEncoding.EncodeToString([]byte(memcachedKey(s))), true
}

// metaFlags makes a line's flags out of those that are usual, and now and then one that is not.
func metaFlags(s *source, b bool, usual ...string) string {
	var out []string
	if b {
		out = append(out, "b")
	}
	for _, i := range s.Perm(len(usual))[:s.IntN(min(len(usual), 6))] {
		out = append(out, usual[i])
	}
	if s.chance(12) {
		out = append(out, pick(s, "z", "Z", "1", "\x01", "\x80", "\x7f", "-", "q", "q q", "v v", "k k", "O", "T", "Tx", "T1.5", "T99999999999999999999", "N", "Nx", "R", "Rx", "C", "Cx", "C-1",
			"C18446744073709551616", "F", "Fx", "F-1", "F4294967297", "M", "MXX", "MZ", "M1", "J", "Jx", "D", "Dx", "D-1", "S5", "P", "Lx", "b", "noreply", "vv", "kx", "hh",
			"O"+strings.Repeat("y", 31), "a c d e f g i j l m n o p r s t u w", "c f h k l s t u v q P L"))
	}
	s.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return strings.Join(out, " ")
}

func metaLine(s *source, parts ...string) string {
	line := strings.Join(parts, " ")
	return spaced(s, strings.TrimRight(line, " ")) + end(s)
}

// metaTTL is a lifetime for a T or an N. Those of a gets are told apart by the thousands.
func metaTTL(s *source) string {
	return pick(s, "0", "50000", "50000", "100000", "2000000", "-1")
}

func metaGet(s *source, name string) request {
	key, b := metaKey(s)
	usual := []string{"c", "f", "h", "k", "l", "q", "s", "t", "u", "v", "v", "O" + strconv.Itoa(s.IntN(1000)), "R75000", "R" + pick(s, "0", "-1", "10", "2000000"), "T" + metaTTL(s)}
	usual = unique(usual)
	vivify := "N" + pick(s, "50000", "100000", "0", "-1")
	flags := metaFlags(s, b, usual...)
	if s.chance(5) {
		flags += " " + vivify
	}
	if s.chance(3) {
		flags = strings.TrimSpace(flags + " c k") // shows a version that a later line may use
		flags = dropTwins(flags)
	}
	return request{raw: metaLine(s, name, key, flags), reads: true, settled: true}
}

// unique leaves of flags with the same letter the first.
func unique(flags []string) []string {
	return strings.Fields(dropTwins(strings.Join(flags, " ")))
}

func dropTwins(flags string) string {
	var out []string
	seen := map[byte]bool{}
	for _, f := range strings.Fields(flags) {
		if !seen[f[0]] {
			out = append(out, f)
		}
		seen[f[0]] = true
	}
	return strings.Join(out, " ")
}

// expected is a C flag: the last version seen, or one that is surely older or younger.
func expected(s *source) string {
	return "C" + pick(s, casMark, casMark, casMark, "1", "0", "987654321987", "18446744073709551615")
}

// withVersion completes a request that has an expected version in it.
func withVersion(r request, key string, b bool) request {
	if strings.Contains(r.raw, casMark) {
		if b {
			raw, _ := base64.StdEncoding.DecodeString(key)
			key = string(raw)
		}
		r.casKey = key
	}
	return r
}

func metaSet(s *source, name string) request {
	key, b := metaKey(s)
	usual := []string{"c", "k", "I", "q", "O" + strconv.Itoa(s.IntN(1000)), "F" + strconv.Itoa(s.IntN(5)), "T" + metaTTL(s), "M" + pick(s, "E", "A", "P", "R", "S")}
	if s.chance(3) {
		usual = append(usual, expected(s), "I")
	}
	flags := metaFlags(s, b, unique(usual)...)
	r := payload(s, func(length string) string {
		return spaced(s, strings.TrimRight(fmt.Sprintf("%s %s %s %s", name, key, length, flags), " "))
	})
	r.alone = r.offStep || len(key) > 250 || strings.Contains(key, "\t") || len(strings.Fields(flags)) > 15
	r.settled = true
	return withVersion(r, key, b)
}

// solid makes requests again whose body is nothing but white space: the original reads on behind such a number.
func solid(f func(*source, string) request) func(*source, string) request {
	return func(s *source, name string) request {
		for {
			r := f(s, name)
			_, body, _ := strings.Cut(r.raw, "\n")
			body = strings.TrimSuffix(body, "\r\n")
			if body == "" || strings.Trim(body, " \r\n\t\x00") != "" {
				return r
			}
		}
	}
}

func metaDelete(s *source, name string) request {
	key, b := metaKey(s)
	usual := []string{"k", "I", "I", "q", "O" + strconv.Itoa(s.IntN(1000)), "T" + metaTTL(s)}
	if s.chance(3) {
		usual = append(usual, expected(s))
	}
	return withVersion(request{raw: metaLine(s, name, key, metaFlags(s, b, unique(usual)...)), settled: true}, key, b)
}

// metaCount leaves T and c to subtraction: when a number gets longer, the original shows and changes the item that it has
// just replaced.
func metaCount(s *source, name string) request {
	key, b := metaKey(s)
	usual := []string{"k", "q", "t", "v", "O" + strconv.Itoa(s.IntN(1000)), "N" + metaTTL(s), "J" + strconv.Itoa(s.IntN(200)), "D" + pick(s, "1", "5", "100", "18446744073709551615")}
	if s.chance(2) {
		return request{raw: metaLine(s, name, key, "M"+pick(s, "D", "-"), metaFlags(s, b, append(usual, "c", "T"+metaTTL(s))...)), settled: true}
	}
	usual = append(usual, "M"+pick(s, "I", "+"))
	if s.chance(3) {
		usual = append(usual, expected(s))
	}
	return withVersion(request{raw: metaLine(s, name, key, metaFlags(s, b, unique(usual)...)), settled: true}, key, b)
}

func metaDebug(s *source, name string) request {
	key, b := metaKey(s)
	return request{raw: metaLine(s, name, key, pick(s, map[bool]string{true: "b", false: ""}[b], "", "x", "b x", "bb")), settled: true}
}

func metaJunk(s *source, _ string) request {
	long := strings.Repeat("O", 33)
	return request{raw: pick(s, "mg", "ms", "md", "ma", "me", "mx", "m", "MG k1", "mgx k1", "ms k1", "mg k9 "+long, "md k9 "+long, "mg k9 v "+long, "mg k1 z "+long, "ma k1 MX "+long,
		"mg k1\x00 z", "mg \x00k1", "mg k1 v\rk", "mg k1 \xff", "mg\tk1", "mg k1 "+strings.Repeat("P ", 18), "mg k1 "+strings.Repeat("P ", 40), "mg k1 "+strings.Repeat("y", 1500)) + end(s), reads: true, settled: true}
}

var (
	metaHead    = regexp.MustCompile(`(?m)^(HD|VA \d+|EX|NS|NF|EN)( [^\r\n]*)?\r$`)
	metaVersion = regexp.MustCompile(` c(\d+)`)
	metaTime    = regexp.MustCompile(` t(\d+)`)
	metaIdle    = regexp.MustCompile(` l\d+`)
	metaName    = regexp.MustCompile(` k([^ \r\n]+)( b)?`)
	debugLine   = regexp.MustCompile(`(?m)^ME ([^ \r\n]+) exp=(\S+) la=\d+ cas=\d+ fetch=(\w+) cls=\d+ size=\d+\r$`)
)

// metaNormal notes the versions that a stream of replies shows and replaces what must differ: versions, seconds since the
// last use, sizes in memory. The name in a line of me is left out. Seconds left are rounded to thousands; 0 stands for those of an item that has just expired,
// which the original counts below zero. Keys in base64 are decoded: the original forgets how a key was sent when it
// makes another item of the old one, or one that was not there.
func (s *side) metaNormal(stream string) string {
	stream = metaHead.ReplaceAllStringFunc(stream, func(line string) string {
		line = metaName.ReplaceAllStringFunc(line, func(k string) string {
			m := metaName.FindStringSubmatch(k)
			if raw, err := base64.StdEncoding.DecodeString(m[1]); err == nil && m[2] != "" {
				return " k" + string(raw)
			}
			return k
		})
		name, version := metaName.FindStringSubmatch(line), metaVersion.FindStringSubmatch(line)
		if name != nil && version != nil && version[1] != "0" {
			s.cas[name[1]] = version[1]
		}
		line = metaVersion.ReplaceAllStringFunc(line, func(c string) string {
			if c == " c0" {
				return c
			}
			return " c#"
		})
		line = metaTime.ReplaceAllStringFunc(line, func(t string) string {
			n, _ := strconv.ParseUint(t[2:], 10, 64)
			if n > 4_000_000_000 {
				n = 0
			}
			return fmt.Sprintf(" t%d", (n+500)/1000*1000)
		})
		return metaIdle.ReplaceAllString(line, " l#")
	})
	return debugLine.ReplaceAllStringFunc(stream, func(line string) string {
		m := debugLine.FindStringSubmatch(line)
		if m[2] != "-1" {
			m[2] = "#"
		}
		return fmt.Sprintf("ME exp=%s fetch=%s\r", m[2], m[3])
	})
}
