// The dict against a plain Go map under random operations: with expiries, with the arena full, and decoded from its root again and again.

package dict

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

// fact is what the model has under a name.
type fact struct {
	value    string
	expireAt int64
}

// keeper is a dict with its model.
type keeper struct {
	t     testing.TB
	a     *arena.Arena
	kind  Kind
	d     Dict
	root  [RootBytes]byte
	model map[string]fact
	few   bool // few different hashes: long chains
	hogs  []arena.Ref
}

func newKeeper(t testing.TB, kind Kind, reserve int64) *keeper {
	a, err := arena.New(reserve)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	k := &keeper{t: t, a: a, kind: kind, model: map[string]fact{}}
	d, ok := New(a, kind)
	if !ok {
		t.Fatal("no room for an empty dict")
	}
	k.d = d
	k.close()
	return k
}

func (k *keeper) hash(name []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range name {
		h = (h ^ uint64(c)) * 1099511628211
	}
	if k.few {
		return h % 7
	}
	return h ^ h>>32
}

// open and close take the dict from its root and back, as its owner does for every command.
func (k *keeper) open()  { k.d = Open(k.a, k.root[:], k.kind) }
func (k *keeper) close() { k.d.Encode(k.root[:]) }

func (k *keeper) set(name, value string, expireAt int64) bool {
	if k.kind == Set {
		value = ""
	}
	k.open()
	defer k.close()
	n := []byte(name)
	e := k.d.Find(k.hash(n), n)
	_, known := k.model[name]
	if e.Ok() != known {
		k.t.Fatalf("%q: found %v, want %v", name, e.Ok(), known)
	}
	var ok bool
	if known {
		ok = k.d.Update(&e, []byte(value), expireAt)
	} else {
		ok = k.d.Insert(k.hash(n), n, []byte(value), expireAt)
	}
	if ok {
		k.model[name] = fact{value, expireAt}
	}
	if known {
		k.checkEntry(name, &e) // changed or not, the entry is valid
	}
	return ok
}

func (k *keeper) remove(name string) {
	k.open()
	defer k.close()
	n := []byte(name)
	e := k.d.Find(k.hash(n), n)
	if _, known := k.model[name]; e.Ok() != known {
		k.t.Fatalf("%q: found %v, want %v", name, e.Ok(), known)
	}
	if e.Ok() {
		k.d.Remove(&e)
		delete(k.model, name)
	}
	if k.d.Has(k.hash(n), n) {
		k.t.Fatalf("%q: removed and still there", name)
	}
}

func (k *keeper) checkEntry(name string, e *Entry) {
	k.t.Helper()
	f := k.model[name]
	if string(e.Name()) != name || string(e.Value()) != f.value || e.ExpireAt() != f.expireAt {
		k.t.Fatalf("%.20q: %.20q, %d bytes of value, expires at %d; want %d bytes, %d", name, e.Name(), len(e.Value()), e.ExpireAt(), len(f.value), f.expireAt)
	}
}

// verify compares everything.
func (k *keeper) verify() {
	k.t.Helper()
	k.open()
	k.verifyDict(&k.d)
	if used := k.a.Used() - k.hogBytes(); used != k.d.Bytes() {
		k.t.Fatalf("the dict counts %d bytes, the arena %d", k.d.Bytes(), used)
	}
}

func (k *keeper) verifyDict(d *Dict) {
	k.t.Helper()
	if d.Len() != len(k.model) {
		k.t.Fatalf("%d entries, want %d", d.Len(), len(k.model))
	}
	seen := map[string]bool{}
	for i := d.Iter(); ; {
		e, ok := i.Next()
		if !ok {
			break
		}
		if name := string(e.Name()); seen[name] {
			k.t.Fatalf("%q visited twice", name)
		} else {
			seen[name] = true
			k.checkEntry(name, &e)
		}
	}
	first, expiring := int64(0), 0
	for name, f := range k.model {
		n := []byte(name)
		e := d.Find(k.hash(n), n)
		if !e.Ok() || !d.Has(k.hash(n), n) || !seen[name] {
			k.t.Fatalf("%q: found %v, visited %v", name, e.Ok(), seen[name])
		}
		k.checkEntry(name, &e)
		if f.expireAt != 0 {
			expiring++
			if first == 0 || f.expireAt < first {
				first = f.expireAt
			}
		}
	}
	if d.NextDue() != first || d.Expiring() != expiring {
		k.t.Fatalf("first due at %d of %d, want %d of %d", d.NextDue(), d.Expiring(), first, expiring)
	}
	for _, now := range []int64{0, first, first + 500, MaxExpire} {
		want := 0
		for _, f := range k.model {
			if f.expireAt != 0 && f.expireAt <= now {
				want++
			}
		}
		if got := d.Due(now); got != want {
			k.t.Fatalf("%d due by %d, want %d", got, now, want)
		}
	}
}

// fill takes all that is left of the arena; clear gives it back.
func (k *keeper) fill() {
	for _, n := range []int{4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8} {
		for r := k.a.Alloc(n, arena.Movable); r != 0; r = k.a.Alloc(n, arena.Movable) {
			*k.a.Word(r) = uint64(n)
			k.hogs = append(k.hogs, r)
		}
	}
}

func (k *keeper) clear() {
	for _, r := range k.hogs {
		k.a.Free(r, int(*k.a.Word(r)))
	}
	k.hogs = k.hogs[:0]
}

