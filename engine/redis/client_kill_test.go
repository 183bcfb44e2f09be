// Tests of the filters of CLIENT KILL.

package redis

import (
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

func TestKillFilterAge(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	old := &engine.Conn{ID: 7, Created: time.Now().Add(-time.Hour)}
	for _, x := range []struct {
		args    string
		matches bool
	}{{"maxage 3600", true}, {"maxage 3601", false}, {"maxage 9223372036854775807", false}, {"maxage 10 id 7", true}, {"maxage 10 id 8", false}, {"type normal maxage 1", true}, {"type replica maxage 1", false}} {
		var words [][]byte
		for _, w := range strings.Fields(x.args) {
			words = append(words, []byte(w))
		}
		f := killFilter{skipMe: true}
		if err := f.read(c.e.users, words); err != nil {
			t.Fatalf("%s: %v", x.args, err)
		}
		if got := f.matches(c.client, old); got != x.matches {
			t.Errorf("%s: %v", x.args, got)
		}
	}
	c.want("-ERR maxage is not an integer or out of range\r\n", "client", "kill", "maxage", "x")
	c.want("-ERR maxage should be greater than 0\r\n", "client", "kill", "maxage", "0")
}

func TestFlagLetters(t *testing.T) {
	for bits, want := range map[uint32]string{0: "N", bitClosing | bitPaused: "bc", bitMonitor | bitNoTouch | bitNoEvict: "OeT", bitMulti | bitPaused: "xb"} {
		if got := letters(bits, "", false); got != want {
			t.Errorf("%b: %s, want %s", bits, got, want)
		}
	}
	if got := letters(bitClosing|bitNoEvict|bitPaused, "tB", true); got != "btBcUe" {
		t.Error(got)
	}
}
