// Tests of the slow log.

package redis

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestSlowlog(t *testing.T) {
	r := newRig(t, core.Options{})
	w := dial(t, r.listen())
	w.expect("*0\r\n", "slowlog", "get")
	w.expect("+OK\r\n", "client", "setname", "me")
	w.expect("+OK\r\n", "config", "set", "slowlog-log-slower-than", "0", "slowlog-max-len", "3")
	w.expect("+OK\r\n", "set", "a", strings.Repeat("x", 200))
	many := make([]string, 40)
	for i := range many {
		many[i] = "k"
	}
	w.expect(":0\r\n", append([]string{"exists"}, many[:39]...)...)
	r.e.slow.mu.Lock()
	entries := r.e.slow.entries
	last, before := entries[len(entries)-1], entries[len(entries)-2]
	r.e.slow.mu.Unlock()
	if len(entries) > 3 || last.id != before.id+1 || last.name != "me" || last.addr != w.LocalAddr().String() {
		t.Errorf("%+v", entries)
	}
	if len(last.args) != 32 || last.args[31] != "... (9 more arguments)" {
		t.Errorf("%q", last.args)
	}
	if want := strings.Repeat("x", 128) + "... (72 more bytes)"; before.args[2] != want {
		t.Errorf("%q", before.args)
	}
	w.expect(":3\r\n", "slowlog", "len")
	w.expect("+OK\r\n", "config", "set", "slowlog-log-slower-than", "-1")
	w.expect("*1\r\n*6\r\n", "slowlog", "get", "1")
	w.r.Discard(w.r.Buffered())
	w.expect("-ERR count should be greater than or equal to -1\r\n", "slowlog", "get", "-2")
	w.expect("+OK\r\n", "config", "set", "slowlog-max-len", "1")
	w.expect(":1\r\n", "slowlog", "len")
	w.expect("+OK\r\n", "slowlog", "reset")
	w.expect(":0\r\n", "slowlog", "len")
}

// TestSlowlogRun: commands of a pipeline that were timed together appear as one entry without their arguments.
func TestSlowlogRun(t *testing.T) {
	r := newRig(t, core.Options{})
	w := dial(t, r.listen())
	w.expect("+OK\r\n", "config", "set", "slowlog-log-slower-than", "-1")
	var c client
	c.e, c.conn = r.e, w.serverSide(r)
	r.e.slow.add(&c, r.e.table.find([]byte("get")), 5, 16, false)
	if e := r.e.slow.entries; len(e) != 1 || strings.Join(e[0].args, " ") != "get ... (16 in one pipeline)" {
		t.Errorf("%+v", e)
	}
}
