// Hashes against plain maps under random operations, kept in each of the three ways, with little memory too.

package value

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
)

// bench is a store with one key under test and a clock that stands still.
type bench struct {
	t     testing.TB
	now   atomic.Int64
	store *core.Store
	tx    *core.Tx
	lim   *Limits
	set   *config.Settings
	key   core.Key
	r     *rand.Rand
}

func newBench(t testing.TB, reserve int64, seed uint64) *bench {
	b := &bench{t: t, set: config.Defaults(config.Redis), r: rand.New(rand.NewPCG(seed, 1))}
	b.now.Store(1_700_000_000_000)
	s, err := core.Open(core.Options{Reserve: reserve, Shards: 1, Now: b.now.Load, NoActiveSweep: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	b.store, b.tx, b.lim, b.key = s, s.NewTx(), NewLimits(b.set), s.Key([]byte("key"))
	s.SetParts(expirer{b})
	b.tx.Enter()
	t.Cleanup(b.tx.Leave)
	return b
}

// limit changes a threshold.
func (b *bench) limit(name string, n int) {
	if err := b.set.Set(name, fmt.Sprint(n)); err != nil {
		b.t.Fatal(err)
	}
}

// expirer is what the store knows of the test's hashes.
type expirer struct{ b *bench }

func (e expirer) NextDue(it core.Item) int64 { return NextDue(e.b.tx.Arena(), it) }
func (e expirer) Expire(t *core.Tx, db int, k core.Key, it core.Item) {
	h := OpenHash(At(t, e.b.lim, db, k, it))
	h.Expire(func([]byte) {})
}

// open is the hash as a command finds it.
func (b *bench) open() Hash { return OpenHash(At(b.tx, b.lim, 0, b.key, b.tx.Find(0, b.key))) }

// fact is what the model has under a field.
type fact struct {
	value string
	at    int64
}

// model is a bench with what must be in its hash.
type model struct {
	*bench
	fields map[string]fact
}

func (m *model) gone(f fact) bool { return f.at != 0 && f.at <= m.now.Load() }

func (m *model) field() string {
	switch m.r.IntN(12) {
	case 0:
		return fmt.Sprint(m.r.IntN(5)) // a number in the listpack
	case 1:
		return ""
	}
	return fmt.Sprint("field:", m.r.IntN(40))
}

func (m *model) value() string {
	switch m.r.IntN(8) {
	case 0:
		return fmt.Sprint(m.r.Int64() >> m.r.IntN(64))
	case 1:
		return strings.Repeat("x", m.r.IntN(64))
	case 2:
		return ""
	}
	return fmt.Sprint("v", m.r.IntN(100))
}

func (m *model) expiry() int64 { return m.now.Load() + 1 + int64(m.r.IntN(2_000)) }

// step does one random operation to both; full: memory may be used up.
func (m *model) step(full bool) {
	h := m.open()
	switch op := m.r.IntN(100); {
	case op < 45:
		m.set(&h, full)
	case op < 65:
		var fields [][]byte
		want := 0
		for range 1 + m.r.IntN(6) {
			name := m.field()
			fields = append(fields, []byte(name))
			if f, ok := m.fields[name]; ok && !m.gone(f) {
				want++
				delete(m.fields, name)
			}
		}
		if got := h.Delete(fields...); got != want {
			m.t.Fatalf("%d of %q deleted, want %d", got, fields, want)
		}
	case op < 85:
		name, at := m.field(), m.expiry()
		if m.r.IntN(4) == 0 {
			at = 0
		}
		if f, ok := m.fields[name]; ok && !m.gone(f) {
			err := h.ExpireAt([]byte(name), at)
			if err == nil {
				m.fields[name] = fact{f.value, at}
			} else if !full {
				m.t.Fatal(err)
			}
		}
	case op < 95:
		m.now.Add(int64(m.r.IntN(300)))
		m.tx.Tick()
	default:
		h.Expire(func(field []byte) {
			f, ok := m.fields[string(field)]
			if !ok || !m.gone(f) {
				m.t.Fatalf("%q expires, the model has %v %v", field, f, ok)
			}
			delete(m.fields, string(field))
		})
		for name, f := range m.fields {
			if m.gone(f) {
				m.t.Fatalf("%q is due and still there", name)
			}
		}
	}
}

func (m *model) set(h *Hash, full bool) {
	n := 1
	if m.r.IntN(3) == 0 {
		n += m.r.IntN(7)
	}
	var pairs [][]byte
	for range n {
		pairs = append(pairs, []byte(m.field()), []byte(m.value()))
	}
	keep := m.r.IntN(2) == 0
	created, stored, err := h.Set(pairs, keep)
	if err != nil && (!full || err != core.ErrNoMemory) || err == nil && stored != n {
		m.t.Fatal(stored, err)
	}
	want := 0
	for i := 0; i < 2*stored; i += 2 {
		name := string(pairs[i])
		f, ok := m.fields[name]
		if !ok || m.gone(f) {
			want++
			f.at = 0
		}
		if !keep {
			f.at = 0
		}
		m.fields[name] = fact{string(pairs[i+1]), f.at}
	}
	if err == nil && created != want {
		m.t.Fatalf("%d created, want %d", created, want)
	}
}

func text(e pack.Elem) string { return string(e.Append(nil)) }

// verify compares everything that can be seen of the hash.
func (m *model) verify() {
	m.t.Helper()
	h := m.open()
	live := map[string]fact{}
	first := int64(0)
	for name, f := range m.fields {
		v, at, ok := h.Look([]byte(name))
		if ok == m.gone(f) || ok && (text(v) != f.value || at != f.at) {
			m.t.Fatalf("%q: %v %q at %d, want %+v", name, ok, text(v), at, f)
		}
		if ok {
			live[name] = f
		}
		if f.at != 0 && (first == 0 || f.at < first) {
			first = f.at
		}
	}
	if h.Len() != len(m.fields) || h.Live() != len(live) || h.Ok() != (len(m.fields) > 0) {
		m.t.Fatalf("%d fields, %d not due, there %v; want %d, %d", h.Len(), h.Live(), h.Ok(), len(m.fields), len(live))
	}
	m.walked(&h, live)
	if !h.Ok() {
		return
	}
	if due := NextDue(m.tx.Arena(), h.it); due != first || h.it.Timed() != (first != 0) {
		m.t.Fatalf("next due at %d, marked %v; want %d", due, h.it.Timed(), first)
	}
	if h.Big() {
		return
	}
	if !pack.Listpack(h.lp).Valid(true) {
		m.t.Fatal("not a listpack")
	}
	last, n := int64(0), 0
	i := h.Iter()
	for f, ok := i.Next(); ok; f, ok = i.Next() {
		if n > 0 && f.ExpireAt != 0 && (last == 0 || f.ExpireAt < last) {
			m.t.Fatalf("%d comes after %d", f.ExpireAt, last)
		}
		last = f.ExpireAt
		n++
	}
}

// walked compares what Iter, Scan, Sample and Dice give.
func (m *model) walked(h *Hash, live map[string]fact) {
	m.t.Helper()
	seen := map[string]bool{}
	i := h.Iter()
	for got, more := i.Next(); more; got, more = i.Next() {
		name := text(got.Name)
		if f, ok := live[name]; !ok || seen[name] || f.value != text(got.Value) || f.at != got.ExpireAt {
			m.t.Fatalf("walked over %q %q %d, want %+v, seen %v", name, text(got.Value), got.ExpireAt, f, seen[name])
		}
		seen[name] = true
	}
	scanned := map[string]bool{}
	for cursor, calls := uint64(0), 0; calls == 0 || cursor != 0; calls++ {
		cursor = h.Scan(cursor, 3, func(f, v pack.Elem) { scanned[text(f)] = live[text(f)].value == text(v) })
	}
	if len(seen) != len(live) || len(scanned) != len(live) {
		m.t.Fatalf("%d walked, %d scanned, %d there", len(seen), len(scanned), len(live))
	}
	for _, n := range []int{0, 1, 3, len(live) / 2, len(live), len(live) + 5} {
		drawn := map[string]bool{}
		h.Sample(n, func(f, v pack.Elem) { drawn[text(f)] = live[text(f)].value == text(v) })
		if len(drawn) != min(n, len(live)) {
			m.t.Fatalf("%d different fields drawn, want %d of %d", len(drawn), n, len(live))
		}
	}
	if len(live) > 0 {
		d := h.Dice()
		for range 5 {
			if f, v := d.Roll(); live[text(f)].value != text(v) {
				m.t.Fatalf("drew %q %q", text(f), text(v))
			}
		}
	}
}

func TestHashModel(t *testing.T) {
	for seed := range uint64(9) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			m := &model{newBench(t, 1<<30, seed), map[string]fact{}}
			m.limit("hash-max-listpack-entries", []int{512, 20, 0}[seed%3])
			for i := range 4_000 {
				m.tx.Lock1(m.key)
				m.step(false)
				if i%10 == 0 {
					m.verify()
				}
				if i%400 == 399 { // from the start again: big hashes stay big
					m.tx.Delete(0, m.key)
					clear(m.fields)
				}
				m.tx.Unlock()
				if i%500 == 0 {
					m.store.Compact()
				}
			}
		})
	}
}

