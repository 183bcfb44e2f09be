// Tests of TIME, LOLWUT and SHUTDOWN; FLUSHALL and SWAPDB are with the keys.

package redis

import (
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

func TestTime(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	lines := strings.Split(c.do("time"), "\r\n")
	if len(lines) != 6 || lines[0] != "*2" || len(lines[2]) < 10 || len(lines[4]) > 6 {
		t.Errorf("%q", lines)
	}
}

func TestLolwut(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.want(bulk("Redis ver. "+Version+"\n"), "lolwut")
	c.want("-ERR value is not an integer or out of range\r\n", "lolwut", "version", "x")
	c.want("-ERR value is not an integer or out of range\r\n", "lolwut", "version", "6", "1", "x")
	c.want(bulk("Redis ver. "+Version+"\n"), "lolwut", "version", "6", "1", "2", "x")
}

func TestShutdownRefused(t *testing.T) {
	r := newRig(t, core.Options{})
	r.loseDirectory()
	c := r.client()
	for line, want := range map[string]string{
		"shutdown foo": "-ERR syntax error\r\n", "shutdown save nosave": "-ERR syntax error\r\n", "shutdown abort now": "-ERR syntax error\r\n",
		"shutdown abort": "-ERR No shutdown in progress.\r\n", "shutdown save": "-ERR Errors trying to SHUTDOWN. Check logs.\r\n",
	} {
		c.want(want, strings.Fields(line)...)
	}
}

func TestShutdown(t *testing.T) {
	r := newRig(t, core.Options{})
	w := dial(t, r.listen())
	w.expect("+PONG\r\n", "ping")
	w.Write([]byte(request("shutdown", "nosave")))
	select {
	case <-r.e.server.Load().StopAsked():
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was asked to stop")
	}
}
