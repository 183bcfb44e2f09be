// Row R17 on keys that hold something: every command with keys, on every type and encoding, with every argument replaced by what breaks others.

package badinput

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// edges are arguments at the ends of what numbers, ids, ranges and texts can be.
var edges = []string{
	"9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615", "34359738368", "2147483648", "-2147483649",
	"536870913", "-1", "-0", "0", "1", "nan", "-nan", "inf", "-inf", "1e400", "(nan", "[", "(", "+", "-", "$", ">", "*", "#",
	"18446744073709551615-18446744073709551615", "0-0", "-", "", "\x00\xff\r\n", "COUNT", "LIMIT", strings.Repeat("x", 64<<10),
}

// holders are commands that make a key named K of every type and encoding.
func holders() map[string][]string {
	numbered := func(verb, format string, n int) string {
		var b strings.Builder
		b.WriteString(verb)
		for i := range n {
			b.WriteByte(' ')
			fmt.Fprintf(&b, strings.ReplaceAll(format, "%d", "%[1]d"), i)
		}
		return b.String()
	}
	long := strings.Repeat("l", 100)
	entries := make([]string, 0, 250)
	for i := range 250 {
		entries = append(entries, fmt.Sprintf("XADD K %d-1 f v%d", i+1, i))
	}
	group := []string{"XGROUP CREATE K g 0", "XREADGROUP GROUP g c COUNT 2 STREAMS K >", "XREADGROUP GROUP g d COUNT 1 STREAMS K >"}
	return map[string][]string{
		"nothing":          nil,
		"text":             {"SET K abc"},
		"number":           {"SET K 9223372036854775807"},
		"long text":        {"SET K " + strings.Repeat("t", 70000)},
		"hll":              {"PFADD K a b c"},
		"short list":       {"RPUSH K a 1 b"},
		"long list":        {numbered("RPUSH K", "e%d", 3000)},
		"list of longs":    {numbered("RPUSH K", strings.Repeat("v", 9000)+"%d", 4)},
		"numbers":          {"SADD K 1 2 3"},
		"many numbers":     {numbered("SADD K", "%d", 600)},
		"short set":        {"SADD K a b 3"},
		"long set":         {numbered("SADD K", "m%d", 300)},
		"short hash":       {"HSET K f v n 1 x 1.5"},
		"long hash":        {numbered("HSET K", "f%d v%d", 200) + " f v n 1 x 1.5"},
		"long value":       {"HSET K f " + long + " n 1"},
		"timed hash":       {"HSET K f v n 1 x 1.5", "HPEXPIRE K 10000000 FIELDS 2 f n"},
		"long timed hash":  {numbered("HSET K", "f%d v%d", 200) + " f v n 1", "HPEXPIRE K 10000000 FIELDS 2 f n"},
		"short sorted set": {"ZADD K 1 a 1 b 2.5 c -inf m"},
		"long sorted set":  {numbered("ZADD K", "%d m%d", 200) + " 1 a inf m"},
		"short stream":     append([]string{"XADD K 1-1 f v", "XADD K 2-1 f v g w", "XADD K 3-1 f v"}, group...),
		"long stream":      append(entries, group...),
		"empty stream":     {"XGROUP CREATE K g $ MKSTREAM"},
	}
}

