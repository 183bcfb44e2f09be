//go:build linux

package arena

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/cachesrv/cachesrv/core/ledger"
)

func inTurn(n int, f func(int)) {
	for i := range n {
		f(i)
	}
}

// kept is an arena in a file with a model of its blocks.
type kept struct {
	t    *testing.T
	f    *os.File
	a    *Arena
	rnd  *rand.Rand
	live map[Ref][]byte
}

func newKept(t *testing.T) *kept {
	f, err := os.OpenFile(filepath.Join(t.TempDir(), "memory"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	k := &kept{t: t, f: f, rnd: rand.New(rand.NewPCG(3, 4)), live: map[Ref][]byte{}}
	k.a = k.open()
	t.Cleanup(func() { k.a.Close(); f.Close() })
	return k
}

func (k *kept) open() *Arena {
	a, err := NewIn(k.f, 1<<30)
	if err != nil {
		k.t.Fatal(err)
	}
	return a
}

// churn allocates and frees, more of the first the fewer blocks there are.
func (k *kept) churn(steps, about int) {
	for range steps {
		if k.rnd.IntN(2*about) >= len(k.live) {
			n := 1 + k.rnd.IntN(300)
			if k.rnd.IntN(50) == 0 {
				n = 1 + k.rnd.IntN(100_000)
			}
			kind := Kind(k.rnd.IntN(int(kinds)))
			r := k.a.Alloc(n, kind)
			if r == 0 {
				k.t.Fatal("no memory")
			}
			b := k.a.Bytes(r, n)
			for i := range b {
				b[i] = byte(k.rnd.Uint32())
			}
			k.live[r] = bytes.Clone(b)
			continue
		}
		for r, b := range k.live {
			k.a.Free(r, len(b))
			delete(k.live, r)
			break
		}
	}
}

func (k *kept) check() {
	k.t.Helper()
	used := int64(0)
	for r, b := range k.live {
		if !bytes.Equal(k.a.Bytes(r, len(b)), b) {
			k.t.Fatalf("block %#x of %d bytes has changed", r, len(b))
		}
		used += int64(SizeOf(len(b)))
	}
	if k.a.Used() != used {
		k.t.Fatalf("%d bytes used, want %d", k.a.Used(), used)
	}
}

// save ends the arena and gives what it wrote down.
func (k *kept) save() []byte {
	if err := k.a.Sync(); err != nil {
		k.t.Fatal(err)
	}
	var out bytes.Buffer
	w := ledger.NewWriter(&out)
	k.a.Save(w, inTurn)
	if err := w.Close(); err != nil {
		k.t.Fatal(err)
	}
	k.a.Close()
	return out.Bytes()
}

func (k *kept) load(b []byte) error {
	k.a = k.open()
	r, err := ledger.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	if err := k.a.Load(r, inTurn); err != nil {
		return err
	}
	r.Done()
	return r.Err()
}

func TestAnArenaGoesOnInItsFile(t *testing.T) {
	k := newKept(t)
	for round := range 8 {
		k.churn(2000, 500+500*(round%3))
		if round%4 == 3 {
			k.a.Tidy()
		}
		mapped := k.a.Mapped()
		if err := k.load(k.save()); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		k.check()
		if now := k.a.Mapped(); now > mapped+mapped/8 {
			t.Errorf("%d bytes mapped, %d before", now, mapped)
		}
	}
	for r, b := range k.live {
		k.a.Free(r, len(b))
	}
	if k.a.Used() != 0 {
		t.Errorf("%d bytes used when all is freed", k.a.Used())
	}
}

func TestEvacuationAfterARestart(t *testing.T) {
	k := newKept(t)
	k.churn(20_000, 8000)
	k.churn(20_000, 1000)
	if err := k.load(k.save()); err != nil {
		t.Fatal(err)
	}
	if k.a.Evacuate(2) == 0 {
		t.Fatal("nothing to evacuate")
	}
	before := k.a.Mapped()
	for r, b := range k.live {
		if !k.a.Evacuating(r) {
			continue
		}
		to := k.a.Alloc(len(b), Movable)
		copy(k.a.Bytes(to, len(b)), b)
		k.a.Free(r, len(b))
		delete(k.live, r)
		k.live[to] = b
	}
	k.a.Settle()
	k.a.Tidy()
	k.check()
	if k.a.Mapped() >= before {
		t.Errorf("%d bytes mapped, %d before", k.a.Mapped(), before)
	}
}

func TestM12AnotherFile(t *testing.T) {
	k := newKept(t)
	k.churn(2000, 500)
	whole := k.save()
	info, _ := k.f.Stat()
	at, one := info.Size()/2, [1]byte{}
	for r := range k.live { // a byte that means something
		at = int64(r)
		break
	}
	if _, err := k.f.ReadAt(one[:], at); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func()
		want  error
	}{
		"longer":  {func() { _ = k.f.Truncate(info.Size() + pageSize) }, ErrSize},
		"shorter": {func() { _ = k.f.Truncate(info.Size() - pageSize) }, ErrSize},
		"empty":   {func() { _ = k.f.Truncate(0) }, ErrSize},
		"a bit":   {func() { one[0] ^= 4; _, _ = k.f.WriteAt(one[:], at); one[0] ^= 4 }, ErrPages},
	} {
		image, _ := os.ReadFile(k.f.Name())
		c.spoil()
		if err := k.load(whole); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		k.a.Close()
		_ = k.f.Truncate(0)
		_, _ = k.f.WriteAt(image, 0)
	}
	if err := k.load(whole); err != nil {
		t.Errorf("the file as it was: %v", err)
	}
	k.check()
}

// sign makes the checksum of a ledger right again.
func sign(b []byte) {
	binary.LittleEndian.PutUint32(b[len(b)-12:], ledger.Sum(0, b[:len(b)-20]))
}

func TestM12OtherLayoutAndPageSize(t *testing.T) {
	k := newKept(t)
	k.churn(200, 50)
	whole := k.save()
	const name = len("arena") + 1
	for i := name; i < name+4; i++ { // the first figures of the layout
		b := bytes.Clone(whole)
		b[i] ^= 1
		sign(b)
		if err := k.load(b); !errors.Is(err, ErrLayout) {
			t.Errorf("byte %d: %v", i, err)
		}
		k.a.Close()
	}
	if err := k.load(whole); err != nil {
		t.Fatal(err)
	}
}

// Words that cannot be are refused even if their checksum is right: nothing panics, and nothing is written outside of the range.
func TestM12SignedNonsense(t *testing.T) {
	k := newKept(t)
	k.churn(2000, 300)
	whole := k.save()
	const rounds = 300
	good := 0
	for range rounds {
		b := bytes.Clone(whole)
		for range 1 + k.rnd.IntN(3) {
			b[6+k.rnd.IntN(len(b)-26)] = byte(k.rnd.Uint32())
		}
		sign(b)
		if k.load(b) == nil {
			good++
		}
		k.a.Close()
	}
	if good > rounds/4 { // free pages that count as clean, order in lists: nothing that harms
		t.Errorf("%d of %d were believed", good, rounds)
	}
	if err := k.load(whole); err != nil {
		t.Fatal(err)
	}
	k.check()
}

func TestF6NoRoomForTheFile(t *testing.T) {
	k := newKept(t)
	k.churn(500, 200)
	promise, left := k.a.file.promise, uint64(600)
	k.a.file.promise = func(from, pages uint64) error {
		if pages > left {
			return syscall.ENOSPC
		}
		left -= pages
		return promise(from, pages)
	}
	n := 0
	for ; n < 10_000; n++ {
		r := k.a.Alloc(1000, Movable)
		if r == 0 {
			break
		}
		k.live[r] = bytes.Clone(k.a.Bytes(r, 1000))
	}
	if n == 10_000 || n < 600 {
		t.Errorf("%d blocks were given out", n)
	}
	k.a.file.promise = promise
	if r := k.a.Alloc(1000, Movable); r == 0 {
		t.Error("no block though there is room again")
	} else {
		k.a.Free(r, 1000)
	}
	k.check()
}

func TestOurFile(t *testing.T) {
	k := newKept(t)
	other, err := os.Create(filepath.Join(t.TempDir(), "other"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if ours, err := OurFile(other); !ours || err != nil {
		t.Errorf("an empty file: %v %v", ours, err)
	}
	if _, err := other.WriteString("a letter\n"); err != nil {
		t.Fatal(err)
	}
	if ours, err := OurFile(other); ours || err != nil {
		t.Errorf("a letter: %v %v", ours, err)
	}
	if ours, err := OurFile(k.f); !ours || err != nil {
		t.Errorf("our own: %v %v", ours, err)
	}
}
