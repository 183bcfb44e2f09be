package crypt

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/faults"
	"github.com/cachesrv/cachesrv/core/vfs/simdisk"
)

// keyOf gives a key made of one byte.
func keyOf(t testing.TB, b byte) Wrapper {
	t.Helper()
	w, err := ParseKey(bytes.Repeat([]byte{b}, KeyLen))
	must(t, err)
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func layer(t testing.TB, below vfs.FS, w Wrapper) *FS {
	t.Helper()
	s, err := New(below, "/", w)
	must(t, err)
	return s
}

const (
	fresh     = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	appending = os.O_WRONLY | os.O_CREATE | os.O_APPEND
)

func open(t testing.TB, s vfs.FS, name string, flags int) vfs.File {
	t.Helper()
	f, err := s.Open(name, flags, 0o600)
	must(t, err)
	return f
}

// writeFile writes a file in pieces and closes it.
func writeFile(t testing.TB, s vfs.FS, name string, flags int, pieces ...string) {
	t.Helper()
	f := open(t, s, name, flags)
	for _, p := range pieces {
		_, err := io.WriteString(f, p)
		must(t, err)
	}
	must(t, f.Sync())
	must(t, f.Close())
}

func readFile(s vfs.FS, name string) ([]byte, error) {
	f, err := s.Open(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// raw reads and overwrite replaces what is really on the disk.
func raw(t testing.TB, d *simdisk.Disk, name string) []byte {
	t.Helper()
	b, err := readFile(d, name)
	must(t, err)
	return b
}

func overwrite(t testing.TB, d *simdisk.Disk, name string, b []byte) {
	t.Helper()
	f := open(t, d, name, fresh)
	_, err := f.Write(b)
	must(t, err)
	must(t, f.Close())
}

func TestAFileIsReadAsItWasWritten(t *testing.T) {
	long := string(bytes.Repeat([]byte("0123456789abcdef"), 20000))
	for _, flags := range []int{fresh, appending} {
		for _, pieces := range [][]string{{}, {""}, {"a"}, {"some", "pieces", ""}, {long, "b", long[:maxPlain], long[:maxPlain+1]}} {
			d := simdisk.New()
			s := layer(t, d, keyOf(t, 1))
			writeFile(t, s, "/f", flags, pieces...)
			want := []byte{}
			for _, p := range pieces {
				want = slices.Concat(want, []byte(p))
			}
			s = layer(t, d, keyOf(t, 1)) // as the next process finds it
			got, err := readFile(s, "/f")
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%d bytes, %v; want %d", len(got), err, len(want))
			}
			info, err := s.Stat("/f")
			must(t, err)
			if info.Size() != int64(len(want)) {
				t.Errorf("the size is %d, want %d", info.Size(), len(want))
			}
			f := open(t, s, "/f", os.O_RDONLY)
			for at := 0; at < len(want); at += 1 + len(want)/7 {
				part := make([]byte, min(50000, len(want)-at))
				if n, err := f.ReadAt(part, int64(at)); n != len(part) || err != nil || !bytes.Equal(part, want[at:at+n]) {
					t.Fatalf("at %d: %d bytes, %v", at, n, err)
				}
			}
			if n, err := f.ReadAt(make([]byte, 1), int64(len(want))); n != 0 || err != io.EOF {
				t.Errorf("behind the end: %d, %v", n, err)
			}
		}
	}
}

// TestNothingReadableReachesTheDisk looks for names and values in every byte that is on the disk.
func TestNothingReadableReachesTheDisk(t *testing.T) {
	d := simdisk.New()
	s := layer(t, d, keyOf(t, 1))
	writeFile(t, s, "/dump.rdb", fresh, "REDIS0010 a-secret-key a-secret-value")
	writeFile(t, s, "/appendonly.aof.1.incr.aof", appending, "SET a-secret-key a-secret-value")
	list, err := d.ReadDir("/")
	must(t, err)
	if len(list) != 3 {
		t.Fatalf("%d files, want two and the ring", len(list))
	}
	for _, e := range list {
		b := raw(t, d, "/"+e.Name())
		for _, word := range [][]byte{[]byte("secret"), []byte("REDIS"), []byte("SET"), bytes.Repeat([]byte{1}, 8)} {
			if bytes.Contains(b, word) {
				t.Errorf("%s holds %q", e.Name(), word)
			}
		}
	}
}

func TestAWrongKeyIsRefusedByName(t *testing.T) {
	d := simdisk.New()
	writeFile(t, layer(t, d, keyOf(t, 1)), "/f", fresh, "text")
	_, err := New(d, "/", keyOf(t, 2))
	if !errors.Is(err, ErrWrongKey) || !bytes.Contains([]byte(err.Error()), []byte("/cachesrv.keys")) {
		t.Errorf("the wrong key gives %v", err)
	}
	other := simdisk.New()
	writeFile(t, layer(t, other, keyOf(t, 1)), "/f", fresh, "text")
	overwrite(t, d, "/f", raw(t, other, "/f")) // under a data key that is not here
	var bad *BadFile
	if _, err = readFile(layer(t, d, keyOf(t, 1)), "/f"); !errors.Is(err, ErrWrongKey) || !errors.As(err, &bad) || bad.Name != "/f" {
		t.Errorf("a file under another data key gives %v", err)
	}
	overwrite(t, d, "/f", []byte("REDIS0010 and more"))
	if _, err = readFile(layer(t, d, keyOf(t, 1)), "/f"); !errors.Is(err, ErrPlain) {
		t.Errorf("a plain file gives %v", err)
	}
}

// TestF17EveryFlippedBitIsFound flips one bit of every byte of files that were closed in order, and cuts them at every place.
func TestF17EveryFlippedBitIsFound(t *testing.T) {
	for _, flags := range []int{fresh, appending} {
		d := simdisk.New()
		s := layer(t, d, keyOf(t, 1))
		writeFile(t, s, "/f", flags, "first", "second piece", "third")
		whole := raw(t, d, "/f")
		want := []byte("firstsecond piecethird")
		check := func(what string, at int, b []byte) {
			overwrite(t, d, "/f", b)
			got, err := readFile(s, "/f")
			if !bytes.HasPrefix(want, got) {
				t.Fatalf("%s at %d: read %q", what, at, got)
			}
			promised := at < len(whole)-frameOver // damage to the mark of a log costs nothing
			if err == nil || what == "flip" && flags == appending && promised && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrWrongKey) && !errors.Is(err, ErrPlain) {
				t.Fatalf("%s at %d: %v after %q", what, at, err, got)
			}
			if f, err := s.Open("/f", appending, 0); err == nil { // writing goes on only where nothing is lost
				if size, err := f.Size(); err != nil || what == "flip" && size != int64(len(want)) {
					t.Fatalf("%s at %d: opened to write at %d, %v", what, at, size, err)
				}
				f.Close()
			}
		}
		for at := range whole {
			b := slices.Clone(whole)
			b[at] ^= 1 << (at % 8)
			check("flip", at, b)
		}
		if flags == fresh {
			for at := 1; at < len(whole); at++ {
				check("cut", at, whole[:at])
			}
		}
	}
}

// TestFramesThatAreMovedDoNotOpen exchanges, repeats and drops frames, and takes one from another file.
func TestFramesThatAreMovedDoNotOpen(t *testing.T) {
	d := simdisk.New()
	s := layer(t, d, keyOf(t, 1))
	writeFile(t, s, "/f", fresh, "aaaa", "bbbb", "cccc")
	writeFile(t, s, "/g", fresh, "aaaa", "bbbb", "cccc")
	b, other := raw(t, d, "/f"), raw(t, d, "/g")
	const n = frameOver + 4
	part := func(b []byte, i int) []byte { return b[headerLen+i*n : headerLen+(i+1)*n] }
	mark := b[headerLen+3*n:]
	for what, frames := range map[string][][]byte{
		"exchanged": {part(b, 1), part(b, 0), part(b, 2), mark}, "repeated": {part(b, 0), part(b, 0), part(b, 1), part(b, 2), mark},
		"dropped": {part(b, 0), part(b, 2), mark}, "the last dropped": {part(b, 0), part(b, 1), mark},
		"another file's": {part(b, 0), part(other, 1), part(b, 2), mark}, "behind the end": {part(b, 0), part(b, 1), part(b, 2), mark, mark},
	} {
		overwrite(t, d, "/f", slices.Concat(b[:headerLen], slices.Concat(frames...)))
		got, err := readFile(s, "/f")
		if !errors.Is(err, ErrDamaged) || !bytes.HasPrefix([]byte("aaaabbbbcccc"), got) {
			t.Errorf("%s: read %q, %v", what, got, err)
		}
	}
}

// TestALogThatLostItsTailGoesOn cuts a log at every place, reads it, and writes on.
func TestALogThatLostItsTailGoesOn(t *testing.T) {
	d := simdisk.New()
	s := layer(t, d, keyOf(t, 1))
	f := open(t, s, "/f", appending)
	want := ""
	var ends []int // how much is on the disk with i frames
	for i := range 5 {
		io.WriteString(f, fmt.Sprint("record ", i, "\n"))
		want += fmt.Sprint("record ", i, "\n")
		ends = slices.Concat(ends, []int{len(raw(t, d, "/f"))})
	}
	b := raw(t, d, "/f") // as a killed process leaves it
	for at := range len(b) + 1 {
		frames := 0
		for frames < len(ends) && ends[frames] <= at {
			frames++
		}
		good := want[:frames*len("record 0\n")]
		overwrite(t, d, "/f", b[:at])
		got, err := readFile(s, "/f")
		border := at == 0 || at == headerLen || frames > 0 && ends[frames-1] == at
		if string(got) != good || border != (err == nil) || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut at %d: %q, %v", at, got, err)
		}
		writeFile(t, s, "/f", appending, "more")
		if got, err := readFile(s, "/f"); err != nil || string(got) != good+"more" {
			t.Fatalf("cut at %d and written on: %q, %v", at, got, err)
		}
	}
}

