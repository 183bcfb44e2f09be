// Tests of binary_store.go.

package memcached

import "testing"

// step is a request and the status of its answer; silent ones have none.
type step struct {
	q      request
	st     status
	silent bool
}

func (c *client) play(t *testing.T, steps []step) {
	t.Helper()
	for i, s := range steps {
		got := c.ask(s.q)
		switch {
		case s.silent && len(got) == 0:
		case s.silent || len(got) != 1 || got[0].st != s.st || got[0].op != s.q.op:
			t.Errorf("step %d, %+v: %+v", i, s.q, got)
		case s.st != statusOK && (got[0].val != s.st.text() || got[0].cas != 0):
			t.Errorf("step %d, %+v: %+v", i, s.q, got)
		}
	}
}

func TestBinaryStorage(t *testing.T) {
	c := newRig(t).client()
	c.play(t, []step{
		{q: setFrame(0x03, "k", "v", 0, 0), st: statusNotFound},
		{q: setFrame(0x13, "k", "v", 0, 0), st: statusNotFound}, // failures are answered even when quiet
		{q: request{op: 0x0e, key: "k", val: "v"}, st: statusNotStored},
		{q: request{op: 0x1a, key: "k", val: "v"}, st: statusNotStored},
		{q: request{op: 0x04, key: "k"}, st: statusNotFound},
		{q: request{op: 0x14, key: "k"}, st: statusNotFound},
		{q: setFrame(0x02, "k", "v", 0, 0)},
		{q: setFrame(0x02, "k", "v", 0, 0), st: statusExists},
		{q: setFrame(0x12, "k", "v", 0, 0), st: statusExists},
		{q: setFrame(0x13, "k", "w", 1, 0), silent: true},
		{q: request{op: 0x0e, key: "k", val: "-behind"}},
		{q: request{op: 0x1a, key: "k", val: "before-"}, silent: true},
	})
	if got := c.one(request{key: "k"}); got.val != "before-w-behind" || got.ext != be32(1) {
		t.Errorf("%+v", got)
	}
	c.play(t, []step{{q: request{op: 0x14, key: "k"}, silent: true}, {q: request{key: "k"}, st: statusNotFound}})
}

// TestBinaryVersions: every answer shows the version that then counts, and every change makes another one.
func TestBinaryVersions(t *testing.T) {
	c := newRig(t).client()
	seen := map[uint64]bool{0: true}
	change := func(q request) uint64 {
		t.Helper()
		got := c.one(q)
		if got.st != statusOK || seen[got.cas] {
			t.Fatalf("%+v: %+v", q, got)
		}
		seen[got.cas] = true
		if now := c.one(request{key: "k"}); now.cas != got.cas {
			t.Fatalf("%+v: shown %d, is %d", q, got.cas, now.cas)
		}
		return got.cas
	}
	v := change(setFrame(0x01, "k", "5", 0, 0))
	for _, q := range []request{setFrame(0x01, "k", "5", 0, 0), setFrame(0x03, "k", "6", 0, 0), setFrame(0x02, "k", "7", 0, 0), {op: 0x0e, key: "k", val: "1"}, {op: 0x0f, key: "k", val: "1"}, {op: 0x05, key: "k", ext: be64(1) + be64(0) + be32(0)}} {
		old := v
		q.cas = old
		v = change(q)
		if got := c.one(q); got.st != statusExists {
			t.Errorf("%+v with an old version: %+v", q, got)
		}
	}
	c.play(t, []step{
		{q: request{op: 0x04, key: "k", cas: v + 1}, st: statusExists},
		{q: request{op: 0x04, key: "k", cas: v}},
		{q: request{op: 0x01, key: "k", ext: be64(0), cas: v}, st: statusNotFound},
		{q: request{op: 0x02, key: "k", ext: be64(0), cas: v}, st: statusNotFound},
		{q: request{op: 0x03, key: "k", ext: be64(0), cas: v}, st: statusNotFound},
	})
	// A version that nobody was shown fits nothing: quiet sets store none.
	c.play(t, []step{{q: setFrame(0x11, "k", "v", 0, 0), silent: true}, {q: request{op: 0x01, key: "k", ext: be64(0), cas: v}, st: statusExists}})
}

// TestM8VersionStorm changes and reads versions many times: each is another one, and the item stays as big as it was.
func TestM8VersionStorm(t *testing.T) {
	c := newRig(t).client()
	v := c.one(setFrame(0x01, "k", "v", 0, 0)).cas
	before := c.r.store.Memory().Items
	for range 70_000 {
		q := setFrame(0x01, "k", "v", 0, 0)
		q.cas = v
		got := c.one(q)
		if got.st != statusOK || got.cas <= v {
			t.Fatalf("after %d: %+v", v, got)
		}
		v = got.cas
	}
	if after := c.r.store.Memory().Items; after != before {
		t.Errorf("%d bytes became %d", before, after)
	}
}

func TestBinaryWithoutVersions(t *testing.T) {
	c := newRig(t, "CACHESRV_DISABLE_CAS=yes").client()
	for _, q := range []request{setFrame(0x01, "k", "5", 0, 0), {key: "k"}, {op: 0x05, key: "k", ext: be64(1) + be64(0) + be32(0)}, {op: 0x0e, key: "k", val: "1"}} {
		if got := c.one(q); got.st != statusOK || got.cas != 0 {
			t.Errorf("%+v: %+v", q, got)
		}
	}
}
