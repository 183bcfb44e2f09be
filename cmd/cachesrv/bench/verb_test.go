// Tests of the verb rows: the bytes they send and how they judge replies.

package bench

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"
)

func TestEncodings(t *testing.T) {
	k := keysFor(t, 100, 6, 3, 3)
	v := string(k.appendValue(nil, 7, 1))
	now := time.Unix(1_700_000_000, 0)
	for _, c := range []struct {
		e    expiry
		resp string
		text string
		meta string // V: the value
	}{
		{expiry{}, "*3\r\n$3\r\nSET\r\n$6\r\nkey:07\r\n$3\r\n" + v + "\r\n", "set key:07 0 0 3\r\n" + v + "\r\n", "ms key:07 3\r\nV\r\n"},
		{expiry{after: 90 * time.Second}, "*5\r\n$3\r\nSET\r\n$6\r\nkey:07\r\n$3\r\n" + v + "\r\n$2\r\nEX\r\n$2\r\n90\r\n", "set key:07 0 90 3\r\n" + v + "\r\n", "ms key:07 3 T90\r\nV\r\n"},
		{expiry{after: 31 * 24 * time.Hour}, "*5\r\n$3\r\nSET\r\n$6\r\nkey:07\r\n$3\r\n" + v + "\r\n$2\r\nEX\r\n$7\r\n2678400\r\n",
			"set key:07 0 1702678400 3\r\n" + v + "\r\n", "ms key:07 3 T1702678400\r\nV\r\n"},
		{expiry{at: now.Add(time.Minute)}, "*5\r\n$3\r\nSET\r\n$6\r\nkey:07\r\n$3\r\n" + v + "\r\n$4\r\nEXAT\r\n$10\r\n1700000060\r\n",
			"set key:07 0 1700000060 3\r\n" + v + "\r\n", "ms key:07 3 T1700000060\r\nV\r\n"},
	} {
		q := newRequests(k, c.e, false, now)
		if got := string(verbs[rowSet].codecs[protoRedis].encode(nil, q, 7, 1)); got != c.resp {
			t.Errorf("%+v: %q, want %q", c.e, got, c.resp)
		}
		if got := string(verbs[rowSet].codecs[protoText].encode(nil, q, 7, 1)); got != c.text {
			t.Errorf("%+v: %q, want %q", c.e, got, c.text)
		}
		if got := string(verbs[rowGet].codecs[protoRedis].encode(nil, q, 7, 1)); got != "*2\r\n$3\r\nGET\r\n$6\r\nkey:07\r\n" {
			t.Errorf("GET: %q", got)
		}
		if got := string(verbs[rowGet].codecs[protoText].encode(nil, q, 7, 1)); got != "get key:07\r\n" {
			t.Errorf("get: %q", got)
		}
		if got, want := string(verbs[rowSet].codecs[protoMeta].encode(nil, q, 7, 1)), strings.Replace(c.meta, "V", v, 1); got != want {
			t.Errorf("ms: %q, want %q", got, want)
		}
		if got := verbs[rowSet].codecs[protoBinary].encode(nil, q, 7, 1); binary.BigEndian.Uint32(got[28:]) != q.expiry || string(got[32:]) != "key:07"+v || got[11] != byte(len(got)-24) {
			t.Errorf("binary set: %q", got)
		}
	}
}

func TestEveryRowIsWhole(t *testing.T) {
	if len(verbs) > len(laneGroup{}.codecs) {
		t.Fatal("more rows than a lane group has room for")
	}
	seen := map[string]bool{}
	for _, w := range verbs {
		if w.name == "" || seen[w.name] {
			t.Errorf("row %q: the name is missing or taken", w.name)
		}
		seen[w.name] = true
		for p, c := range w.codecs {
			if c.encode == nil || c.check == nil {
				t.Errorf("row %s misses a function for %v", w.name, protocol(p))
			}
		}
	}
	if verbs[rowGet].name != "get" || verbs[rowSet].name != "set" || verbs[rowMultiGet].name != "multi-get" {
		t.Error("the row numbers are not those of the rows")
	}
}

