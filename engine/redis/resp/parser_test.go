// Tests of the parser: limits and errors, and that it does not matter how the bytes arrive.

package resp

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

var open = Limits{MaxBulk: 512 << 20}

// all parses everything in in, which may end in an incomplete request, and lists the requests.
func all(p *Parser, in []byte, lim *Limits) (list []string, rest []byte, err error) {
	var args [][]byte
	for {
		var n int
		args, n, err = p.Next(in, args, lim)
		if err != nil || n == 0 {
			return list, in, err
		}
		if len(args) > 0 {
			list = append(list, fmt.Sprintf("%q", args))
		}
		in = in[n:]
	}
}

func TestParserErrors(t *testing.T) {
	long := strings.Repeat("1", 70_000)
	locked := Limits{MaxBulk: 512 << 20, Unauthent: true}
	for _, c := range []struct {
		in   string
		lim  *Limits
		want string
	}{
		{"*3000000000\r\n", &open, ErrCount.Error()},
		{"*2147483648\r\n", &open, ErrCount.Error()},
		{"*abc\r\n", &open, ErrCount.Error()},
		{"*+1\r\n", &open, ErrCount.Error()},
		{"*\r\n", &open, ErrCount.Error()},
		{"*1 \r\n", &open, ErrCount.Error()},
		{"*01\r\n", &open, ErrCount.Error()},
		{"*" + long, &open, ErrCountTooBig.Error()},
		{"*\x00" + long, &open, ErrCountTooBig.Error()},
		{"*1\r\n$" + long, &open, ErrBulkLenTooBig.Error()},
		{"*1\r\n$\x00" + long, &open, ErrBulkLenTooBig.Error()},
		{"*1\r\n$-10\r\n", &open, ErrBulkLen.Error()},
		{"*1\r\n$-1\r\n", &open, ErrBulkLen.Error()},
		{"*1\r\n$2000000000\r\n", &open, ErrBulkLen.Error()},
		{"*1\r\n$536870913\r\n", &open, ErrBulkLen.Error()},
		{"*1\r\n$blabla\r\n", &open, ErrBulkLen.Error()},
		{"*1\r\nfoo\r\n", &open, "expected '$', got 'f'"},
		{"*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n", &open, "expected '$', got 'f'"},
		{"*1\r\n\r\n", &open, "expected '$', got ' '"},
		{"*11\r\n", &locked, ErrCountUnauth.Error()},
		{"*1\r\n$16385\r\n", &locked, ErrBulkUnauth.Error()},
		{strings.Repeat("a", 65537), &open, ErrInlineTooBig.Error()},
		{"\x00" + strings.Repeat("A", 65537), &open, ErrInlineTooBig.Error()},
		{"set \"a\r\n", &open, ErrQuotes.Error()},
		{"set 'a'b\r\n", &open, ErrQuotes.Error()},
		{"set \"a\"b\r\n", &open, ErrQuotes.Error()},
	} {
		_, _, err := all(new(Parser), []byte(c.in), c.lim)
		if err == nil || err.Error() != c.want {
			t.Errorf("%.40q: got %v, want %s", c.in, err, c.want)
		}
	}
}

func TestParserWithinLimits(t *testing.T) {
	for _, in := range []string{
		"*2147483647\r\n", "*1000000\r\n$536870912\r\nabc", "*1\r\n$536870912\r\n", "*10", "*", "$5", strings.Repeat("a", 65536), "*1\r\n$",
		"*1\r\nfoo", // the wrong byte is only an error with its line
	} {
		p := new(Parser)
		list, rest, err := all(p, []byte(in), &open)
		if err != nil || len(list) != 0 || string(rest) != in {
			t.Errorf("%.40q: %q %v", in, list, err)
		}
	}
	locked := Limits{MaxBulk: 1 << 20, Unauthent: true}
	in := "*10\r\n" + strings.Repeat("$1\r\na\r\n", 9) + "$16384\r\n" + strings.Repeat("x", 16384) + "\r\n"
	if list, _, err := all(new(Parser), []byte(in), &locked); err != nil || len(list) != 1 {
		t.Errorf("at the limits: %d requests, %v", len(list), err)
	}
}

// TestParserAnnouncedLengths: what a header announces costs nothing before it arrives.
func TestParserAnnouncedLengths(t *testing.T) {
	for _, in := range []string{"*2147483647\r\n", "*1000000\r\n$536870912\r\n"} {
		p := new(Parser)
		var args [][]byte
		n := testing.AllocsPerRun(10, func() { args, _, _ = p.Next([]byte(in), args, &open) })
		if n > 1 || cap(args) > 16 { // one: the conversion of in
			t.Errorf("%q: %v allocations, room for %d arguments", in, n, cap(args))
		}
	}
}

func TestParserWant(t *testing.T) {
	p := new(Parser)
	p.Next([]byte("*2\r\n$3\r\nGET\r\n$100000\r\nabc"), nil, &open)
	if want := len("*2\r\n$3\r\nGET\r\n$100000\r\n") + 100002; p.Want() != want {
		t.Errorf("wants %d, should %d", p.Want(), want)
	}
	p.Next([]byte("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"), nil, &open)
	if p.Want() != 0 {
		t.Errorf("wants %d after a whole request", p.Want())
	}
}

func TestParserEmptyRequests(t *testing.T) {
	got, rest, err := all(new(Parser), []byte("*0\r\n\r\n\n*-1\r\n*-10\r\n*1\r\n$4\r\nPING\r\n*0\r\n"), &open)
	if err != nil || len(rest) != 0 || len(got) != 1 || got[0] != `["PING"]` {
		t.Errorf("%q %q %v", got, rest, err)
	}
}

