// Users and their rights, compared with the real server's: every subcommand of ACL in a transcript of several clients, and random rules by
// what they allow.

package diff

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// words72 puts both servers' replies about rights into one wording: 7.2 names the user where 7.0 says "this user", says less of keys and
// channels, shows sanitize-payload, and keeps rules about commands in the order in which they were given.
var words72 = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`(?:User \S+|[Tt]his user) has no permissions to`), "NO RIGHT to"},
	{regexp.MustCompile(`NOPERM (?:NO RIGHT to access one of the keys used as arguments|No permissions to access a key)`), "NOPERM key"},
	{regexp.MustCompile(`NOPERM (?:NO RIGHT to access one of the channels used as arguments|No permissions to access a channel)`), "NOPERM channel"},
	{regexp.MustCompile(`,? ?\bsanitize-payload`), ""},
	{regexp.MustCompile(`7\.(?:0\.15|2\.0)`), "VERSION"},
	{regexp.MustCompile(`id \d+`), "id N"},
}

// plainReply is a reply without lengths, in one wording.
func plainReply(v harness.Reply) string {
	s := string(v.Kind) + render(v, v.Kind == '~')
	for _, w := range words72 {
		s = w.re.ReplaceAllString(s, w.to)
	}
	return s
}

// aclSteps are lines with the client that sends them.
var aclSteps = []string{
	"a: acl whoami", "a: acl users", "a: acl list", "a: acl getuser default", "a: acl getuser nosuch",
	"a: acl setuser alice on >pw ~x* +get +set +multi +exec +discard +ping +acl|whoami +mget +exists +copy +sort",
	"b: auth alice pw", "b: acl whoami", "b: get x1", "b: get y", "b: incr x", "b: set x1 1 get", "b: exists q", "b: copy x1 q", "b: sort x1 by nosort", "b: sort x1 by a*",
	"b: sort x1 get #", "b: sort x1 get a* by b*", "b: nosuch", "b: get", "b: config get x", "b: config nosuch",
	"b: multi", "b: get x1", "b: get y", "b: incr x", "b: exec",
	"b: multi", "b: get x1", "b: set x2 1", "b: mget x1 x2", "b: ping", "a: acl setuser alice -get resetkeys ~y", "b: exec",
	"b: multi", "a: acl setuser alice -exec", "b: exec", "b: discard", "a: acl setuser alice resetkeys %R~x* %W~y +exec +get",
	"b: set y 1", "b: set x1 1", "b: get x1", "b: get y", "b: set y 1 get", "b: copy x1 y", "b: copy y x1",
	"b: reset", "b: acl whoami", "b: auth alice bad", "b: auth nosuch bad", "b: hello 3 auth alice bad", "b: acl whoami", "b: auth alice pw",
	"a: acl setuser alice off", "b: acl whoami", "c: auth alice pw", "a: acl setuser alice on <pw >new", "c: auth alice pw", "c: auth alice new", "a: acl getuser alice",
	"a: acl setuser alice resetpass", "c: auth alice new", "a: acl setuser alice #2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "c: auth alice x", "a: acl deluser alice nosuch",
	"d: acl setuser bob on nopass +@all ~*", "d: auth bob bob", "d: acl deluser bob",
	"a: acl setuser default >foo", "a: config get requirepass", "a: ping", "e: ping", "e: auth bar", "e: auth foo", "e: reset", "e: auth default foo", "a: reset", "a: ping", "a: auth foo",
	"a: config set requirepass bar", "a: acl list", "f: ping", "f: auth bar", "a: acl setuser default nopass", "a: config get requirepass", "a: acl setuser default off", "a: ping",
	"g: ping", "g: auth x", "g: auth default y", "a: acl setuser default on", "g: ping",
	"a: acl setuser", "a: acl setuser u", "a: acl getuser u", "a: acl deluser default", "a: acl deluser", "a: acl dryrun u", "a: acl dryrun u get", "a: acl dryrun u get x", "a: acl dryrun nosuch get x",
	"a: acl dryrun u nosuch", "a: acl dryrun u config", "a: acl dryrun u config nosuch", "a: acl dryrun u config get x", "a: acl dryrun u auth x", "a: acl setuser u +select|0 +config|get +debug|object",
	"a: acl dryrun u select 0", "a: acl dryrun u select 1", "a: acl dryrun u config get x", "a: acl dryrun u config set x y", "a: acl dryrun u debug object x", "a: acl dryrun u debug sleep 0",
	"a: acl setuser u +get|", "a: acl setuser u +nosuch", "a: acl setuser u -nosuch", "a: acl setuser u +nosuch|x", "a: acl setuser u +@nosuch", "a: acl setuser u +config|get|x", "a: acl setuser u +config|nosuch",
	"a: acl setuser u %~x", "a: acl setuser u %RR~x", "a: acl setuser u %", "a: acl setuser u ~* ~x", "a: acl setuser u &* &x", "a: acl setuser u <nosuch", "a: acl setuser u #short", "a: acl setuser u !short",
	"a: acl setuser u (", "a: acl setuser u (+get ~x", "a: acl setuser u (+get ~x) (%R~y &c)", "a: acl getuser u", "a: acl setuser u (+foo)", "a: acl setuser u (on)", "a: acl setuser u ((+get))", "a: acl setuser u )",
	"a: acl setuser u foo", "a: acl setuser u ON OFF NoPass", "a: acl getuser u", "a: acl setuser u clearselectors reset", "a: acl getuser u", "a: acl list",
	"a: acl setuser carl on nopass +@all ~* &news.* &x", "h: auth carl x", "i: auth carl x", "j: auth carl x", "h: publish news.it x", "h: publish y x", "h: spublish y x", "h: subscribe x y", "h: psubscribe news.i*", "h: ssubscribe y",
	"h: subscribe news.it", "i: psubscribe news.*", "j: subscribe x", "a: acl setuser carl &more", "a: acl dryrun carl publish y x", "a: acl dryrun carl psubscribe *", "a: acl dryrun carl subscribe x y",
	"a: acl dryrun carl unsubscribe y", "a: pubsub numsub news.it x", "a: acl setuser carl resetchannels &x", "j: ping", "a: pubsub numsub news.it x", "a: acl getuser carl",
	"a: acl cat nosuch", "a: acl cat a b", "a: acl genpass 0", "a: acl genpass 4097", "a: acl genpass x", "a: acl genpass 1 2", "a: acl load", "a: acl save", "a: acl load x", "a: acl foo", "a: acl", "a: acl whoami x",
	"a: acl log x", "a: acl log 1 2", "a: acl log -1", "a: acl log reset", "a: acl log", "a: client kill user nosuch", "a: client kill user u",
	"a: acl setuser default -@all +acl", "a: ping", "a: acl setuser default +@all -@dangerous", "a: config get x", "a: keys *", "a: acl whoami",
}

