// Tests of the list commands: what they reply, what they keep, what the journal gets.

package redis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// array is the reply with an array of strings.
func array(words ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		b.WriteString(bulk(w))
	}
	return b.String()
}

func TestLists(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	const nothing, nothings = "$-1\r\n", "*-1\r\n"
	for _, step := range []struct{ line, want string }{
		{"lpushx l a", ":0\r\n"}, {"rpushx l a", ":0\r\n"}, {"exists l", ":0\r\n"}, {"lpush l b a", ":2\r\n"}, {"rpush l c 12", ":4\r\n"}, {"lpushx l 0", ":5\r\n"}, {"rpushx l d", ":6\r\n"},
		{"lrange l 0 -1", array("0", "a", "b", "c", "12", "d")}, {"lrange l -2 100", array("12", "d")}, {"lrange l 2 1", "*0\r\n"}, {"lrange l 6 9", "*0\r\n"}, {"lrange l -100 0", array("0")}, {"lrange nokey 0 -1", "*0\r\n"},
		{"llen l", ":6\r\n"}, {"llen nokey", ":0\r\n"}, {"type l", "+list\r\n"}, {"object encoding l", bulk("listpack")},
		{"lindex l 0", bulk("0")}, {"lindex l -2", bulk("12")}, {"lindex l 6", nothing}, {"lindex l -7", nothing}, {"lindex nokey x", nothing},
		{"lpop l", bulk("0")}, {"rpop l", bulk("d")}, {"lpop l 2", array("a", "b")}, {"rpop l 5", array("12", "c")}, {"exists l", ":0\r\n"},
		{"lpop l", nothing}, {"lpop l 1", nothings}, {"rpop l 0", nothings}, {"rpush l a b c", ":3\r\n"}, {"rpop l 0", "*0\r\n"}, {"rpop l 2", array("c", "b")}, {"del l", ":1\r\n"},
		{"rpush l a b a c a", ":5\r\n"}, {"linsert l before b x", ":6\r\n"}, {"linsert l after a y", ":7\r\n"}, {"linsert l after z y", ":-1\r\n"}, {"linsert nokey after z y", ":0\r\n"}, {"lrange l 0 -1", array("a", "y", "x", "b", "a", "c", "a")},
		{"lset l 1 YY", "+OK\r\n"}, {"lset l -1 z", "+OK\r\n"}, {"lrange l 0 -1", array("a", "YY", "x", "b", "a", "c", "z")},
		{"lpos l a", ":0\r\n"}, {"lpos l a rank 2", ":4\r\n"}, {"lpos l a rank -1", ":4\r\n"}, {"lpos l a rank -2", ":0\r\n"}, {"lpos l a count 0", "*2\r\n:0\r\n:4\r\n"}, {"lpos l a rank -1 count 0", "*2\r\n:4\r\n:0\r\n"}, {"lpos l a count 1", "*1\r\n:0\r\n"},
		{"lpos l a count 0 maxlen 3", "*1\r\n:0\r\n"}, {"lpos l c maxlen 3", nothing}, {"lpos l q count 0", "*0\r\n"}, {"lpos nokey q count 0", "*0\r\n"}, {"lpos nokey q", nothing}, {"lpos l a rank 9223372036854775807 count 0", "*0\r\n"},
		{"lrem l 1 a", ":1\r\n"}, {"rpush l b", ":7\r\n"}, {"lrem l -1 b", ":1\r\n"}, {"lrange l 0 -1", array("YY", "x", "b", "a", "c", "z")}, {"lrem l 0 q", ":0\r\n"}, {"lrem nokey 0 q", ":0\r\n"},
		{"ltrim l 1 -2", "+OK\r\n"}, {"lrange l 0 -1", array("x", "b", "a", "c")}, {"ltrim l 0 -1", "+OK\r\n"}, {"ltrim l 3 2", "+OK\r\n"}, {"exists l", ":0\r\n"}, {"ltrim nokey 0 0", "+OK\r\n"},
		{"rpush l 1 2 3", ":3\r\n"}, {"lmove l m left right", bulk("1")}, {"lmove l m right left", bulk("3")}, {"lrange m 0 -1", array("3", "1")}, {"rpoplpush l m", bulk("2")}, {"exists l", ":0\r\n"}, {"lmove l m left left", nothing},
		{"lmove m m left right", bulk("2")}, {"lrange m 0 -1", array("3", "1", "2")}, {"lmove m m right left", bulk("2")}, {"lmove m m left left", bulk("2")}, {"lrange m 0 -1", array("2", "3", "1")}, {"rpoplpush m m", bulk("1")},
		{"lmpop 2 l m left", "*2\r\n" + bulk("m") + array("1")}, {"lmpop 1 m right count 5", "*2\r\n" + bulk("m") + array("3", "2")}, {"lmpop 2 l m left", nothings},
	} {
		c.want(step.want, strings.Fields(step.line)...)
	}
	c.do("hello", "3")
	c.want("_\r\n", "lpop", "l", "1")
	c.want("_\r\n", "lmpop", "1", "l", "left")
}