func TestAFullDiskLeavesWholeFrames(t *testing.T) {
	for room := range int64(3*frameOver + headerLen + 20) {
		d := simdisk.New()
		broken := faults.New(d)
		s := layer(t, broken, keyOf(t, 1))
		writeFile(t, s, "/ring is made", fresh)
		full := faults.Full(room)
		full.Name = "f"
		broken.Add(full)
		f := open(t, s, "/f", appending)
		want := ""
		for _, text := range []string{"one", "two", "three"} {
			n, err := io.WriteString(f, text)
			want += text[:n]
			if n == len(text) != (err == nil) || n != 0 && n != len(text) {
				t.Fatalf("room for %d: %d, %v", room, n, err)
			}
		}
		broken.Drop(full)
		_, err := io.WriteString(f, "more")
		must(t, err)
		if got, err := readFile(s, "/f"); err != nil || string(got) != want+"more" {
			t.Fatalf("room for %d: %q, %v; want %q", room, got, err, want+"more")
		}
	}
}

// TestLikeAPlainFile does the same at random to a file through the layer and to a plain one.
func TestLikeAPlainFile(t *testing.T) {
	const seed = 3
	dice := rand.New(rand.NewPCG(seed, 0))
	d := simdisk.New()
	s := layer(t, d, keyOf(t, 1))
	var model []byte
	f := open(t, s, "/f", appending)
	for step := range 2000 {
		switch dice.IntN(8) {
		case 0:
			size := len(model) - dice.IntN(min(len(model), 2*maxPlain)+1)
			must(t, f.Truncate(int64(size)))
			model = model[:size]
		case 1:
			must(t, f.Sync())
		case 2:
			must(t, f.Close())
			f = open(t, s, "/f", appending)
		case 3:
			at := dice.IntN(len(model) + 1)
			part := make([]byte, dice.IntN(1000))
			n, err := f.ReadAt(part, int64(at))
			want := model[at:min(at+len(part), len(model))]
			if !bytes.Equal(part[:n], want) || n < len(part) && err != io.EOF {
				t.Fatalf("seed %d step %d: read %d bytes at %d, %v", seed, step, n, at, err)
			}
		default:
			n := dice.IntN(300)
			if dice.IntN(20) == 0 {
				n = dice.IntN(3 * maxPlain)
			}
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(dice.Uint32())
			}
			if got, err := f.Write(b); got != n || err != nil {
				t.Fatalf("seed %d step %d: wrote %d, %v", seed, step, got, err)
			}
			model = slices.Concat(model, b)
		}
		if size, err := f.Size(); size != int64(len(model)) || err != nil {
			t.Fatalf("seed %d step %d: %d bytes, %v; want %d", seed, step, size, err, len(model))
		}
		if step%50 == 0 {
			if got, err := readFile(s, "/f"); err != nil || !bytes.Equal(got, model) {
				t.Fatalf("seed %d step %d: read %d bytes, %v; want %d", seed, step, len(got), err, len(model))
			}
		}
	}
}

