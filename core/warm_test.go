//go:build linux

package core

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/ledger"
)

// warmth is a store in a memory file, and a model of what it holds.
type warmth struct {
	t     *testing.T
	o     Options
	s     *Store
	tx    *Tx
	now   atomic.Int64
	rnd   *rand.Rand
	model map[string]Value // by database and name
}

func newWarmth(t *testing.T) *warmth {
	w := &warmth{t: t, rnd: rand.New(rand.NewPCG(5, 6)), model: map[string]Value{}}
	w.now.Store(1_700_000_000_000)
	w.o = Options{File: filepath.Join(t.TempDir(), "memory"), Identity: "test", Shards: 16, Databases: 3, Reserve: 1 << 30,
		Now: w.now.Load, NoActiveSweep: true, MaxMemory: 1 << 40, Policy: "allkeys-adaptive"}
	w.open()
	t.Cleanup(func() { w.s.Close() })
	return w
}

func (w *warmth) open() {
	w.t.Helper()
	var err error
	if w.s, err = Open(w.o); err != nil {
		w.t.Fatal(err)
	}
	w.tx = w.s.NewTx()
}

func (w *warmth) restart() {
	w.t.Helper()
	if err := w.s.Keep([]byte("memo")); err != nil {
		w.t.Fatal(err)
	}
	w.open()
	if got := w.s.Warm(); !got.Restored || got.Why != nil || string(got.Memo) != "memo" {
		w.t.Fatalf("not restored: %+v", got)
	}
}

// churn writes and deletes by chance.
func (w *warmth) churn(n int) {
	w.tx.Enter()
	defer w.tx.Leave()
	for range n {
		db, name := w.rnd.IntN(3), fmt.Sprintf("key:%d", w.rnd.IntN(3000))
		k, id := w.s.Key([]byte(name)), fmt.Sprintf("%d/%s", db, name)
		w.tx.Lock1(k)
		if w.rnd.IntN(4) == 0 {
			if w.tx.Delete(db, k) != (w.model[id].Bytes != nil) {
				w.t.Errorf("%s: deleted, or not", id)
			}
			delete(w.model, id)
		} else {
			v := Value{Bytes: bytes.Repeat([]byte{byte(w.rnd.Uint32())}, 1+w.rnd.IntN(200))}
			if w.rnd.IntN(3) == 0 {
				v.ExpireAt = w.now.Load() + 1 + w.rnd.Int64N(1_000_000)
			}
			if w.rnd.IntN(3) == 0 {
				v.Flags, v.CAS = w.rnd.Uint32()|1, w.s.NextCAS()
			}
			if err := w.tx.Put(db, k, v); err != nil {
				w.t.Fatal(err)
			}
			w.model[id] = v
		}
		w.tx.Unlock()
	}
}

// check compares everything with the model, and what is counted with what is there.
func (w *warmth) check() {
	w.t.Helper()
	w.tx.Enter()
	defer w.tx.Leave()
	var n, expiring [3]int
	for id, v := range w.model {
		var db int
		var name string
		if _, err := fmt.Sscanf(strings.Replace(id, "/", " ", 1), "%d %s", &db, &name); err != nil {
			w.t.Fatal(err)
		}
		k := w.s.Key([]byte(name))
		w.tx.Lock1(k)
		it := w.tx.Find(db, k)
		if v.ExpireAt != 0 && v.ExpireAt <= w.now.Load() {
			if it.Ok() {
				w.t.Errorf("%s should have expired", id)
			}
			delete(w.model, id)
		} else {
			if !it.Ok() || !bytes.Equal(it.Value(), v.Bytes) || it.ExpireAt() != v.ExpireAt || it.Flags() != v.Flags || it.CAS() != v.CAS {
				w.t.Errorf("%s has changed", id)
			}
			n[db]++
			if v.ExpireAt != 0 {
				expiring[db]++
			}
		}
		w.tx.Unlock()
	}
	for db := range n {
		if w.s.Len(db) != n[db] || w.s.Expiring(db) != expiring[db] {
			w.t.Errorf("database %d has %d items, %d of which expire; want %d and %d", db, w.s.Len(db), w.s.Expiring(db), n[db], expiring[db])
		}
	}
	sum := int64(0)
	for i := range w.s.shards {
		for _, ks := range w.s.shards[i].spaces {
			if ks != nil {
				sum += ks.bytes
			}
		}
	}
	if m := w.s.Memory(); m.Items != sum || m.Dying != 0 {
		w.t.Errorf("%d bytes of items, the keyspaces count %d, %d dying", m.Items, sum, m.Dying)
	}
}