func TestACLTranscript(t *testing.T) {
	ours, theirs := harness.Redis(t, "--enable-debug-command=yes"), harness.OracleRedis(t, "--enable-debug-command", "yes")
	type both struct{ a, b *harness.Conn }
	clients := map[string]both{}
	for _, step := range aclSteps {
		who, line, _ := strings.Cut(step, ": ")
		c, known := clients[who]
		if !known {
			c = both{ours.Dial(t), theirs.Dial(t)}
			clients[who] = c
		}
		args := strings.Fields(line)
		x, y := c.a.Do(args...), c.b.Do(args...)
		if strings.HasPrefix(line, "acl log") && x.Kind == '*' {
			x, y = events(x), events(y)
		}
		p, q := plainReply(x), plainReply(y)
		if strings.HasPrefix(line, "acl getuser") && x.Kind == '*' && y.Kind == '*' {
			p, q = aspects(x), aspects(y)
		}
		if p != q {
			t.Errorf("%s\n\tours:   %s\n\ttheirs: %s", step, p, q)
		}
	}
	for _, who := range []string{"b", "d", "h", "i"} { // their users are gone, or their channels
		clients[who].a.ExpectClosed()
		clients[who].b.ExpectClosed()
	}
}

// events are entries of the log with the fields that are the same on both servers.
func events(v harness.Reply) harness.Reply {
	out := harness.Reply{Kind: '*'}
	for _, e := range v.Elems {
		for _, field := range []string{"count", "reason", "context", "object", "username"} {
			f, _ := e.Get(field)
			out.Elems = append(out.Elems, f)
		}
	}
	return out
}

