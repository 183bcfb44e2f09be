// Ids as clients write them: every odd form that the original takes or refuses (checked against redis-server 7.0.15).

package redis

import (
	"math"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/stream"
)

func TestParseID(t *testing.T) {
	const most = math.MaxUint64
	for _, c := range []struct {
		in   string
		want stream.ID
		auto bool
		ok   bool
	}{
		{"5-1", stream.ID{Ms: 5, Seq: 1}, false, true}, {"5", stream.ID{Ms: 5, Seq: 9}, false, true}, {"0-0", stream.ID{}, false, true},
		{"18446744073709551615-18446744073709551615", stream.MaxID, false, true}, {"18446744073709551616-1", stream.ID{}, false, false},
		{"1-18446744073709551616", stream.ID{}, false, false}, {"99999999999999999999999-1", stream.ID{}, false, false},
		{"5-*", stream.ID{Ms: 5}, true, true}, {"5-**", stream.ID{}, false, false}, {"*", stream.ID{}, false, false}, {"*-5", stream.ID{}, false, false},
		{"", stream.ID{}, false, false}, {"-", stream.ID{}, false, false}, {"+", stream.ID{}, false, false}, {"5-", stream.ID{}, false, false}, {"-5", stream.ID{}, false, false},
		{"05-01", stream.ID{Ms: 5, Seq: 1}, false, true}, {" 5-1", stream.ID{Ms: 5, Seq: 1}, false, true}, {"\v5-\t1", stream.ID{Ms: 5, Seq: 1}, false, true}, {"5 -1", stream.ID{}, false, false},
		{"+5-+1", stream.ID{Ms: 5, Seq: 1}, false, true}, {"5--1", stream.ID{}, false, false}, {"5--01", stream.ID{Ms: 5, Seq: most}, false, true}, {"5--0", stream.ID{Ms: 5}, false, true},
		{"5\x00-1", stream.ID{Ms: 5, Seq: 9}, false, true}, {"5-1\x00junk", stream.ID{Ms: 5, Seq: 1}, false, true}, {"1-1-1", stream.ID{}, false, false}, {"0x5-1", stream.ID{}, false, false}, {"1.5-1", stream.ID{}, false, false},
		{strings.Repeat("0", 126) + "7", stream.ID{Ms: 7, Seq: 9}, false, true}, {strings.Repeat("0", 127) + "7", stream.ID{}, false, false},
	} {
		id, auto, err := parseAutoID([]byte(c.in), 9)
		if (err == nil) != c.ok || auto != c.auto || err == nil && id != c.want {
			t.Errorf("%q: %v, auto %v, %v; want %v, %v, ok %v", c.in, id, auto, err, c.want, c.auto, c.ok)
		}
	}
}

func TestParseBounds(t *testing.T) {
	for _, c := range []struct {
		in         string
		start, end stream.ID
		errs       [2]error
	}{
		{"-", stream.ID{}, stream.ID{}, [2]error{}}, {"+", stream.MaxID, stream.MaxID, [2]error{}},
		{"5", stream.ID{Ms: 5}, stream.ID{Ms: 5, Seq: math.MaxUint64}, [2]error{}}, {"(5", stream.ID{Ms: 5, Seq: 1}, stream.ID{Ms: 5, Seq: math.MaxUint64 - 1}, [2]error{}},
		{"(5-18446744073709551615", stream.ID{Ms: 6}, stream.ID{Ms: 5, Seq: math.MaxUint64 - 1}, [2]error{}},
		{"(0-0", stream.ID{Seq: 1}, stream.ID{}, [2]error{nil, errStreamEnd}}, {"(18446744073709551615-18446744073709551615", stream.ID{}, stream.ID{Ms: math.MaxUint64, Seq: math.MaxUint64 - 1}, [2]error{errStreamStart, nil}},
		{"(-", stream.ID{}, stream.ID{}, [2]error{errStreamID, errStreamID}}, {"(", stream.ID{}, stream.ID{}, [2]error{errStreamID, errStreamID}}, {"5-*", stream.ID{}, stream.ID{}, [2]error{errStreamID, errStreamID}},
	} {
		start, err1 := parseStart([]byte(c.in))
		end, err2 := parseEnd([]byte(c.in))
		if err1 != c.errs[0] || err2 != c.errs[1] || err1 == nil && start != c.start || err2 == nil && end != c.end {
			t.Errorf("%q: %v %v, %v %v", c.in, start, err1, end, err2)
		}
	}
}

// FuzzStreamID: whatever passes comes back when it is written, and is the same for all who read it.
func FuzzStreamID(f *testing.F) {
	for _, s := range []string{"5-1", "5", "-", "+", "5-*", "(5-1", " 5--01", "18446744073709551615-18446744073709551615", "5\x00-1", "+0-+0"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		id, auto, err := parseAutoID(b, 3)
		strict, err2 := parseID(b, 3)
		if (err2 == nil) != (err == nil && !auto) || err2 == nil && strict != id {
			t.Fatalf("%q: %v %v %v, but %v %v", b, id, auto, err, strict, err2)
		}
		if _, err := parseStart(b); err != nil && err2 == nil && b[0] != '(' {
			t.Fatalf("%q is an id and no start", b)
		}
		parseEnd(b)
		if err != nil {
			return
		}
		text := idWord(id)
		if back, err := parseID(text, 7); err != nil || back != id || len(text) > idDigits {
			t.Fatalf("%q gave %v, written %q, read %v %v", b, id, text, back, err)
		}
	})
}
