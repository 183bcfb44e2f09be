// The buffers of a connection against a plain byte slice under random operations, with the accounting checked at every step.

package engine

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func bufferServer(t *testing.T) *Server {
	s, err := NewServer(nil, &lineEngine{}, Options{Portable: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestInputBufferAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	s := bufferServer(t)
	c := &Conn{srv: s}
	var model []byte
	thread := make([]byte, testBuffer)
	noise := make([]byte, 1<<20)
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	fill := func(p []byte) { copy(p, noise[rnd.IntN(len(noise)-len(p)):]) }
	for step := range 5000 {
		if rnd.IntN(3) == 0 { // read in place
			room := c.room()
			n := rnd.IntN(len(room) + 1)
			fill(room[:n])
			c.in = c.in[:len(c.in)+n]
			model = append(model, room[:n]...)
		} else { // read behind a copy
			kept := copy(thread, c.in)
			if kept < len(c.in) {
				c.keep(c.in[kept:]) // too long for the buffer: take some
				model = model[kept:]
				continue
			}
			n := rnd.IntN(len(thread) - kept + 1)
			fill(thread[kept : kept+n])
			model = append(model, thread[kept:kept+n]...)
			c.keep(thread[:kept+n])
		}
		if !bytes.Equal(c.in, model) {
			t.Fatalf("step %d: the input differs", step)
		}
		taken := rnd.IntN(len(model) + 1)
		if rnd.IntN(4) == 0 {
			taken = len(model)
		}
		c.want = rnd.IntN(100000)
		c.keep(c.in[taken:])
		model = model[taken:]
		if !bytes.Equal(c.in, model) {
			t.Fatalf("step %d: the rest differs", step)
		}
		if len(model) == 0 && c.in != nil {
			t.Fatalf("step %d: an empty buffer was kept", step)
		}
		if got := s.tally.buffers.Load(); got != int64(cap(c.in)) || c.queryCap.Load() != got {
			t.Fatalf("step %d: %d bytes accounted, %d held", step, got, cap(c.in))
		}
	}
	c.drop()
	if got := s.tally.buffers.Load(); got != 0 {
		t.Errorf("%d bytes left", got)
	}
}

const testBuffer = 64 << 10

func TestOutputBufferAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	s := bufferServer(t)
	c, w := &Conn{srv: s}, s.newWorker()
	noise := make([]byte, 200000)
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	var model []byte
	for step := range 5000 {
		if rnd.IntN(2) == 0 {
			at := rnd.IntN(len(noise))
			w.Out = append(w.Out, noise[at:min(len(noise), at+rnd.IntN([]int{10, 1000, 100000}[rnd.IntN(3)]))]...)
			from := 0
			if c.out == nil { // some of it was sent at once
				from = rnd.IntN(len(w.Out) + 1)
			}
			model = append(model, w.Out[from:]...)
			c.stash(w, from)
			if len(w.Out) != 0 || cap(w.Out) == 0 {
				t.Fatalf("step %d: the worker is left with %d bytes of %d", step, len(w.Out), cap(w.Out))
			}
		} else if c.out != nil {
			n := rnd.IntN(c.pending() + 1)
			if rnd.IntN(3) == 0 {
				n = c.pending()
			}
			model = model[n:]
			c.setOut(c.out, c.sent+n)
		}
		if !bytes.Equal(c.out[c.sent:], model) || c.pending() != len(model) || c.pendings.Load() != int64(len(model)) {
			t.Fatalf("step %d: the output differs", step)
		}
		if (len(model) == 0) != (c.out == nil) {
			t.Fatalf("step %d: %d bytes pending in a buffer of %d", step, len(model), cap(c.out))
		}
		if got := s.tally.buffers.Load(); got != int64(cap(c.out)) {
			t.Fatalf("step %d: %d bytes accounted, %d held", step, got, cap(c.out))
		}
	}
}

// What one client left in a shared buffer must never reach another: canaries of one, everything the other sees.
func TestNoBytesOfOthers(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		a, b := r.dial(), r.dial()
		canary := bytes.Repeat([]byte("CANARY"), 20000)
		for n := 1; n < len(canary); n = n*3 + 1 {
			a.send("blob 120000\n" + string(canary[:n]))
			b.send("echo short\nblob 3\nxyzecho half")
			if x, y := b.line(), b.line(); x != "short" || y[:6] != "blob 3" {
				t.Fatalf("%q %q", x, y)
			}
			b.expect("", "half")
			a.Close()
			a = r.dial()
		}
		b.expect("big 100000", string(bytes.Repeat([]byte{'x'}, 100000)))
	})
}
