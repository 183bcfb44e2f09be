// Several clients at once, some of them blocked: what each of them gets, compared step by step.

package diff

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// A step of the original is over when nothing has come for this long; ours then has to give the same, however long that takes.
const blockingQuiet = 6 * time.Millisecond

// blockingKeys: l1 and l2 are lists only, since 7.2 runs a command of several keys again where 7.0 takes what woke it up; l3 may be anything.
var blockingKeys = word("l1", "l2", "l3", "l3")

var blockingLines = []gen{
	seq(word("BLPOP", "BRPOP"), one(word("l1", "l2", "l3"), lit("l1", "l2"), lit("l2", "l1")), lit("0")),
	seq(lit("BLMOVE"), word("l1", "l2", "l3"), blockingKeys, word("LEFT", "RIGHT"), word("LEFT", "RIGHT"), lit("0")),
	seq(lit("BRPOPLPUSH"), word("l1", "l2", "l3"), blockingKeys, lit("0")),
	seq(lit("BLMPOP", "0", "2", "l2", "l1"), word("LEFT", "RIGHT"), lit("COUNT", "2")),
	seq(word("BZPOPMIN", "BZPOPMAX"), word("z1", "z2", "l3"), lit("0")),
	seq(lit("BZMPOP", "0", "2", "z1", "z2"), word("MIN", "MAX"), lit("COUNT", "2")),
	seq(lit("XREAD", "BLOCK", "0", "STREAMS"), word("s1", "l3"), word("$", "0", "5")),
}

var changingLines = []gen{
	seq(word("RPUSH", "LPUSH"), blockingKeys, rep(1, 3, word("a", "b", "c"))), seq(word("RPUSH", "LPUSH"), blockingKeys, word("d", "e")),
	seq(lit("ZADD"), word("z1", "z2", "l3"), lit("1", "m"), maybe(lit("2", "n"))), seq(lit("DEL"), word("l1", "l2", "l3", "z1", "s1")),
	seq(lit("SET", "l3", "text")), seq(word("RENAME"), word("l1", "l2"), word("l2", "l1")), seq(lit("COPY", "z1", "z2", "REPLACE")),
	seq(lit("LMOVE"), word("l1", "l2"), word("l2", "l1"), lit("LEFT", "LEFT")), seq(lit("XADD", "s1"), word("*"), lit("f", "v")),
	seq(lit("LRANGE"), word("l1", "l2"), lit("0", "-1")), seq(lit("FLUSHALL")),
}

// party is the clients of one server. said is what came to each and was not compared yet.
type party struct{ conns [5]*harness.Conn }

func (p *party) quiet() (said [5]string) {
	for i, c := range p.conns {
		said[i], _ = c.Drain(blockingQuiet)
	}
	return said
}

func TestBlockingTranscripts(t *testing.T) {
	s := newSource(seed(t))
	ours, theirs := harness.Redis(t), harness.OracleRedis(t)
	for scene := range 8 {
		var a, b party
		for i := range a.conns {
			a.conns[i], b.conns[i] = ours.Dial(t), theirs.Dial(t)
		}
		a.conns[4].Do("FLUSHALL")
		b.conns[4].Do("FLUSHALL")
		var story []string
		var blocked [5]bool
		for range 14 {
			who := s.IntN(5)
			line := one(changingLines...)(s)
			if free := slices.Index(blocked[:4], false); free >= 0 && s.chance(2) {
				who, line = free, one(blockingLines...)(s)
			} else if who = 4; s.chance(8) {
				line = []string{"PING"}
			}
			if i := slices.Index(line, "*"); i > 0 && line[0] == "XADD" {
				line = slices.Clone(line)
				line[i] = fmt.Sprintf("%d-1", len(story)+1)
			}
			story = append(story, fmt.Sprintf("%d: %s", who, strings.Join(line, " ")))
			b.conns[who].Send(harness.Command(line...))
			want := b.quiet()
			a.conns[who].Send(harness.Command(line...))
			blocked[who] = true
			for i, c := range a.conns {
				if want[i] == "" {
					continue
				}
				blocked[i] = false
				c.SetReadDeadline(time.Now().Add(replyLimit))
				got := make([]byte, len(want[i]))
				for n := 0; n < len(got); {
					k, err := c.R.Read(got[n:])
					if n += k; err != nil {
						got = got[:n]
						break
					}
				}
				if string(got) != want[i] {
					t.Fatalf("scene %d, client %d got %q, the original gives %q\n%s", scene, i, got, want[i], strings.Join(story, "\n"))
				}
			}
		}
		for i, more := range a.quiet() {
			if more != "" {
				t.Errorf("scene %d, client %d got %q, the original nothing\n%s", scene, i, more, strings.Join(story, "\n"))
			}
		}
		for i := range a.conns {
			a.conns[i].Close()
			b.conns[i].Close()
		}
	}
	c := ours.Dial(t)
	for end := time.Now().Add(replyLimit); ; { // the server learns soon that the last ones have gone
		got := c.Do("INFO", "clients").Str
		if strings.Contains(got, "\nblocked_clients:0\r\n") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("somebody is still blocked: %s", got)
		}
	}
}
