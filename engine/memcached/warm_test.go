//go:build linux

package memcached

import (
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// restart ends the rig in order and opens the next over the same file, so many ms later.
func (r *rig) restart(file string, ms int64) *rig {
	r.t.Helper()
	r.e.Close()
	memo, keep := r.e.Memo()
	if !keep {
		r.t.Fatal("the items are not to stay")
	}
	if err := r.store.Keep(memo); err != nil {
		r.t.Fatal(err)
	}
	return openWarm(r.t, file, atomic.LoadInt64(&r.now)+ms)
}

func openWarm(t testing.TB, file string, now int64) *rig {
	t.Helper()
	r := &rig{t: t, now: now}
	var err error
	r.store, err = core.Open(core.Options{Databases: 1, Shards: 4, NoActiveSweep: true, File: file, Now: func() int64 { return atomic.LoadInt64(&r.now) }})
	if err != nil {
		t.Fatal(err)
	}
	if r.e, err = New(r.store, config.Defaults(config.Memcached), hclog.NewNullLogger()); err != nil {
		t.Fatal(err)
	}
	r.w = &engine.Worker{Tx: r.store.NewTx()}
	t.Cleanup(func() { r.e.Close(); r.store.Close() })
	return r
}

func TestWarmRestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "memory")
	r := openWarm(t, file, 1_800_000_000_000)
	r.client().send("set a 5 0 3\r\nabc\r\nset b 0 100 1\r\nx\r\nset c 0 10 1\r\ny\r\n")
	before := r.client().send("gets a\r\n")
	r = r.restart(file, 20_000)
	if got := r.client().send("gets a\r\n"); got != before {
		t.Errorf("got %q, before %q", got, before)
	}
	if got := r.client().send("mg b t v\r\nget c\r\n"); got != "VA 1 t80\r\nx\r\nEND\r\n" {
		t.Errorf("expiry goes on while the server is down: %q", got)
	}
	if got := r.client().send("set a 5 0 3\r\nabc\r\ngets a\r\n"); got == "STORED\r\n"+before {
		t.Errorf("a version came twice: %q", got)
	}
}

func TestWarmRestartBeforeTheMomentOfAFlush(t *testing.T) {
	file := filepath.Join(t.TempDir(), "memory")
	r := openWarm(t, file, 1_800_000_000_000)
	r.client().send(oneItem + "flush_all 100\r\n")
	r = r.restart(file, 50_000)
	if got := r.client().send("get k\r\n"); got != "VALUE k 0 1\r\nx\r\nEND\r\n" {
		t.Errorf("before the moment: %q", got)
	}
	if _, pending := r.e.flusher.pending(); !pending {
		t.Error("the flush is forgotten")
	}
	r = r.restart(file, 60_000)
	if got := r.client().send("get k\r\n"); got != "END\r\n" {
		t.Errorf("a flush was due while the server was down: %q", got)
	}
}