// TestHashArenaFull: a change that fails for want of memory has changed nothing, or just the first pairs.
func TestHashArenaFull(t *testing.T) {
	for seed := range uint64(6) {
		m := &model{newBench(t, 1<<20, seed), map[string]fact{}}
		m.limit("hash-max-listpack-entries", []int{512, 20, 0}[seed%3])
		g := hog{a: m.tx.Arena()}
		for i := range 3_000 {
			m.tx.Lock1(m.key)
			switch m.r.IntN(40) {
			case 0:
				g.fill(m.r.IntN(4) == 0)
			case 1:
				g.clear()
			}
			m.step(true)
			if i%5 == 0 {
				m.verify()
			}
			m.tx.Unlock()
		}
		g.clear()
		m.tx.Exclusive(func() { m.tx.Flush(-1, true) })
		if used := m.tx.Arena().Used(); used != 0 {
			t.Fatalf("seed %d: %d bytes left", seed, used)
		}
	}
}

// hog takes what is left of an arena, or nearly all of it.
type hog struct {
	a      *arena.Arena
	blocks []arena.Ref
}

func (g *hog) fill(some bool) {
	sizes := []int{4096, 1024, 256, 64, 16}
	if some {
		sizes = sizes[:3]
	}
	for _, n := range sizes {
		for r := g.a.Alloc(n, arena.Movable); r != 0; r = g.a.Alloc(n, arena.Movable) {
			*g.a.Word(r) = uint64(n)
			g.blocks = append(g.blocks, r)
		}
	}
}

