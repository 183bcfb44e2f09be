// Tests of journal.go: what the journal reads of every command.

package memcached

import (
	"bytes"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

type journal struct{ lines []string }

func (j *journal) Command(db int, args [][]byte) {
	j.lines = append(j.lines, string(bytes.Join(args, []byte(" "))))
}
func (j *journal) Removed(int, []byte, core.RemoveReason) {}

func TestJournal(t *testing.T) {
	r := newRig(t)
	j := &journal{}
	r.store.SetJournal(j)
	c := r.client()
	c.send("set k 7 100 1\r\n5\r\nadd k 0 0 1\r\nx\r\nreplace k 1 0 1\r\n6\r\nappend k 0 0 1\r\n0\r\nprepend k 0 0 1\r\n1\r\n" +
		"incr k 5\r\ndecr k 1\r\nincr n 1\r\ntouch k 50\r\ngat 60 k n\r\ngets k\r\ncas k 2 0 1 1\r\ny\r\n" +
		"delete n\r\ndelete k\r\nset k 0 -1 1\r\nx\r\nset m 0 0 1\r\nx\r\ntouch m -1\r\nget m\r\nflush_all\r\nset b 0 0 2\r\nbad\r\n")
	want := []string{
		"set k 7 1800000100000 5", "set k 1 0 6", "append k 0", "prepend k 1", "incr k 5", "decr k 1",
		"touch k 1800000050000", "touch k 1800000060000", "set k 2 0 y", "delete k", "set m 0 0 x", "delete m", "flush_all",
	}
	if got := strings.Join(j.lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}
