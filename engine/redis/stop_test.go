// Tests of the end: what is acknowledged is in the last snapshot, and an end that cannot save is none.

package redis

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestNothingChangesWhileTheLastSnapshotIsSaved(t *testing.T) {
	r := newRig(t, core.Options{})
	d := newHeldDisk(t)
	r.e.fs = d
	address := r.listen()
	w, reader := dial(t, address), dial(t, address)
	w.expect("+OK\r\n", "set", "k", "v")
	stopped := make(chan error, 1)
	go func() { stopped <- r.e.PrepareStop("SIGTERM") }()
	receive(t, "the first write", d.at)
	w.Write([]byte(request("set", "k", "w")))
	eventually(t, "the write waits", func() bool { return r.e.pause.held.Load() == 1 })
	reader.expect(bulk("v"), "get", "k")
	reader.expect("+OK\r\n", "client", "unpause")
	reader.expect(bulk("v"), "get", "k")
	reader.expect("+OK\r\n", "shutdown", "abort")
	d.open()
	if err := receive(t, "the end of the stop", stopped); err == nil {
		t.Error("an end that was aborted goes on")
	}
	w.expect("+OK\r\n") // the write that waited
	reader.expect("-ERR No shutdown in progress.\r\n", "shutdown", "abort")
	if err := r.e.PrepareStop("SIGTERM"); err != nil {
		t.Fatal(err)
	}
	again := startFrom(t, r)
	if err := again.load(); err != nil {
		t.Fatal(err)
	}
	again.client().want(bulk("w"), "get", "k")
}

func TestHowToStop(t *testing.T) {
	for _, c := range []struct {
		save, signal string
		broken       bool
		wish         string // SHUTDOWN's words; "" a signal
		saved, fails bool
	}{
		{"3600 1", "default", false, "", true, false},
		{"", "default", false, "", false, false},
		{"", "save", false, "", true, false},
		{"3600 1", "nosave", false, "", false, false},
		{"3600 1", "default", true, "", false, true},
		{"3600 1", "force", true, "", false, false},
		{"3600 1", "nosave", true, "", false, false},
	} {
		r := newRig(t, core.Options{})
		d, name := r.disk()
		r.setting("save", c.save)
		r.setting("shutdown-on-sigterm", c.signal)
		r.client().do("set", "k", "v")
		d.write.Store(c.broken)
		err := r.e.PrepareStop("SIGTERM")
		if _, none := os.Stat(name); (err != nil) != c.fails || (none == nil) != c.saved {
			t.Errorf("%+v: %v, %v", c, err, none)
		}
		if c.fails {
			r.client().want("+OK\r\n", "set", "k", "w") // SAVE's failure does not count for a rule's
			d.write.Store(false)
			if err := r.e.PrepareStop("SIGTERM"); err != nil {
				t.Errorf("the second time: %v", err)
			}
		}
	}
}

func TestShutdownSaves(t *testing.T) {
	for words, saved := range map[string]bool{"": true, "save": true, "nosave": false, "now": true} {
		r := newRig(t, core.Options{})
		w := dial(t, r.listen())
		w.expect("+OK\r\n", "set", "k", "v")
		line := []string{"shutdown"}
		if words != "" {
			line = append(line, words)
		}
		w.Write([]byte(request(line...)))
		receive(t, "the wish to stop", r.e.server.Load().StopAsked())
		if _, err := os.Stat(filepath.Join(r.set.Get("dir"), "dump.rdb")); (err == nil) != saved {
			t.Errorf("%q: %v", words, err)
		}
	}
}
