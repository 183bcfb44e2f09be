// Pub/sub with several clients: after every line of a transcript each of them must have got the same bytes from both servers.

package diff

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// pubsubTranscripts are lines of a client's name and its commands; "a: -" opens a connection anew. Nobody publishes to itself with RESP3, where
// 7.0 sends the message before the reply and 7.2 behind it.
var pubsubTranscripts = map[string]string{
	"channels": `a: SUBSCRIBE x y x
b: SUBSCRIBE x
c: PUBLISH x one
c: PUBLISH y two
c: PUBLISH z three
c: PUBSUB CHANNELS x
c: PUBSUB NUMSUB x y z
a: UNSUBSCRIBE x
c: PUBLISH x four
a: UNSUBSCRIBE nosuch y
a: GET k
b: -
c: PUBLISH x five
c: PUBSUB CHANNELS`,
	"patterns": `a: PSUBSCRIBE n?ws h[^a]llo w\* n?ws
a: SUBSCRIBE news
b: PSUBSCRIBE news
c: PUBLISH news one
c: PUBLISH hello two
c: PUBLISH hallo three
c: PUBLISH w* four
c: PUBLISH ws five
b: PUNSUBSCRIBE
c: PUBSUB NUMPAT
a: PUNSUBSCRIBE h[^a]llo nosuch
a: PUNSUBSCRIBE n?ws
a: PUNSUBSCRIBE
c: PUBLISH news z`,
	"shards": `a: SSUBSCRIBE x
a: SUBSCRIBE x
c: SPUBLISH x one
c: PUBLISH x two
c: PUBSUB SHARDCHANNELS
c: PUBSUB SHARDNUMSUB x y
a: SUNSUBSCRIBE y x
a: SUNSUBSCRIBE
a: UNSUBSCRIBE
a: PING`,
	"subscribed mode": `a: SUBSCRIBE x
a: GET k
a: MULTI
a: PUBLISH x y
a: PING
a: PING hello
a: PING too many
a: NOSUCH
a: SUBSCRIBE
a: HELLO 3
a: CLIENT LIST
a: RESET
a: SET k v
c: PUBLISH x nobody`,
	"RESP3": `a: HELLO 3
a: SUBSCRIBE x y
a: PSUBSCRIBE x*
a: SSUBSCRIBE x
c: PUBLISH x one
c: SPUBLISH x two
a: SET k v
a: PING
a: UNSUBSCRIBE x
a: UNSUBSCRIBE
a: UNSUBSCRIBE
a: PUNSUBSCRIBE
a: SUNSUBSCRIBE nosuch`,
	"transactions": `b: SUBSCRIBE x
a: MULTI; SUBSCRIBE x; PING; UNSUBSCRIBE x; PUBLISH x one; SPUBLISH x one; EXEC
c: PUBLISH x two
a: MULTI; PUBSUB NUMSUB x; PSUBSCRIBE a; EXEC
a: GET k
b: MULTI; EXEC`,
	"events": `c: CONFIG SET notify-keyspace-events KEA
a: PSUBSCRIBE __key*__:*
c: SET k v EX 100
c: RPUSH l 1 2
c: LPOP l 2
c: MOVE k 1
c: CONFIG SET notify-keyspace-events Kg
c: DEL k
c: SELECT 1
c: DEL k
c: SET k v PX 100000
c: PERSIST k
c: RENAME k k2
c: CONFIG GET notify-keyspace-events
c: CONFIG SET notify-keyspace-events Kq
c: CONFIG SET notify-keyspace-events ""
c: DEL k2`,
	"asking": `c: PUBSUB
c: PUBSUB NOSUCH
c: PUBSUB CHANNELS a b
c: PUBSUB NUMPAT a
c: PUBSUB NUMSUB
c: PUBSUB SHARDNUMSUB
c: PUBSUB SHARDCHANNELS a b
c: PUBLISH a
c: SPUBLISH a b c
c: COMMAND GETKEYS SPUBLISH a b
c: COMMAND COUNT x`,
}

func TestPubSubTranscripts(t *testing.T) {
	ours, theirs := harness.Redis(t), harness.OracleRedis(t)
	for name, text := range pubsubTranscripts {
		t.Run(name, func(t *testing.T) {
			a, b := newTroupe(t, ours), newTroupe(t, theirs)
			for i, line := range strings.Split(text, "\n") {
				who, command, _ := strings.Cut(line, ": ")
				x, y := a.play(who, command), b.play(who, command)
				if x != y {
					t.Errorf("line %d, %s\n  ours:   %q\n  theirs: %q", i+1, line, x, y)
				}
			}
		})
	}
}

// troupe is the clients of a transcript on one server.
type troupe struct {
	t     *testing.T
	s     *harness.Server
	conns map[string]*harness.Conn
	turn  int
}

func newTroupe(t *testing.T, s *harness.Server) *troupe {
	s.Dial(t).Do("FLUSHALL")
	tr := &troupe{t: t, s: s, conns: map[string]*harness.Conn{}}
	for _, who := range []string{"a", "b", "c"} {
		tr.conns[who] = s.Dial(t)
	}
	return tr
}

// play sends one line, and gives what every client got until it has answered a PING sent behind it.
func (tr *troupe) play(who, command string) string {
	if command == "-" {
		tr.conns[who].Close()
		tr.conns[who] = tr.s.Dial(tr.t)
	} else {
		for request := range strings.SplitSeq(command, "; ") {
			words := strings.Fields(request)
			for i := range words {
				words[i] = strings.Trim(words[i], `"`)
			}
			tr.conns[who].Send(harness.Command(words...))
		}
	}
	var all strings.Builder
	for _, name := range []string{who, "a", "b", "c"} { // who spoke has been served when the others are asked
		fmt.Fprintf(&all, "%s:%s ", name, tr.until(tr.conns[name]))
	}
	return all.String()
}

func (tr *troupe) until(c *harness.Conn) string {
	tr.turn++
	token := fmt.Sprint("turn ", tr.turn)
	c.Send(harness.Command("PING", token))
	var got strings.Builder
	for {
		r := c.Reply()
		if r.Str == token || len(r.Elems) == 2 && r.Elems[0].Str == "pong" && r.Elems[1].Str == token {
			return got.String()
		}
		if r.Kind == '%' { // HELLO's, which names the version
			continue
		}
		got.WriteString(r.Raw)
	}
}