func TestWarmRestartTwentyTimes(t *testing.T) {
	w := newWarmth(t)
	seen := uint64(0)
	for round := range 20 {
		w.churn(2000)
		w.now.Add(30_000)
		if round%5 == 4 {
			w.tx.Enter()
			w.tx.Exclusive(func() { w.tx.Swap(0, 2); w.tx.Swap(1, 2) })
			w.tx.Leave()
			moved := map[string]Value{}
			for id, v := range w.model { // 0→2→1, 2→0, 1→2
				moved[string("120"[id[0]-'0'])+id[1:]] = v
			}
			w.model = moved
		}
		w.check()
		used := w.s.Memory()
		w.restart()
		if now := w.s.Memory(); now.Items != used.Items || now.Tables != used.Tables || now.Wheels != used.Wheels || now.Startup != used.Startup {
			t.Errorf("memory was %+v, is %+v", used, now)
		}
		if v := w.s.NextCAS(); v <= seen {
			t.Errorf("version %d after %d", v, seen)
		} else {
			seen = v
		}
		w.check()
	}
	w.now.Add(2_000_000)
	w.s.sweepAll(w.now.Load())
	w.check() // the wheels have found all of them
	if w.s.Expiring(0)+w.s.Expiring(1)+w.s.Expiring(2) != 0 {
		t.Error("items that are due are left")
	}
	w.s.Compact()
	w.check()
}

func TestWarmRestartFreesWhatWasDying(t *testing.T) {
	w := newWarmth(t)
	w.churn(5000)
	w.tx.Enter()
	w.tx.Exclusive(func() { w.tx.Flush(-1, false) })
	w.tx.Leave()
	w.model = map[string]Value{}
	w.restart()
	if used := w.s.mem.Used(); used != 0 {
		t.Errorf("%d bytes used after a flush and a restart", used)
	}
	w.churn(1000)
	w.restart()
	w.check()
}

func TestMemoryFileOfOneProcess(t *testing.T) {
	w := newWarmth(t)
	if _, err := Open(w.o); !errors.Is(err, ErrInUse) {
		t.Errorf("a second store gives %v", err)
	}
}

