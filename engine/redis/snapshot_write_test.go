// Tests of snapshots: written, loaded, of one moment, and read by the original.

package redis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// snapshot writes one into memory.
func (r *rig) snapshot() []byte {
	r.t.Helper()
	var b bytes.Buffer
	if err := r.e.writeSnapshot(context.Background(), &b, rdbAux{}, nil); err != nil {
		r.t.Fatal(err)
	}
	return b.Bytes()
}

// manyValues fills a rig with keys of every type and encoding, in two databases, with and without an expiry.
func manyValues(t testing.TB, r *rig, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	c := r.client()
	for _, db := range []string{"0", "3"} {
		c.want("+OK\r\n", "select", db)
		for _, tr := range travels {
			for n := range 4 {
				key := tr.name + strconv.Itoa(n)
				for range []int{1, 20, 300, 900}[n] {
					c.do(tr.fill(rnd)...)
				}
				c.do("rename", "k", key)
				if n%2 == 1 {
					c.do("pexpireat", key, "1700000900000")
				}
			}
		}
		for i := range 50 {
			c.want("+OK\r\n", "set", fmt.Sprint("s", i), sometext(rnd))
		}
		c.want("+OK\r\n", "set", "", "the empty key")
		c.want("+OK\r\n", "set", "long", strings.Repeat("long text ", 100_000))
	}
	c.want("+OK\r\n", "select", "0")
	c.do("function", "load", "#!lua name=lib\nredis.register_function('f', function() return 7 end)")
}

func TestASnapshotHoldsEverything(t *testing.T) {
	for _, compress := range []string{"yes", "no"} {
		from := newRig(t, core.Options{})
		if err := from.set.Set("rdbcompression", compress); err != nil {
			t.Fatal(err)
		}
		manyValues(t, from, 7)
		file := from.snapshot()
		to := newRig(t, core.Options{Shards: 16})
		if err := to.e.loadSnapshot(bytes.NewReader(file), int64(len(file))); err != nil {
			t.Fatal(err)
		}
		same(t, from, to)
		c := to.client()
		c.want(":7\r\n", "fcall", "f", "0")
		if at := from.client().do("pexpiretime", "hash1"); at != c.do("pexpiretime", "hash1") {
			t.Errorf("the expiry was %q", at)
		}
		if got, want := to.e.progress.keys.Load(), from.store.Len(0)+from.store.Len(3); got != int64(want) {
			t.Errorf("%d keys counted, want %d", got, want)
		}
	}
}

// same holds two rigs' data against each other.
func same(t *testing.T, a, b *rig) {
	t.Helper()
	if x, y := a.digest(), b.digest(); x != y || strings.Count(x, "0") > 30 {
		t.Fatalf("the digests are %q and %q", x, y)
	}
	for db := range a.store.Databases() {
		if a.store.Len(db) != b.store.Len(db) || a.store.Expiring(db) != b.store.Expiring(db) {
			t.Errorf("database %d: %d keys, %d expiring; then %d, %d", db, a.store.Len(db), a.store.Expiring(db), b.store.Len(db), b.store.Expiring(db))
		}
	}
}

func (r *rig) digest() string {
	r.t.Helper()
	r.set.Note("enable-debug-command", "yes")
	return r.client().do("debug", "digest")
}

