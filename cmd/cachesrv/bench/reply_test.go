// Tests of the reply parsers: what each reply is taken for, and that cuts between reads change nothing.

package bench

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// parsed is what a test compares: the replies of a stream in words, and whether it ended in an error.
func parsed(p replyParser, stream []byte, cut func(rest int) int) (replies []string, failed bool) {
	p.reset()
	var r reply
	for len(stream) > 0 {
		n := cut(len(stream))
		chunk := append([]byte(nil), stream[:n]...) // a buffer of its own, overwritten below
		stream = stream[n:]
		for rest := chunk; len(rest) > 0; {
			taken, done, err := p.next(rest, &r)
			if err != nil {
				return replies, true
			}
			rest = rest[taken:]
			if done {
				replies = append(replies, fmt.Sprintf("%d %q %q %d", r.kind, r.line, r.body, r.size))
			} else if len(rest) > 0 {
				panic("an open reply that left bytes behind")
			}
		}
		for i := range chunk {
			chunk[i] = '!'
		}
	}
	return replies, false
}

func whole(rest int) int { return rest }

func single(int) int { return 1 }

func TestRESPKinds(t *testing.T) {
	for _, c := range []struct {
		stream string
		kind   kind
		body   string
	}{
		{"+OK\r\n", kindStatus, ""},
		{":42\r\n", kindStatus, ""},
		{"#t\r\n", kindStatus, ""},
		{",1.5\r\n", kindStatus, ""},
		{"(123\r\n", kindStatus, ""},
		{"-ERR no\r\n", kindError, ""},
		{"$5\r\nhello\r\n", kindValue, "hello"},
		{"$0\r\n\r\n", kindValue, ""},
		{"$4\r\n\r\n\r\n\r\n", kindValue, "\r\n\r\n"},
		{"$-1\r\n", kindAbsent, ""},
		{"_\r\n", kindAbsent, ""},
		{"*-1\r\n", kindAbsent, ""},
		{"!5\r\nERR x\r\n", kindError, "ERR x"},
		{"=6\r\ntxt:ab\r\n", kindValue, "txt:ab"},
		{"*0\r\n", kindGroup, ""},
		{"*2\r\n$1\r\na\r\n$-1\r\n", kindGroup, ""},
		{"*2\r\n*1\r\n:1\r\n*2\r\n+a\r\n$1\r\nb\r\n", kindGroup, ""},
		{"%1\r\n+a\r\n*1\r\n:2\r\n", kindGroup, ""},
		{"~1\r\n+a\r\n", kindGroup, ""},
		{"*1\r\n-ERR inside\r\n", kindGroup, ""},
	} {
		var r reply
		p := newRESPParser(true)
		n, done, err := p.next([]byte(c.stream), &r)
		if err != nil || !done || n != len(c.stream) {
			t.Errorf("%q: took %d, done %v, err %v", c.stream, n, done, err)
			continue
		}
		if r.kind != c.kind || string(r.body) != c.body {
			t.Errorf("%q: kind %d body %q, want %d %q", c.stream, r.kind, r.body, c.kind, c.body)
		}
		if n, done, _ = p.next([]byte("+NEXT\r\n"), &r); !done || n != 7 || string(r.line) != "+NEXT" {
			t.Errorf("%q: the reply behind it was not found", c.stream)
		}
		if _, done, _ = p.next([]byte(c.stream[:len(c.stream)-1]), &r); done {
			t.Errorf("%q: done one byte before its end", c.stream)
		}
	}
}

// TestGroupsAreCounted: the elements of the outermost group, also when it comes in pieces and other connections' replies
// come in between.
func TestGroupsAreCounted(t *testing.T) {
	for stream, size := range map[string]int{"*0\r\n": 0, "*2\r\n$1\r\na\r\n$-1\r\n": 2, "*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+a\r\n$1\r\nb\r\n": 2,
		"%1\r\n+a\r\n*1\r\n:2\r\n": 2, "~1\r\n+a\r\n": 1} {
		var r reply
		p, done := newRESPParser(false), false
		for i := range stream {
			_, done, _ = p.next([]byte(stream[i:i+1]), &r)
			if i < len(stream)-1 {
				r = reply{kind: kindGroup, size: 77}
			}
		}
		if !done || r.kind != kindGroup || r.size != size {
			t.Errorf("%q: done %v, %d elements, want %d", stream, done, r.size, size)
		}
	}
}

