// Tests of whole files: what is read of good ones, and that damaged ones are refused with the place.

package rdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cachesrv/cachesrv/core/pack"
)

// file builds one: f writes the records.
func file(version int, f func(w *FileWriter)) []byte {
	var w FileWriter
	w.Header(version)
	if f != nil {
		f(&w)
	}
	w.End()
	return foot(w.Out)
}

// foot ends a file with its checksum.
func foot(b []byte) []byte { return binary.LittleEndian.AppendUint64(b, pack.CRC64(0, b)) }

// put adds a key with a sample's value.
func (w *FileWriter) put(key string, value []byte) {
	w.Name = []byte(key)
	w.Kind(Kind(value[0]))
	w.Name = nil
	w.Out = append(w.Out, value[1:]...)
}

// everything is a file with a key for every sample, and every record that a file may have.
func everything() []byte {
	return file(Newest, func(w *FileWriter) {
		w.Aux("redis-ver", "7.2.4")
		w.Aux("ctime", "1700000000")
		w.Out = append(w.Out, opModule)
		w.Length(0x1234567890ABCDEF)
		for _, part := range []byte{modNumber, 2, modSigned, 7, modText, 3, 'a', 'b', 'c', modFloat, 1, 2, 3, 4, modDouble, 1, 2, 3, 4, 5, 6, 7, 8, modEnd} {
			w.Out = append(w.Out, part)
		}
		w.Library("#!lua name=a\n")
		w.Database(0)
		w.Sizes(3, 1)
		for i, s := range samples() {
			switch i % 5 {
			case 1:
				w.Expiry(1_700_000_000_000 + int64(i))
			case 2:
				w.Out = binary.LittleEndian.AppendUint32(append(w.Out, opExpireSecs), 1_700_000_000)
			case 3:
				w.Idle(int64(100 * i))
			case 4:
				w.Freq(i)
				w.Expiry(-5)
			}
			w.put(fmt.Sprintf("%03d %s", i, s.name), s.value)
		}
		w.Out = append(w.Out, opSlot)
		w.Length(16383)
		w.Length(4)
		w.Length(1)
		w.Database(11)
		w.put("", value(KindString, func(w *Writer) { w.Text([]byte("the empty key")) }))
	})
}

// read gives all that a file holds as lines.
func read(t testing.TB, r io.Reader, f *FileReader) (lines []string, err error) {
	t.Helper()
	f.From = r
	f.Aux = func(name, value string) error { lines = append(lines, "aux "+name+" "+value); return nil }
	f.Library = func(source string) error { lines = append(lines, "library "+source); return nil }
	f.Module = func(name string) error { lines = append(lines, "module "+name); return nil }
	f.Sizes = func(db, keys, expiring uint64) error {
		lines = append(lines, fmt.Sprint("sizes ", db, keys, expiring))
		return nil
	}
	var d Decoder
	var rec Record
	for {
		c, err := f.Next()
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		for {
			ok, err := c.Next(&d, &rec)
			if err != nil {
				return lines, err
			}
			if !ok {
				break
			}
			lines = append(lines, fmt.Sprintf("%d %q %d %d %d %v", rec.DB, rec.Key, rec.ExpireAt, rec.Idle, rec.Freq, contentOf(t, &d)))
		}
		c.Done()
	}
}

