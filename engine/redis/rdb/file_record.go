// Chunk and Record: keys of a file, one after another.

package rdb

import "math"

// Chunk is a run of whole records, most of them keys. Any goroutine can take it apart, one at a time.
type Chunk struct {
	at   int64 // of the bytes in the file
	r    reader
	db   int
	name []byte // scratch for a key
	f    *FileReader
}

// Record is a key with what stands around it. Its value is what the Decoder holds that Next was given.
type Record struct {
	DB         int
	At         int64  // of its value in the file
	Key        []byte // aliases the chunk or scratch of it
	ExpireAt   int64  // Unix ms, 0 never
	Idle, Freq int64  // seconds since it was used; how often it is. -1: not known
}

// At is how far into the file the chunk has been taken apart.
func (c *Chunk) At() int64 { return c.at + int64(c.r.at) }

// Next takes the next key apart into rec and opens its value, which is checked in full. false: there is none, or there is an error.
func (c *Chunk) Next(d *Decoder, rec *Record) (bool, error) {
	for c.r.left() > 0 {
		*rec = Record{Idle: -1, Freq: -1}
		op := rec.prefix(&c.r)
		if op >= opSlot {
			if c.other(op); c.r.ok() {
				continue
			}
			break
		}
		rec.DB, rec.Key = c.db, c.r.text().view(&c.name)
		if !c.r.ok() {
			break
		}
		rec.At = c.At()
		n, err := d.Open(Kind(op), c.r.b[c.r.at:])
		if err != nil {
			wrong := err.(*Corrupt)
			return false, &Damage{At: c.At() + int64(wrong.At), What: wrong.What, Key: string(rec.Key)}
		}
		c.r.at += n
		return true, nil
	}
	if !c.r.ok() {
		return false, &Damage{At: c.At(), What: c.r.what}
	}
	return false, nil
}

// other passes over a record that is no key, which the FileReader has told.
func (c *Chunk) other(op byte) {
	r := &c.r
	switch op {
	case opSlot:
		r.slot()
	case opLibrary:
		r.skipText()
	case opModule:
		r.skipModule()
	case opAux:
		r.skipText()
		r.skipText()
	case opResize:
		r.length()
		r.length()
	case opDatabase:
		c.db = int(r.length())
	case opEnd:
		r.at = len(r.b)
	}
}

// Done gives the chunk's memory back: neither it nor what it gave may be used any more.
func (c *Chunk) Done() {
	if b := c.r.b; cap(b) <= 2*chunkBytes {
		select {
		case c.f.free <- b[:0]:
		default:
		}
	}
	c.r = reader{}
}

// prefix reads what stands before the kind of a key, and gives the byte behind it: the kind, or an opcode.
func (rec *Record) prefix(r *reader) (op byte) {
	for first := true; r.ok(); first = false {
		switch op = r.byte(); op {
		case opExpireMs:
			rec.ExpireAt = someTime(r.millis())
		case opExpireSecs:
			rec.ExpireAt = someTime(1000 * int64(r.seconds()))
		case opIdle:
			rec.Idle = int64(min(r.length(), math.MaxInt64))
		case opFreq:
			rec.Freq = int64(r.byte())
		default:
			if op >= opSlot && !first {
				r.fail("what belongs to a key stands before none")
			}
			return op
		}
	}
	return op
}

// someTime is an expiry that a file holds: the beginning of time and before is long ago, not never.
func someTime(ms int64) int64 { return max(ms, 1) }

// seconds takes a time as the first versions had it.
func (r *reader) seconds() int32 {
	if b := r.raw(4); b != nil {
		return int32(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24)
	}
	return 0
}

// slot passes over what is said of a cluster's slot.
func (r *reader) slot() {
	if r.length() >= 1<<14 {
		r.fail("a slot that no cluster has")
	}
	r.length()
	r.length()
}