// TestR17ListErrors: errors of lists, in the order in which the original finds them; none of them changes anything, no number sets memory aside.
func TestR17ListErrors(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	const wrong, number, syntax, positive = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", "-ERR value is not an integer or out of range\r\n", "-ERR syntax error\r\n", "-ERR value is out of range, must be positive\r\n"
	c.do("set", "s", "text")
	c.do("rpush", "l", "a", "b")
	for _, step := range []struct{ line, want string }{
		{"lpush s a", wrong}, {"lpushx s a", wrong}, {"lpop s", wrong}, {"rpop s 0", wrong}, {"lpop s x", positive}, {"llen s", wrong}, {"lindex s x", wrong}, {"lrange s 0 1", wrong}, {"lrange s x 1", number}, {"lset s x a", wrong},
		{"lset nokey x a", "-ERR no such key\r\n"}, {"lset l x a", number}, {"lset l 2 a", "-ERR index out of range\r\n"}, {"lset l -3 a", "-ERR index out of range\r\n"}, {"lset l 9223372036854775807 a", "-ERR index out of range\r\n"}, {"lset l -9223372036854775808 a", "-ERR index out of range\r\n"},
		{"lrem s 0 a", wrong}, {"lrem s x a", number}, {"lrem l -9223372036854775808 a", "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n"}, {"ltrim s 0 0", wrong}, {"ltrim s 0 x", number},
		{"linsert s before a b", wrong}, {"linsert s at a b", syntax}, {"lpos s a", wrong}, {"lpos s a rank 0", "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list\r\n"},
		{"lpos l a count -1", "-ERR COUNT can't be negative\r\n"}, {"lpos l a maxlen x", "-ERR MAXLEN can't be negative\r\n"}, {"lpos l a rank", syntax}, {"lpos l a foo 1", syntax}, {"lpos l a rank x", number},
		{"lmove s l left right", wrong}, {"lmove l s left right", wrong}, {"lmove nokey s left right", "$-1\r\n"}, {"lmove l s left up", syntax}, {"rpoplpush l s", wrong},
		{"lmpop 1 s left", wrong}, {"lmpop 0 l left", "-ERR numkeys should be greater than 0\r\n"}, {"lmpop x l left", "-ERR numkeys should be greater than 0\r\n"}, {"lmpop 2 l left", syntax}, {"lmpop 9223372036854775807 l left", syntax},
		{"lmpop 1 l up", syntax}, {"lmpop 1 l left count 0", "-ERR count should be greater than 0\r\n"}, {"lmpop 1 l left count 1 count 1", syntax}, {"lmpop 1 l left count", syntax}, {"lmpop 1 l left x", syntax},
		{"lpop l -1", positive}, {"lpop l 1 1", "-ERR wrong number of arguments for 'lpop' command\r\n"}, {"lrange l -9223372036854775808 9223372036854775807", array("a", "b")}, {"lrange l 9223372036854775807 -9223372036854775808", "*0\r\n"},
		{"lpos l b rank 1 count 9223372036854775807 maxlen 9223372036854775807", "*1\r\n:1\r\n"}, {"lrem l 9223372036854775807 q", ":0\r\n"}, {"lrange l 0 -1", array("a", "b")}, {"lpop l 9223372036854775807", array("a", "b")},
	} {
		c.want(step.want, strings.Fields(step.line)...)
	}
}

