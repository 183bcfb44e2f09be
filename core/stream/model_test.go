// The plain model that streams are compared with: slices and maps, and operations driven by random choices.

package stream

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

type entry struct {
	id     ID
	fields []string
}

type nack struct {
	consumer    string
	time, count int64
}

type group struct {
	last      ID
	read      int64
	nacks     map[ID]nack
	consumers map[string][2]int64 // seen, active
}

// twin is a stream and the model that it must equal.
type twin struct {
	t       testing.TB
	a       *arena.Arena
	s       Stream
	r       *rand.Rand
	lim     Limits
	entries []entry
	added   uint64
	last    ID
	groups  map[string]*group
	full    int // operations that the arena had no room for
}

func newTwin(t testing.TB, size int64, seed uint64) *twin {
	a, err := arena.New(size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	w := &twin{t: t, a: a, r: rand.New(rand.NewPCG(seed, 7)), lim: Limits{4096, 100}, groups: map[string]*group{}}
	w.s, _ = New(a)
	return w
}

func (w *twin) check(ok bool, format string, args ...any) {
	if !ok {
		w.t.Helper()
		w.t.Fatalf(format, args...)
	}
}

// name is one of few, long ones among them.
func (w *twin) name() string {
	if w.r.IntN(10) == 0 {
		return string(bytes.Repeat([]byte("n"), 200+w.r.IntN(100)))
	}
	return fmt.Sprintf("name%d", w.r.IntN(6))
}

func (w *twin) value() string {
	switch w.r.IntN(6) {
	case 0:
		return string(bytes.Repeat([]byte("v"), w.r.IntN(300)))
	case 1:
		return fmt.Sprint(w.r.Int64() >> w.r.IntN(64))
	}
	return fmt.Sprint("value", w.r.IntN(100))
}

func (w *twin) add() {
	id := w.last
	switch w.r.IntN(6) {
	case 0:
		id.Ms += 1 << w.r.IntN(40)
		id.Seq = w.r.Uint64()
	case 1:
		id, _ = id.Next()
	default:
		id.Ms += uint64(1 + w.r.IntN(200))
		id.Seq = uint64(w.r.IntN(2))
	}
	if !w.last.Less(id) {
		return
	}
	var fields []string
	if w.r.IntN(3) > 0 {
		fields = []string{"sensor", w.value(), "12", w.value()}
	} else {
		for range 1 + w.r.IntN(1+w.r.IntN(14)) {
			fields = append(fields, w.name(), w.value())
		}
	}
	args := make([][]byte, len(fields))
	for i, f := range fields {
		args[i] = []byte(f)
	}
	if !w.s.Append(id, args, w.lim) {
		w.full++
		return
	}
	w.entries = append(w.entries, entry{id, fields})
	w.last = id
	w.added++
}

func (w *twin) find(id ID) (int, bool) {
	return slices.BinarySearchFunc(w.entries, id, func(e entry, id ID) int { return e.id.Compare(id) })
}

// someID is mostly that of an entry.
func (w *twin) someID() ID {
	if n := len(w.entries); n > 0 && w.r.IntN(8) > 0 {
		id := w.entries[w.r.IntN(n)].id
		if w.r.IntN(8) == 0 {
			id.Seq += uint64(w.r.IntN(3)) - 1
		}
		return id
	}
	return ID{w.r.Uint64() >> w.r.IntN(64), w.r.Uint64()>>w.r.IntN(64) | 1}
}

func (w *twin) remove() {
	id := w.someID()
	i, ok := w.find(id)
	w.check(w.s.Delete(id) == ok, "deleting %v", id)
	w.s.Settle()
	if ok {
		w.entries = slices.Delete(w.entries, i, i+1)
	}
}

func (w *twin) trim() {
	t := Trim{ByID: w.r.IntN(2) == 0, Nodes: w.r.IntN(2) == 0, Length: uint64(max(0, len(w.entries)-w.r.IntN(150)))}
	if n := len(w.entries); n > 0 {
		t.MinID = w.entries[w.r.IntN(min(n, 200))].id
	}
	if t.Nodes && w.r.IntN(2) == 0 {
		t.Limit = int64(w.r.IntN(300))
	}
	before := w.s.Nodes()
	gone := w.s.Trim(t)
	most := len(w.entries) - int(t.Length)
	if t.ByID {
		most, _ = w.find(t.MinID)
	}
	if t.Nodes {
		w.check(gone <= int64(most) && (t.Limit == 0 || gone <= t.Limit), "%+v took %d of %d", t, gone, most)
		w.check((gone > 0) == (w.s.Nodes() < before) || w.s.Nodes() < before, "%+v took %d entries and %d of %d nodes", t, gone, before-w.s.Nodes(), before)
		w.check(t.Limit > 0 || int64(most)-gone <= int64(w.lim.Entries) || w.lim.Entries == 0, "%+v left %d", t, int64(most)-gone)
	} else {
		w.check(gone == int64(max(most, 0)), "%+v took %d of %d", t, gone, most)
	}
	w.entries = slices.Delete(w.entries, 0, int(gone))
}

// verify compares everything.
func (w *twin) verify() {
	w.t.Helper()
	s := &w.s
	w.check(int(s.Length) == len(w.entries) && s.Added == w.added && s.Last == w.last, "length %d, added %d, last %v; want %d, %d, %v", s.Length, s.Added, s.Last, len(w.entries), w.added, w.last)
	w.sameEntries(ID{}, MaxID)
	first, last := ID{}, ID{}
	if n := len(w.entries); n > 0 {
		first, last = w.entries[0].id, w.entries[n-1].id
	}
	w.check(s.First == first && s.Edge(false) == first && s.Edge(true) == last, "first %v, edges %v and %v; want %v, %v", s.First, s.Edge(false), s.Edge(true), first, last)
	w.nodes()
	w.check(s.Groups() == len(w.groups), "%d groups, not %d", s.Groups(), len(w.groups))
	names := make([]string, 0, len(w.groups))
	for name := range w.groups {
		names = append(names, name)
	}
	sort.Strings(names)
	for i, name := range names {
		g, ok := s.Group([]byte(name))
		w.check(ok && g == s.GroupAt(i), "group %q is not there, or not in its place", name)
		w.sameGroup(g, w.groups[name])
	}
	if err := s.groups.Verify(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *twin) nodes() {
	var n int
	var before ID
	for c := w.s.SeekNode(0); ; n++ {
		id, list, ok := w.s.NextNode(&c)
		if !ok {
			break
		}
		_, last, ok := ValidNode(list, id, before)
		w.check(ok, "node %v is not valid", id)
		before = last
	}
	w.check(n == w.s.Nodes(), "%d nodes, not %d", n, w.s.Nodes())
	if err := w.s.nodes.Verify(); err != nil {
		w.t.Fatal(err)
	}
}

// sameEntries walks both ways from start to end.
func (w *twin) sameEntries(start, end ID) {
	w.t.Helper()
	from, _ := w.find(start)
	to, found := w.find(end)
	if found {
		to++
	}
	want := w.entries[min(from, max(from, to)):max(from, to)]
	for _, rev := range []bool{false, true} {
		n, some := 0, w.r.IntN(3)
		for walk := w.s.Walk(start, end, rev); walk.Next(); n++ {
			w.check(n < len(want), "%v is beyond the %d from %v to %v", walk.ID, len(want), start, end)
			e := want[n]
			if rev {
				e = want[len(want)-1-n]
			}
			w.check(walk.ID == e.id && walk.Fields*2 == len(e.fields), "entry %d is %v with %d fields, want %v", n, walk.ID, walk.Fields, e)
			for i := 0; i < walk.Fields*some/2 && i < walk.Fields; i++ { // sometimes none or not all are read
				name, value := walk.Field()
				w.check(string(name.Append(nil)) == e.fields[2*i] && string(value.Append(nil)) == e.fields[2*i+1], "%v has %q %q", e, name.Append(nil), value.Append(nil))
			}
		}
		w.check(n == len(want), "%d entries from %v to %v (back: %v), not %d", n, start, end, rev, len(want))
	}
}

func (w *twin) sameGroup(g Group, m *group) {
	w.t.Helper()
	w.check(g.Last() == m.last && g.Read() == m.read && g.Consumers() == len(m.consumers), "group %q: %v, %d, %d; want %+v", g.Name(), g.Last(), g.Read(), g.Consumers(), m)
	all := g.Pending()
	w.check(all.Len() == len(m.nacks) && g.Orphans() == 0, "%d nacks, %d without a consumer; want %d", all.Len(), g.Orphans(), len(m.nacks))
	var before ID
	c := all.Seek(ID{})
	for n := all.Next(&c); n.Ok(); n = all.Next(&c) {
		want := m.nacks[n.ID()]
		w.check(before.Less(n.ID()), "%v comes after %v", n.ID(), before)
		w.check(n == g.Nack(n.ID()) && n.Time() == want.time && n.Count() == want.count && string(n.Consumer().Name()) == want.consumer, "nack of %v", n.ID())
		before = n.ID()
	}
	sum := 0
	for i := range g.Consumers() {
		c := g.ConsumerAt(i)
		want, ok := m.consumers[string(c.Name())]
		w.check(ok && c.Seen() == want[0] && c.Active() == want[1], "consumer %q", c.Name())
		p := c.Pending()
		sum += p.Len()
		at := p.Seek(ID{})
		for n := p.Next(&at); n.Ok(); n = p.Next(&at) {
			w.check(c.Has(n), "nack of %v is in the wrong tree", n.ID())
		}
		if err := p.tree.Verify(); err != nil {
			w.t.Fatal(err)
		}
	}
	w.check(sum == all.Len(), "consumers have %d of %d", sum, all.Len())
}

// owned compares what the stream says it has with what the arena gave out.
func (w *twin) owned() {
	w.t.Helper()
	w.check(w.s.Bytes() == w.a.Used(), "the stream counts %d bytes, the arena %d", w.s.Bytes(), w.a.Used())
}

func (w *twin) reopen() {
	var root [RootBytes]byte
	w.s.Encode(root[:])
	w.s = Open(w.a, root[:])
}

// empty takes the stream down in small steps.
func (w *twin) empty() {
	w.t.Helper()
	for steps := 0; !w.s.FreeStep(1 + w.r.IntN(20)); steps++ {
		w.check(steps < 1_000_000, "no end")
		w.owned()
		w.check(steps%20 > 0 || w.s.Groups() > 0 || w.s.Length == 0 || w.s.Edge(false) == w.s.First, "not a stream while it is freed")
	}
	w.check(w.s.Bytes() == 0 && w.a.Used() == 0 && w.s.Length == 0, "%d bytes and %d entries left", w.a.Used(), w.s.Length)
}

// groupStep is one random operation on groups.
func (w *twin) groupStep() {
	s, name := &w.s, fmt.Sprint("g", w.r.IntN(3))
	m := w.groups[name]
	g, ok := s.Group([]byte(name))
	w.check(ok == (m != nil), "group %q", name)
	if m == nil {
		id := w.someID()
		if _, ok := s.AddGroup([]byte(name), id, -1); ok {
			w.groups[name] = &group{last: id, read: -1, nacks: map[ID]nack{}, consumers: map[string][2]int64{}}
		} else {
			w.full++
		}
		return
	}
	if w.r.IntN(150) == 0 {
		s.DropGroup(g)
		delete(w.groups, name)
		return
	}
	who := w.name()
	c, ok := g.Consumer([]byte(who))
	seen, known := m.consumers[who]
	w.check(ok == known, "consumer %q", who)
	now := w.r.Int64()
	if !known {
		if c, ok = g.AddConsumer([]byte(who), now); !ok {
			w.full++
			return
		}
		seen = [2]int64{now, NeverActive}
		m.consumers[who] = seen
	}
	id := w.someID()
	old, pending := m.nacks[id]
	n := g.Nack(id)
	w.check(n.Ok() == pending, "nack of %v", id)
	switch x := w.r.IntN(30); {
	case x == 0:
		g.DropConsumer(c)
		delete(m.consumers, who)
		for id, n := range m.nacks {
			if n.consumer == who {
				delete(m.nacks, id)
			}
		}
	case x < 8 && pending:
		g.Ack(n)
		delete(m.nacks, id)
	case x < 16 && pending:
		if !g.Give(n, c) {
			w.full++
			return
		}
		n.SetCount(now)
		m.nacks[id] = nack{who, old.time, now}
	case x < 18:
		c.SetSeen(now)
		c.SetActive(now + 1)
		g.SetLast(id)
		g.SetRead(now)
		m.consumers[who] = [2]int64{now, now + 1}
		m.last, m.read = id, now
	case !pending:
		if g.Hand(c, id, now, 3).Ok() {
			m.nacks[id] = nack{who, now, 3}
		} else {
			w.full++
		}
	}
}

func (w *twin) step(grow int) {
	switch x := w.r.IntN(100); {
	case x < grow:
		w.add()
	case x < 80:
		w.groupStep()
	case x < 92:
		w.remove()
	case x < 93:
		w.trim()
	default:
		w.sameEntries(w.someID(), w.someID())
	}
}

func TestStreamAgainstModel(t *testing.T) {
	steps := 6_000
	if arena.Debug || testing.Short() {
		steps = 2_000
	}
	for seed, lim := range []Limits{{4096, 100}, {4096, 10}, {0, 3}, {300, 0}, {1, 1}, {1 << 20, 250}} {
		t.Run(fmt.Sprint(lim), func(t *testing.T) {
			w := newTwin(t, 1<<30, uint64(seed))
			w.lim = lim
			for i := range steps {
				w.step(60 - 45*(i/(steps/4)%2))
				if i%500 == 499 {
					w.verify()
					w.reopen()
				}
				w.owned()
			}
			w.verify()
			w.empty()
		})
	}
}

// TestStreamArenaFull fills a small arena to its end: what fails must leave the stream as it was.
func TestStreamArenaFull(t *testing.T) {
	for seed := range uint64(3) {
		w, refused := newTwin(t, 256<<10, 100+seed), 0
		for i := range 6_000 {
			w.step(70 - 20*(i/1500%2))
			if i%500 == 499 {
				w.verify()
				w.owned()
			}
			if w.full%100 == 99 {
				if c, ok := w.s.Clone(); !ok {
					refused++
				} else {
					for !c.FreeStep(1000) {
					}
				}
				w.owned()
			}
		}
		w.check(w.full > 100 && refused > 0, "the arena was full only %d times, for copies %d times", w.full, refused)
		w.verify()
		w.empty()
	}
}

func TestClone(t *testing.T) {
	w := newTwin(t, 1<<30, 5)
	for range 3_000 {
		w.step(60)
	}
	old := w.s
	c, ok := w.s.Clone()
	w.check(ok, "no copy")
	w.check(old.Bytes()+c.Bytes() == w.a.Used(), "the two count %d bytes, the arena %d", old.Bytes()+c.Bytes(), w.a.Used())
	for range 500 {
		w.step(60) // the original goes on, the copy must not
	}
	w.verify()
	for !w.s.FreeStep(1 << 20) {
	}
	w.check(c.Edge(false) == c.First, "the copy lost its first entry")
	w.s = c
	w.empty()
	w.check(c.Length > 0, "nothing was copied")
}

func (w *twin) group(name string) Group {
	g, ok := w.s.Group([]byte(name))
	if !ok {
		g, _ = w.s.AddGroup([]byte(name), ID{}, 0)
		w.groups[name] = &group{nacks: map[ID]nack{}, consumers: map[string][2]int64{}}
	}
	return g
}

func TestCompact(t *testing.T) {
	w := newTwin(t, 1<<30, 6)
	w.lim.Entries = 8
	g, m := w.group("g"), w.groups["g"]
	for i := range 20_000 {
		id := ID{uint64(1000 + i), 1}
		w.check(w.s.Append(id, [][]byte{[]byte("field"), []byte("value")}, w.lim), "arena full")
		w.entries = append(w.entries, entry{id, []string{"field", "value"}})
		who := fmt.Sprint("c", i%3)
		c, ok := g.Consumer([]byte(who))
		if !ok {
			c, _ = g.AddConsumer([]byte(who), 1)
			m.consumers[who] = [2]int64{1, NeverActive}
		}
		w.check(g.Hand(c, id, int64(i), 1).Ok(), "arena full")
		m.nacks[id] = nack{who, int64(i), 1}
	}
	w.last, w.added = w.s.Last, w.s.Added
	for range 60_000 {
		w.remove()
	}
	for id := range m.nacks {
		if id.Ms%4 > 0 {
			g.Ack(g.Nack(id))
			delete(m.nacks, id)
		}
	}
	w.verify()
	before := w.a.Waste()
	w.check(w.a.Evacuate(1) > 0, "nothing to evacuate")
	total, calls := 0, 0
	for next := uint64(0); ; calls++ {
		var n int
		next, n = w.s.Compact(next, 1+w.r.IntN(50))
		total += n
		w.owned()
		if next == 0 {
			break
		}
		w.check(calls < 100_000, "no end")
	}
	w.a.Settle()
	w.verify()
	after := w.a.Waste()
	w.check(total > 100 && calls > 20 && after*4 < before, "waste %d before, %d after %d moves in %d calls", before, after, total, calls)
	w.empty()
}