// examples are calls that are right on a key of the right type. K is the key, D another one. Commands that are not here are called with plain words.
var examples = strings.Split(`SET K v|GETSET K v|GETEX K EX 1000|GETRANGE K 0 1|SUBSTR K 0 1|SETRANGE K 1 x|APPEND K x|INCRBY K 1|DECRBY K 1|INCRBYFLOAT K 1.5
SETEX K 1000 v|PSETEX K 100000 v|SET K v NX EX 1000 GET|SETBIT K 7 1|GETBIT K 7|BITCOUNT K 0 -1 BIT|BITPOS K 1 0 -1 BIT|BITFIELD K INCRBY u8 #1 5 GET i8 0
BITFIELD_RO K GET u8 0|BITOP AND D K K|LCS K D IDX MINMATCHLEN 1|PFADD K a|PFCOUNT K D|PFMERGE D K|EXPIRE K 1000 NX|PEXPIRE K 100000|EXPIREAT K 99999999999
PEXPIREAT K 99999999999999|COPY K D DB 1 REPLACE|MOVE K 1|RENAME K D|RENAMENX K D|OBJECT ENCODING K|MEMORY USAGE K SAMPLES 5|SORT K BY w* LIMIT 0 2 GET # GET o*->f ALPHA STORE D
SORT K LIMIT 0 2 ALPHA|SORT_RO K ALPHA DESC|LPUSH K a b|RPUSH K a b|LPUSHX K a|RPUSHX K a|LPOP K 2|RPOP K 2|LINDEX K 1|LINSERT K BEFORE a z|LRANGE K 0 -1|LREM K -1 a
LSET K 0 z|LTRIM K 1 -2|LPOS K a RANK -1 COUNT 0 MAXLEN 10|LMOVE K D LEFT RIGHT|LMOVE K K LEFT RIGHT|RPOPLPUSH K D|LMPOP 1 K LEFT COUNT 2|SADD K a 5|SREM K a 1|SMOVE K D a
SISMEMBER K a|SMISMEMBER K a 1|SPOP K 2|SRANDMEMBER K -3|SRANDMEMBER K 3|SSCAN K 0 MATCH * COUNT 5|SINTER K D|SINTERSTORE D K K|SUNION K D|SUNIONSTORE D K|SDIFF K D
SDIFFSTORE D K D|SINTERCARD 2 K D LIMIT 1|HSET K f v g w|HMSET K f v|HSETNX K z v|HGET K f|HMGET K f g|HDEL K f|HINCRBY K n 1|HINCRBYFLOAT K x 1.5|HRANDFIELD K -3 WITHVALUES
HRANDFIELD K 3|HSCAN K 0 MATCH * COUNT 5 NOVALUES|HSTRLEN K f|HEXISTS K f|HEXPIRE K 1000 NX FIELDS 2 f n|HPEXPIRE K 100000 FIELDS 1 f|HEXPIREAT K 99999999 FIELDS 1 f
HPEXPIREAT K 99999999999 FIELDS 1 f|HTTL K FIELDS 1 f|HPTTL K FIELDS 1 f|HEXPIRETIME K FIELDS 1 f|HPEXPIRETIME K FIELDS 1 f|HPERSIST K FIELDS 2 f n|HGETDEL K FIELDS 1 f
HGETEX K EX 1000 FIELDS 1 f|HSETEX K FXX EX 1000 FIELDS 1 f v|ZADD K XX CH 1 a 2 b|ZADD K INCR 1 a|ZINCRBY K 1.5 a|ZSCORE K a|ZMSCORE K a b|ZREM K a b|ZRANK K a WITHSCORE
ZREVRANK K a WITHSCORE|ZRANGE K 0 -1 REV WITHSCORES|ZRANGE K -inf +inf BYSCORE LIMIT 0 3|ZRANGE K - + BYLEX LIMIT 0 3|ZREVRANGE K 0 1 WITHSCORES
ZRANGEBYSCORE K -inf (2 WITHSCORES LIMIT 0 3|ZREVRANGEBYSCORE K 2 0 LIMIT 0 3|ZRANGEBYLEX K [a + LIMIT 0 3|ZREVRANGEBYLEX K + - LIMIT 0 3|ZRANGESTORE D K 0 5|ZCOUNT K 0 (3
ZLEXCOUNT K - [m|ZREMRANGEBYRANK K 0 1|ZREMRANGEBYSCORE K 0 1|ZREMRANGEBYLEX K - [b|ZPOPMIN K 2|ZPOPMAX K 2|ZMPOP 1 K MIN COUNT 2|ZRANDMEMBER K -3 WITHSCORES|ZRANDMEMBER K 3
ZSCAN K 0 MATCH * COUNT 5|ZUNION 2 K D WEIGHTS 1 2 AGGREGATE MAX WITHSCORES|ZUNIONSTORE D 1 K WEIGHTS 2|ZINTER 2 K K WITHSCORES|ZINTERSTORE D 1 K AGGREGATE MIN|ZDIFF 2 K D WITHSCORES
ZDIFFSTORE D 1 K|ZINTERCARD 1 K LIMIT 2|XADD K * f v|XADD K NOMKSTREAM MAXLEN ~ 10 LIMIT 5 9-* f v|XADD K MINID = 2 99-1 f v|XTRIM K MAXLEN ~ 1 LIMIT 1|XTRIM K MINID 2|XDEL K 1-1 2-1
XRANGE K - + COUNT 2|XREVRANGE K + - COUNT 2|XREAD COUNT 2 STREAMS K 0|XREADGROUP GROUP g c COUNT 2 NOACK STREAMS K >|XREADGROUP GROUP g c STREAMS K 0|XACK K g 1-1|XPENDING K g
XPENDING K g IDLE 0 - + 10 c|XCLAIM K g c 0 1-1 IDLE 1 TIME 5 RETRYCOUNT 3 FORCE JUSTID LASTID 1-1|XCLAIM K g c 0 1-1 2-1|XAUTOCLAIM K g c 0 0 COUNT 3 JUSTID|XSETID K 500-1 ENTRIESADDED 500 MAXDELETEDID 1-1
XGROUP CREATE K h 0 MKSTREAM ENTRIESREAD 1|XGROUP SETID K g 1-1 ENTRIESREAD 1|XGROUP CREATECONSUMER K g e|XGROUP DELCONSUMER K g c|XGROUP DESTROY K g|XINFO STREAM K FULL COUNT 2
XINFO GROUPS K|XINFO CONSUMERS K g|GEOADD K NX 13.36 38.11 p|GEODIST K a b km|GEOHASH K a|GEOPOS K a|GEOSEARCH K FROMLONLAT 15 37 BYBOX 400 400 km ASC COUNT 2 WITHDIST
GEOSEARCH K FROMMEMBER a BYRADIUS 100 km|GEOSEARCHSTORE D K FROMLONLAT 15 37 BYRADIUS 100 km|GEORADIUS K 15 37 200 km COUNT 3 STORE D|GEORADIUSBYMEMBER K a 100 km|RESTORE D 0 x REPLACE`, "\n")