func TestJudgement(t *testing.T) {
	k := keysFor(t, 100, 6, 20, 20)
	good := k.appendValue(nil, 7, 1)
	for _, c := range []struct {
		about  string
		row    int
		proto  protocol
		verify bool
		r      reply
		want   outcome
	}{
		{"a value", rowGet, protoRedis, true, reply{kind: kindValue, body: good}, outcomeHit},
		{"another key's value", rowGet, protoRedis, true, reply{kind: kindValue, body: k.appendValue(nil, 8, 1)}, outcomeMismatch},
		{"the same unverified", rowGet, protoRedis, false, reply{kind: kindValue}, outcomeHit},
		{"nothing", rowGet, protoRedis, true, reply{kind: kindAbsent}, outcomeMiss},
		{"an error to a read", rowGet, protoText, true, reply{kind: kindError, line: []byte("ERROR")}, outcomeWrong},
		{"a status to a read", rowGet, protoRedis, true, reply{kind: kindStatus, line: []byte("+OK")}, outcomeWrong},
		{"OK", rowSet, protoRedis, true, reply{kind: kindStatus, line: []byte("+OK")}, outcomeDone},
		{"OKAY", rowSet, protoRedis, true, reply{kind: kindStatus, line: []byte("+OKAY")}, outcomeWrong},
		{"nil to a write", rowSet, protoRedis, true, reply{kind: kindAbsent, line: []byte("$-1")}, outcomeWrong},
		{"out of memory", rowSet, protoRedis, true, reply{kind: kindError, line: []byte("-OOM")}, outcomeWrong},
		{"STORED", rowSet, protoText, true, reply{kind: kindStatus, line: []byte("STORED")}, outcomeDone},
		{"NOT_STORED", rowSet, protoText, true, reply{kind: kindStatus, line: []byte("NOT_STORED")}, outcomeWrong},
	} {
		q := newRequests(k, expiry{}, c.verify, time.Now())
		if got := verbs[c.row].codecs[c.proto].check(q, 7, &c.r); got != c.want {
			t.Errorf("%s: outcome %d, want %d", c.about, got, c.want)
		}
	}
}

// TestBatchesAllocateNothing: filling a batch and taking its replies, once warm.
func TestBatchesAllocateNothing(t *testing.T) {
	for _, proto := range []protocol{protoRedis, protoText, protoMeta, protoBinary} {
		g := newLaneGroup(&target{proto: proto}, 1, true)
		k := keysFor(t, 1000, 16, 10, 50)
		p := &phase{shape: newRequests(k, expiry{after: time.Hour}, true, time.Now()), dist: distZipf, zipfS: 0.99, keys: 1000, seed: 1,
			setShare: setShareOf(1, 2), freshVersions: true, pipeline: 16, deadline: 1 << 62}
		if err := g.begin(p, 0, 1, 0); err != nil {
			t.Fatal(err)
		}
		l := &g.lanes[0]
		value := string(k.appendValue(nil, 0, 0))
		var replies []byte
		batch := func() {
			g.fill(l, 0)
			replies = replies[:0]
			for _, q := range l.batch {
				replies = appendReply(replies, proto, q, value)
			}
			if idle, err := g.receive(l, replies, 5000); err != nil || !idle {
				t.Fatalf("idle %v, err %v", idle, err)
			}
		}
		for range 200 { // growing buffers, and describing the first wrong value
			batch()
		}
		if n := testing.AllocsPerRun(500, batch); n != 0 {
			t.Errorf("%v: %v allocations per batch", proto, n)
		}
		if g.tally.done != g.issued || g.tally.hits == 0 || g.tally.wrong != 0 || g.tally.mismatched == 0 {
			t.Errorf("%v: tally %+v", proto, g.tally)
		}
		if !strings.HasPrefix(g.tally.firstWrong, "get key:") {
			t.Errorf("%v: first wrong reply %q", proto, g.tally.firstWrong)
		}
	}
}

// appendReply answers a request; every key gets the value of key 0, so nearly all fail the check.
func appendReply(dst []byte, proto protocol, q request, value string) []byte {
	switch {
	case proto == protoMeta && q.row == rowSet:
		return append(dst, "HD\r\n"...)
	case proto == protoMeta && q.key%7 == 6:
		return append(dst, "EN\r\n"...)
	case proto == protoMeta:
		dst = append(append(dst, "VA "...), byte('0'+len(value)/10), byte('0'+len(value)%10))
		return append(append(append(dst, "\r\n"...), value...), "\r\n"...)
	case proto == protoBinary && q.row == rowSet:
		dst = appendHeader(dst, opSet, 0, 0, 0)
		dst[len(dst)-frameHeader] = replyMagic
		return dst
	case proto == protoBinary:
		dst = appendHeader(dst, opGet, 0, 0, len(value))
		dst[len(dst)-frameHeader] = replyMagic
		if q.key%7 == 6 {
			dst[len(dst)-frameHeader+7] = notFound
		}
		return append(dst, value...)
	case proto == protoRedis && q.row == rowSet:
		return append(dst, "+OK\r\n"...)
	case q.row == rowSet:
		return append(dst, "STORED\r\n"...)
	case q.key%7 == 6:
		if proto == protoRedis {
			return append(dst, "$-1\r\n"...)
		}
		return append(dst, "END\r\n"...)
	case proto == protoRedis:
		dst = append(append(dst, '$', byte('0'+len(value)/10), byte('0'+len(value)%10)), "\r\n"...)
		return append(append(dst, value...), "\r\n"...)
	}
	dst = append(append(dst, "VALUE k 0 "...), byte('0'+len(value)/10), byte('0'+len(value)%10))
	dst = append(append(dst, "\r\n"...), value...)
	return append(dst, "\r\nEND\r\n"...)
}
