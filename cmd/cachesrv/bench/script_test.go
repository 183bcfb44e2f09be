// Tests of scripts: the mix they send and how they judge replies.

package bench

import (
	"math"
	"testing"
	"time"
)

func TestScriptKeepsItsWeights(t *testing.T) {
	s, err := newScript([]ask{{weight: 4, send: "A k"}, {weight: 1, send: "B k"}, {send: "C k"}, {weight: 2, send: "D k"}}, 10)
	if err != nil {
		t.Fatal(err)
	}
	r := random{state: 3}
	var count [4]float64
	const draws = 80_000
	for range draws {
		count[s.pick(&r)]++
	}
	for i, weight := range []float64{4, 1, 1, 2} {
		if share := count[i] / draws; math.Abs(share-weight/8) > 0.01 {
			t.Errorf("command %d: %.3f of all, want %.3f", i, share, weight/8)
		}
	}
}

// TestDrawnAheadIsBounded: as much as the phase may need, and nothing where no number is drawn from a curve.
func TestDrawnAheadIsBounded(t *testing.T) {
	numbered, err1 := newScript([]ask{{send: "A b"}, {send: "A {key}"}}, 10)
	bare, err2 := newScript([]ask{{send: "A {digits:3}"}}, 10)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	for _, c := range []struct {
		p    *phase
		want int
	}{
		{&phase{dist: distZipf}, 0},
		{&phase{dist: distZipf, script: bare, duration: time.Hour}, 0},
		{&phase{dist: distUniform, script: numbered, duration: time.Hour}, 0},
		{&phase{dist: distZipf, script: numbered, duration: time.Hour}, maxDrawn},
		{&phase{dist: distZipf, script: numbered, duration: time.Microsecond}, minDrawn},
		{&phase{dist: distZipf, script: numbered, duration: 10 * time.Millisecond}, drawnPerTime / 200},
	} {
		if got := c.p.drawnAhead(2); got != c.want {
			t.Errorf("%s for %v: %d, want %d", c.p.dist, c.p.duration, got, c.want)
		}
	}
}

func TestScriptRefusesAnUnknownSlot(t *testing.T) {
	if _, err := newScript([]ask{{send: "A {what}"}}, 10); err == nil {
		t.Error("it was taken")
	}
}

func TestAsksJudge(t *testing.T) {
	line := func(k kind, s string) reply { return reply{kind: k, line: []byte(s)} }
	for _, c := range []struct {
		about string
		ask   ask
		r     reply
		want  outcome
	}{
		{"an integer", ask{want: kindStatus}, line(kindStatus, ":0"), outcomeDone},
		{"an integer that is high enough", ask{want: kindStatus, least: 1}, line(kindStatus, ":1"), outcomeHit},
		{"one that is not", ask{want: kindStatus, least: 1}, line(kindStatus, ":0"), outcomeMiss},
		{"a status where a number should be", ask{want: kindStatus, least: 1}, line(kindStatus, "+OK"), outcomeWrong},
		{"an empty line", ask{want: kindStatus, least: 1}, line(kindStatus, ""), outcomeWrong},
		{"a string", ask{want: kindValue}, reply{kind: kindValue}, outcomeHit},
		{"nothing", ask{want: kindValue}, line(kindAbsent, "$-1"), outcomeMiss},
		{"no rank", ask{want: kindStatus}, line(kindAbsent, "$-1"), outcomeMiss},
		{"an array", ask{want: kindGroup}, reply{kind: kindGroup}, outcomeDone},
		{"one that is long enough", ask{want: kindGroup, least: 2}, reply{kind: kindGroup, size: 2}, outcomeHit},
		{"one that is not", ask{want: kindGroup, least: 2}, reply{kind: kindGroup, size: 1}, outcomeMiss},
		{"a string for an array", ask{want: kindGroup}, reply{kind: kindValue}, outcomeWrong},
		{"an error", ask{want: kindStatus}, line(kindError, "-ERR"), outcomeWrong},
		{"an error where anything goes", ask{want: anyReply}, line(kindError, "-ERR"), outcomeWrong},
		{"a string where anything goes", ask{want: anyReply}, reply{kind: kindValue}, outcomeHit},
		{"a status where anything goes", ask{want: anyReply}, line(kindStatus, "+OK"), outcomeDone},
	} {
		s := script{asks: []ask{c.ask}}
		if got := s.check(0, &c.r); got != c.want {
			t.Errorf("%s: outcome %d, want %d", c.about, got, c.want)
		}
	}
}

func TestWrongRepliesInWords(t *testing.T) {
	s := script{asks: []ask{{send: "HGET key:{key} f"}, {send: "PING"}}}
	for _, c := range []struct {
		row  uint8
		r    reply
		want string
	}{
		{0, reply{kind: kindError, line: []byte("-ERR no")}, `HGET key:{key} answered "-ERR no"`},
		{1, reply{kind: kindGroup, size: 3}, `PING answered an array of 3`},
		{1, reply{kind: kindValue}, `PING answered a string`},
	} {
		if got := s.describe(c.row, &c.r); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}
