// FileReader: an RDB file in chunks of whole records, so that several can work at it.

package rdb

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"

	"github.com/cachesrv/cachesrv/core/pack"
)

// FileReader reads a file from its header to its checksum. What belongs to no key it tells by itself; keys come in chunks, which are
// taken apart elsewhere. A record is kept in one piece: its memory is some chunks, or three times the longest record that really is in the file.
// It belongs to one goroutine.
type FileReader struct {
	From      io.Reader
	Databases int  // how many there may be, 0: any number
	NoSum     bool // the checksum is not looked at

	// What belongs to no key; each may be nil. An error ends the reading.
	Aux     func(name, value string) error
	Library func(source string) error
	Sizes   func(db, keys, expiring uint64) error // as the file announces them, which nobody has checked
	Module  func(name string) error               // something that a module keeps beside keys; it is skipped

	Version int // of the file, known after the first Next

	buf       []byte // of what was read the part that was not given out
	at        int64  // of buf in the file
	db        int    // at the start of buf
	sum       uint64 // of what is before buf
	libraries int    // bytes of their texts
	ended     bool   // From has no more
	done      bool   // the end was read; buf is what follows it
	free      chan []byte
}

const (
	chunkBytes = 256 << 10 // of a chunk, unless one record is longer
	keepChunks = 16        // buffers kept to be used again
	firstRead  = 4 << 10   // as much as many a file has
)

// Next gives the next chunk; io.EOF: the file is whole, its end and checksum were read. Any other error is a *Damage, or comes from From
// or one of the functions.
func (f *FileReader) Next() (*Chunk, error) {
	if f.Version == 0 {
		if err := f.header(); err != nil {
			return nil, err
		}
	}
	if f.done {
		return nil, io.EOF
	}
	r, db := reader{b: f.buf}, f.db
	for !f.done && r.at < chunkBytes {
		before := r.at
		if err := f.record(&r); err != nil {
			return nil, err
		}
		if r.ok() {
			continue
		}
		if !r.short || f.ended {
			return nil, &Damage{At: f.at + int64(r.at), What: r.what}
		}
		if before > 0 {
			r.at = before
			break
		}
		if err := f.fill(); err != nil {
			return nil, err
		}
		r = reader{b: f.buf}
	}
	return f.cut(r.at, db), nil
}

// Rest is what follows the file, once Next has said io.EOF. At is the offset there.
func (f *FileReader) Rest() io.Reader { return io.MultiReader(bytes.NewReader(f.buf), f.From) }
func (f *FileReader) At() int64       { return f.at }

// cut gives out the first n bytes of what was read.
func (f *FileReader) cut(n, db int) *Chunk {
	c := &Chunk{at: f.at, r: reader{b: f.buf[:n]}, db: db, f: f}
	rest := f.buf[n:]
	if f.done {
		f.buf = bytes.Clone(rest)
	} else {
		f.buf = append(f.buffer(len(rest)), rest...)
	}
	f.sum = pack.CRC64(f.sum, c.r.b)
	f.at += int64(n)
	return c
}

// buffer gives an empty one with room for n bytes and more.
func (f *FileReader) buffer(n int) []byte {
	select {
	case b := <-f.free:
		if cap(b) >= max(chunkBytes, 2*n) {
			return b
		}
	default:
	}
	return make([]byte, 0, max(chunkBytes, 2*n))
}

// fill reads on, until the buffer is full; one that is, grows to twice its size.
func (f *FileReader) fill() error {
	if len(f.buf) == cap(f.buf) {
		f.buf = append(f.buffer(len(f.buf)), f.buf...)
	}
	n, err := io.ReadFull(f.From, f.buf[len(f.buf):cap(f.buf)])
	f.buf = f.buf[:len(f.buf)+n]
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		f.ended, err = true, nil
	}
	return err
}

func (f *FileReader) header() error {
	f.free = make(chan []byte, keepChunks)
	f.buf = make([]byte, 0, firstRead)
	if err := f.fill(); err != nil {
		return err
	}
	if len(f.buf) < headerBytes || string(f.buf[:len(magic)]) != magic {
		return &Damage{What: "this is no RDB file"}
	}
	digits := string(f.buf[len(magic):headerBytes])
	version, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || version < 1 || version > Newest {
		return &Damage{At: int64(len(magic)), What: fmt.Sprintf("version %q: 1 to %d are known", digits, Newest)}
	}
	f.Version = int(version)
	f.pass(headerBytes)
	return nil
}

// pass takes n bytes off the front of what was read.
func (f *FileReader) pass(n int) {
	f.sum = pack.CRC64(f.sum, f.buf[:n])
	f.buf = f.buf[n:]
	f.at += int64(n)
}

// record moves r behind one record. What is not a key is told, once all of it is there.
func (f *FileReader) record(r *reader) error {
	var of Record
	op := of.prefix(r)
	if op < opSlot {
		r.skipText()
		r.skip(Kind(op))
		return nil
	}
	switch op {
	case opSlot:
		r.slot()
	case opEarlyLib:
		r.fail("a library in the form of a release candidate of 7.0, which was given up")
	case opLibrary:
		return f.library(r)
	case opModule:
		name := r.skipModule()
		if r.ok() && f.Module != nil {
			return f.Module(name)
		}
	case opAux:
		return f.aux(r)
	case opResize:
		keys, expiring := r.length(), r.length()
		if r.ok() && f.Sizes != nil {
			return f.Sizes(uint64(f.db), keys, expiring)
		}
	case opDatabase:
		f.database(r)
	case opEnd:
		f.end(r)
	}
	return nil
}

func (f *FileReader) aux(r *reader) error {
	name, value := r.text(), r.text()
	if !r.ok() || f.Aux == nil {
		return nil
	}
	var first, second []byte
	return f.Aux(string(name.view(&first)), string(value.view(&second)))
}

func (f *FileReader) library(r *reader) error {
	t := r.text()
	if !r.ok() {
		return nil
	}
	if f.libraries += t.Len(); f.libraries > maxLibraries {
		r.fail("more texts of libraries than any server has")
		return nil
	}
	if f.Library == nil {
		return nil
	}
	var scratch []byte
	return f.Library(string(t.view(&scratch)))
}

func (f *FileReader) database(r *reader) {
	db, most := r.length(), uint64(mostDatabases)
	if f.Databases > 0 {
		most = uint64(f.Databases)
	}
	if r.ok() && db >= most {
		r.fail(fmt.Sprintf("database %d, and there are no more than %d", db, most))
	}
	if r.ok() {
		f.db = int(db)
	}
}

const mostDatabases = 1 << 31

// end reads the checksum. The chunk that is being made ends before it.
func (f *FileReader) end(r *reader) {
	at := r.at
	if !r.ok() {
		return
	}
	if f.Version >= sumFrom {
		b := r.raw(sumBytes)
		if b == nil {
			return
		}
		want := binary.LittleEndian.Uint64(b)
		if want != 0 && !f.NoSum && pack.CRC64(f.sum, r.b[:at]) != want {
			r.at = at
			r.fail("the checksum is not that of the file")
			return
		}
	}
	f.done = true
}
