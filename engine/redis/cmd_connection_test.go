// Tests of the connection commands, over the network where a connection's life is concerned.

package redis

import (
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func hello(version int, id int) string {
	head := map[int]string{2: "*14\r\n", 3: "%7\r\n"}[version]
	return head + "$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n" + Version + "\r\n$5\r\nproto\r\n:" + strconv.Itoa(version) +
		"\r\n$2\r\nid\r\n:" + strconv.Itoa(id) + "\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"
}

func TestHello(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.want(hello(2, 1), "hello")
	c.want(hello(3, 1), "hello", "3")
	c.want("_\r\n", "get", "no")
	c.want("-NOPROTO unsupported protocol version\r\n", "hello", "4")
	c.want("-NOPROTO unsupported protocol version\r\n", "hello", "1")
	c.want("-ERR Protocol version is not an integer or out of range\r\n", "hello", "x")
	c.want("-ERR Syntax error in HELLO option 'foo'\r\n", "hello", "2", "foo")
	c.want("-ERR Syntax error in HELLO option 'auth'\r\n", "hello", "2", "auth", "a")
	c.want("-WRONGPASS invalid username-password pair or user is disabled.\r\n", "hello", "2", "auth", "nosuch", "a")
	c.want("-ERR Client names cannot contain spaces, newlines or special characters.\r\n", "hello", "2", "setname", "a b")
	c.want("_\r\n", "get", "no") // none of the failures changed the version
	c.want(hello(2, 1), "hello", "2", "auth", "default", "any", "setname", "me")
	c.want(bulk("me"), "client", "getname")
	c.want("+RESET\r\n", "reset")
	c.want("$-1\r\n", "client", "getname")
}

func TestPassword(t *testing.T) {
	r := newRig(t, core.Options{})
	before := r.client()
	before.want("-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n", "auth", "x")
	before.want("+OK\r\n", "auth", "default", "anything")
	before.want("-WRONGPASS invalid username-password pair or user is disabled.\r\n", "auth", "nosuch", "x")
	if err := r.set.Set("requirepass", "secret"); err != nil {
		t.Fatal(err)
	}
	before.want("+PONG\r\n", "ping") // it was in before there was a password
	c := r.client()
	const no = "-NOAUTH Authentication required.\r\n"
	c.want(no, "ping")
	c.want(no, "get", "a")
	c.want(no, "client", "id")
	c.want("-ERR unknown command 'nosuch', with args beginning with: \r\n", "nosuch")
	for _, bad := range []string{"", "secre", "secret1", "Secret", "secret\x00", strings.Repeat("s", 1<<14)} {
		c.want("-WRONGPASS invalid username-password pair or user is disabled.\r\n", "auth", bad)
	}
	c.want("-WRONGPASS invalid username-password pair or user is disabled.\r\n", "auth", "nosuch", "secret")
	c.want("-ERR syntax error\r\n", "auth", "a", "b", "c")
	if reply := c.do("hello", "3"); !strings.HasPrefix(reply, "-NOAUTH HELLO must be called") {
		t.Error(reply)
	}
	c.want(hello(3, 1), "hello", "3", "auth", "default", "secret")
	c.want("+PONG\r\n", "ping")
	c.want("+RESET\r\n", "reset")
	c.want(no, "ping") // RESET took the rights away again
	c.want("+OK\r\n", "auth", "secret")
	c.want("+PONG\r\n", "ping")
}

// TestPasswordLimits: who has not authenticated may neither announce much nor collect replies without reading them.
func TestPasswordLimits(t *testing.T) {
	r := newRig(t, core.Options{})
	if err := r.set.Set("requirepass", "secret"); err != nil {
		t.Fatal(err)
	}
	address := r.listen()
	for in, want := range map[string]string{
		"*11\r\n":               "-ERR Protocol error: unauthenticated multibulk length\r\n",
		"*1\r\n$16385\r\n":      "-ERR Protocol error: unauthenticated bulk length\r\n",
		"*1\r\n$2000000000\r\n": "-ERR Protocol error: invalid bulk length\r\n",
	} {
		w := dial(t, address)
		io.WriteString(w, in)
		w.expect(want)
		w.closed()
	}
	w := dial(t, address)
	w.expect("+OK\r\n", "auth", "secret")
	w.expect("+OK\r\n", "set", "a", strings.Repeat("x", 20_000)) // in the next batch, and in the same
	io.WriteString(w, request("reset")+request("auth", "secret")+request("set", "a", strings.Repeat("x", 20_000)))
	w.expect("+RESET\r\n+OK\r\n+OK\r\n")
}

func TestQuit(t *testing.T) {
	w := dial(t, newRig(t, core.Options{}).listen())
	io.WriteString(w, request("ping")+request("quit", "now")+request("ping"))
	w.expect("+PONG\r\n+OK\r\n")
	w.closed()
}

// TestCrossProtocol: a browser that is made to talk to this server gets nothing.
func TestCrossProtocol(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	for _, in := range []string{"POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET a b\r\n", "Host: x\r\nSET a b\r\n"} {
		w := dial(t, address)
		io.WriteString(w, in)
		if b, _ := io.ReadAll(w); len(b) > 0 {
			t.Errorf("%.10q was answered with %q", in, b)
		}
	}
	dial(t, address).expect(":0\r\n", "dbsize")
}

func TestProtocolErrorCloses(t *testing.T) {
	w := dial(t, newRig(t, core.Options{}).listen())
	io.WriteString(w, request("ping")+"*1\r\nfoo\r\n"+request("ping"))
	w.expect("+PONG\r\n-ERR Protocol error: expected '$', got 'f'\r\n")
	w.closed()
}
