// syntax: the arguments of a command written as one line, and their structured form for COMMAND DOCS.
//
//	word             an argument named word; word:int :double :time :pattern give its type, word:key0 says that it is
//	                 a key which belongs to the row's first key spec
//	"TOKEN" word     an argument that follows a fixed word
//	TOKEN            a fixed word alone; name=TOKEN if the argument is called something else
//	name:<a | b>     one of several
//	name:{a b}       several together
//	[a]              optional
//	a... a+...       several times, with + each with its token
//	a^6.2.0 a!7.0    since when it exists, since when it should not be used

package redis

import "strings"

// argument is one element of a command's syntax.
type argument struct {
	name, kind, token string
	key               int // index of the key spec, -1 none
	since, gone       string
	optional, many    bool
	manyTokens        bool
	parts             []argument
}

// syntaxParser reads a syntax line. It only ever sees our own rows: a mistake is a panic naming the row.
type syntaxParser struct {
	row, s string
	at     int
}

func parseSyntax(row, s string) []argument {
	p := &syntaxParser{row: row, s: s}
	args := p.list("")
	if p.at != len(s) {
		p.fail("rest")
	}
	return args
}

func (p *syntaxParser) fail(what string) {
	panic("redis: syntax of " + p.row + ": " + what + " at " + p.s[min(p.at, len(p.s)):])
}

// list reads arguments up to one of the bytes of end, with an optional | between them.
func (p *syntaxParser) list(end string) []argument {
	var out []argument
	for {
		for p.at < len(p.s) && (p.s[p.at] == ' ' || p.s[p.at] == '|') {
			p.at++
		}
		if p.at >= len(p.s) || strings.IndexByte(end, p.s[p.at]) >= 0 {
			return out
		}
		out = append(out, p.one())
	}
}

func (p *syntaxParser) accept(s string) bool {
	if strings.HasPrefix(p.s[p.at:], s) {
		p.at += len(s)
		return true
	}
	return false
}

func (p *syntaxParser) expect(s string) {
	if !p.accept(s) {
		p.fail("missing " + s)
	}
}

// until takes everything up to one of the bytes of stop.
func (p *syntaxParser) until(stop string) string {
	n := strings.IndexAny(p.s[p.at:], stop)
	if n < 0 {
		n = len(p.s) - p.at
	}
	word := p.s[p.at : p.at+n]
	p.at += n
	return word
}

func (p *syntaxParser) one() argument {
	var a argument
	if p.accept("[") {
		a = p.body()
		a.optional = true
		p.expect("]")
	} else {
		a = p.body()
	}
	for {
		switch {
		case p.accept("^"):
			a.since = p.until(" |]>}!")
		case p.accept("!"):
			a.gone = p.until(" |]>}^")
		default:
			return a
		}
	}
}

func (p *syntaxParser) body() argument {
	a := argument{key: -1, kind: "string"}
	if p.accept(`"`) {
		a.token = p.until(`"`)
		p.expect(`" `)
	}
	word := p.until(" [|]>}<{^!=+.")
	switch {
	case strings.HasSuffix(word, ":") && p.accept("<"):
		a.name, a.kind, a.parts = strings.TrimSuffix(word, ":"), "oneof", p.list(">")
		p.expect(">")
	case strings.HasSuffix(word, ":") && p.accept("{"):
		a.name, a.kind, a.parts = strings.TrimSuffix(word, ":"), "block", p.list("}")
		p.expect("}")
	case p.accept("="):
		a.name, a.kind, a.token = word, "pure-token", p.until(" |]>}^!")
	case word == strings.ToUpper(word) && a.token == "":
		a.name, a.kind, a.token = strings.ToLower(word), "pure-token", word
	default:
		a.name = word
		a.typed()
	}
	if a.name == "" {
		p.fail("no name")
	}
	a.manyTokens = p.accept("+")
	a.many = p.accept("...")
	return a
}

// typed splits the type off the name.
func (a *argument) typed() {
	i := strings.LastIndexByte(a.name, ':')
	if i < 0 {
		return
	}
	switch kind := a.name[i+1:]; {
	case kind == "int":
		a.kind = "integer"
	case kind == "time":
		a.kind = "unix-time"
	case kind == "double" || kind == "pattern":
		a.kind = kind
	case len(kind) == 4 && strings.HasPrefix(kind, "key"):
		a.kind, a.key = "key", int(kind[3]-'0')
	default:
		return // "ip:port" is a name
	}
	a.name = a.name[:i]
}

// usage writes arguments for people: SET key value [NX | XX] …
func usage(args []argument) string {
	var words []string
	for _, a := range args {
		words = append(words, a.usage())
	}
	return strings.Join(words, " ")
}

func (a *argument) usage() string {
	var s string
	switch a.kind {
	case "pure-token":
		if s = a.token; s == "" {
			s = `""`
		}
	case "oneof":
		var words []string
		for _, p := range a.parts {
			words = append(words, p.usage())
		}
		s = strings.Join(words, " | ")
		if !a.optional {
			s = "<" + s + ">"
		}
	case "block":
		s = usage(a.parts)
	default:
		s = a.name
	}
	if a.token != "" && a.kind != "pure-token" {
		s = a.token + " " + s
	}
	if a.many {
		again := s
		if a.token != "" && !a.manyTokens {
			again = strings.TrimPrefix(s, a.token+" ")
		}
		s += " [" + again + " …]"
	}
	if a.optional {
		s = "[" + s + "]"
	}
	return s
}