// TestF2ACutLogKeepsWhatWasSynced loses power at every step of a run that writes, syncs, cuts and closes a log.
func TestF2ACutLogKeepsWhatWasSynced(t *testing.T) {
	const seeds = 40
	d := simdisk.New()
	s := layer(t, d, keyOf(t, 1))
	writeFile(t, s, "/other", fresh)
	f := open(t, s, "/f", appending)
	must(t, d.SyncDir("/"))
	var written, safe string
	dice := rand.New(rand.NewPCG(5, 0))
	d.OnStep(func(m simdisk.Moment) {
		for seed := range int64(seeds) {
			after := m.PowerCut(int64(m.Step)*seeds + seed)
			s := layer(t, after, keyOf(t, 1))
			got, err := readFile(s, "/f")
			if err != nil && !errors.Is(err, ErrTorn) {
				t.Fatalf("step %d seed %d: %v", m.Step, seed, err)
			}
			if len(got) < len(safe) || !bytes.HasPrefix([]byte(written), got) {
				t.Fatalf("step %d seed %d: read %d bytes; %d were synced, %d written", m.Step, seed, len(got), len(safe), len(written))
			}
			writeFile(t, s, "/f", appending, "on")
			if on, err := readFile(s, "/f"); err != nil || string(on) != string(got)+"on" {
				t.Fatalf("step %d seed %d: written on, %d bytes, %v", m.Step, seed, len(on), err)
			}
		}
	})
	for i := range 60 {
		text := string(bytes.Repeat([]byte{byte('a' + i%26)}, 1+dice.IntN(700)))
		written += text
		_, err := io.WriteString(f, text)
		must(t, err)
		if dice.IntN(4) == 0 {
			must(t, f.Sync())
			safe = written
		}
		if dice.IntN(10) == 0 {
			must(t, f.Close())
			f = open(t, s, "/f", appending)
		}
	}
}

