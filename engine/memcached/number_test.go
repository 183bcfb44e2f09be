// Tests of number.go.

package memcached

import (
	"math"
	"strconv"
	"testing"
)

func TestParseU64(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "18446744073709551615": "18446744073709551615", "+5": "5", " 7": "7", "\t7": "7", "12\tx": "12", "12 x": "12",
		"12\x00x": "12", "007": "7", "-18446744073709551615": "1", "-0": "0",
		"": "no", "-1": "no", "x": "no", "12x": "no", "1.5": "no", "0x10": "no", "+": "no", "- 1": "no", "18446744073709551616": "no",
		"99999999999999999999999": "no", "18446744073709551620": "no", "-99999999999999999999": "no", "++1": "no",
	} {
		got := "no"
		if n, ok := parseU64([]byte(in)); ok {
			got = strconv.FormatUint(n, 10)
		}
		if got != want {
			t.Errorf("parseU64(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestParseI64(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-1": "-1", "9223372036854775807": "9223372036854775807", "-9223372036854775808": "-9223372036854775808",
		"9223372036854775808": "no", "-9223372036854775809": "no", "18446744073709551616": "no", "": "no", "-": "no", "5y": "no",
	} {
		got := "no"
		if n, ok := parseI64([]byte(in)); ok {
			got = strconv.FormatInt(n, 10)
		}
		if got != want {
			t.Errorf("parseI64(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestParseU32KeepsLowBits(t *testing.T) {
	if n, ok := parseU32([]byte("4294967297")); !ok || n != 1 {
		t.Errorf("got %d %v", n, ok)
	}
}

func TestAppendUint(t *testing.T) {
	check := func(n uint64) {
		if got, want := string(appendUint([]byte("x"), n)), "x"+strconv.FormatUint(n, 10); got != want {
			t.Errorf("appendUint(%d) = %s", n, got)
		}
	}
	for n := uint64(0); n < 12000; n++ {
		check(n)
	}
	for n := uint64(1); n < math.MaxUint64/10; n *= 10 {
		check(n - 1)
		check(n)
		check(n + 1)
		check(math.MaxUint64 / n)
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"0", "-1", "18446744073709551615", "9\t", "+3", "1x", " -2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		n, ok := parseU64(in)
		want, err := strconv.ParseUint(string(in), 10, 64)
		if err == nil && (!ok || n != want) {
			t.Errorf("%q: got %d %v, want %d", in, n, ok, want)
		}
		if ok {
			if again, same := parseU64(appendUint(nil, n)); !same || again != n {
				t.Errorf("%q: %d does not come back", in, n)
			}
		}
	})
}
