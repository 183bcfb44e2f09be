// Tests of the key choosers: each distribution is what it says, the same for every target, over the whole range.

package bench

import (
	"math"
	"testing"
)

func chooserFor(t testing.TB, dist string, n uint64, s float64, seed uint64, part, parts int) *chooser {
	t.Helper()
	c, err := newChooser(dist, n, s, seed, part, parts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestZipfFits compares drawn ranks with the exact probabilities by a chi-squared test, below, at and above the
// exponent 1 where the formulas have their singularity.
func TestZipfFits(t *testing.T) {
	const n, draws = 50, 400_000
	for _, s := range []float64{0.2, 0.5, 0.99, 1, 1.0000001, 1.2, 2, 3.5} {
		total := 0.0
		for k := 1; k <= n; k++ {
			total += math.Pow(float64(k), -s)
		}
		var seen [n]float64
		z, r := newZipf(n, s), random{state: 42}
		for range draws {
			seen[z.rank(&r)]++
		}
		chi, cells := 0.0, 0
		for k := 1; k <= n; k++ {
			want := draws * math.Pow(float64(k), -s) / total
			if want < 5 { // too few draws for the test to say anything
				continue
			}
			chi += (seen[k-1] - want) * (seen[k-1] - want) / want
			cells++
		}
		// Mean of the statistic is cells-1, its deviation sqrt(2(cells-1)); six deviations never happen by chance.
		if limit := float64(cells) + 6*math.Sqrt(2*float64(cells)); chi > limit {
			t.Errorf("s=%v: chi squared %.1f over %d cells, limit %.1f", s, chi, cells, limit)
		}
	}
}

// TestZipfOverManyKeys checks the head and the tail where ranks are numerous: shares of the first key and of the first
// hundredth of all keys.
func TestZipfOverManyKeys(t *testing.T) {
	const n, s, draws = 1_000_000, 0.99, 500_000
	total, head := 0.0, 0.0
	for k := 1; k <= n; k++ {
		total += math.Pow(float64(k), -s)
		if k == n/100 {
			head = total
		}
	}
	z, r := newZipf(n, s), random{state: 1}
	first, hundredth := 0, 0
	for range draws {
		k := z.rank(&r)
		if k >= n {
			t.Fatalf("rank %d of %d", k, n)
		}
		if k == 0 {
			first++
		}
		if k < n/100 {
			hundredth++
		}
	}
	if got, want := float64(first)/draws, 1/total; math.Abs(got-want) > 0.05*want {
		t.Errorf("first key drawn %.4f of the time, want %.4f", got, want)
	}
	if got, want := float64(hundredth)/draws, head/total; math.Abs(got-want) > 0.01*want {
		t.Errorf("first hundredth drawn %.4f of the time, want %.4f", got, want)
	}
}

func TestZipfOfFewKeys(t *testing.T) {
	for n := uint64(1); n <= 3; n++ {
		c := chooserFor(t, distZipf, n, 0.99, 1, 0, 1)
		seen := map[uint64]bool{}
		for range 1000 {
			seen[c.next()] = true
		}
		for k := range seen {
			if k >= n {
				t.Errorf("%d keys: drew %d", n, k)
			}
		}
		if len(seen) != int(n) {
			t.Errorf("%d keys: drew only %v", n, seen)
		}
	}
}

func TestSpreadIsABijection(t *testing.T) {
	for _, n := range []uint64{1, 2, 3, 4, 5, 6, 7, 16, 97, 100, 1000, 4096, 65537} {
		seen := make([]bool, n)
		s := newSpread(n)
		for k := range n {
			p := s.place(k)
			if p >= n || seen[p] {
				t.Fatalf("n=%d: %d goes to %d, out of range or taken", n, k, p)
			}
			seen[p] = true
		}
	}
	if s := newSpread(maxKeys); s.place(maxKeys-1) >= maxKeys {
		t.Error("the highest key is out of range")
	}
}

func TestUniformFits(t *testing.T) {
	const n, draws = 64, 256_000
	var seen [n]float64
	c := chooserFor(t, distUniform, n, 0, 3, 0, 1)
	for range draws {
		seen[c.next()]++
	}
	chi := 0.0
	for _, s := range seen {
		chi += (s - draws/n) * (s - draws/n) / (draws / n)
	}
	if limit := n + 6*math.Sqrt(2*n); chi > limit {
		t.Errorf("chi squared %.1f, limit %.1f", chi, limit)
	}
}

// TestPartsCoverAllKeysOnce: whatever the number of lane groups, a sequential pass meets every key once.
func TestPartsCoverAllKeysOnce(t *testing.T) {
	for _, dist := range []string{distSequential, distScattered} {
		for _, n := range []uint64{1, 7, 100, 1001} {
			for _, parts := range []int{1, 2, 3, 7} {
				if uint64(parts) > n {
					continue
				}
				seen := make([]int, n)
				for part := range parts {
					c := chooserFor(t, dist, n, 0, 1, part, parts)
					for range c.end - c.start {
						seen[c.next()]++
					}
					if first := c.next(); dist == distSequential && first != c.start {
						t.Errorf("after a pass comes %d, not %d again", first, c.start)
					}
				}
				for k, times := range seen {
					if times != 1 {
						t.Fatalf("%s, %d keys in %d parts: key %d came %d times", dist, n, parts, k, times)
					}
				}
			}
		}
	}
}

func TestSeedDecidesTheSequence(t *testing.T) {
	for _, dist := range []string{distUniform, distZipf} {
		draw := func(seed uint64, part int) (keys [20]uint64) {
			c := chooserFor(t, dist, 1<<20, 0.99, seed, part, 2)
			for i := range keys {
				keys[i] = c.next()
			}
			return keys
		}
		if draw(1, 0) != draw(1, 0) {
			t.Errorf("%s: the same seed gave other keys", dist)
		}
		if draw(1, 0) == draw(2, 0) || draw(1, 0) == draw(1, 1) {
			t.Errorf("%s: another seed or part gave the same keys", dist)
		}
	}
}

func TestChooserRefusals(t *testing.T) {
	for _, c := range []struct {
		dist string
		n    uint64
		s    float64
	}{{"normal", 10, 1}, {distZipf, 10, 0}, {distZipf, 10, -1}, {distZipf, 10, math.NaN()}, {distUniform, 0, 0}} {
		if _, err := newChooser(c.dist, c.n, c.s, 1, 0, 1); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

func BenchmarkZipf(b *testing.B) {
	c := chooserFor(b, distZipf, 1_000_000, 0.99, 1, 0, 1)
	b.ReportAllocs()
	for b.Loop() {
		c.next()
	}
}

// TestDrawnAhead: the same numbers in the same order, round and round.
func TestDrawnAhead(t *testing.T) {
	for _, dist := range []string{distZipf, distUniform, distSequential} {
		plain, err := newChooser(dist, 1000, 0.99, 7, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		ahead, err := newChooser(dist, 1000, 0.99, 7, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		ahead.drawAhead(300, nil)
		var first []uint64
		for range 300 {
			first = append(first, plain.next())
		}
		for i := range 700 {
			if got := ahead.next(); got != first[i%300] {
				t.Fatalf("%s: number %d is %d, want %d", dist, i, got, first[i%300])
			}
		}
	}
}