func TestRESPRefusesOtherProtocols(t *testing.T) {
	for _, stream := range []string{"HTTP/1.1 200 OK\r\n", "\r\n", "$abc\r\n", "$\r\n", "*1x\r\n", "$9999999999999\r\n", "STORED\r\n"} {
		if _, failed := parsed(newRESPParser(false), []byte(stream), whole); !failed {
			t.Errorf("%q was taken for RESP", stream)
		}
	}
	long := []byte("+" + strings.Repeat("x", maxLine+1) + "\r\n")
	for name, cut := range map[string]func(int) int{"whole": whole, "single": single} {
		if _, failed := parsed(newRESPParser(false), long, cut); !failed {
			t.Errorf("%s: a line without end was taken", name)
		}
	}
}

func TestTextKinds(t *testing.T) {
	for _, c := range []struct {
		stream string
		kind   kind
		body   string
	}{
		{"STORED\r\n", kindStatus, ""},
		{"NOT_STORED\r\n", kindStatus, ""},
		{"17\r\n", kindStatus, ""},
		{"END\r\n", kindAbsent, ""},
		{"VALUE k 0 3\r\nabc\r\nEND\r\n", kindValue, "abc"},
		{"VALUE k 0 0\r\n\r\nEND\r\n", kindValue, ""},
		{"VALUE k 0 5 99\r\nEND\r\n\r\nEND\r\n", kindValue, "END\r\n"},
		{"VALUE a 0 1\r\nx\r\nVALUE b 0 2\r\nyz\r\nEND\r\n", kindGroup, ""},
		{"ERROR\r\n", kindError, ""},
		{"CLIENT_ERROR bad command line format\r\n", kindError, ""},
		{"SERVER_ERROR out of memory storing object\r\n", kindError, ""},
		{"STAT pid 1\r\nSTAT uptime 2\r\nEND\r\n", kindAbsent, ""},
	} {
		var r reply
		p := newTextParser(true)
		n, done, err := p.next([]byte(c.stream), &r)
		if err != nil || !done || n != len(c.stream) {
			t.Errorf("%q: took %d, done %v, err %v", c.stream, n, done, err)
			continue
		}
		if r.kind != c.kind || string(r.body) != c.body {
			t.Errorf("%q: kind %d body %q, want %d %q", c.stream, r.kind, r.body, c.kind, c.body)
		}
		if _, done, _ = p.next([]byte("END\r\n"), &r); !done || r.kind != kindAbsent {
			t.Errorf("%q: the value leaked into the next reply", c.stream)
		}
	}
	for _, stream := range []string{"VALUE k 0\r\n", "VALUE k 0 x\r\n", "VALUE k 0 -4\r\n"} {
		if _, failed := parsed(newTextParser(false), []byte(stream), whole); !failed {
			t.Errorf("%q was taken for a value", stream)
		}
	}
}

// TestCutsChangeNothing feeds long streams in random portions: one portion, single bytes and anything between must
// give the same replies.
func TestCutsChangeNothing(t *testing.T) {
	streams := map[string][]string{
		"resp": {"+OK\r\n", "$-1\r\n", "$3\r\na\r\n\r\n", "$0\r\n\r\n", "-ERR x\r\n", "*2\r\n$2\r\nhi\r\n%1\r\n+a\r\n:1\r\n", ":7\r\n", "$300\r\n" + strings.Repeat("v", 300) + "\r\n"},
		"text": {"STORED\r\n", "END\r\n", "VALUE k 0 3\r\nEND\r\nEND\r\n", "ERROR\r\n", "VALUE k 0 300\r\n" + strings.Repeat("v", 300) + "\r\nEND\r\n", "VALUE a 0 0\r\n\r\nVALUE b 0 1\r\n\n\r\nEND\r\n"},
		"meta": {"HD\r\n", "EN\r\n", "VA 3\r\nEN\n\r\n", "MN\r\n", "VA 1 ka\r\nx\r\nVA 0 kb\r\n\r\nMN\r\n", "CLIENT_ERROR x\r\n", "VA 300\r\n" + strings.Repeat("v", 300) + "\r\n"},
		"binary": {frame(opSet, 0, 0, 0, ""), frame(opGet, notFound, 0, 0, "Not found"), frame(opGet, 0, 4, 0, "value"), frame(opGet, 0, 4, 0, ""), frame(opSet, 3, 0, 0, "Too large."),
			frame(opGetKQ, 0, 4, 3, "one") + frame(opGetKQ, 0, 4, 3, strings.Repeat("v", 300)) + frame(opNoop, 0, 0, 0, ""), frame(opNoop, 0, 0, 0, "")},
	}
	random := rand.New(rand.NewSource(7))
	for name, parts := range streams {
		p := map[string]protocol{"resp": protoRedis, "text": protoText, "meta": protoMeta, "binary": protoBinary}[name].parser(true)
		for range 300 {
			var stream []byte
			count := 1 + random.Intn(20)
			for range count {
				stream = append(stream, parts[random.Intn(len(parts))]...)
			}
			want, failed := parsed(p, stream, whole)
			if failed || len(want) != count {
				t.Fatalf("%s %q: %d replies of %d, failed %v", name, stream, len(want), count, failed)
			}
			cut := func(rest int) int { return 1 + random.Intn(min(rest, 1+random.Intn(40))) }
			for _, c := range []func(int) int{single, cut} {
				if got, failed := parsed(p, stream, c); failed || strings.Join(got, "|") != strings.Join(want, "|") {
					t.Fatalf("%s %q:\ncut   %q (failed %v)\nwhole %q", name, stream, got, failed, want)
				}
			}
		}
	}
}