func TestMemoryFileIsNotAnybodysFile(t *testing.T) {
	w := newWarmth(t)
	o := w.o
	o.File = filepath.Join(t.TempDir(), "letter")
	if err := os.WriteFile(o.File, []byte("dear reader"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(o); !errors.Is(err, ErrForeign) {
		t.Errorf("a letter gives %v", err)
	}
	if b, _ := os.ReadFile(o.File); string(b) != "dear reader" {
		t.Errorf("the letter reads %q now", b)
	}
}

// cold opens the store and expects it to be empty for a reason.
func (w *warmth) cold(name string, want error) {
	w.t.Helper()
	w.open()
	defer w.s.Close()
	if got := w.s.Warm(); got.Restored || want != nil && !errors.Is(got.Why, want) || got.Why == nil {
		w.t.Errorf("%s: %+v, want %v", name, got, want)
	}
	if w.s.Len(0)+w.s.Len(1)+w.s.Len(2) != 0 {
		w.t.Errorf("%s: the store is not empty", name)
	}
	if _, err := os.Stat(w.o.File + metaSuffix); err == nil {
		w.t.Errorf("%s: the notes are still there", name)
	}
	w.tx.Enter() // and works
	k := w.s.Key([]byte("a"))
	w.tx.Lock1(k)
	if err := w.tx.Put(0, k, Value{Bytes: []byte("b")}); err != nil {
		w.t.Errorf("%s: %v", name, err)
	}
	w.tx.Unlock()
	w.tx.Leave()
}

// keptFiles ends a store that holds something, and gives a function that puts both files back as they are.
func (w *warmth) keptFiles() (meta []byte, back func()) {
	w.churn(2000)
	if err := w.s.Keep(nil); err != nil {
		w.t.Fatal(err)
	}
	memory, err := os.ReadFile(w.o.File)
	if err != nil {
		w.t.Fatal(err)
	}
	if meta, err = os.ReadFile(w.o.File + metaSuffix); err != nil {
		w.t.Fatal(err)
	}
	return meta, func() {
		for name, b := range map[string][]byte{w.o.File: memory, w.o.File + metaSuffix: meta} {
			if err := os.WriteFile(name, b, 0o600); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

func (w *warmth) writeMeta(b []byte) {
	if err := os.WriteFile(w.o.File+metaSuffix, b, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func TestM12TruncatedNotes(t *testing.T) {
	w := newWarmth(t)
	meta, back := w.keptFiles()
	for i := range 40 {
		n := len(meta) * i / 40
		back()
		w.writeMeta(meta[:n])
		w.cold(fmt.Sprintf("%d of %d bytes", n, len(meta)), ledger.ErrCut)
	}
}

func TestM12FlippedBytesInNotes(t *testing.T) {
	w := newWarmth(t)
	meta, back := w.keptFiles()
	for range 40 {
		i := w.rnd.IntN(len(meta))
		b := bytes.Clone(meta)
		b[i] ^= byte(1 << w.rnd.IntN(8))
		back()
		w.writeMeta(b)
		w.cold(fmt.Sprintf("byte %d", i), nil)
	}
}

func TestM12MemoryFileDamaged(t *testing.T) {
	w := newWarmth(t)
	_, back := w.keptFiles()
	for name, c := range map[string]struct {
		spoil func(f *os.File) error
		want  error
	}{
		"truncated":   {func(f *os.File) error { return f.Truncate(8192) }, arena.ErrSize},
		"emptied":     {func(f *os.File) error { return f.Truncate(0) }, ErrMixed},
		"longer":      {func(f *os.File) error { return f.Truncate(1 << 24) }, arena.ErrSize},
		"other mark":  {func(f *os.File) error { _, err := f.WriteAt([]byte("x"), 20); return err }, ErrMixed},
		"no mark":     {func(f *os.File) error { _, err := f.WriteAt([]byte("x"), 2); return err }, ErrMixed},
		"other pages": {func(f *os.File) error { _, err := f.WriteAt(make([]byte, 4096), 8192); return err }, arena.ErrPages},
	} {
		back()
		f, err := os.OpenFile(w.o.File, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(c.spoil(f), f.Close()); err != nil {
			t.Fatal(err)
		}
		w.cold(name, c.want)
	}
}

func TestM12OtherSettingsAndFormat(t *testing.T) {
	w := newWarmth(t)
	meta, back := w.keptFiles()
	was := w.o
	w.o.Identity = "another"
	w.cold("another engine", ErrSettings)
	w.o = was
	w.o.Databases = 4
	back()
	w.cold("more databases", ErrSettings)
	w.o = was
	back()
	b := bytes.Clone(meta)
	b[1+len(keptName)]++ // the format
	resign(b)
	w.writeMeta(b)
	w.cold("another format", ErrFormat)
	back()
	w.open()
	if !w.s.Warm().Restored {
		t.Errorf("the files as they were: %+v", w.s.Warm())
	}
	w.check()
}

func TestCrashLeavesNothingToBelieve(t *testing.T) {
	w := newWarmth(t)
	meta, back := w.keptFiles()
	back()
	w.open()
	w.churn(10) // and now the process dies: its files stay as they are
	memory, err := os.ReadFile(w.o.File)
	if err != nil {
		t.Fatal(err)
	}
	w.s.Close()
	if err := os.WriteFile(w.o.File, memory, 0o600); err != nil {
		t.Fatal(err)
	}
	w.cold("after a crash", ErrNoMeta)
	if err := os.WriteFile(w.o.File, memory, 0o600); err != nil {
		t.Fatal(err)
	}
	w.writeMeta(meta) // the removal was lost with the power
	w.cold("after a crash, with the old notes", nil)
}

// resign makes the checksum of changed notes right.
func resign(b []byte) { binary.LittleEndian.PutUint32(b[len(b)-12:], ledger.Sum(0, b[:len(b)-20])) }

// Notes whose words cannot be are refused even under a right checksum, without a panic.
func TestM12SignedNonsense(t *testing.T) {
	w := newWarmth(t)
	meta, back := w.keptFiles()
	back()
	for range 150 {
		b := bytes.Clone(meta)
		for range 1 + w.rnd.IntN(3) {
			b[w.rnd.IntN(len(b)-20)] = byte(w.rnd.Uint32())
		}
		resign(b)
		w.writeMeta(b)
		m, err := openMemoryFile(&w.o)
		if err != nil {
			t.Fatal(err)
		}
		o := w.o
		if err := o.complete(); err != nil {
			t.Fatal(err)
		}
		if s, err := m.restore(o); err == nil {
			s.mem.Close() // some words harm nobody: the clock of the policy, the time
		}
		m.close()
	}
}
