// Tests of snapshots that are sent to clients.

package redis

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// received loads what a client got.
func received(t *testing.T, from *rig, file []byte) {
	t.Helper()
	to := newRig(t, core.Options{})
	if err := to.e.loadSnapshot(bytes.NewReader(file), 0); err != nil {
		t.Fatal(err)
	}
	same(t, from, to)
}

func TestASnapshotBetweenMarks(t *testing.T) {
	r := newRig(t, core.Options{})
	manyValues(t, r, 21)
	w := dial(t, r.listen())
	w.expect("+OK\r\n", "replconf", "capa", "eof")
	w.expect("+OK\r\n", "replconf", "rdb-only", "1")
	w.Write([]byte(request("sync")))
	head, err := w.r.ReadString('\n')
	if err != nil || !strings.HasPrefix(head, "$EOF:") || len(head) != 47 {
		t.Fatalf("%q, %v", head, err)
	}
	all, err := io.ReadAll(w.r) // who wants nothing more is hung up on
	mark := head[5:45]
	if err != nil || !bytes.HasSuffix(all, []byte(mark)) {
		t.Fatalf("%d bytes without the mark at their end, %v", len(all), err)
	}
	received(t, r, all[:len(all)-40])
}

func TestASnapshotOfKnownLength(t *testing.T) {
	r := newRig(t, core.Options{})
	manyValues(t, r, 22)
	r.setting("repl-ping-replica-period", "1")
	w := dial(t, r.listen())
	if !r.e.begin(jobRewrite) {
		t.Fatal("a job is at work")
	}
	io.WriteString(w, "SYNC\r\n")
	if b, err := w.r.ReadByte(); err != nil || b != '\n' {
		t.Fatalf("%q, %v, want a sign of life", b, err)
	}
	r.e.finish()
	head := "\n"
	for err := error(nil); head == "\n"; head, err = w.r.ReadString('\n') {
		if err != nil {
			t.Fatal(err)
		}
	}
	n, err := strconv.Atoi(strings.Trim(head, "$\r\n"))
	if err != nil {
		t.Fatalf("%q", head)
	}
	file := make([]byte, n)
	if _, err := io.ReadFull(w.r, file); err != nil {
		t.Fatal(err)
	}
	received(t, r, file)
	io.WriteString(w, "PING\r\n") // it is not listened to
	for range 2 {
		if b, err := w.r.ReadByte(); err != nil || b != '\n' {
			t.Fatalf("%q, %v, want a sign of life", b, err)
		}
	}
	eventually(t, "the file is gone", func() bool { r.alone(r.e.dataFile("dump.rdb")); return r.e.working() == noJob })
}

func TestReplicasAreToldTheTruth(t *testing.T) {
	r := newRig(t, core.Options{})
	w := dial(t, r.listen())
	refusal := "-ERR This server does not support replication yet\r\n"
	w.expect("+OK\r\n", "replconf", "listening-port", "7000")
	w.expect("+OK\r\n", "replconf", "capa", "eof", "capa", "psync2")
	w.expect(refusal, "psync", "?", "-1")
	w.expect(refusal, "sync")
}

// TestAClientThatTakesNothing is given up, and the next snapshot is not kept waiting.
func TestAClientThatTakesNothing(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	r.setting("rdbcompression", "no")
	r.setting("repl-timeout", "1")
	for i := range 300 {
		c.do("set", "k"+strconv.Itoa(i), strings.Repeat("x", 100_000))
	}
	w := dial(t, r.listen())
	w.expect("+OK\r\n", "replconf", "capa", "eof")
	w.Write([]byte(request("sync")))
	eventually(t, "it is at work", func() bool { return r.e.working() == jobSend })
	eventually(t, "it was given up", func() bool { return r.e.working() == noJob })
	if _, err := io.ReadAll(w.r); err == nil {
		if b := r.e.background.lastPeak.Load(); b == 0 {
			t.Error("nothing ever waited")
		}
	}
}