// TestF2AWholeFileIsCompleteOnceSynced loses power at every step of replacing a file.
func TestF2AWholeFileIsCompleteOnceSynced(t *testing.T) {
	d := simdisk.New()
	s := layer(t, d, keyOf(t, 1))
	writeFile(t, s, "/f", fresh, "old")
	must(t, d.SyncDir("/"))
	done := false
	d.OnStep(func(m simdisk.Moment) {
		for seed := range int64(100) {
			got, err := readFile(layer(t, m.PowerCut(seed), keyOf(t, 1)), "/f")
			if err != nil || string(got) != "old" && string(got) != "new one" || done && string(got) == "old" {
				t.Fatalf("step %d seed %d: %q, %v", m.Step, seed, got, err)
			}
		}
	})
	f := open(t, s, "/tmp", fresh)
	for _, piece := range []string{"new", " one"} { // also with a Sync in the middle
		_, err := io.WriteString(f, piece)
		must(t, err)
		must(t, f.Sync())
	}
	must(t, s.Rename("/tmp", "/f")) // before it is closed
	must(t, f.Close())
	must(t, s.SyncDir("/"))
	done = true
	writeFile(t, s, "/unrelated", fresh, "x")
}

func TestAFailedSyncPromisesNothing(t *testing.T) {
	d := simdisk.New()
	broken := faults.New(d)
	s := layer(t, broken, keyOf(t, 1))
	writeFile(t, s, "/f", appending, "safe")
	must(t, d.SyncDir("/"))
	f := open(t, s, "/f", appending)
	broken.Add(faults.BadSync("f"))
	io.WriteString(f, string(make([]byte, 2000)))
	if err := f.Sync(); err == nil {
		t.Fatal("the sync went well")
	}
	io.WriteString(f, string(make([]byte, 600)))
	must(t, f.Sync())
	must(t, f.Close())
	for seed := range int64(20) {
		got, err := readFile(layer(t, d.PowerCut(seed), keyOf(t, 1)), "/f")
		if !errors.Is(err, ErrTorn) || string(got) != "safe" {
			t.Fatalf("seed %d: %d bytes, %v", seed, len(got), err)
		}
	}
}