// stream makes random requests and what they should be parsed to.
func stream(rnd *rand.Rand) (in []byte, want []string) {
	for range 1 + rnd.IntN(6) {
		n := 1 + rnd.IntN(4)
		if rnd.IntN(3) == 0 {
			n = 30 + rnd.IntN(200) // long enough for progress to be kept
		}
		var args [][]byte
		inline := rnd.IntN(4) == 0
		for range n {
			a := make([]byte, rnd.IntN(20))
			if rnd.IntN(20) == 0 {
				a = make([]byte, rnd.IntN(3000))
			}
			for i := range a {
				a[i] = "abc\r\n$*\x00 1"[rnd.IntN(10)]
				if inline {
					a[i] = 'a' + byte(i%26)
				}
			}
			if inline && len(a) == 0 {
				a = []byte("x")
			}
			args = append(args, a)
		}
		want = append(want, fmt.Sprintf("%q", args))
		if inline {
			in = append(append(in, bytes.Join(args, []byte(" "))...), "\r\n"...)
			continue
		}
		in = fmt.Appendf(in, "*%d\r\n", n)
		for _, a := range args {
			in = fmt.Appendf(in, "$%d\r\n%s\r\n", len(a), a)
		}
	}
	return in, want
}

// TestParserSplit: random requests in random pieces are the same requests.
func TestParserSplit(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		in, want := stream(rnd)
		p := new(Parser)
		var got []string
		var kept []byte
		for len(in) > 0 {
			n := min(len(in), 1+rnd.IntN([]int{1, 7, 100, 5000}[rnd.IntN(4)]))
			kept, in = append(bytes.Clone(kept), in[:n]...), in[n:] // always another array, as a loop's buffers are
			list, rest, err := all(p, kept, &open)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			got, kept = append(got, list...), rest
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") || len(kept) > 0 {
			t.Fatalf("seed %d: got %.300q, want %.300q, rest %q", seed, got, want, kept)
		}
	}
}

// TestParserMillionArguments: a long request that comes in small pieces is not parsed again and again.
func TestParserMillionArguments(t *testing.T) {
	const n = 1_000_000
	in := append([]byte("*"+strconv.Itoa(n)+"\r\n"), bytes.Repeat([]byte("$1\r\na\r\n"), n)...)
	p := new(Parser)
	var args [][]byte
	steps := 0
	for at := 64 << 10; ; at += 64 << 10 {
		var taken int
		var err error
		if args, taken, err = p.Next(in[:min(at, len(in))], args, &open); err != nil {
			t.Fatal(err)
		}
		steps++
		if taken > 0 {
			break
		}
	}
	if len(args) != n || steps < 100 {
		t.Errorf("%d arguments in %d steps", len(args), steps)
	}
}

func TestParseInt(t *testing.T) {
	for _, s := range []string{"", "-", "+1", "01", "-0", "00", " 1", "1 ", "1x", "9223372036854775808", "-9223372036854775809", "18446744073709551616",
		"99999999999999999999", "-99999999999999999999", "1.0", "0x1"} {
		if n, ok := ParseInt([]byte(s)); ok {
			t.Errorf("%q is not %d", s, n)
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		want := int64(rnd.Uint64() >> rnd.IntN(64))
		if rnd.IntN(2) == 0 {
			want = -want
		}
		if got, ok := ParseInt([]byte(strconv.FormatInt(want, 10))); !ok || got != want {
			t.Errorf("%d: got %d %v", want, got, ok)
		}
	}
	for _, want := range []int64{0, 1, -1, 9223372036854775807, -9223372036854775808} {
		if got, ok := ParseInt([]byte(strconv.FormatInt(want, 10))); !ok || got != want {
			t.Errorf("%d: got %d %v", want, got, ok)
		}
	}
}

// FuzzParser: no input panics or takes more than there is, and what is complete does not depend on how it is cut.
func FuzzParser(f *testing.F) {
	for seed := range uint64(5) {
		in, _ := stream(rand.New(rand.NewPCG(seed, 9)))
		f.Add(in, uint16(len(in)/2))
	}
	f.Add([]byte("*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n"), uint16(9))
	f.Add([]byte("*1\r\n$4\r?PING??*1\r\n"), uint16(3))
	f.Add([]byte("set \"a\\x41\" 'b\\'c'\r\n*0\r\n"), uint16(5))
	f.Fuzz(func(t *testing.T, in []byte, cut uint16) {
		lim := Limits{MaxBulk: 1 << 20}
		whole, rest, err := all(new(Parser), in, &lim)
		if len(rest) > len(in) {
			t.Fatal("took more than there is")
		}
		p := new(Parser)
		at := int(cut) % (len(in) + 1)
		first, kept, err1 := all(p, in[:at], &lim)
		if err1 == nil {
			var more []string
			more, kept, err1 = all(p, append(bytes.Clone(kept), in[at:]...), &lim)
			first = append(first, more...)
		}
		if !errors.Is(err1, err) && !(err != nil && err1 != nil && err.Error() == err1.Error()) {
			t.Fatalf("whole: %v, cut at %d: %v", err, at, err1)
		}
		if strings.Join(whole, "\n") != strings.Join(first, "\n") || err == nil && len(kept) != len(rest) {
			t.Fatalf("whole: %q, cut at %d: %q", whole, at, first)
		}
	})
}
