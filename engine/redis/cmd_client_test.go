// Tests of CLIENT over real connections.

package redis

import (
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestClientNames(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.want(":1\r\n", "client", "id")
	c.want("$-1\r\n", "client", "getname")
	c.want("+OK\r\n", "client", "setname", "me")
	c.want(bulk("me"), "client", "getname")
	c.want("-ERR Client names cannot contain spaces, newlines or special characters.\r\n", "client", "setname", "a b")
	c.want("+OK\r\n", "client", "setname", "")
	c.want("$-1\r\n", "client", "getname")
	c.want("+OK\r\n", "client", "setinfo", "lib-name", "go")
	c.want("-ERR Unrecognized option 'x'\r\n", "client", "setinfo", "x", "go")
	c.want("-ERR lib-ver cannot contain spaces, newlines or special characters.\r\n", "client", "setinfo", "lib-ver", "a\nb")
	c.want("-ERR syntax error\r\n", "client", "no-evict", "maybe")
	c.want("-ERR syntax error\r\n", "client", "reply", "maybe")
	c.want("-ERR wrong number of arguments for 'client|kill' command\r\n", "client", "kill")
}

var line = regexp.MustCompile(`^id=\d+ addr=\S+ laddr=\S+ fd=-?\d+ name=\S* age=\d+ idle=\d+ flags=\w+ db=\d+ sub=0 psub=0 ssub=0 multi=-1 watch=0 qbuf=\d+ ` +
	`qbuf-free=\d+ argv-mem=\d+ multi-mem=0 rbs=\d+ rbp=\d+ obl=\d+ oll=0 omem=\d+ tot-mem=\d+ events=r?w? cmd=\S+ user=default redir=-1 resp=[23] lib-name=\S* lib-ver=\S*$`)

func TestClientList(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	a, b := dial(t, address), dial(t, address)
	b.expect("+OK\r\n", "client", "setname", "bee")
	b.expect("+OK\r\n", "client", "setinfo", "LIB-NAME", "lib")
	b.expect("+OK\r\n", "select", "3")
	b.expect("+OK\r\n", "client", "no-touch", "on")
	b.expect("$-1\r\n", "get", "x")
	all := a.text("client", "list")
	lines := strings.Split(strings.TrimSuffix(all, "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("%q", all)
	}
	for _, l := range lines {
		if !line.MatchString(l) {
			t.Errorf("%s", l)
		}
	}
	for _, want := range []string{" name=bee ", " db=3 ", " flags=T ", " cmd=get ", " lib-name=lib "} {
		if !strings.Contains(lines[1], want) {
			t.Errorf("no %q in %s", want, lines[1])
		}
	}
	if !strings.Contains(lines[0], " cmd=client|list ") {
		t.Errorf("%s", lines[0])
	}
	if got := a.text("client", "list", "id", "1", "99", "1"); strings.Count(got, "id=1 ") != 2 || strings.Count(got, "\n") != 2 {
		t.Errorf("by number: %s", got)
	}
	if got := a.text("client", "list", "type", "pubsub"); got != "" {
		t.Errorf("subscribers: %s", got)
	}
	a.expect("-ERR Unknown client type 'x'\r\n", "client", "list", "type", "x")
	a.expect("-ERR Invalid client ID\r\n", "client", "list", "id", "x")
	a.expect("-ERR syntax error\r\n", "client", "list", "x")
}

func TestClientListTransaction(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	w, me := dial(t, address), dial(t, address)
	w.expect("+OK\r\n", "multi")
	if got := me.text("client", "list"); !strings.Contains(got, " flags=x ") || !strings.Contains(got, " multi=0 ") {
		t.Errorf("%s", got)
	}
	before := r.store.Memory().Foreign
	for range 3 {
		w.expect("+QUEUED\r\n", "set", "k", strings.Repeat("v", 100_000))
	}
	got := me.text("client", "list", "id", "1")
	mem := regexp.MustCompile(` multi=3 .* multi-mem=(\d+) `).FindStringSubmatch(got)
	if mem == nil {
		t.Fatal(got)
	}
	if n, _ := strconv.Atoi(mem[1]); n < 300_000 || n > 500_000 {
		t.Errorf("%d bytes for three requests of 100,000", n)
	}
	if n := r.store.Memory().Foreign - before; n < 300_000 {
		t.Errorf("the memory limit knows of %d bytes", n)
	}
	w.expect("*3\r\n+OK\r\n+OK\r\n+OK\r\n", "exec")
	if got := me.text("client", "list", "id", "1"); !strings.Contains(got, " flags=N ") || !strings.Contains(got, " multi=-1 ") || !strings.Contains(got, " multi-mem=0 ") {
		t.Errorf("%s", got)
	}
}

func TestClientKill(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	me := dial(t, address)
	me.expect("+PONG\r\n", "ping")
	other := func() (*wire, string) {
		w := dial(t, address)
		w.expect("+PONG\r\n", "ping")
		return w, w.LocalAddr().String()
	}
	w, at := other()
	me.expect("+OK\r\n", "client", "kill", at)
	w.closed()
	me.expect("-ERR No such client\r\n", "client", "kill", at)
	w, at = other()
	me.expect(":1\r\n", "client", "kill", "addr", at)
	w.closed()
	w, at = other()
	me.expect(":0\r\n", "client", "kill", "addr", at, "type", "pubsub")
	me.expect(":0\r\n", "client", "kill", "addr", at, "id", "1")
	me.expect(":1\r\n", "client", "kill", "addr", at, "user", "default", "skipme", "no")
	w.closed()
	w, _ = other()
	me.expect(":1\r\n", "client", "kill", "laddr", address)
	w.closed()
	me.expect("+PONG\r\n", "ping")
	for line, want := range map[string]string{
		"client kill id 0": "-ERR client-id should be greater than 0\r\n", "client kill id x": "-ERR client-id should be greater than 0\r\n",
		"client kill type x": "-ERR Unknown client type 'x'\r\n", "client kill user x": "-ERR No such user 'x'\r\n", "client kill skipme x": "-ERR syntax error\r\n",
		"client kill id 1 addr": "-ERR syntax error\r\n", "client kill foo bar": "-ERR syntax error\r\n",
	} {
		me.expect(want, strings.Fields(line)...)
	}
	me.expect(":1\r\n", "client", "kill", "id", "1", "skipme", "no")
	me.closed()
}

func TestClientKillManyAtOnce(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	me := dial(t, address)
	me.expect("+PONG\r\n", "ping")
	var others []*wire
	for range 50 {
		w := dial(t, address)
		w.expect("+PONG\r\n", "ping")
		others = append(others, w)
	}
	me.expect(":"+strconv.Itoa(len(others))+"\r\n", "client", "kill", "type", "normal")
	for _, w := range others {
		w.closed()
	}
	me.expect("+PONG\r\n", "ping")
}

// TestClientListWatch: how many keys a client watches, and that one of them has changed.
func TestClientListWatch(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	me, other := dial(t, address), dial(t, address)
	other.expect("+PONG\r\n", "ping")
	me.expect("+OK\r\n", "watch", "a", "b", "a")
	if got := me.text("client", "info"); !strings.Contains(got, " watch=2 ") || !strings.Contains(got, " flags=N ") {
		t.Error(got)
	}
	other.expect("+OK\r\n", "set", "a", "1")
	if got := me.text("client", "info"); !strings.Contains(got, " watch=2 ") || !strings.Contains(got, " flags=d ") {
		t.Error(got)
	}
	me.expect("+OK\r\n", "unwatch")
	if got := me.text("client", "info"); !strings.Contains(got, " watch=0 ") || !strings.Contains(got, " flags=N ") {
		t.Error(got)
	}
}

// TestInfoDebugAndTimeouts: the section is shown by its name only; who waits with a timeout is counted apart.
func TestInfoDebugAndTimeouts(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	me, a, b := dial(t, address), dial(t, address), dial(t, address)
	if got := me.text("info", "debug"); !regexp.MustCompile(`go_goroutines:[1-9]\d*\r\n`).MatchString(got) || !strings.HasPrefix(got, "# Debug\r\n") {
		t.Error(got)
	}
	if got := me.text("info", "everything"); strings.Contains(got, "go_goroutines") {
		t.Error(got)
	}
	if got := me.text("info", "stats"); !regexp.MustCompile(`eventloop_cycles:\d+\r\neventloop_duration_sum:[1-9]\d*\r\neventloop_duration_cmd_sum:\d+\r\n`).MatchString(got) {
		t.Error(got)
	}
	io.WriteString(a, request("blpop", "k", "100"))
	io.WriteString(b, request("blpop", "k", "0"))
	within(t, "both wait", func() bool { return strings.Contains(me.text("info", "clients"), "blocked_clients:2\r\n") })
	if got := me.text("info", "clients"); !strings.Contains(got, "clients_in_timeout_table:1\r\n") {
		t.Error(got)
	}
	me.expect(":2\r\n", "rpush", "k", "1", "2")
	within(t, "nobody waits", func() bool { return strings.Contains(me.text("info", "clients"), "clients_in_timeout_table:0\r\n") })
}
