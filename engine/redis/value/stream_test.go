// Streams in a store: changes through Edit and Done, copies, lazy freeing; the memory of all of them adds up.

package value

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/stream"
)

// streams is a store and the number of entries that each stream should have.
type streams struct {
	*testing.T
	s      *core.Store
	tx     *core.Tx
	lim    *Limits
	length map[string]int
	last   uint64
	bytes  int // of an entry's value at most
	full   int
	freers sync.WaitGroup // what frees in the background
}

func newStreams(t *testing.T, o core.Options) *streams {
	x := &streams{T: t, lim: NewLimits(config.Defaults(config.Redis)), length: map[string]int{}, bytes: 60}
	o.Shards, o.Policy = 4, "noeviction"
	o.Spawn = func(name string, f func()) {
		if name != "lazyfree" {
			go f()
			return
		}
		x.freers.Go(f)
	}
	s, err := core.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	x.s, x.tx = s, s.NewTx()
	x.tx.Enter()
	t.Cleanup(func() { x.tx.Leave() })
	return x
}

func (x *streams) under(f func(k core.Key), name string, more ...string) {
	keys := []core.Key{x.s.Key([]byte(name))}
	for _, n := range more {
		keys = append(keys, x.s.Key([]byte(n)))
	}
	x.tx.Lock(keys)
	defer x.tx.Unlock()
	f(keys[0])
}

func (x *streams) open(k core.Key) Stream {
	return OpenStream(At(x.tx, x.lim, 0, k, x.tx.Read(0, k)))
}

// add adds entries with one value of so many bytes, and hands each to a consumer.
func (x *streams) add(name string, entries, bytes int) {
	x.under(func(k core.Key) {
		s := x.open(k)
		s.Edit()
		var err error
		g, ok := s.Group([]byte("g"))
		if !ok {
			if g, ok = s.AddGroup([]byte("g"), stream.ID{}, 0); !ok {
				err = core.ErrNoMemory
			}
		}
		n := 0
		for ; err == nil && n < entries; n++ {
			x.last++
			id := stream.ID{Ms: x.last}
			if err = s.Append(id, [][]byte{[]byte("f"), make([]byte, bytes)}); err != nil {
				break
			}
			c, ok := g.Consumer([]byte("c"))
			if !ok {
				c, ok = g.AddConsumer([]byte("c"), 1)
			}
			if !ok || !g.Hand(c, id, 1, 1).Ok() {
				x.full++
			}
		}
		kept := s.Ok()
		if err = s.Done(err); err != nil {
			x.full++
		}
		if kept || err == nil {
			x.length[name] += n
		}
	}, name)
}

func (x *streams) check() {
	x.Helper()
	for name, n := range x.length {
		x.under(func(k core.Key) {
			s := x.open(k)
			if int(s.Length) != n {
				x.Fatalf("%q has %d entries, not %d", name, s.Length, n)
			}
			for w := s.Walk(stream.ID{}, stream.MaxID, false); w.Next(); n-- {
			}
			if n != 0 {
				x.Fatalf("%q: %d entries cannot be read", name, n)
			}
		}, name)
	}
}

func (x *streams) step(r *rand.Rand) {
	name := fmt.Sprint("s", r.IntN(5))
	switch r.IntN(10) {
	case 0:
		x.under(func(k core.Key) { x.tx.Delete(0, k) }, name)
		delete(x.length, name)
	case 1:
		to := fmt.Sprint("t", r.IntN(5))
		x.under(func(k core.Key) {
			if ok, err := x.tx.Copy(0, k, 0, x.s.Key([]byte(to))); err != nil {
				x.full++
			} else if ok {
				x.length[to] = x.length[name]
			}
		}, name, to)
	case 2:
		x.under(func(k core.Key) {
			if s := x.open(k); s.Ok() {
				s.Edit()
				x.length[name] -= int(s.Trim(stream.Trim{Length: s.Length / 2}))
				if err := s.Done(nil); err != nil {
					x.Fatal(err)
				}
			}
		}, name)
	default:
		x.add(name, 1+r.IntN(100), r.IntN(x.bytes))
	}
}

// empty deletes everything and waits for what is freed in the background.
func (x *streams) empty() {
	x.Helper()
	for name := range x.length {
		x.under(func(k core.Key) { x.tx.Delete(0, k) }, name)
	}
	x.tx.Leave()
	x.freers.Wait()
	x.tx.Enter()
	if m := x.s.Memory(); m.Items != 0 || m.Dying != 0 || x.tx.Arena().Used() > 100<<10 {
		x.Fatalf("left: %+v, arena %d", m, x.tx.Arena().Used())
	}
}

func TestStreamsInAStore(t *testing.T) {
	x := newStreams(t, core.Options{})
	r := rand.New(rand.NewPCG(2, 2))
	steps := 1_500
	if arena.Debug {
		steps = 400
	}
	for range steps {
		x.step(r)
	}
	x.check()
	if x.full > 0 || x.s.Memory().Items < 100_000 {
		t.Fatalf("%d times full, %+v", x.full, x.s.Memory())
	}
	x.empty()
}

// TestStreamsInAFullStore: what fails leaves what was there, and nothing behind.
func TestStreamsInAFullStore(t *testing.T) {
	x := newStreams(t, core.Options{Reserve: 2 << 20})
	x.bytes = 500
	r := rand.New(rand.NewPCG(3, 3))
	for i := range 1_500 {
		x.step(r)
		if i%250 == 0 {
			x.check()
		}
	}
	x.check()
	if x.full < 10 {
		t.Fatalf("%d times full", x.full)
	}
	x.empty()
}

// TestStreamDoneWithoutEdit: ending what was not begun leaves a stream that is there alone, whatever the error.
func TestStreamDoneWithoutEdit(t *testing.T) {
	b := newBench(t, 0, 1)
	b.tx.Lock1(b.key)
	defer b.tx.Unlock()
	s := OpenStream(At(b.tx, b.lim, 0, b.key, core.Item{}))
	if err := s.Append(stream.ID{Ms: 1}, [][]byte{[]byte("f"), []byte("v")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Done(nil); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{nil, core.ErrNoMemory, nil} {
		if got := s.Done(err); got != err {
			t.Errorf("Done gave %v for %v", got, err)
		}
		again := OpenStream(At(b.tx, b.lim, 0, b.key, b.tx.Find(0, b.key)))
		if again.Length != 1 || !again.Has(stream.ID{Ms: 1}) {
			t.Fatalf("%d entries are left", again.Length)
		}
	}
}
