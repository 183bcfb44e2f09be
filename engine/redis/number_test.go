// Tests of numbers as the real server reads and prints them.

package redis

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/racing"
)

func TestLong(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "1": "1", "+1": "1", "3.0e3": "3000", "10.50": "10.5", ".5": "0.5", "5.": "5", "0x10": "16", "0x1p4": "16", "0X.8": "0.5",
		"0x1.8p1": "3", "1e22": "10000000000000000000000", "0.1": "0.1", "3.14159265358979323846": "3.14159265358979324",
		"1e-17": "0.00000000000000001", "1e-18": "0", "-1e-18": "0", "inf": "+Inf", "-INFINITY": "-Inf", "010": "10",
		"1234567890123456789012345678901234567890": "1234567890123456788999898750329779388416",
	} {
		f, ok := parseLong([]byte(in))
		if !ok {
			t.Errorf("%s refused", in)
			continue
		}
		got := ""
		if f.IsInf() {
			got = f.String()
		} else {
			got = string(appendLong(nil, f))
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
	for _, in := range []string{"", " 1", "1 ", "abc", "nan", "1e", "1e+", "e5", "0x", "0xg", "1_0", "0b1", "0o7", "1e5000", "-1e5000", "1e-5000", "1e999999999999",
		"1.2.3", "--1", "1e1e1", "1p4", "1\x00", "++1", "infx", "0x1p99999", strings.Repeat("1", 5*1024)} {
		if f, ok := parseLong([]byte(in)); ok {
			t.Errorf("%.30q taken as %v", in, f)
		}
	}
}

func TestAddLong(t *testing.T) {
	big1, _ := parseLong([]byte("1e4932"))
	if _, ok := addLong(big1, big1); ok {
		t.Error("the sum is beyond the range")
	}
	inf, _ := parseLong([]byte("inf"))
	if _, ok := addLong(inf, new(big.Float)); ok {
		t.Error("infinity taken")
	}
	a, _ := parseLong([]byte("10.5"))
	b, _ := parseLong([]byte("0.1"))
	sum, ok := addLong(a, b)
	if got := string(appendLong(nil, sum)); !ok || got != "10.6" {
		t.Errorf("10.5 + 0.1 = %s", got)
	}
}

// TestHumanNumber compares the short way with the general one, and fixed digits with what C prints.
func TestHumanNumber(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for i := range racing.Times(200_000) {
		f := (r.Float64() - 0.5) * 400
		switch i % 4 {
		case 1:
			f = math.Ldexp(f, -r.IntN(160))
		case 2:
			f = math.Ldexp(float64(r.IntN(1<<20)), -r.IntN(70)) // halves are among these
		case 3:
			f = math.Float64frombits(r.Uint64()&^(0x7ff<<52) | uint64(r.IntN(1100))<<52)
		}
		want := string(appendLong(nil, new(big.Float).SetFloat64(f)))
		if got := string(appendHuman([]byte("00"), f)); got != "00"+want {
			t.Fatalf("%v: got %s, want %s", f, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0.0000", 1: "0.0001", -1: "-0.0001", 1662741516: "166274.1516", math.MinInt64: "-922337203685477.5808"} {
		if got := string(appendFixed(nil, n, 4)); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func FuzzLong(f *testing.F) {
	for _, s := range []string{"1.5", "-0x1.8p-3", "1e400", "inf", "5.e3", ".e"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, ok := parseLong(in)
		if !ok || v.IsInf() {
			return
		}
		if again, ok := parseLong(appendLong(nil, v)); v.Sign() != 0 && v.MantExp(nil) > 0 && v.MantExp(nil) < 4000 && (!ok || again.Cmp(v) != 0 && v.IsInt()) {
			t.Fatalf("%q: %v printed and read is %v", in, v, again)
		}
	})
}
