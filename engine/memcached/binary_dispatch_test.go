// Tests of binary_dispatch.go: frames in pieces, frames that lie, frames that are thrown away.

package memcached

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// mixed is a stream of every kind of request.
func mixed() string {
	var in strings.Builder
	add := func(list ...request) {
		for _, q := range list {
			in.WriteString(q.String())
		}
	}
	for code, op := range newBinaryTable(binaryOps(), newTable(families)).ops {
		if op == nil || strings.HasPrefix(op.name, "quit") || op.name == "stat" {
			continue
		}
		q := request{op: byte(code), ext: strings.Repeat("\x00", int(op.ext)), opaque: uint32(code)}
		if op.has(opKey | opName) {
			q.key = "k"
		}
		if op.has(opItem) {
			q.val = "12"
		}
		add(q, q, request{op: 0x00, key: "k"})
	}
	add(request{op: 0x99, ext: "ab", key: "cde", val: "fghi"}, request{op: 0x1f}, setFrame(0x01, "k", "\x80\x00\r\n", 7, 0), request{op: 0x0c, key: "k"}, request{op: 0x0a})
	return in.String()
}

// TestFramesInPieces is R10 for this protocol: however the bytes arrive, the replies are the same.
func TestFramesInPieces(t *testing.T) {
	in := mixed()
	want := newRig(t).client().send(in)
	if list := responses(t, want); len(list) < 80 || list[len(list)-1].op != 0x0a {
		t.Fatalf("%d responses", len(list))
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for most := range 60 {
		c, got := newRig(t).client(), ""
		for rest := in; rest != ""; {
			n := min(len(rest), 1+rnd.IntN(1+most))
			got += c.send(rest[:n])
			rest = rest[n:]
		}
		if got != want {
			t.Fatalf("in pieces of up to %d: other replies", most+1)
		}
	}
}

// TestM8Lengths: what a header may claim, and that nothing is kept for a claim.
func TestM8Lengths(t *testing.T) {
	const open, closed = false, true
	set := setFrame(0x01, "key", "value", 0, 0)
	get := request{op: 0x00, key: "key"}
	for name, c := range map[string]struct {
		in     string
		st     status
		closes bool
	}{
		"body of 2^32-1":           {set.lying(8, 3, 1<<32-1), statusTooLarge, closed},
		"body of 2^31":             {set.lying(8, 3, 1<<31+11), statusTooLarge, closed},
		"body below key":           {set.lying(8, 3, 2), statusUnknown, closed},
		"body below key + extras":  {set.lying(8, 3, 10), statusUnknown, closed},
		"extras of 255 in no body": {get.lying(255, 3, 3), statusUnknown, closed},
		"extras of 255":            {get.lying(255, 3, 258), statusInvalid, closed},
		"key of 65535 in no body":  {get.lying(0, 65535, 3), statusUnknown, closed},
		"key of 65535":             {get.lying(0, 65535, 65535), statusInvalid, closed},
		"key of 251":               {request{key: strings.Repeat("k", 251)}.String(), statusInvalid, closed},
		"no key":                   {request{}.String(), statusInvalid, closed},
		"get with a value":         {request{key: "k", val: "v"}.String(), statusInvalid, closed},
		"set without extras":       {request{op: 0x01, key: "k", val: "v"}.String(), statusInvalid, closed},
		"set with short extras":    {request{op: 0x01, ext: "1234", key: "k", val: "v"}.String(), statusInvalid, closed},
		"quiet set without extras": {request{op: 0x11, key: "k", val: "v"}.String(), statusInvalid, closed},
		"incr with a value":        {request{op: 0x05, ext: strings.Repeat("\x00", 20), key: "k", val: "v"}.String(), statusInvalid, closed},
		"noop with a body":         {request{op: 0x0a, val: "v"}.String(), statusInvalid, closed},
		"flush with a key":         {request{op: 0x08, key: "v"}.String(), statusInvalid, closed},
		"stat with extras":         {request{op: 0x10, ext: "1"}.String(), statusInvalid, closed},
		"stat with a value":        {request{op: 0x10, val: "1"}.String(), statusInvalid, closed},
		"append with extras":       {request{op: 0x0e, ext: "12345678", key: "k", val: "v"}.String(), statusInvalid, closed},
		"unknown":                  {request{op: 0x70}.String(), statusUnknown, open},
		"unknown with a body":      {request{op: 0x70, ext: "\x80\x0a", key: "abc", val: strings.Repeat("\x80", 1000)}.String(), statusUnknown, open},
		"multiply":                 {request{op: 0x25, ext: "12", key: "abc"}.String(), statusUnknown, open},
		"too large a value":        {setFrame(0x01, "key", strings.Repeat("\x80", 1<<20), 0, 0).String(), statusTooLarge, open},
		"too large an append":      {request{op: 0x0e, key: "key", val: strings.Repeat("\x80", 1<<20)}.String(), statusTooLarge, open},
	} {
		cl := newRig(t).client()
		cl.ask(setFrame(0x11, "key", "old", 0, 0))
		list := responses(t, cl.send(c.in+request{op: 0x0a}.String()))
		if list[0].st != c.st || list[0].val != c.st.text() || cl.s.closing != c.closes || len(list) != map[bool]int{open: 2, closed: 1}[c.closes] {
			t.Errorf("%s: %+v, closing %v", name, list, cl.s.closing)
		}
		if !c.closes && list[1].op != 0x0a {
			t.Errorf("%s: out of step", name)
		}
		if it := cl.r.client().one(get); (it.st == statusNotFound) != (name == "too large a value") {
			t.Errorf("%s: afterwards %+v", name, it)
		}
	}
}

// TestM8Magic: any other first byte on a connection of this protocol ends it.
func TestM8Magic(t *testing.T) {
	for _, in := range []string{"\x7f", "\x81" + strings.Repeat("\x00", 23), "get k\r\n", "\x00"} {
		c := newRig(t).client()
		c.ask(request{op: 0x0a})
		if got := c.send(in); got != "" || !c.s.closing {
			t.Errorf("%q: %q, closing %v", in, got, c.s.closing)
		}
	}
}

// TestM8NothingIsKept: a header that announces a gigabyte makes the session wait for it only when that may be stored.
func TestM8NothingIsKept(t *testing.T) {
	c := newRig(t).client()
	c.send(request{op: 0x70}.lying(0, 0, 1<<32-1))
	for range 100 {
		c.send(strings.Repeat("\x80", 16<<10))
		if len(c.rest) != 0 || c.s.Want() > headerLen {
			t.Fatalf("%d bytes kept, %d wanted", len(c.rest), c.s.Want())
		}
	}
	c = newRig(t).client()
	c.send(setFrame(0x01, "k", "", 0, 0).lying(8, 1, 9+1<<20-200))
	if c.s.Want() == 0 || c.s.Want() > 1<<20 {
		t.Errorf("wants %d", c.s.Want())
	}
}

// TestM8QuietFlood: requests that are not answered cost no output, and gets that miss do not stop the worker.
func TestM8QuietFlood(t *testing.T) {
	c := newRig(t).client()
	flood := strings.Repeat(request{op: 0x0d, key: "nothing"}.String()+setFrame(0x11, "k", "v", 0, 0).String()+request{op: 0x09, key: "no"}.String(), 20000)
	if got := responses(t, c.send(flood+request{op: 0x0a, opaque: 9}.String())); len(got) != 1 || got[0].opaque != 9 {
		t.Errorf("%d responses", len(got))
	}
	hits := strings.Repeat(request{op: 0x0d, key: "k"}.String(), 20000)
	total, rest := 0, hits
	for rest != "" { // the session stops by itself when the output should be sent
		taken := c.s.Feed(c.r.w, []byte(rest))
		if taken == 0 || len(c.r.w.Out) > 80<<10 {
			t.Fatalf("took %d, output %d", taken, len(c.r.w.Out))
		}
		rest, total = rest[taken:], total+len(responses(t, string(c.r.w.Out)))
		c.r.w.Out = c.r.w.Out[:0]
	}
	if total != 20000 {
		t.Errorf("%d hits", total)
	}
}

// TestBinaryWithoutTheStore: while the store is held exclusively, requests that need no data are answered.
func TestBinaryWithoutTheStore(t *testing.T) {
	r := newRig(t)
	c := r.client()
	held, free := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(free)
		tx := r.store.NewTx()
		tx.Enter()
		defer tx.Leave()
		tx.Exclusive(func() {
			held <- struct{}{}
			<-held
		})
	}()
	<-held
	got := c.ask(request{op: 0x0b}, request{op: 0x0a}, request{op: 0x10, key: "detail off"}, request{op: 0x77})
	held <- struct{}{}
	<-free
	if len(got) != 4 || got[0].val != Version || got[3].st != statusUnknown {
		t.Errorf("%+v", got)
	}
	if got := c.one(request{op: 0x00, key: "k"}); got.st != statusNotFound {
		t.Errorf("afterwards %+v", got)
	}
}