func TestWritingInTheMiddleIsRefused(t *testing.T) {
	s := layer(t, simdisk.New(), keyOf(t, 1))
	writeFile(t, s, "/f", fresh, "text")
	f := open(t, s, "/f", os.O_RDWR)
	if _, err := io.WriteString(f, "x"); !errors.Is(err, errMiddle) {
		t.Errorf("writing at the start gives %v", err)
	}
	must(t, f.Truncate(2))
	io.WriteString(f, "st")
	must(t, f.Close())
	if got, err := readFile(s, "/f"); err != nil || string(got) != "test" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := open(t, s, "/f", os.O_RDONLY).Write([]byte("x")); err == nil {
		t.Error("a file opened for reading was written")
	}
	if _, err := s.Open("/"+RingName, fresh, 0); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("opening the ring gives %v", err)
	}
}

// FuzzContainer changes a container anyhow: what is read is a prefix of what was written, and all of it if nothing is complained about.
func FuzzContainer(f *testing.F) {
	d := simdisk.New()
	s := layer(f, d, keyOf(f, 1))
	writeFile(f, s, "/w", fresh, "first", "second")
	writeFile(f, s, "/l", appending, "first", "second")
	want := []byte("firstsecond")
	files := [][]byte{raw(f, d, "/w"), raw(f, d, "/l")}
	f.Add(false, uint16(80), []byte{1}, uint16(0))
	f.Add(true, uint16(200), []byte("\xc5\x9efr"), uint16(9))
	f.Fuzz(func(t *testing.T, log bool, at uint16, change []byte, cut uint16) {
		name, b := "/w", slices.Clone(files[0])
		if log {
			name, b = "/l", slices.Clone(files[1])
		}
		copy(b[min(int(at), len(b)):], change)
		b = b[:len(b)-min(int(cut), len(b))]
		d := d.Kill()
		overwrite(t, d, name, b)
		s := layer(t, d, keyOf(t, 1))
		got, err := readFile(s, name)
		if !bytes.HasPrefix(want, got) || err == nil && !log && len(b) > 0 && !bytes.Equal(got, want) {
			t.Fatalf("read %q, %v", got, err)
		}
		if log {
			if f, err := s.Open(name, appending, 0); err == nil {
				io.WriteString(f, "on")
				f.Close()
				if on, err := readFile(s, name); err != nil || !bytes.HasSuffix(on, []byte("on")) || !bytes.HasPrefix(want, on[:len(on)-2]) {
					t.Fatalf("written on: %q, %v", on, err)
				}
			}
		}
	})
}

// FuzzRing reads any ring.
func FuzzRing(f *testing.F) {
	w := keyOf(f, 1)
	k, err := newDataKey(w)
	must(f, err)
	f.Add(ring{k}.text())
	f.Fuzz(func(t *testing.T, text []byte) {
		if r, err := parseRing(text, w); err == nil && !bytes.Equal(r.text(), text) {
			t.Fatalf("%q is read as %q", text, r.text())
		}
	})
}

func TestKeysAreTakenInEveryForm(t *testing.T) {
	want := keyOf(t, 7).Name()
	key := bytes.Repeat([]byte{7}, KeyLen)
	for _, text := range []string{string(key), hex.EncodeToString(key) + "\n", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n", " BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"} {
		if w, err := ParseKey([]byte(text)); err != nil || w.Name() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"", "short", hex.EncodeToString(key[1:]), hex.EncodeToString(key) + "00"} {
		if _, err := ParseKey([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if _, err := ParseKey([]byte(NewKeyText())); err != nil {
		t.Error(err)
	}
}