func (g *hog) clear() {
	for _, r := range g.blocks {
		g.a.Free(r, int(*g.a.Word(r)))
	}
	g.blocks = g.blocks[:0]
}

// TestHashConverts: a hash is packed as long as Redis keeps it so.
func TestHashConverts(t *testing.T) {
	pairs := func(n int) (out [][]byte) {
		for i := range n {
			out = append(out, fmt.Appendf(nil, "f%d", i), []byte("v"))
		}
		return out
	}
	long := func(n int) []byte { return []byte(strings.Repeat("x", n)) }
	for _, c := range []struct {
		name  string
		pairs [][]byte
		big   bool
	}{
		{"512 fields", pairs(512), false},
		{"513 fields", pairs(513), true},
		{"64 bytes", [][]byte{long(64), long(64)}, false},
		{"65 bytes of field", [][]byte{long(65), nil}, true},
		{"65 bytes of value", [][]byte{[]byte("f"), long(65)}, true},
	} {
		b := newBench(t, 1<<30, 1)
		b.tx.Lock1(b.key)
		h := b.open()
		if _, _, err := h.Set(c.pairs, false); err != nil {
			t.Fatal(err)
		}
		if h := b.open(); h.Big() != c.big {
			t.Errorf("%s: big %v", c.name, h.Big())
		}
		b.tx.Unlock()
	}
	b := newBench(t, 1<<30, 1)
	b.tx.Lock1(b.key)
	defer b.tx.Unlock()
	for i, p := 0, pairs(513); i < 1026; i += 2 {
		h := b.open()
		if h.Big() {
			t.Fatalf("big with %d fields", i/2)
		}
		if _, _, err := h.Set(p[i:i+2], false); err != nil {
			t.Fatal(err)
		}
	}
	h := b.open()
	if !h.Big() || h.Len() != 513 {
		t.Errorf("513 fields one by one: big %v, %d fields", h.Big(), h.Len())
	}
}

// TestDiceAmongDueFields: however few fields are left, drawing again and again looks at all of them once.
func TestDiceAmongDueFields(t *testing.T) {
	b := newBench(t, 0, 1)
	b.tx.Lock1(b.key)
	defer b.tx.Unlock()
	var pairs [][]byte
	for i := range 5000 {
		pairs = append(pairs, fmt.Appendf(nil, "field-%d", i), []byte("v"))
	}
	h := OpenHash(At(b.tx, b.lim, 0, b.key, core.Item{}))
	if _, _, err := h.Set(pairs, false); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs)-2*3; i += 2 {
		if err := h.ExpireAt(pairs[i], b.now.Load()+1); err != nil {
			t.Fatal(err)
		}
	}
	b.now.Add(10)
	b.tx.Tick()
	d, drawn := h.Dice(), map[string]int{}
	for range 30_000 {
		field, _ := d.Roll()
		drawn[string(field.Text)]++
	}
	if len(d.few) != 3 {
		t.Errorf("%d fields were gathered, 3 are left", len(d.few))
	}
	for _, name := range []string{"field-4997", "field-4998", "field-4999"} {
		if n := drawn[name]; n < 9_500 || n > 10_500 || len(drawn) != 3 {
			t.Errorf("%s came %d times of 30,000: %v", name, n, drawn)
		}
	}
}