func (k *keeper) hogBytes() (n int64) {
	for _, r := range k.hogs {
		n += int64(arena.SizeOf(int(*k.a.Word(r))))
	}
	return n
}

// free takes the dict down in steps and looks that nothing is left.
func (k *keeper) free(budget int) {
	k.t.Helper()
	k.clear()
	for {
		k.open()
		before := k.d.Bytes()
		if used := k.a.Used(); used != before {
			k.t.Fatalf("while freeing: the dict counts %d bytes, the arena %d", before, used)
		}
		if k.d.FreeStep(budget) {
			break
		}
		k.close()
	}
	if used := k.a.Used(); used != 0 {
		k.t.Fatalf("%d bytes left", used)
	}
}

// words makes names and values of all lengths at which something changes.
type words struct{ *rand.Rand }

func (w words) name() string {
	switch w.IntN(20) {
	case 0:
		return fmt.Sprintf("%0*d", 250+w.IntN(10), w.IntN(40))
	case 1:
		return fmt.Sprintf("%03000d", w.IntN(5))
	case 2:
		return ""
	}
	return fmt.Sprint("field:", w.IntN(600))
}

func (w words) value() string {
	n := w.IntN(40)
	switch w.IntN(20) {
	case 0:
		n = 250 + w.IntN(10)
	case 1:
		n = w.IntN(6000)
	}
	return string(bytes.Repeat([]byte{byte('a' + w.IntN(26))}, n))
}

func (w words) expiry() int64 {
	switch w.IntN(6) {
	case 0:
		return 1_700_000_000_000 + int64(w.IntN(1000))
	case 1:
		return 1_700_000_000_000 // many at the same time
	case 2:
		return MaxExpire
	}
	return 0
}

func (k *keeper) any(r *rand.Rand) string {
	n := r.IntN(len(k.model))
	for name := range k.model {
		if n--; n < 0 {
			return name
		}
	}
	return ""
}

func TestRandomOperations(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			r := words{rand.New(rand.NewPCG(seed, 1))}
			k := newKeeper(t, Kind(seed%2), 1<<30)
			k.few = seed%4 >= 2
			for i := range 6_000 {
				grow := 75 - 50*(i/2_000%2)
				switch x := r.IntN(100); {
				case x < grow:
					if !k.set(r.name(), r.value(), r.expiry()) {
						t.Fatal("the arena is full")
					}
				case x < 92:
					if len(k.model) > 0 {
						k.remove(k.any(r.Rand))
					}
				case x < 96:
					k.expire(1_700_000_000_000 + int64(r.IntN(50)))
				default:
					k.evacuate(1+r.IntN(300), nil)
				}
				if i%1_000 == 999 {
					k.verify()
				}
			}
			k.verify()
			k.free(1 + r.IntN(100))
		})
	}
}

// expire removes what is due as the owner does.
func (k *keeper) expire(now int64) {
	k.open()
	defer k.close()
	for {
		e := k.d.First(k.hash)
		if !e.Ok() || e.ExpireAt() > now {
			break
		}
		name := string(e.Name())
		if f := k.model[name]; f.expireAt != e.ExpireAt() {
			k.t.Fatalf("%q is first at %d, the model has %d", name, e.ExpireAt(), f.expireAt)
		}
		delete(k.model, name)
		k.d.Remove(&e)
	}
	for name, f := range k.model {
		if f.expireAt != 0 && f.expireAt <= now {
			k.t.Fatalf("%q is due and was not found", name)
		}
	}
}

// TestArenaFull: what cannot be done for want of memory changes nothing.
func TestArenaFull(t *testing.T) {
	for seed := range uint64(6) {
		r := words{rand.New(rand.NewPCG(seed, 3))}
		k := newKeeper(t, Map, 1<<20)
		refused := 0
		for i := range 2_000 {
			switch x := r.IntN(100); {
			case x < 2:
				k.clear()
			case x < 4:
				k.fill()
			case x < 90 || len(k.model) == 0:
				if !k.set(r.name(), r.value(), r.expiry()) {
					refused++
					if i%7 == 0 {
						k.verify()
					}
				}
			default:
				k.remove(k.any(r.Rand))
			}
			if i%500 == 0 {
				k.verify()
			}
		}
		if refused < 50 {
			t.Fatalf("seed %d: only %d operations were refused: the test proves nothing", seed, refused)
		}
		k.verify()
		k.free(50)
	}
}

// TestUpdateTakesItsOwnValue: the new value may be the old one, or a part of it.
func TestUpdateTakesItsOwnValue(t *testing.T) {
	k := newKeeper(t, Map, 1<<30)
	for _, n := range []int{0, 1, 7, 100, 254, 255, 256, 259, 260, 3000} {
		value := bytes.Repeat([]byte("0123456789"), n/10+1)[:n]
		for cut := 0; cut <= n; cut += max(1, n/5) {
			for _, at := range []int64{0, 77} {
				k.set("f", string(value), 0)
				k.open()
				e := k.d.Find(k.hash([]byte("f")), []byte("f"))
				if !k.d.Update(&e, e.Value()[cut:], at) {
					t.Fatal("the arena is full")
				}
				k.close()
				k.model["f"] = fact{string(value[cut:]), at}
				k.verify()
			}
		}
	}
}