// TestACLLog compares what the log keeps of some denials, on fresh servers.
func TestACLLog(t *testing.T) {
	a, b := bothServers(t)
	for _, line := range []string{"acl setuser u on nopass +@all -get ~a*", "auth u x", "get a", "get a", "set b 1", "set b 1", "mget a1 b c", "auth nosuch x", "AUTH nosuch x", "hello 3 auth u2 x", "multi", "get a", "set c 1",
		"discard", "config get x", "get b"} {
		args := strings.Fields(line)
		if x, y := plainReply(a.Do(args...)), plainReply(b.Do(args...)); x != y {
			t.Errorf("%s\n\tours:   %s\n\ttheirs: %s", line, x, y)
		}
	}
	x, y := render(events(a.Do("acl", "log", "20")), false), render(events(b.Do("acl", "log", "20")), false)
	if x != y || strings.Count(x, " ") < 30 {
		t.Errorf("\nours:   %s\ntheirs: %s", x, y)
	}
}

// TestACLCategories: each category has the commands that it has there, as far as both servers have them.
func TestACLCategories(t *testing.T) {
	a, b := bothServers(t)
	cats, theirCats := a.Do("acl", "cat"), b.Do("acl", "cat")
	if cats.Raw != theirCats.Raw {
		t.Errorf("%v, theirs %v", cats, theirCats)
	}
	ours, theirs := entries(a.Do("COMMAND")), entries(b.Do("COMMAND"))
	for _, cat := range cats.Strings() {
		mine, yours := a.Do("acl", "cat", cat).Strings(), b.Do("acl", "cat", cat).Strings()
		common := func(list []string) []string {
			list = slices.DeleteFunc(list, func(name string) bool {
				_, here := ours[name]
				_, there := theirs[name]
				return !here || !there || name == "quit" || name == "wait" && cat == "blocking" // 7.2 made the first a command, and the second one that blocks
			})
			slices.Sort(list)
			return list
		}
		if x, y := common(mine), common(yours); !slices.Equal(x, y) {
			t.Errorf("%s\n\tours:   %v\n\ttheirs: %v", cat, x, y)
		}
	}
}

// ruleMaker makes random rules of names that both servers know.
type ruleMaker struct {
	s          *source
	commands   []string
	categories []string
}

func (m *ruleMaker) command() string {
	name := m.commands[m.s.IntN(len(m.commands))]
	if m.s.chance(8) && !strings.Contains(name, "|") {
		return name + "|" + pick(m.s, "0", "1", "get", "GET", "k1")
	}
	return name
}

// inner is a rule that a selector may have.
func (m *ruleMaker) inner() string {
	s := m.s
	switch s.IntN(10) {
	case 0, 1:
		return "+" + m.command()
	case 2:
		return "-" + m.command()
	case 3, 4:
		return pick(s, "+@", "+@", "-@") + m.categories[s.IntN(len(m.categories))]
	case 5:
		return pick(s, "+@all", "+@all", "-@all", "allcommands", "nocommands")
	case 6, 7:
		return pick(s, "~", "~", "%R~", "%W~", "%RW~", "%rw~") + pick(s, "k*", "k1", "?[1-4]", "[^k]*", "*1*", "")
	case 8:
		return pick(s, "allkeys", "~*", "resetkeys", "~k*", "%R~*")
	}
	return pick(s, "&*", "&ch*", "&k1", "allchannels", "resetchannels")
}

// rules are the words of one SETUSER.
func (m *ruleMaker) rules() []string {
	s := m.s
	var out []string
	for range 1 + s.IntN(6) {
		switch {
		case s.chance(6):
			out = append(out, pick(s, "on", "off", "nopass", "resetpass", ">p", ">q", "<p", "skip-sanitize-payload", "reset", "clearselectors", "+nosuch", "-@nosuch", "%~x", "~a b"))
		case s.chance(5):
			inside := []string{m.inner()}
			for range s.IntN(4) {
				inside = append(inside, m.inner())
			}
			text := "(" + strings.Join(inside, " ") + ")"
			if s.chance(2) {
				out = append(out, strings.Split(text, " ")...)
			} else {
				out = append(out, text)
			}
		default:
			out = append(out, m.inner())
		}
	}
	return out
}