func TestAFileIsReadInFull(t *testing.T) {
	b := everything()
	lines, err := read(t, bytes.NewReader(b), new(FileReader))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(lines, "\n")
	for _, want := range []string{"aux redis-ver 7.2.4", "module EjRWeJCrz", "library #!lua name=a", "sizes 0 3 1", `11 "" 0 -1 -1 [`, " 1700000000001 -1 -1 ", " 1700000000000 -1 -1 ", " 0 300 -1 ", " 1 -1 4 "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%.3000s", want, text)
		}
	}
	if len(lines) != len(samples())+6 {
		t.Errorf("%d lines", len(lines))
	}
	for name, r := range map[string]io.Reader{"a byte at a time": iotest.OneByteReader(bytes.NewReader(b)), "in halves": iotest.HalfReader(bytes.NewReader(b))} {
		if again, err := read(t, r, new(FileReader)); err != nil || !slices.Equal(again, lines) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLongRecordsAndManyChunks has records around the size of a chunk, in every position to its end.
func TestLongRecordsAndManyChunks(t *testing.T) {
	for _, size := range []int{1000, chunkBytes - 20, chunkBytes, 3*chunkBytes + 5, 9 * chunkBytes} {
		n := max(3, 3*chunkBytes/size)
		b := file(10, func(w *FileWriter) {
			for i := range n {
				w.Database(i % 3)
				w.put(fmt.Sprint("key", i), value(KindString, func(w *Writer) { w.Text(bytes.Repeat([]byte{byte('a' + i%26)}, size)) }))
			}
		})
		var f FileReader
		lines, err := read(t, bytes.NewReader(b), &f)
		if err != nil || len(lines) != n {
			t.Fatalf("%d: %d of %d keys, %v", size, len(lines), n, err)
		}
		for i, line := range lines {
			if want := fmt.Sprintf("%d \"key%d\" 0 -1 -1 [", i%3, i); !strings.HasPrefix(line, want) || !strings.Contains(line, strings.Repeat(string(rune('a'+i%26)), size)) {
				t.Fatalf("%d: line %d is %.60q", size, i, line)
			}
		}
		if f.At() != int64(len(b)) {
			t.Errorf("%d: at %d of %d", size, f.At(), len(b))
		}
	}
}

func TestWhatFollowsAFileIsLeft(t *testing.T) {
	var f FileReader
	b := append(everything(), "*1\r\n$4\r\nPING\r\n"...)
	if _, err := read(t, iotest.OneByteReader(bytes.NewReader(b)), &f); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(f.Rest()); err != nil || string(rest) != "*1\r\n$4\r\nPING\r\n" {
		t.Errorf("%q, %v", rest, err)
	}
}

// TestR21EveryTruncation: a file that is cut anywhere is refused, with a place in it.
func TestR21EveryTruncation(t *testing.T) {
	b := everything()
	for n := range b {
		_, err := Check(bytes.NewReader(b[:n]), nil)
		var d *Damage
		if !errors.As(err, &d) || d.At > int64(n) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
}

// TestR21EveryFlippedByte: with a checksum every flip is found. Without one it may not be, but nothing breaks.
func TestR21EveryFlippedByte(t *testing.T) {
	b := everything()
	bare := append(bytes.Clone(b[:len(b)-sumBytes]), make([]byte, sumBytes)...)
	if _, err := Check(bytes.NewReader(bare), nil); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := range b {
		flip := byte(1) << (i % 8)
		bare[i] ^= flip
		b[i] ^= flip
		if _, err := Check(bytes.NewReader(b), nil); err == nil {
			t.Fatalf("byte %d ^ %x is taken", i, flip)
		}
		if _, err := Check(bytes.NewReader(bare), nil); err != nil {
			refused++
		}
		bare[i] ^= flip
		b[i] ^= flip
	}
	if refused < len(b)/4 {
		t.Errorf("without a checksum %d of %d flips are found", refused, len(b))
	}
}

// TestR22EveryByteBehindARightChecksum changes every byte in several ways and makes the checksum right again, so that what lies behind it has to find the damage:
// a file is taken or refused with a place in it, and reading it takes no more than a multiple of its size.
func TestR22EveryByteBehindARightChecksum(t *testing.T) {
	b := everything()
	body := b[:len(b)-sumBytes]
	refused, tried := 0, 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i, was := range body {
		for _, c := range []byte{was ^ 1, was ^ 0x80, 0, 0xff} {
			if c == was {
				continue
			}
			body[i] = c
			binary.LittleEndian.PutUint64(b[len(body):], pack.CRC64(0, body))
			_, err := Check(bytes.NewReader(b), nil)
			var d *Damage
			if err != nil && (!errors.As(err, &d) || d.At < 0 || d.At > int64(len(b))) {
				t.Fatalf("byte %d became %x: %v", i, c, err)
			}
			if tried++; err != nil {
				refused++
			}
		}
		body[i] = was
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / uint64(tried); each > uint64(64*len(b)+4<<20) {
		t.Errorf("%d bytes are allocated for a file of %d", each, len(b))
	}
	if refused < tried/4 {
		t.Errorf("%d of %d are refused", refused, tried)
	}
}

// TestR21Refusals: what a file may not be.
func TestR21Refusals(t *testing.T) {
	text := func(w *Writer) { w.Text([]byte("v")) }
	one := func(bytes ...byte) func(w *FileWriter) {
		return func(w *FileWriter) { w.Out = append(w.Out, bytes...) }
	}
	for _, c := range []struct {
		name string
		file []byte
		what string
		at   int64
	}{
		{"nothing", nil, "no RDB file", 0},
		{"another magic", append([]byte("RADIS0010"), 0xFF), "no RDB file", 0},
		{"version 0", file(0, nil), `version "0000"`, 5},
		{"version 13", file(13, nil), `version "0013"`, 5},
		{"version 999", file(999, nil), `version "0999"`, 5},
		{"version -1", []byte("REDIS-001\xff"), `version "-001"`, 5},
		{"a wrong checksum", append(file(10, nil)[:10], 1, 2, 3, 4, 5, 6, 7, 8), "checksum", 10},
		{"an unknown kind", file(10, one(77, 1, 'k', 1, 'v')), "no known kind", 12},
		{"a kind of its own", file(10, one(8, 1, 'k', 1, 'v')), "no known kind", 12},
		{"an early library", file(10, one(opEarlyLib, 1, 'k')), "given up", 10},
		{"an expiry of nothing", file(10, one(opExpireMs, 1, 2, 3, 4, 5, 6, 7, 8, opDatabase, 0)), "before none", 19},
		{"an expiry at the end", file(10, one(opExpireMs, 1, 2, 3, 4, 5, 6, 7, 8)), "before none", 19},
		{"a length bomb", file(10, one(byte(KindSet), 1, 'k', 0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)), "", -1},
		{"a text bomb", file(10, one(byte(KindString), 1, 'k', 0x81, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)), "ends too early", -1},
		{"sizes of 2^64", file(10, one(opResize, 0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)), "taken", 0},
		{"database 2^40", file(10, one(opDatabase, 0x81, 0, 0, 1, 0, 0, 0, 0, 0)), "database", -1},
		{"database 16", file(10, func(w *FileWriter) { w.Database(16) }), "database 16", -1},
		{"slot 16384", file(12, one(opSlot, 0x80, 0, 0, 0x40, 0, 1, 1)), "no cluster", -1},
		{"a module's key", file(10, one(byte(KindModule2), 1, 'k', 0x81, 0x12, 0x34, 0x56, 0x78, 0x90, 0xAB, 0xCD, 0xEF, modEnd)), "module type EjRWeJCrz", -1},
		{"an old module's key", file(10, one(byte(KindModule), 1, 'k', 1)), "given up", -1},
		{"an empty list", file(10, one(byte(KindList), 1, 'k', 0)), "without elements", -1},
		{"a member twice", file(10, one(byte(KindSet), 1, 'k', 2, 1, 'a', 1, 'a')), "twice", -1},
		{"no end", []byte("REDIS0010"), "ends too early", 9},
		{"good", file(10, func(w *FileWriter) { w.put("k", value(KindString, text)) }), "taken", 0},
		{"without a checksum", append(file(10, nil)[:10], 0, 0, 0, 0, 0, 0, 0, 0), "taken", 0},
		{"version 4 has none", file(4, nil)[:10], "taken", 0},
		{"version 1", file(1, func(w *FileWriter) { w.put("k", value(KindString, text)) }), "taken", 0},
	} {
		_, err := read(t, bytes.NewReader(c.file), &FileReader{Databases: 16})
		var d *Damage
		switch {
		case c.what == "taken":
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		case !errors.As(err, &d) || !strings.Contains(err.Error(), c.what) || c.at >= 0 && d.At != c.at:
			t.Errorf("%s: %v, want %q at %d", c.name, err, c.what, c.at)
		}
	}
}

func TestDamageNamesTheKey(t *testing.T) {
	b := file(10, func(w *FileWriter) {
		w.put("first", value(KindString, func(w *Writer) { w.Text([]byte("v")) }))
		w.put("bad", []byte{byte(KindList), 0})
	})
	_, err := read(t, bytes.NewReader(b), new(FileReader))
	if err == nil || err.Error() != `offset 24: key "bad": a collection without elements` && err.Error() != `offset 24, key "bad": a collection without elements` {
		t.Error(err)
	}
}

func TestErrorsOfOthersComeThrough(t *testing.T) {
	mine := errors.New("mine")
	b := everything()
	for name, f := range map[string]*FileReader{
		"the reader": {From: iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(b)))},
		"aux":        {From: bytes.NewReader(b), Aux: func(string, string) error { return mine }},
		"library":    {From: bytes.NewReader(b), Library: func(string) error { return mine }},
		"module":     {From: bytes.NewReader(b), Module: func(string) error { return mine }},
		"sizes":      {From: bytes.NewReader(b), Sizes: func(uint64, uint64, uint64) error { return mine }},
	} {
		if _, err := f.Next(); err != mine && err != iotest.ErrTimeout {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzFile takes any bytes: what is taken can be checked, and reading it in other pieces makes no difference.
func FuzzFile(f *testing.F) {
	f.Add(everything())
	f.Add(file(1, nil))
	for _, s := range samples() {
		f.Add(file(Newest, func(w *FileWriter) { w.put("k", s.value) }))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, err := read(t, bytes.NewReader(b), &FileReader{NoSum: true})
		again, err2 := read(t, iotest.HalfReader(bytes.NewReader(b)), &FileReader{NoSum: true})
		if (err == nil) != (err2 == nil) || err == nil && !slices.Equal(lines, again) {
			t.Fatalf("%v, then %v", err, err2)
		}
		var d *Damage
		if err != nil && !errors.As(err, &d) {
			t.Fatal(err)
		}
	})
}
