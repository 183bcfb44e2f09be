// CLIENT TRACKING, CACHING, GETREDIR and TRACKINGINFO: what they accept, refuse and tell.

package redis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

const (
	refuseOverlap = "-ERR Prefix '%s' overlaps with %s prefix '%s'. Prefixes for a single client must not overlap.\r\n"
	switchBcast   = "-ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.\r\n"
	switchOpt     = "-ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.\r\n"
)

// talk sends requests, one a line, and compares the replies that stand behind =>.
func talk(w *wire, script string) {
	w.t.Helper()
	for line := range strings.Lines(script) {
		if words, reply, ok := strings.Cut(strings.Trim(line, "\t\n"), " => "); ok {
			w.expect(strings.ReplaceAll(reply, "|", "\r\n")+"\r\n", strings.Fields(words)...)
		}
	}
}

func TestTrackingRefusals(t *testing.T) {
	w := dial(t, newRig(t, core.Options{}).listen())
	w.expect("-ERR wrong number of arguments for 'client|tracking' command\r\n", "client", "tracking")
	talk(w, `
		client tracking foo => -ERR syntax error
		client tracking on foo => -ERR syntax error
		client tracking on redirect => -ERR syntax error
		client tracking on redirect x => -ERR value is not an integer or out of range
		client tracking on redirect 0 => -ERR The client ID you want redirect to does not exist
		client tracking on redirect -1 => -ERR The client ID you want redirect to does not exist
		client tracking off redirect 999 => -ERR The client ID you want redirect to does not exist
		client tracking maybe redirect 1 redirect 1 => -ERR A client can only redirect to a single other client
		client tracking on prefix a => -ERR PREFIX option requires BCAST mode to be enabled
		client tracking on bcast optin optout => -ERR OPTIN and OPTOUT are not compatible with BCAST
		client tracking on optin optout => -ERR You can't specify both OPTIN mode and OPTOUT mode
		client caching yes => -ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled
		client caching foo => -ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled
		client getredir => :-1
		client trackinginfo => *6|$5|flags|*1|$3|off|$8|redirect|:-1|$8|prefixes|*0
		client tracking on optin => +OK
		client caching no => -ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.
		client caching foo => -ERR syntax error
		client tracking on prefix b => -ERR PREFIX option requires BCAST mode to be enabled`)
	w.expect(switchOpt, "client", "tracking", "on", "optout")
	w.expect(switchBcast, "client", "tracking", "on", "bcast", "optout")
	talk(w, `
		client tracking on => +OK
		client tracking on optout => +OK
		client caching yes => -ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.`)
}

func TestTrackingInfo(t *testing.T) {
	w := dial(t, newRig(t, core.Options{}).listen())
	talk(w, `
		client tracking on optin => +OK
		client caching yes => +OK
		client getredir => :0
		client trackinginfo => *6|$5|flags|*3|$2|on|$5|optin|$11|caching-yes|$8|redirect|:0|$8|prefixes|*0
		ping => +PONG
		client trackinginfo => *6|$5|flags|*2|$2|on|$5|optin|$8|redirect|:0|$8|prefixes|*0
		client caching yes => +OK
		nope => -ERR unknown command 'nope', with args beginning with: 
		client trackinginfo => *6|$5|flags|*2|$2|on|$5|optin|$8|redirect|:0|$8|prefixes|*0
		client tracking on redirect 1 => +OK
		client getredir => :1
		client tracking on optout noloop => +OK
		client caching no => +OK
		client trackinginfo => *6|$5|flags|*4|$2|on|$6|optout|$10|caching-no|$6|noloop|$8|redirect|:0|$8|prefixes|*0
		reset => +RESET
		client trackinginfo => *6|$5|flags|*1|$3|off|$8|redirect|:-1|$8|prefixes|*0`)
}

func TestTrackingPrefixes(t *testing.T) {
	r := newRig(t, core.Options{})
	w := dial(t, r.listen())
	on := []string{"client", "tracking", "on", "bcast"}
	refuse := func(a, which, b string, prefixes ...string) {
		t.Helper()
		words := on
		for _, p := range prefixes {
			words = append(words, "prefix", p)
		}
		w.expect(fmt.Sprintf(refuseOverlap, a, which, b), words...)
	}
	refuse("foo", "another provided", "foobar", "foo", "foobar")
	refuse("foobar", "another provided", "foo", "foobar", "foo")
	refuse("a", "another provided", "a", "z", "a", "a") // the original answers this twice, and goes on
	talk(w, `
		client trackinginfo => *6|$5|flags|*1|$3|off|$8|redirect|:-1|$8|prefixes|*0
		client tracking on bcast prefix foo prefix bar => +OK
		client trackinginfo => *6|$5|flags|*2|$2|on|$5|bcast|$8|redirect|:0|$8|prefixes|*2|$3|bar|$3|foo`)
	refuse("bark", "an existing", "bar", "bark")
	refuse("b", "an existing", "bar", "b")
	refuse("x", "another provided", "xy", "x", "xy", "foo")
	talk(w, `
		client tracking on bcast => +OK
		client tracking on bcast => +OK
		client trackinginfo => *6|$5|flags|*2|$2|on|$5|bcast|$8|redirect|:0|$8|prefixes|*3|$0||$3|bar|$3|foo`)
	refuse("x", "an existing", "", "x")
	w.expect(switchBcast, "client", "tracking", "on")
	if got := w.text("info", "stats"); !strings.Contains(got, "tracking_total_prefixes:3\r\n") {
		t.Errorf("INFO does not count three prefixes: %q", got)
	}
	talk(w, "client tracking off => +OK")
	if got := w.text("info", "stats"); !strings.Contains(got, "tracking_total_prefixes:0\r\n") {
		t.Errorf("prefixes are left: %q", got)
	}
	if n := r.store.Memory().Foreign; n > 64<<10 {
		t.Errorf("%d bytes are still counted", n)
	}
}

// TestManyPrefixes gives twenty thousand that do not overlap, and then one that does.
func TestManyPrefixes(t *testing.T) {
	w := dial(t, newRig(t, core.Options{}).listen())
	w.expect("+PONG\r\n", "ping") // who has not sent a command yet may only send short ones
	words := []string{"client", "tracking", "on", "bcast"}
	for i := range 3_000 {
		words = append(words, "prefix", fmt.Sprintf("%04d", i))
	}
	w.expect("+OK\r\n", words...)
	w.expect(fmt.Sprintf(refuseOverlap, "099", "an existing", "0990"), "client", "tracking", "on", "bcast", "prefix", "x", "prefix", "099")
	w.expect("+OK\r\n", "set", "01234", "1")
	w.expect("+OK\r\n", "client", "tracking", "off")
}

func TestTrackingInClientList(t *testing.T) {
	w := dial(t, newRig(t, core.Options{}).listen())
	for _, s := range []struct{ do, flags string }{
		{"client tracking on", " flags=t "}, {"client tracking off", " redir=-1 "}, {"client tracking on bcast", " flags=tB "}, {"client tracking off", " flags=N "},
		{"client tracking on redirect 1", " redir=1 "}, {"reset", " flags=N "},
	} {
		reply := map[bool]string{true: "+RESET\r\n", false: "+OK\r\n"}[s.do == "reset"]
		w.expect(reply, strings.Fields(s.do)...)
		if got := w.text("client", "list"); !strings.Contains(got, s.flags) {
			t.Errorf("after %s: %q is not in %q", s.do, s.flags, got)
		}
	}
}