// families are the categories of commands that want keys of one type, with the last words of the kinds that are of it.
var families = map[string]string{"@list": "list longs", "@hash": "hash value", "@set": "set numbers", "@sortedset": "sorted set", "@stream": "stream"}

// familyOf is a command's category if it has one of them, "" if it has several or none.
func familyOf(command harness.Reply) (family string) {
	for _, cat := range command.Elems[6].Elems {
		if families[cat.Str] != "" {
			if family != "" {
				return ""
			}
			family = cat.Str
		}
	}
	return family
}

// kindIn tells whether keys of a kind are of a family's type.
func kindIn(kind, family string) bool {
	if strings.HasSuffix(kind, "sorted set") || family == "@sortedset" {
		return strings.HasSuffix(kind, families[family])
	}
	return slices.Contains(strings.Fields(families[family]), kind[strings.LastIndexByte(kind, ' ')+1:])
}

// call is a command line and the family of its command.
type call struct {
	words  []string
	family string
}

// calls are the examples, and a plain call of every command with keys that has none; first words in lower case.
func calls(c *harness.Conn) (out []call) {
	has, known, family := map[string]bool{}, map[string]int64{}, map[string]string{}
	for _, e := range c.Do("COMMAND").Elems {
		arity, _ := strconv.ParseInt(e.Elems[1].Str, 10, 64)
		movable := slices.ContainsFunc(e.Elems[2].Elems, func(f harness.Reply) bool { return f.Str == "movablekeys" })
		blocking := slices.ContainsFunc(e.Elems[2].Elems, func(f harness.Reply) bool { return f.Str == "blocking" })
		pubsub := slices.ContainsFunc(e.Elems[2].Elems, func(f harness.Reply) bool { return f.Str == "pubsub" })
		if pubsub { // of channels, and subscribing changes what may follow
			continue
		}
		if e.Elems[3].Str != "0" || movable || len(e.Elems[9].Elems) > 0 {
			known[e.Elems[0].Str] = arity
			family[e.Elems[0].Str] = familyOf(e)
			has[e.Elems[0].Str] = blocking || len(e.Elems[9].Elems) > 0
		}
	}
	for _, line := range examples {
		for _, text := range strings.Split(line, "|") {
			words := strings.Fields(text)
			words[0] = strings.ToLower(words[0])
			if _, ok := known[words[0]]; ok {
				has[words[0]] = true
				out = append(out, call{words, family[words[0]]})
			}
		}
	}
	for name, arity := range known {
		if !has[name] {
			words := []string{name, "K"}
			for int64(len(words)) < max(arity, -arity) {
				words = append(words, "1")
			}
			out = append(out, call{words, family[name]})
		}
	}
	slices.SortStableFunc(out, func(a, b call) int { return strings.Compare(a.words[0], b.words[0]) })
	return out
}

// shot is one call against a key of a kind. wrong: the key's type is not the command's.
type shot struct {
	kind  string
	words []string
	wrong bool
}

// siege sends calls to a key that is made anew before each of them, in batches, and sees that every one gets one reply.
type siege struct {
	w     *watch
	c     *harness.Conn
	batch []byte
	sent  []shot
	n     int
}

// besiege begins one, with a key of each kind in database 1.
func besiege(t *testing.T) *siege {
	w := watchRedis(t)
	s := &siege{w: w, c: w.s.Dial(t)}
	s.c.Ask(harness.Command("SELECT", "1"), "+OK\r\n")
	for kind, lines := range holders() {
		for _, line := range lines {
			words := strings.Fields(line)
			for i := range words {
				if words[i] == "K" {
					words[i] = kind
				}
			}
			if r := s.c.Do(words...); r.IsError() {
				t.Fatalf("%.60s: %v", line, r)
			}
		}
	}
	return s
}

