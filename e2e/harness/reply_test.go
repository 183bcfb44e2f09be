// The reply reader on values of both protocol versions, whole, nested and damaged.

package harness

import (
	"bufio"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

func TestReadReply(t *testing.T) {
	for _, raw := range []string{
		"+OK\r\n", "-ERR no\r\n", ":-5\r\n", "$-1\r\n", "$0\r\n\r\n", "$5\r\na\r\nbc\r\n", "*-1\r\n", "*0\r\n",
		"*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", "_\r\n", ",inf\r\n", "#t\r\n", "(123\r\n", "%1\r\n+k\r\n:1\r\n",
		"~2\r\n:1\r\n:2\r\n", ">1\r\n+m\r\n", "=7\r\ntxt:abc\r\n", "!3\r\nERR\r\n", "|1\r\n+a\r\n+b\r\n:7\r\n",
	} {
		r := bufio.NewReader(strings.NewReader(raw + "+next\r\n"))
		v, err := ReadReply(r)
		if err != nil || v.Raw != raw {
			t.Errorf("%q: got %q, %v", raw, v.Raw, err)
		}
		if next, err := ReadReply(r); err != nil || next.Str != "next" {
			t.Errorf("%q: out of step: %q, %v", raw, next.Raw, err)
		}
	}
}

func TestReadReplyRefuses(t *testing.T) {
	for _, raw := range []string{"OK\r\n", "+OK\n", "$3\r\nabcd\r\n", "$-2\r\n", "*x\r\n", "*1\r\n", "$99999999999\r\n", strings.Repeat("*1\r\n", 100) + ":1\r\n"} {
		if v, err := ReadReply(bufio.NewReader(strings.NewReader(raw))); err == nil {
			t.Errorf("%q: accepted as %q", raw, v.Raw)
		}
	}
}

func TestCommandEncodes(t *testing.T) {
	if got, want := Command("GET", ""), "*2\r\n$3\r\nGET\r\n$0\r\n\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