// FuzzBinary feeds any frames: nothing panics, every reply is a response, and pieces give the same replies.
func FuzzBinary(f *testing.F) {
	for code, op := range newBinaryTable(binaryOps(), newTable(families)).ops {
		if op != nil && !op.quiet { // small seeds: a long one is minimised for a minute
			f.Add([]byte(setFrame(0x11, "k", "12", 0, 0).String()+request{op: byte(code), ext: strings.Repeat("\x00", int(op.ext)), key: "k", val: "1"}.String()), uint16(code))
		}
	}
	f.Add([]byte(setFrame(0x01, "k", "v", 0, 0).String()+request{op: 0x10}.String()), uint16(3))
	f.Add([]byte(setFrame(0x01, "k", "v", 0, 0).lying(8, 1, 1<<32-1)), uint16(24))
	f.Add([]byte(request{op: 0x21, key: "PLAIN", val: "\x00u\x00p"}.String()), uint16(40))
	f.Fuzz(func(t *testing.T, in []byte, at uint16) {
		if len(in) == 0 || in[0] != requestMagic {
			in = append([]byte{requestMagic}, in...)
		}
		whole := newRig(t).client().send(string(in))
		list := responses(t, whole)
		for _, r := range list {
			if r.op == 0x10 && r.key != "" || r.cas != 0 {
				return // time in the reply
			}
		}
		c := newRig(t).client()
		cut := int(at) % (len(in) + 1)
		if pieces := c.send(string(in[:cut])) + c.send(string(in[cut:])); pieces != whole {
			t.Errorf("%q cut at %d\n got %q\nwant %q", in, cut, pieces, whole)
		}
	})
}
