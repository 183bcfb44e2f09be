// Doubles: their text as Redis 7.2 writes it, reading it back, and what counts as one.

package resp

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestAppendFloat(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "-0"}, {1, "1"}, {-17, "-17"}, {0.1, "0.1"}, {-0.25, "-0.25"}, {3.141, "3.141"}, {1e17, "100000000000000000"},
		{1 << 62, "4611686018427387904"}, {5e18, "5e+18"}, {-1e22, "-1e+22"}, {1.2345678901234568e+20, "123456789012345680000"},
		{1.5e300, "1.5e+300"}, {1e-6, "0.000001"}, {1e-7, "1e-7"}, {1.5e-7, "1.5e-7"}, {0.00123456789012, "0.00123456789012"},
		{0.0000123456789012, "1.23456789012e-5"}, {9999.123456789, "9999.123456789"}, {10000.123456789, "1.0000123456789e+4"},
		{123456.5, "123456.5"}, {123456.789012, "123456.789012"}, {5e-324, "5e-324"}, {math.MaxFloat64, "1.7976931348623157e+308"},
		{math.Inf(1), "inf"}, {math.Inf(-1), "-inf"}, {math.NaN(), "nan"}, {0.3 + 1e-17, "0.3"}, {0.30000000000000004, "0.30000000000000004"},
	} {
		if got := string(AppendFloat(nil, c.f)); got != c.want {
			t.Errorf("%v is written %q, want %q", c.f, got, c.want)
		}
	}
}

func TestFloatsComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		f := math.Float64frombits(r.Uint64())
		if r.IntN(2) == 0 {
			f = math.Round(r.NormFloat64()*1e6) / math.Pow10(r.IntN(9))
		}
		if f != f || math.IsInf(f, 0) {
			continue
		}
		b := AppendFloat(nil, f)
		if got, ok := ParseFloat(b); !ok || got != f || len(b) > longDouble {
			t.Fatalf("%v is written %q and read %v (%v)", f, b, got, ok)
		}
	}
}

func TestParseFloat(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		in    string
		want  float64
		ok    bool // as a number
		bound bool // as the end of a range
	}{
		{"1", 1, true, true}, {"-1.5", -1.5, true, true}, {"+5", 5, true, true}, {".5", .5, true, true}, {"1.", 1, true, true},
		{"1e3", 1000, true, true}, {"1e", 0, false, false}, {"1e+", 0, false, false}, {"inf", inf, true, true}, {"-Infinity", -inf, true, true},
		{"infx", 0, false, false}, {"nan", 0, false, false}, {"-nan", 0, false, false}, {"nan(1)", 0, false, false}, {"0x10", 16, true, true}, {"0X1.8p1", 3, true, true},
		{"0x", 0, false, false}, {"0x.p1", 0, false, false}, {"1e400", inf, false, true}, {"-1e400", -inf, false, true}, {"1e-400", 0, false, true},
		{"0e-400", 0, true, true}, {"0x0p5", 0, true, true}, {"5e-324", 5e-324, true, true}, {"", 0, false, true}, {" 1", 1, false, true}, {"1 ", 0, false, false},
		{" ", 0, false, false}, {"1_0", 0, false, false}, {"1\x00", 1, false, true}, {"\x001", 0, false, true}, {"--1", 0, false, false}, {"-", 0, false, false}, {"abc", 0, false, false},
		{"123456789012345678901234567890", 123456789012345678901234567890, true, true}, {"999999999999999", 999999999999999, true, true}, {"0x1p99999", inf, false, true},
	} {
		if f, ok := ParseFloat([]byte(c.in)); ok != c.ok || ok && f != c.want {
			t.Errorf("%q: %v %v, want %v %v", c.in, f, ok, c.want, c.ok)
		}
		if f, ok := ParseBound([]byte(c.in)); ok != c.bound || ok && f != c.want {
			t.Errorf("bound %q: %v %v, want %v %v", c.in, f, ok, c.want, c.bound)
		}
	}
}

func TestFloatsDoNotAllocate(t *testing.T) {
	in, out := []byte("12345.678901"), make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		f, _ := ParseFloat(in)
		out = AppendDouble(out[:0], false, f)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParseFloat(f *testing.F) {
	for _, s := range []string{"1", "-0x1.8p-3", "1e400", "infinity", "nan", " 1", "1_0", ".", "0x", "+.5e-7"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, ok := ParseFloat(b)
		want, err := strconv.ParseFloat(string(b), 64)
		if ok && err == nil && got != want {
			t.Fatalf("%q: %v, not %v", b, got, want)
		}
		if again, bound := ParseBound(b); ok && (!bound || again != got) {
			t.Fatalf("%q as a bound: %v %v", b, again, bound)
		}
	})
}
