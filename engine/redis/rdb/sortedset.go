// Sorted sets.

package rdb

import (
	"bytes"
	"errors"
	"math"
)

// Scores takes the members of a sorted set with their scores, in any order.
type Scores interface {
	Score(member []byte, score float64) error
}

var (
	errScore = errors.New("a score that is no number")
	errOrder = errors.New("packed elements that are not in order")
)

func (d *Decoder) checkSortedSet(r *reader) {
	check := checkScores{d: d}
	d.same = d.kind == KindZsetListpack
	d.walkSortedSet(r, &check)
	d.checked(r)
}

// SortedSet gives the members of a sorted set to a sink.
func (d *Decoder) SortedSet(to Scores) error {
	r := &reader{b: d.b}
	d.walkSortedSet(r, to)
	return d.walked(r)
}

func (d *Decoder) walkSortedSet(r *reader, to Scores) {
	c := d.open(r, 2)
	for c.more() {
		member := c.next(&d.first)
		var score float64
		switch {
		case d.kind == KindZset:
			score = r.score()
		case d.kind == KindZset2:
			score = r.double()
		case !c.more():
			r.fail("a member without a score")
		default:
			var ok bool
			if score, ok = parseScore(c.next(&d.second)); !ok {
				r.fail(errScore.Error())
			}
		}
		if !r.ok() || !d.give(to.Score(member, score)) {
			return
		}
	}
	d.same = d.same && !c.odd
}

// checkScores is the sink of the check. What is packed must be in order, as those who search it rely on.
type checkScores struct {
	d      *Decoder
	member []byte
	score  float64
}

func (c *checkScores) Score(member []byte, score float64) error {
	d := c.d
	switch packed := d.kind.form() != texts; {
	case math.IsNaN(score):
		return errScore
	case packed && d.n > 0 && (score < c.score || score == c.score && bytes.Compare(member, c.member) < 0):
		return errOrder
	case !d.seen.add(member):
		return errTwice
	case packed:
		c.member, c.score = append(c.member[:0], member...), score
	}
	d.n++
	return nil
}