func TestASnapshotIsOfOneMoment(t *testing.T) {
	r := newRig(t, core.Options{})
	const accounts = 5_000
	c := r.client()
	for i := range accounts {
		c.do("set", "a"+strconv.Itoa(i), "100")
	}
	var stop sync.WaitGroup
	end := make(chan struct{})
	address := r.listen()
	for g := range 2 {
		stop.Add(1)
		w := dial(t, address)
		go func() {
			defer stop.Done()
			rnd := rand.New(rand.NewPCG(uint64(g), 2))
			for {
				select {
				case <-end:
					return
				default:
				}
				n := strconv.Itoa(rnd.IntN(50))
				io.WriteString(w, request("multi")+request("decrby", "a"+strconv.Itoa(rnd.IntN(accounts)), n)+
					request("incrby", "a"+strconv.Itoa(rnd.IntN(accounts)), n)+request("exec"))
				for range 6 {
					if _, err := w.r.ReadString('\n'); err != nil {
						t.Error(err)
						return
					}
				}
			}
		}()
	}
	for range 5 {
		file := r.snapshot()
		to := newRig(t, core.Options{})
		if err := to.e.loadSnapshot(bytes.NewReader(file), 0); err != nil {
			t.Fatal(err)
		}
		sum, c := 0, to.client()
		for i := range accounts {
			n, err := strconv.Atoi(strings.Split(c.do("get", "a"+strconv.Itoa(i)), "\r\n")[1])
			if err != nil {
				t.Fatal(err)
			}
			sum += n
		}
		if sum != 100*accounts {
			t.Fatalf("the accounts hold %d", sum)
		}
	}
	close(end)
	stop.Wait()
}

// slowWriter takes one write at a time.
type slowWriter struct {
	b    bytes.Buffer
	next <-chan struct{}
}

func (w *slowWriter) Write(b []byte) (int, error) {
	<-w.next
	return w.b.Write(b)
}

func TestASlowDiskHoldsWritersUpOnlyAtTheLimit(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	for i := range 64 {
		c.do("set", "k"+strconv.Itoa(i), strings.Repeat(strconv.Itoa(i), 100_000))
	}
	if err := r.set.Set("rdbcompression", "no"); err != nil {
		t.Fatal(err)
	}
	w := &slowWriter{}
	var open func()
	w.next, open = latch(t)
	began, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- r.e.writeSnapshot(context.Background(), w, rdbAux{}, func() { close(began) }) }()
	receive(t, "the moment of the snapshot", began)
	for i := range 64 { // 12 MB: more than the walk is ahead, less than the spool takes
		c.want("+OK\r\n", "set", "k"+strconv.Itoa(i), "new")
	}
	open()
	if err := receive(t, "the end of the snapshot", done); err != nil {
		t.Fatal(err)
	}
	to := newRig(t, core.Options{})
	if err := to.e.loadSnapshot(&w.b, 0); err != nil {
		t.Fatal(err)
	}
	to.client().want(":200000\r\n", "strlen", "k63")
}

// failingWriter fails after some bytes.
type failingWriter struct{ left int }

var errBroken = errors.New("broken")

func (w *failingWriter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errBroken
	}
	return len(b), nil
}

func TestASnapshotThatCannotBeWritten(t *testing.T) {
	r := newRig(t, core.Options{})
	manyValues(t, r, 3)
	size := len(r.snapshot())
	for _, left := range []int{0, size / 2, size - 1} {
		if err := r.e.writeSnapshot(context.Background(), &failingWriter{left}, rdbAux{}, nil); !errors.Is(err, errBroken) {
			t.Errorf("after %d bytes: %v", left, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.e.writeSnapshot(ctx, io.Discard, rdbAux{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a snapshot that was given up: %v", err)
	}
	r.snapshot() // the next one is none the worse
	r.e.Close()
	if err := r.e.writeSnapshot(context.Background(), io.Discard, rdbAux{}, nil); err != errClosing {
		t.Errorf("after the end: %v", err)
	}
}

func TestASnapshotEndsWithTheEngine(t *testing.T) {
	r := newRig(t, core.Options{})
	manyValues(t, r, 4)
	r.setting("rdb-key-save-delay", "1000000") // it would take minutes
	began, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- r.e.writeSnapshot(context.Background(), io.Discard, rdbAux{}, func() { close(began) })
	}()
	receive(t, "the moment of the snapshot", began)
	ended(t, "the engine ends", r.e.Close)
	if err := receive(t, "the end of the snapshot", done); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