// aspects is what GETUSER tells, without the rules about commands, whose form 7.2 changed; those are compared by what they allow.
func aspects(v harness.Reply) string {
	var out []string
	for _, field := range []string{"flags", "passwords", "keys", "channels"} {
		f, _ := v.Get(field)
		out = append(out, plainReply(f))
	}
	selectors, _ := v.Get("selectors")
	for _, e := range selectors.Elems {
		keys, _ := e.Get("keys")
		channels, _ := e.Get("channels")
		out = append(out, keys.Str+"/"+channels.Str)
	}
	return strings.Join(out, " ")
}

// doAll sends all lines before it reads the replies.
func doAll(c *harness.Conn, lines [][]string) []harness.Reply {
	var out []byte
	for _, line := range lines {
		out = harness.AppendCommand(out, line)
	}
	c.Send(string(out))
	replies := make([]harness.Reply, len(lines))
	for i := range lines {
		replies[i] = c.Reply()
	}
	return replies
}

// TestACLRandomRules changes a user at random on both servers and compares answers, description and what random command lines are told by DRYRUN. Then both get our
// description of it for another user, which must mean the same.
func TestACLRandomRules(t *testing.T) {
	a, b := bothServers(t)
	s := newSource(seed(t))
	m := &ruleMaker{s: s, categories: a.Do("acl", "cat").Strings()}
	theirs := entries(b.Do("COMMAND"))
	for _, name := range slices.Sorted(maps.Keys(entries(a.Do("COMMAND")))) {
		if _, there := theirs[name]; there {
			m.commands = append(m.commands, name)
		}
	}
	w := newWheel(redisRows())
	rounds, bad := 120, 0
	if testing.Short() {
		rounds /= 5
	}
	differ := func(what string, args []string, x, y string) {
		if bad++; bad > 10 {
			t.FailNow()
		}
		t.Errorf("%s: %s\n\tours:   %s\n\ttheirs: %s\n\tour user: %v", what, typed(args), x, y, a.Do("acl", "getuser", "u"))
	}
	decided := map[bool]int{}
	for round := range rounds {
		if round%10 == 0 {
			for _, c := range []*harness.Conn{a, b} {
				c.Do("acl", "deluser", "u", "v")
			}
		}
		set := append([]string{"acl", "setuser", "u"}, m.rules()...)
		if x, y := plainReply(a.Do(set...)), plainReply(b.Do(set...)); x != y {
			differ("SETUSER", set, x, y)
			continue
		}
		x, y := a.Do("acl", "getuser", "u"), b.Do("acl", "getuser", "u")
		if aspects(x) != aspects(y) {
			differ("GETUSER", set, aspects(x), aspects(y))
		}
		describe := func() []string {
			for _, line := range a.Do("acl", "list").Strings() {
				if rest, found := strings.CutPrefix(line, "user u "); found {
					return append([]string{"acl", "setuser", "v", "reset"}, strings.Fields(rest)...)
				}
			}
			return nil
		}
		ours := describe()
		if ours == nil { // no rule was ever taken
			continue
		}
		for _, c := range []*harness.Conn{a, b} {
			if r := c.Do(ours...); r.IsError() {
				differ("our description", ours, r.Str, "")
			}
		}
		var asks [][]string
		for range 12 {
			line := w.draw(s).line(s)
			asks = append(asks, append([]string{"acl", "dryrun", "u"}, line...), append([]string{"acl", "dryrun", "v"}, line...))
		}
		xs, ys := doAll(a, asks), doAll(b, asks)
		for i, ask := range asks {
			decided[xs[i].Kind == '+']++
			if p, q := plainReply(xs[i]), plainReply(ys[i]); p != q && !excepted(ask, xs[i].Raw, ys[i].Raw) {
				differ("DRYRUN", ask, p, q)
			}
		}
	}
	if decided[true] < rounds || decided[false] < rounds {
		t.Errorf("allowed and denied %v: the test proves little", decided)
	}
}
