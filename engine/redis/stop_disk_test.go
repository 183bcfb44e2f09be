// A disk that does not answer: who waits for it, who does not, and that the server can be ended.

package redis

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs/faults"
)

// silence has the next call of a kind to a file of the log wait until open is called.
func silence(t *testing.T, broken *faults.FS, op faults.Op) (began <-chan struct{}, open func()) {
	shut, release := latch(t)
	c := make(chan struct{}, 100)
	rule := &faults.Rule{Op: op, Name: "*.incr.aof", Wait: func() {
		c <- struct{}{}
		<-shut
	}}
	broken.Add(rule)
	return c, func() {
		broken.Drop(rule)
		release()
	}
}

// TestF8ADiskThatDoesNotAnswer: those who do not change anything are served, INFO tells of it, and who waits gets his answer when it is there.
func TestF8ADiskThatDoesNotAnswer(t *testing.T) {
	for _, policy := range []string{"always", "everysec", "no"} {
		for _, op := range []faults.Op{faults.Write, faults.Sync} {
			if op == faults.Sync && policy == "no" {
				continue // nothing is synced
			}
			t.Run(policy+" "+op.String(), func(t *testing.T) {
				_, broken, l, c := onFaults(t, "appendonly", "yes", "appendfsync", policy)
				c.pushUntilKept()
				began, open := silence(t, broken, op)
				got := make(chan string, 1)
				go func() { got <- c.push() }()
				receive(t, "the call", began)
				reader := &trial{t: t, address: l.address}
				want := op.String() + " appendonly.aof.1.incr.aof"
				if _, call := l.e.Unanswered(); call != want {
					t.Errorf("what is waited for is %q, want %q", call, want)
				}
				if policy == "everysec" && op == faults.Write { // once: it takes a second
					l.eventually("INFO tells of it", func() bool {
						info := l.client().do("INFO", "persistence")
						return strings.Contains(info, "disk_unanswered_call:"+want+"\r\n") && !strings.Contains(info, "disk_unanswered_seconds:0")
					})
				}
				for _, words := range [][]string{{"PING"}, {"LLEN", "all"}, {"INFO"}, {"CONFIG", "GET", "appendonly"}} {
					if reply := reader.ask(words...); reply == "" || reply[0] == '-' {
						t.Errorf("%s: %q", words[0], reply)
					}
				}
				open()
				if reply := receive(t, "the reply", got); !strings.HasPrefix(reply, ":") {
					t.Errorf("who waited gets %q", reply)
				}
				l.eventually("INFO tells of nothing any more", func() bool {
					return strings.Contains(l.client().do("INFO", "persistence"), "disk_unanswered_seconds:0\r\n")
				})
			})
		}
	}
}

// TestAnEndWithoutTheDisk: SHUTDOWN NOSAVE FORCE waits for no answer of the disk, also where another end does already.
func TestAnEndWithoutTheDisk(t *testing.T) {
	_, broken, l, c := onFaults(t, "appendonly", "yes", "appendfsync", "everysec", "save", "3600 1")
	c.pushUntilKept()
	began, _ := silence(t, broken, faults.Sync)
	c.push()
	receive(t, "the Sync", began)
	if err := l.e.prepareStop(stopWish{nosave: true, force: true}); err != nil {
		t.Fatal(err)
	}
	ended(t, "the engine ends", l.e.Close)
	if !l.e.Left() {
		t.Error("it says that it has waited")
	}
}

// TestAnEndInHasteTakesOver: the first end waits for a snapshot that the disk does not take.
func TestAnEndInHasteTakesOver(t *testing.T) {
	_, broken, l, c := onFaults(t, "appendonly", "yes", "appendfsync", "everysec", "save", "3600 1")
	c.pushUntilKept()
	shut, open := latch(t)
	began := make(chan struct{}, 100)
	broken.Add(&faults.Rule{Op: faults.Write, Name: "temp-*.rdb", Wait: func() {
		began <- struct{}{}
		<-shut
	}})
	stopped := make(chan error, 1)
	go func() { stopped <- l.e.PrepareStop("SIGTERM") }()
	receive(t, "the first write of the last snapshot", began)
	if err := l.e.prepareStop(stopWish{nosave: true}); err != errStopping {
		t.Errorf("a second end without FORCE: %v", err)
	}
	if err := l.e.prepareStop(stopWish{nosave: true, force: true}); err != nil {
		t.Fatal(err)
	}
	ended(t, "the engine ends", l.e.Close)
	if !l.e.Left() {
		t.Error("it says that it has waited")
	}
	open()
	if err := receive(t, "the first end", stopped); err == nil {
		t.Error("the first end goes on")
	}
	if !l.e.stopping.active() {
		t.Error("the end in haste is not under way any more")
	}
}
