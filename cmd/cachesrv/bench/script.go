// Scripts: the commands that one phase of a workload sends, in which mix, and what their replies should be.

package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// ask is one command of a workload and the reply it should have.
type ask struct {
	weight int    // how often, beside the others; 0 counts as 1
	send   string // the command, as phrase.go describes it; its second word is the key
	want   kind   // of the reply; nothing at all is a miss for every kind
	least  int    // an integer below this, or an array with fewer elements, is a miss
}

// anyReply is the want of an ask that is content with everything but an error.
const anyReply = kind(255)

// script is the commands of a phase. Read-only while the phase runs.
type script struct {
	asks    []ask
	phrases []*phrase
	upTo    []uint32 // of 2^32: which command a random number means
}

// newScript makes asks ready for numbers in [0, n).
func newScript(asks []ask, n uint64) (*script, error) {
	s := &script{asks: asks}
	sum := 0
	for _, a := range asks {
		t, err := newPhrase(a.send, n)
		if err != nil {
			return nil, err
		}
		s.phrases = append(s.phrases, t)
		sum += max(a.weight, 1)
	}
	so := 0
	for _, a := range asks {
		so += max(a.weight, 1)
		s.upTo = append(s.upTo, uint32(min(uint64(so)*(1<<32)/uint64(sum), math.MaxUint32)))
	}
	return s, nil
}

// numbered reports whether any command has a number in it.
func (s *script) numbered() bool {
	return slices.ContainsFunc(s.phrases, func(p *phrase) bool { return p.numbered })
}

// pick chooses the next command.
func (s *script) pick(r *random) uint8 {
	if len(s.asks) == 1 {
		return 0
	}
	x := uint32(r.next() >> 32)
	row := 0
	for x >= s.upTo[row] && row < len(s.upTo)-1 {
		row++
	}
	return uint8(row)
}

// next adds the next command to dst and says which it was.
func (s *script) next(dst []byte, c *chooser, r *random) ([]byte, request) {
	return s.append(dst, request{row: s.pick(r)}, c, r)
}

// append adds the command of q.row to dst and draws its number.
func (s *script) append(dst []byte, q request, c *chooser, r *random) ([]byte, request) {
	t := s.phrases[q.row]
	if t.numbered { // a draw costs as much as the rest
		q.key = uint32(c.next())
	}
	return t.append(dst, uint64(q.key), r), q
}

// check judges the reply to command number row.
func (s *script) check(row uint8, r *reply) outcome {
	a := &s.asks[row]
	switch {
	case r.kind == kindAbsent:
		return outcomeMiss
	case r.kind == kindError, r.kind != a.want && a.want != anyReply:
		return outcomeWrong
	case r.kind == kindValue:
		return outcomeHit
	case a.least == 0:
		return outcomeDone
	}
	n := r.size
	if r.kind == kindStatus {
		number, ok := 0, false
		if len(r.line) > 1 {
			number, ok = decimal(r.line[1:])
		}
		if !ok {
			return outcomeWrong
		}
		n = number
	}
	if n < a.least {
		return outcomeMiss
	}
	return outcomeHit
}

// describe words a wrong reply for the report.
func (s *script) describe(row uint8, r *reply) string {
	words := strings.SplitN(s.asks[row].send, " ", 3)
	what := fmt.Sprintf("%.100q", r.line)
	switch r.kind {
	case kindGroup:
		what = fmt.Sprintf("an array of %d", r.size)
	case kindValue:
		what = "a string"
	}
	return strings.Join(words[:min(2, len(words))], " ") + " answered " + what
}
