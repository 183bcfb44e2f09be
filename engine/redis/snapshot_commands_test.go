// Tests of the base as commands: it holds everything, and what cannot be written ends it.

package redis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/vfs/faults"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
)

// fromCommands is an engine that has run commands as a base.
func fromCommands(t *testing.T, file []byte) *rig {
	t.Helper()
	r := newRig(t, core.Options{})
	a := &r.e.aof
	if err := errors.Join(os.MkdirAll(a.dir(), 0o700), os.WriteFile(a.path("base"), file, 0o600)); err != nil {
		t.Fatal(err)
	}
	m := a.newReplay(int64(len(file)))
	if _, err := m.file(aof.Entry{Name: "base", Type: aof.Base}, true); err != nil || m.refused > 0 {
		t.Fatal(err, m.refusal)
	}
	return r
}

func (r *rig) commands() []byte {
	r.t.Helper()
	var b bytes.Buffer
	if err := r.e.writeCommands(context.Background(), &b, nil); err != nil {
		r.t.Fatal(err)
	}
	return b.Bytes()
}

// TestCommandsHoldEverything: values that fit the scratch, longer ones, whose length is measured before, and such as take many buffers.
func TestCommandsHoldEverything(t *testing.T) {
	for _, compress := range []string{"yes", "no"} {
		from := newRig(t, core.Options{})
		from.setting("rdbcompression", compress)
		manyValues(t, from, 7)
		c := from.client()
		bigThings(c, 20_000)
		c.do("hset", "timed", "a", "1", "b", strings.Repeat("b", spoolBuffer))
		c.do("hpexpireat", "timed", "33000000000000", "fields", "1", "a")
		c.do("set", strings.Repeat("n", 2*spoolBuffer), strings.Repeat("v", 3*spoolBuffer), "pxat", "33000000000000")
		to := fromCommands(t, from.commands())
		same(t, from, to)
		to.client().want("*2\r\n:33000000000000\r\n:-1\r\n", "hpexpiretime", "timed", "fields", "2", "a", "b")
		to.client().want(":33000000000000\r\n", "pexpiretime", strings.Repeat("n", 2*spoolBuffer))
		to.client().want(":7\r\n", "fcall", "f", "0")
	}
}

// TestCommandsThatCannotBeWritten: an error ends the walk soon, not at its end.
func TestCommandsThatCannotBeWritten(t *testing.T) {
	r := newRig(t, core.Options{})
	r.setting("rdbcompression", "no")
	manyValues(t, r, 3)
	c := r.client()
	for i := range 400 {
		c.do("set", fmt.Sprint("long", i), strings.Repeat("v", spoolBuffer/2))
	}
	size := len(r.commands())
	for _, left := range []int{0, size / 2, size - 1} {
		w, walked := &failingWriter{left}, int64(0)
		if err := r.e.writeCommands(context.Background(), w, nil); !errors.Is(err, errBroken) {
			t.Errorf("after %d of %d bytes: %v", left, size, err)
		}
		if walked = r.e.background.walked.Load(); left == 0 && walked >= r.e.background.keys.Load() {
			t.Errorf("all %d keys were walked for nothing", walked)
		}
	}
	r.commands() // the next one is none the worse
	r.e.Close()
	if err := r.e.writeCommands(context.Background(), &bytes.Buffer{}, nil); err != errClosing {
		t.Errorf("after the end: %v", err)
	}
}

// TestF6DiskFullForARewriteAsCommands: the disk is full from each write of the base on. The old files stay in use and are counted, and the next rewrite with room
// succeeds.
func TestF6DiskFullForARewriteAsCommands(t *testing.T) {
	settings := []string{"appendonly", "yes", "appendfsync", "always", "aof-use-rdb-preamble", "no", "rdbcompression", "no"}
	for k, failed := 0, true; failed; k++ {
		d, broken, l, c := onFaults(t, settings...)
		for range 5 {
			l.client().do("rpush", "long", strings.Repeat("v", spoolBuffer))
		}
		c.pushUntilKept()
		rewrite := func() (info string) {
			before := len(broken.Steps())
			c.ask("BGREWRITEAOF")
			l.eventually("a rewrite begins", func() bool { return len(broken.Steps()) > before })
			l.eventually("it ends", func() bool { return l.e.working() == noJob })
			c.pushUntilKept()
			return l.client().do("INFO", "persistence")
		}
		full := &faults.Rule{Op: faults.Write, Name: "temp-rewriteaof-*", Skip: k, Err: syscall.ENOSPC}
		broken.Add(full)
		info := rewrite()
		if failed = strings.Contains(info, "aof_last_bgrewrite_status:err"); !failed && k < 5 {
			t.Errorf("the base takes %d writes", k)
		}
		size := 0
		_, after, _ := strings.Cut(info, "aof_current_size:")
		fmt.Sscan(after, &size)
		if size < 5*spoolBuffer {
			t.Errorf("full at write %d: the files have %d bytes", k, size)
		}
		if broken.Drop(full); k%2 == 0 && !strings.Contains(rewrite(), "aof_last_bgrewrite_status:ok") {
			t.Errorf("full at write %d: with room again the rewrite fails", k)
		}
		c.judge(fmt.Sprintf("full at write %d", k), d.PowerCut(int64(k)), settings...)
	}
}