// TestListEncodings: a list is one listpack up to the limit, many packs beyond, and a listpack again at half of it.
func TestListEncodings(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	if err := r.set.Set("list-max-listpack-size", "4"); err != nil {
		t.Fatal(err)
	}
	packed, big := bulk("listpack"), bulk("quicklist")
	for _, step := range []struct{ line, want string }{
		{"rpush l 1 2 3 4", packed}, {"rpush l 5", big}, {"rpop l", big}, {"rpop l", big}, {"rpop l", packed}, {"rpush l 3 4", packed}, {"lset l 0 x", big}, {"ltrim l 0 1", packed},
		{"linsert l after x 7", packed}, {"linsert l before x 8", packed}, {"linsert l before x 9", big}, {"lrem l 0 7", big}, {"lrem l 0 8", big}, {"lpop l 1", packed}, {"expire l 1000", packed}, {"rpush l a b c", big},
	} {
		c.do(strings.Fields(step.line)...)
		if got := c.do("object", "encoding", "l"); got != step.want {
			t.Errorf("after %q: %q", step.line, got)
		}
	}
	c.want(":1000\r\n", "ttl", "l")
	c.want(array("x", "2", "a", "b", "c"), "lrange", "l", "0", "-1")
	c.want("+OK\r\n", "rename", "l", "m")
	c.want(":1\r\n", "copy", "m", "n")
	c.want(":1\r\n", "lrem", "n", "0", "x")
	if got := c.do("config", "set", "list-max-ziplist-size", "-1", "list-compress-depth", "1"); got != "+OK\r\n" {
		t.Errorf("the old name is refused: %q", got)
	}
	for range 500 {
		c.do("rpush", "z", strings.Repeat("compress me ", 10))
	}
	c.want(":500\r\n", "llen", "z")
	c.want(bulk(strings.Repeat("compress me ", 10)), "lindex", "z", "250")
	if used := c.do("memory", "usage", "z"); len(used) > 8 {
		t.Errorf("500 elements that compress well take %s", used)
	}
}

// TestListJournal: a journal's reader gets what gives the same lists, and nothing where nothing has changed.
func TestListJournal(t *testing.T) {
	r := newRig(t, core.Options{})
	var d diary
	r.store.SetJournal(&d)
	c := r.client()
	for _, step := range []struct{ line, want string }{
		{"rpush l a b c d", "0 rpush l a b c d"}, {"lpushx m a", ""}, {"lpop l", "0 lpop l"}, {"lpop l 0", ""}, {"lpop nokey", ""}, {"lrem l 0 q", ""}, {"lrem l 0 b", "0 lrem l 0 b"},
		{"ltrim l 0 -1", ""}, {"ltrim l -1 -1", "0 ltrim l -1 -1"}, {"linsert l before q a", ""}, {"linsert l before d a", "0 linsert l before d a"}, {"lset l 0 x", "0 lset l 0 x"},
		{"lmove l m left right", "0 lmove l m left right"}, {"rpoplpush nokey m", ""}, {"lmpop 2 nokey m left", "0 LPOP m 1"}, {"rpush m 1 2 3", "0 rpush m 1 2 3"}, {"lmpop 1 m right count 9", "0 RPOP m 3"},
	} {
		d.lines = nil
		if reply := c.do(strings.Fields(step.line)...); strings.HasPrefix(reply, "-") {
			t.Errorf("%s: %s", step.line, reply)
		}
		if got := strings.Join(d.lines, "; "); got != step.want {
			t.Errorf("%s: journal got %q, want %q", step.line, got, step.want)
		}
	}
}

func TestListNoAllocations(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for range 3_000 {
		c.do("rpush", "l", "element:0000001")
	}
	c.do("rpush", "small", "a", "b", "c")
	for _, line := range []string{"lmove small small left right", "rpush l element:0000002", "lpush l element:0000002", "lrange l 0 99", "lindex l 1500", "llen l"} {
		in := []byte(request(strings.Fields(line)...))
		n := testing.AllocsPerRun(200, func() {
			c.worker.Out = c.worker.Out[:0]
			c.Feed(c.worker, in)
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", line, n)
		}
	}
}
