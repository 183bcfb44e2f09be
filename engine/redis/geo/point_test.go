// Tests of points and their scores, against what the real server makes of them.

package geo

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestScore(t *testing.T) {
	for _, x := range []struct {
		p     Point
		score float64
		text  string
	}{
		{Point{13.361389, 38.115556}, 3479099956230698, "sqc8b49rny0"},
		{Point{15.087269, 37.502669}, 3479447370796909, "sqdtr74hyu0"},
		{Point{0, 0}, 3377699720527872, "s0000000000"},
		{Point{-180, -85.05112878}, 0, "00bh0hbj200"},
		{Point{180, 85.05112878}, 3 << 52, "bp05b5048p0"},
	} {
		if got := x.p.Score(); got != x.score {
			t.Errorf("%v: score %.0f, want %.0f", x.p, got, x.score)
		}
		if got := string(AppendText(nil, x.score)); got != x.text {
			t.Errorf("%v: text %s, want %s", x.p, got, x.text)
		}
	}
}

// TestScoreThereAndBack: the point of a score is in the middle of its cell, and has that score.
func TestScoreThereAndBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 10000 {
		p := Point{r.Float64()*360 - 180, (r.Float64()*2 - 1) * MaxLat}
		q := FromScore(p.Score())
		if math.Abs(p.Lon-q.Lon) > 360/float64(1<<steps) || math.Abs(p.Lat-q.Lat) > 171/float64(1<<steps) {
			t.Fatalf("%v comes back as %v", p, q)
		}
		if q.Score() != p.Score() {
			t.Fatalf("%v: score %f, then %f", p, p.Score(), q.Score())
		}
	}
}

func TestValid(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, p := range []Point{{180.1, 0}, {-181, 0}, {0, 85.06}, {0, -90}, {nan, 0}, {0, nan}, {inf, 0}, {0, -inf}} {
		if p.Valid() {
			t.Errorf("%v is valid", p)
		}
	}
	if !(Point{-180, MaxLat}).Valid() {
		t.Error("a corner of the map is not valid")
	}
}

// FuzzFromScore: any number, also one that ZADD put there, is a valid point with a text and an integer.
func FuzzFromScore(f *testing.F) {
	for _, s := range []float64{0, -1, 1 << 52, 1<<64 - 1, 1e300, math.Inf(1), math.Inf(-1), -1e-300, 3479099956230698.5, -(1 << 63)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, score float64) {
		p := FromScore(score)
		if !p.Valid() {
			t.Fatalf("%v: %v is not on the map", score, p)
		}
		text := AppendText(nil, score)
		if len(text) != TextLength || strings.Trim(string(text), alphabet) != "" {
			t.Fatalf("%v: text %q", score, text)
		}
		if score >= 0 && score < 1<<52 && p.Score() != math.Trunc(score) {
			t.Fatalf("%v: the point's score is %v", score, p.Score())
		}
		if n := HashOf(score); score > -(1<<53) && score < 1<<53 && float64(n) != math.Trunc(score) {
			t.Fatalf("%v: shown as %d", score, n)
		}
	})
}
