// What is good of a file: torn ends are told from damage, wherever a byte was changed or the file was cut.

package aof

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
)

func words(list ...string) (w [][]byte) {
	for _, s := range list {
		w = append(w, []byte(s))
	}
	return w
}

// quiet are hooks of a log that nobody listens to.
func quiet(t testing.TB) Hooks {
	return Hooks{
		Moved: func() {}, Failed: func(error) {}, Broken: func(err error) { t.Error("broken:", err) }, Mended: func() {}, Synced: func() {},
		Spawn: func(_ string, run func()) { go run() }, Now: time.Now, Stamp: func() int64 { return 1_700_000_000 },
	}
}

// written is a file as a log leaves it that was closed or, if not closed, killed. The records are SET i i, from 1 to n; every one is a write.
func written(t testing.TB, n int, closed bool) (path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "a.1.incr.aof")
	f, err := vfs.OS.Open(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Open(f, 0, No, quiet(t))
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= n; i++ {
		l.Command(i%2, words("SET", strconv.Itoa(i), strconv.Itoa(i)))
		if err := l.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if !closed {
		content = read(t, path)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if closed {
		content = read(t, path)
	}
	return path, content
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// inMemory is a file that is only read.
type inMemory struct {
	vfs.File
	b []byte
}

func (f inMemory) Size() (int64, error) { return int64(len(f.b)), nil }

func (f inMemory) ReadAt(b []byte, at int64) (int, error) { return bytes.NewReader(f.b).ReadAt(b, at) }

func verify(t testing.TB, content []byte) *Result {
	t.Helper()
	res, err := Verify(inMemory{b: content}, "f", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// records are the commands of the first end bytes, without SELECT.
func records(t testing.TB, content []byte) (n int) {
	t.Helper()
	for r := NewReader(inMemory{b: content}, "r", 0, int64(len(content))); ; {
		kind, err := r.Next()
		if err == io.EOF {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		if kind == Record && isWord(r.Words[0], "SET") {
			n++
		}
	}
}

// TestEveryCut: a file that ends anywhere is a torn one, and what was whole before is good.
func TestEveryCut(t *testing.T) {
	_, content := written(t, 6, false)
	acknowledged := 0
	for end := range len(content) {
		if at := bytes.LastIndex(content[:end], []byte(sumMark)); end > 0 && content[end-1] == '\n' && at > 0 && bytes.IndexByte(content[at:end], '\n') == end-at-1 {
			acknowledged = records(t, content[:end])
		}
		res := verify(t, content[:end])
		if !res.Torn || res.Good > int64(end) {
			t.Fatalf("cut at %d: %+v", end, res)
		}
		if n := records(t, content[:res.Good]); n < acknowledged {
			t.Fatalf("cut at %d: %d records, %d had been acknowledged", end, n, acknowledged)
		}
	}
	if acknowledged < 5 {
		t.Errorf("only %d records were looked for", acknowledged)
	}
	if res := verify(t, content); !res.Whole() || res.Damage != nil || res.Groups < 6 {
		t.Errorf("whole: %+v", res)
	}
}

// TestF17EveryFlippedBit: a changed bit is always found. In a file that was closed it is never taken for a torn end, except in its last annotation, which
// stands for nothing.
func TestF17EveryFlippedBit(t *testing.T) {
	_, content := written(t, 4, true)
	last := bytes.LastIndex(content, []byte(sumMark))
	for i := range content {
		for bit := range 8 {
			changed := bytes.Clone(content)
			changed[i] ^= 1 << bit
			res := verify(t, changed)
			if res.Damage == nil && i < last && records(t, changed[:res.Good]) != 4 {
				t.Fatalf("byte %d bit %d (%q became %q): not found", i, bit, content[i], changed[i])
			}
			if res.Damage != nil && res.Torn && i < last-1 {
				t.Fatalf("byte %d bit %d (%q became %q): taken for a torn end: %v", i, bit, content[i], changed[i], res.Damage)
			}
		}
	}
}

// TestTornSectors: of what was not synced any part may be missing, also in the middle. What is left is a beginning of what was written.
func TestTornSectors(t *testing.T) {
	_, content := written(t, 60, false)
	first := bytes.Index(content, []byte("\n"+sumMark))
	dice := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		torn := bytes.Clone(content)
		for at := (first/512 + 1) * 512; at < len(torn); at += 512 {
			if dice.IntN(3) == 0 {
				clear(torn[at:min(at+512, len(torn))])
			}
		}
		res := verify(t, torn)
		if !res.Whole() && !res.Torn {
			t.Fatalf("refused: %v", res.Damage)
		}
		if !bytes.Equal(torn[:res.Good], content[:res.Good]) {
			t.Fatal("something else than what was written is taken for good")
		}
	}
}

// TestForeign: files of Redis's, and files of ours that Redis has gone on with, have no checksums there.
func TestForeign(t *testing.T) {
	record := func(list ...string) string { return string(AppendCommand(nil, words(list...))) }
	foreign := record("SELECT", "0") + record("SET", "a", "1") + record("SET", "b", "2")
	if res := verify(t, []byte(foreign)); !res.Whole() {
		t.Errorf("%+v", res)
	}
	if res := verify(t, []byte(foreign+"*3\r\n$3\r\nSET\r\n$1")); !res.Torn || res.Good != int64(len(foreign)) {
		t.Errorf("cut: %+v", res)
	}
	if res := verify(t, []byte(foreign+"*3\r\n$3\r\nSET\r\n#1"+foreign)); res.Torn || res.Good != int64(len(foreign)) {
		t.Errorf("damaged: %+v", res)
	}
	_, ours := written(t, 3, true)
	both := append(bytes.Clone(ours), foreign...)
	if res := verify(t, both); !res.Whole() {
		t.Errorf("gone on with: %+v", res)
	}
	if res := verify(t, append(both, "*3\r\n$3\r\nSET\r\n$1"...)); !res.Torn || res.Good != int64(len(both)) {
		t.Errorf("gone on with and cut: %+v", res)
	}
}

// TestUnfinishedTransaction: what no EXEC ends is not good.
func TestUnfinishedTransaction(t *testing.T) {
	b := AppendCommand(nil, words("SELECT", "0"))
	b = AppendCommand(b, words("SET", "a", "1"))
	good := len(b)
	b = AppendCommand(b, words("MULTI"))
	b = AppendCommand(b, words("SET", "a", "2"))
	if res := verify(t, b); !res.Torn || res.Good != int64(good) || res.Whole() {
		t.Errorf("%+v", res)
	}
	whole := AppendCommand(b, words("EXEC"))
	if res := verify(t, whole); !res.Whole() {
		t.Errorf("%+v", res)
	}
	if res := verify(t, AppendCommand(b, words("MULTI"))); res.Damage == nil || res.Torn {
		t.Errorf("a transaction in a transaction: %+v", res)
	}
}

func TestR22HostileRecords(t *testing.T) {
	good := string(AppendCommand(nil, words("SET", "a", "1")))
	for name, bad := range map[string]string{
		"no words":             "*0\r\n",
		"negative words":       "*-1\r\n",
		"empty count":          "*\r\n",
		"letters":              "*a\r\n$1\r\nx\r\n",
		"zero in front":        "*01\r\n$1\r\nx\r\n",
		"huge count":           "*99999999999999999999\r\n",
		"no dollar":            "*1\r\nxxxx\r\n",
		"negative length":      "*1\r\n$-1\r\n",
		"huge length":          "*1\r\n$99999999999999999999\r\nx\r\n",
		"wrong end":            "*1\r\n$4\r\nPINGxx",
		"line feed alone":      "*1\n$4\nPING\n",
		"inline":               "PING\r\n",
		"endless annotation":   "#" + string(bytes.Repeat([]byte("x"), 1000)) + "\r\n",
		"annotation of one LF": "#x\n",
		"time of letters":      "#TS:abc\r\n",
		"checksum of letters":  "#CRC:xxxxxxxx 1\r\n",
		"snapshot":             "REDIS0010",
	} {
		t.Run(name, func(t *testing.T) {
			res := verify(t, []byte(good+bad+good))
			if res.Damage == nil || res.Damage.Offset != int64(len(good)) || res.Torn && !res.Damage.Short {
				t.Errorf("%+v, %v", res, res.Damage)
			}
		})
	}
	for _, text := range []string{"*1000000\r\n", "*1\r\n$1000000000\r\nx"} { // announced, and not there
		if res := verify(t, []byte(good+text)); res.Damage == nil || !res.Damage.Short || res.Good != int64(len(good)) {
			t.Errorf("%q: %+v", text, res)
		}
	}
}

// TestR22EveryByteOfAForeignFile puts every byte in the place of every byte of a file that has no checksums: what holds the records together is refused
// with its offset, and what they say is taken as it stands.
func TestR22EveryByteOfAForeignFile(t *testing.T) {
	var b []byte
	frame := map[int]bool{} // where there is no payload
	for _, list := range [][]string{{"SELECT", "0"}, {"SET", "a", "a longer text"}, {"MULTI"}, {"DEL", "b"}, {"EXEC"}, {"SET", "c", ""}} {
		at := len(b)
		b = AppendCommand(b, words(list...))
		for rest := b[at:]; len(rest) > 0; {
			line := bytes.IndexByte(rest, '\n') + 1
			for i := range line {
				frame[len(b)-len(rest)+i] = true
			}
			n := 0
			if rest[0] == '$' {
				n, _ = strconv.Atoi(string(rest[1 : line-2]))
				frame[len(b)-len(rest)+line+n], frame[len(b)-len(rest)+line+n+1] = true, true
				n += 2
			}
			rest = rest[line+n:]
		}
	}
	if res := verify(t, b); !res.Whole() {
		t.Fatal(res.Damage)
	}
	for i, was := range b {
		for c := range 256 {
			b[i] = byte(c)
			res := verify(t, b)
			switch {
			case res.Damage != nil && (res.Damage.Offset < 0 || res.Damage.Offset > int64(len(b))):
				t.Fatalf("byte %d (%q became %q): good up to %d, %v", i, was, rune(c), res.Good, res.Damage)
			case frame[i] && byte(c) != was && res.Damage == nil && was != '*' && c != '#':
				t.Fatalf("byte %d (%q became %q) is taken", i, was, rune(c))
			}
		}
		b[i] = was
	}
}

// TestLongRecords: records longer than the reader's buffer, and many words.
func TestLongRecords(t *testing.T) {
	long := string(bytes.Repeat([]byte("x"), 3*readerBuffer+17))
	many := make([]string, 100_000)
	for i := range many {
		many[i] = strconv.Itoa(i)
	}
	b := AppendCommand(nil, words("SELECT", "0"))
	b = AppendCommand(b, words("SET", "a", long))
	b = AppendCommand(b, words(append([]string{"RPUSH"}, many...)...))
	b = AppendCommand(b, words("SET", "b", long))
	if res := verify(t, b); !res.Whole() || res.Records != 4 {
		t.Errorf("%+v, %v", res, res.Damage)
	}
	if res := verify(t, b[:len(b)-1]); !res.Torn || res.Records != 3 {
		t.Errorf("cut: %+v, %v", res, res.Damage)
	}
}

func FuzzReader(f *testing.F) {
	_, content := written(f, 3, true)
	f.Add(content)
	f.Add([]byte("*1\r\n$4\r\nPING\r\n#TS:1\r\n"))
	f.Add([]byte("#CRC:00000000 0 5\r\n#\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file := inMemory{b: b}
		safe := int64(0)
		res, err := Verify(file, "f", 0, func(end int64) { safe = end })
		if err != nil {
			t.Fatal(err)
		}
		if res.Good > res.Size || safe > res.Size || res.Damage == nil && res.Good != res.Size {
			t.Fatalf("%+v, safe %d", res, safe)
		}
		r := NewReader(file, "f", 0, res.Good)
		for {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("what is good cannot be read: %v", err)
			}
		}
		var d *Damage
		if again := verify(t, b[:res.Good]); again.Good != res.Good && !errors.As(error(again.Damage), &d) {
			t.Fatalf("good up to %d, and then only up to %d", res.Good, again.Good)
		}
	})
}