// frame is a reply of the binary protocol.
func frame(opcode byte, status, extras, key int, value string) string {
	b := appendHeader(nil, opcode, key, extras, len(value))
	b[0], b[7] = replyMagic, byte(status)
	return string(b) + strings.Repeat("x", extras+key) + value
}

func TestMetaAndBinaryKinds(t *testing.T) {
	for _, c := range []struct {
		proto  protocol
		stream string
		want   string
	}{
		{protoMeta, "VA 2\r\nhi\r\n", `1 "" "hi" 0`}, {protoMeta, "EN\r\n", `2 "EN" "" 0`}, {protoMeta, "HD\r\n", `0 "HD" "" 0`}, {protoMeta, "SERVER_ERROR x\r\n", `3 "SERVER_ERROR x" "" 0`},
		{protoMeta, "VA 2 ka\r\nhi\r\nVA 2 kb\r\nhi\r\nMN\r\n", `4 "" "" 2`}, {protoMeta, "VA x\r\n", ""}, {protoMeta, "VA -2\r\n", ""},
		{protoBinary, frame(opGet, 0, 4, 0, "hi"), `1 "" "hi" 0`}, {protoBinary, frame(opGet, notFound, 0, 0, "Not found"), `2 "" "" 0`}, {protoBinary, frame(opSet, 0, 0, 0, ""), `0 "" "" 0`},
		{protoBinary, frame(opSet, 3, 0, 0, "Too large."), `3 "Too large." "" 0`}, {protoBinary, frame(opGetKQ, 0, 4, 1, "hi") + frame(opNoop, 0, 0, 0, ""), `4 "" "" 1`},
		{protoBinary, "ERROR\r\n", ""}, {protoBinary, frame(opGet, 0, 4, 0, "hi")[:11] + "\x00" + strings.Repeat("\x00", 30), ""},
	} {
		got, failed := parsed(c.proto.parser(true), []byte(c.stream), whole)
		if failed != (c.want == "") || strings.Join(got, "|") != c.want {
			t.Errorf("%s %q: %s, failed %v, want %s", c.proto, c.stream, got, failed, c.want)
		}
	}
}

func FuzzMeta(f *testing.F) { fuzzCuts(f, "meta.txt", newMetaParser(true)) }

func FuzzBinary(f *testing.F) { fuzzCuts(f, "binary.txt", &binaryParser{}) }

func FuzzRESP(f *testing.F) { fuzzCuts(f, "resp.txt", newRESPParser(true)) }

func FuzzText(f *testing.F) { fuzzCuts(f, "text.txt", newTextParser(true)) }

// fuzzCuts checks on any bytes that cuts change nothing, and that nothing panics. The seeds are a line each, with \r
// and \n written out.
func fuzzCuts(f *testing.F, seeds string, p replyParser) {
	text, err := os.ReadFile(filepath.Join("testdata", seeds))
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(strings.TrimSuffix(line, "\n"))
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		want, failed := parsed(p, stream, whole)
		got, cutFailed := parsed(p, stream, single)
		if failed != cutFailed || strings.Join(got, "|") != strings.Join(want, "|") {
			t.Fatalf("%q:\nsingle %q (failed %v)\nwhole  %q (failed %v)", stream, got, cutFailed, want, failed)
		}
	})
}

func BenchmarkRESPValues(b *testing.B) {
	stream := []byte(strings.Repeat("$32\r\n"+strings.Repeat("v", 32)+"\r\n", 16))
	p := newRESPParser(false)
	var r reply
	b.ReportAllocs()
	for b.Loop() {
		for rest := stream; len(rest) > 0; {
			n, _, _ := p.next(rest, &r)
			rest = rest[n:]
		}
	}
}

// BenchmarkLongGroup is the reply to LRANGE of 100 elements.
func BenchmarkLongGroup(b *testing.B) {
	data := []byte("*100\r\n" + strings.Repeat("$16\r\nelement:00000000\r\n", 100))
	p, r := newRESPParser(false), reply{}
	for b.Loop() {
		if _, done, err := p.next(data, &r); !done || err != nil || r.size != 100 {
			b.Fatal(done, err, r)
		}
	}
}