// attack queues one call against a key of a kind: it is made, called, and asked for a sign of life.
func (s *siege) attack(kind string, words []string, wrong bool) {
	s.batch = harness.AppendCommand(s.batch, []string{"DEL", "K", "D"})
	s.batch = harness.AppendCommand(s.batch, []string{"COPY", kind, "K", "REPLACE"})
	s.batch = harness.AppendCommand(s.batch, words)
	s.batch = append(s.batch, "PING\r\n"...)
	s.sent = append(s.sent, shot{kind, words, wrong})
	if s.n++; len(s.sent) == 64 || len(s.batch) > 1<<20 {
		s.flush()
	}
}

// saneReply is the longest that may come back: the longest value there is is some 70 KB, and nobody asks for more than a few of it.
const replyWait = 20 * time.Second

const saneReply = 4 << 20

func (s *siege) flush() {
	s.w.t.Helper()
	batch := string(s.batch)
	harness.Go(func() { s.c.SendAny(batch) }) // the server reads no further while its replies are not read; it ends with the last reply
	for _, shot := range s.sent {
		text := fmt.Sprintf("%s: %.300q", shot.kind, shot.words)
		for range 2 {
			if _, err := s.c.TryReply(replyWait); err != nil {
				s.w.t.Fatalf("before %s: %v", text, err)
			}
		}
		r, err := s.c.TryReply(replyWait)
		if err != nil {
			s.w.t.Fatalf("%s: no reply: %v", text, err)
		}
		if len(r.Raw) > saneReply {
			s.w.t.Errorf("%s: a reply of %d bytes", text, len(r.Raw))
		}
		if shot.wrong && !strings.HasPrefix(r.Raw, "-WRONGTYPE ") {
			s.w.t.Errorf("%s: %.200q, want the error of a wrong type", text, r.Raw)
		}
		if p, err := s.c.TryReply(replyWait); err != nil || p.Raw != "+PONG\r\n" {
			s.w.t.Fatalf("%s: got %.200q, then out of step: %v %v", text, r.Raw, p, err)
		}
	}
	s.batch, s.sent = s.batch[:0], s.sent[:0]
}

func (s *siege) end() {
	s.flush()
	s.w.t.Logf("%d calls", s.n)
	s.c.Do("FLUSHALL")
	s.w.by.Do("SET", "bystander", canary)
	s.c.Close()
	s.w.unharmed()
}

// takesSets are the commands on sorted sets that a set will do for.
var takesSets = []string{"zunion", "zinter", "zdiff", "zintercard", "zunionstore", "zinterstore", "zdiffstore"}

// TestR17EveryTypeEveryArgument makes each call on a key of each kind: as it is, with an argument too few and too many, and with each argument
// replaced by edges: many of them where the key is of the right type, some where it is not. Which ones is by chance.
func TestR17EveryTypeEveryArgument(t *testing.T) {
	s := besiege(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 17))
	for _, call := range calls(s.c) {
		words := call.words
		for _, kind := range sortedKinds() {
			right, one := call.family == "" || kindIn(kind, call.family), 24
			if right {
				one = 6
			}
			wrong := !right && kind != "nothing" && !(slices.Contains(takesSets, words[0]) && kindIn(kind, "@set"))
			s.attack(kind, words, wrong)
			s.attack(kind, words[:len(words)-1], false)
			s.attack(kind, append(slices.Clone(words), "1"), false)
			for place := 1; place < len(words); place++ {
				for _, edge := range edges {
					if r.IntN(one) > 0 {
						continue
					}
					hit := slices.Clone(words)
					hit[place] = edge
					s.attack(kind, hit, false)
				}
			}
		}
	}
	s.end()
}

func sortedKinds() (kinds []string) {
	for kind := range holders() {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return kinds
}

// TestR17RandomCalls makes calls of words by chance, good ones and edges, several wrong at once.
func TestR17RandomCalls(t *testing.T) {
	s := besiege(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 17))
	kinds, all := sortedKinds(), calls(s.c)
	for range 30_000 {
		words := slices.Clone(all[r.IntN(len(all))].words)
		for range 1 + r.IntN(3) {
			at := 1 + r.IntN(max(len(words)-1, 1))
			switch {
			case at >= len(words):
			case r.IntN(4) == 0:
				other := all[r.IntN(len(all))].words
				words = slices.Insert(words, at, other[r.IntN(len(other))])
			case r.IntN(5) == 0:
				words = slices.Delete(words, at, at+1)
			default:
				words[at] = edges[r.IntN(len(edges))]
			}
		}
		s.attack(kinds[r.IntN(len(kinds))], words, false)
	}
	s.end()
}
