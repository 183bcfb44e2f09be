package simdisk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
)

func open(t *testing.T, d *Disk, name string, flags int) vfs.File {
	t.Helper()
	f, err := d.Open(name, flags, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func put(t *testing.T, f io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(f, text); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// content reads a whole file; ok is false if it is not there.
func content(t *testing.T, d *Disk, name string) (text []byte, ok bool) {
	t.Helper()
	f, err := d.Open(name, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	must(t, err)
	text, err = io.ReadAll(f)
	must(t, err)
	return text, true
}

const fresh = os.O_RDWR | os.O_CREATE

func TestWhatWasSyncedIsThereAfterEveryCut(t *testing.T) {
	d := New()
	f := open(t, d, "/a", fresh)
	put(t, f, "safe")
	must(t, f.Sync())
	must(t, d.SyncDir("/"))
	put(t, f, "loose")
	seen := map[string]bool{}
	for seed := range int64(200) {
		got, ok := content(t, d.PowerCut(seed), "/a")
		if !ok || !bytes.HasPrefix(got, []byte("safe")) {
			t.Fatalf("seed %d: %q, %v", seed, got, ok)
		}
		seen[string(got)] = true
	}
	for _, want := range []string{"safe", "safeloose", "safe\x00\x00\x00\x00\x00"} {
		if !seen[want] {
			t.Errorf("no cut of 200 left %q", want)
		}
	}
	if _, err := f.Write([]byte("x")); !errors.Is(err, ErrPowerOff) {
		t.Errorf("writing without power gives %v", err)
	}
}

func TestNamesAreThereOrNotUntilTheDirectoryIsSynced(t *testing.T) {
	d := New()
	must(t, d.MkdirAll("/d", 0o755))
	must(t, d.SyncDir("/"))
	put(t, open(t, d, "/d/old", fresh), "old")
	put(t, open(t, d, "/d/gone", fresh), "gone")
	d.Settle()
	f := open(t, d, "/d/new", fresh)
	put(t, f, "new")
	must(t, f.Sync())
	must(t, d.Rename("/d/new", "/d/old"))
	must(t, d.Remove("/d/gone"))
	seen := map[string]int{}
	for seed := range int64(300) {
		after := d.PowerCut(seed)
		got, ok := content(t, after, "/d/old")
		if !ok || string(got) != "old" && string(got) != "new" {
			t.Fatalf("seed %d: the target of a rename holds %q, %v", seed, got, ok)
		}
		_, gone := content(t, after, "/d/gone")
		seen[fmt.Sprint(string(got), " ", gone)]++
	}
	if len(seen) != 4 {
		t.Errorf("the outcomes are %v, want all four", seen)
	}
	must(t, d.Kill().SyncDir("/d")) // also with everything in flight
	d = d.Kill()
	must(t, d.SyncDir("/d"))
	for seed := range int64(50) {
		after := d.PowerCut(seed)
		_, gone := content(t, after, "/d/gone")
		if got, _ := content(t, after, "/d/old"); string(got) != "new" || gone {
			t.Fatalf("seed %d: %q %v after SyncDir", seed, got, gone)
		}
	}
}

func TestADirectoryIsANameToo(t *testing.T) {
	d := New()
	must(t, d.MkdirAll("/a/b", 0o755))
	f := open(t, d, "/a/b/f", fresh)
	put(t, f, "x")
	must(t, f.Sync())
	must(t, d.SyncDir("/a/b"))
	lost := 0
	for seed := range int64(50) {
		if _, ok := content(t, d.PowerCut(seed), "/a/b/f"); !ok {
			lost++
		}
	}
	if lost == 0 || lost == 50 {
		t.Errorf("a file below directories that are not synced was lost %d times of 50", lost)
	}
}

func TestAFailedSyncLosesWhatItShouldHaveWritten(t *testing.T) {
	d := New()
	f := open(t, d, "/a", fresh)
	put(t, f, string(bytes.Repeat([]byte("a"), 600)))
	must(t, f.Sync())
	must(t, d.SyncDir("/"))
	put(t, f, string(bytes.Repeat([]byte("b"), 1000))) // sectors 1, 2 and 3
	eio := errors.New("input/output error")
	if err := f.(interface{ FailSync(error) error }).FailSync(eio); !errors.Is(err, eio) {
		t.Fatal(err)
	}
	put(t, f, "c") // sector 3 again
	must(t, f.Sync())
	if got, _ := content(t, d.Kill(), "/a"); bytes.Count(got, []byte("b")) != 1000 {
		t.Error("readers do not see what was written")
	}
	want := slices.Concat(bytes.Repeat([]byte("a"), 600), make([]byte, 3*sector-600), bytes.Repeat([]byte("b"), 1600-3*sector), []byte("c"))
	for seed := range int64(20) {
		if got, _ := content(t, d.PowerCut(seed), "/a"); !bytes.Equal(got, want) {
			t.Fatalf("seed %d: %d bytes, %d of a, %d of b", seed, len(got), bytes.Count(got, []byte("a")), bytes.Count(got, []byte("b")))
		}
	}
}

func TestSectorsReachTheDiskOutOfOrder(t *testing.T) {
	d := New()
	f := open(t, d, "/a", fresh)
	must(t, d.SyncDir("/"))
	for _, c := range "abcd" {
		put(t, f, string(bytes.Repeat([]byte{byte(c)}, sector)))
	}
	holes := 0
	for seed := range int64(200) {
		got, _ := content(t, d.PowerCut(seed), "/a")
		for s := range len(got) / sector {
			part := got[s*sector : (s+1)*sector]
			if want := byte('a' + s); bytes.Count(part, []byte{want}) != sector && bytes.Count(part, []byte{0}) != sector {
				t.Fatalf("seed %d: sector %d is torn inside", seed, s)
			}
		}
		if i := bytes.IndexByte(got, 0); i >= 0 && bytes.IndexByte(got[i:], 'd') >= 0 {
			holes++
		}
	}
	if holes == 0 {
		t.Error("no cut of 200 left a hole")
	}
}

func TestEveryStepIsACrashPoint(t *testing.T) {
	run := func(d *Disk) error {
		f, err := d.Open("/t", fresh, 0o600)
		if err != nil {
			return err
		}
		for _, f := range []func() error{
			func() error { _, err := f.Write([]byte("x")); return err }, f.Sync, f.Close,
			func() error { return d.Rename("/t", "/a") }, func() error { return d.SyncDir("/") },
			func() error { return d.Remove("/a") }, func() error { return d.MkdirAll("/p/q", 0o755) },
		} {
			if err := f(); err != nil {
				return err
			}
		}
		return nil
	}
	d := New()
	var ops []string
	d.OnStep(func(m Moment) { ops = append(ops, m.Op) })
	must(t, run(d))
	if got := fmt.Sprint(ops); got != "[create write sync rename syncdir remove mkdir mkdir]" || d.Steps() != len(ops) {
		t.Fatalf("the steps are %v", got)
	}
	for n := range ops {
		d := New()
		d.CutAfter(n)
		if err := run(d); !errors.Is(err, ErrPowerOff) || d.Steps() != n {
			t.Errorf("cut after %d: %v after %d steps", n, err, d.Steps())
		}
		got, ok := content(t, d.PowerCut(1), "/a")
		if durable := n == 5; durable && (!ok || string(got) != "x") {
			t.Errorf("cut after %d: the file is %q, %v", n, got, ok)
		}
	}
}

func TestTheSameSeedGivesTheSameDisk(t *testing.T) {
	d := New()
	for i := range 20 {
		put(t, open(t, d, fmt.Sprint("/f", i), fresh), string(bytes.Repeat([]byte{'x'}, 100*i+1)))
	}
	must(t, d.SyncDir("/"))
	picture := func(d *Disk) string {
		var b bytes.Buffer
		list, err := d.ReadDir("/")
		must(t, err)
		for _, e := range list {
			got, _ := content(t, d, "/"+e.Name())
			fmt.Fprintf(&b, "%s %x\n", e.Name(), got)
		}
		return b.String()
	}
	if a, b := picture(d.PowerCut(7)), picture(d.PowerCut(7)); a != b {
		t.Errorf("seed 7 gives\n%s\nand\n%s", a, b)
	}
	if a, b := picture(d.PowerCut(7)), picture(d.PowerCut(8)); a == b {
		t.Error("seeds 7 and 8 give the same")
	}
}

func TestALockEndsWithItsProcess(t *testing.T) {
	d := New()
	l, err := d.Lock("/lock")
	must(t, err)
	if _, err := d.Lock("lock"); err != vfs.ErrLocked {
		t.Errorf("a second lock gives %v", err)
	}
	must(t, l.Close())
	_, err = d.Lock("/lock")
	must(t, err)
	_, err = d.Kill().Lock("/lock")
	must(t, err)
}

// TestLikeAPlainModel does the same at random to a disk and to a map of bytes, without cuts, and compares; after a cut it holds every file
// against the moments it went through.
func TestLikeAPlainModel(t *testing.T) {
	const seed = 11
	dice := rand.New(rand.NewPCG(seed, 0))
	d := New()
	model := map[string][]byte{}
	for step := range 3000 {
		name := fmt.Sprint("/", dice.IntN(5))
		switch dice.IntN(9) {
		case 0:
			err := d.Remove(name)
			if _, ok := model[name]; ok != (err == nil) {
				t.Fatalf("seed %d step %d: remove gives %v", seed, step, err)
			}
			delete(model, name)
		case 1:
			to := fmt.Sprint("/", dice.IntN(5))
			err := d.Rename(name, to)
			b, ok := model[name]
			if ok != (err == nil) {
				t.Fatalf("seed %d step %d: rename gives %v", seed, step, err)
			}
			if ok {
				delete(model, name)
				model[to] = b
			}
		case 2:
			must(t, d.SyncDir("/"))
		case 3: // go on with what the machine finds after the process ended
			d = d.Kill()
		default:
			flags := []int{os.O_RDWR | os.O_CREATE | os.O_APPEND, fresh, fresh | os.O_TRUNC}[dice.IntN(3)]
			f := open(t, d, name, flags)
			if flags&os.O_TRUNC != 0 {
				model[name] = nil
			}
			b, pos := slices.Clone(model[name]), 0
			if flags&os.O_APPEND != 0 {
				pos = len(b)
			}
			text := bytes.Repeat([]byte{byte('a' + step%26)}, 1+dice.IntN(900))
			put(t, f, string(text))
			b = append(b[:pos], append(text, b[min(len(b), pos+len(text)):]...)...)
			if dice.IntN(3) == 0 {
				cut := dice.IntN(len(b) + 1)
				must(t, f.Truncate(int64(cut)))
				put(t, f, "end")
				b = append(b[:cut:cut], "end"...)
			}
			if dice.IntN(2) == 0 {
				must(t, f.Sync())
			}
			model[name] = b
			must(t, f.Close())
		}
		list, err := d.ReadDir("/")
		must(t, err)
		if len(list) != len(model) {
			t.Fatalf("seed %d step %d: %d files, want %d", seed, step, len(list), len(model))
		}
		for name, want := range model {
			if got, ok := content(t, d, name); !ok || !bytes.Equal(got, want) {
				t.Fatalf("seed %d step %d: %s holds %q, want %q", seed, step, name, got, want)
			}
		}
	}
	d.Settle()
	d = d.PowerCut(seed)
	for name, want := range model {
		if got, ok := content(t, d, name); !ok || !bytes.Equal(got, want) {
			t.Fatalf("seed %d: %s holds %q after a settled cut, want %q", seed, name, got, want)
		}
	}
}
