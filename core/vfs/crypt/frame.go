// The codec of a container: header and frames. No I/O.

package crypt

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// The layout. All numbers are little-endian.
//
//	header: magic 8, version 1, kind 1, zero 6, data key 8, salt 32, check 16
//	frame:  magic 4, length and kind 4, offset 8, synced 8 | nonce 12 | ciphertext | tag 16
const (
	headerLen = 72
	headLen   = 24
	nonceLen  = 12
	tagLen    = 16
	frameOver = headLen + nonceLen + tagLen // what a frame costs

	// maxPlain is the most that one frame holds.
	maxPlain = 64 << 10
)

var (
	headerMagic = []byte("\x89cache\r\n")
	frameMagic  = []byte("\xc5\x9efr")
)

// Kinds of files and of frames.
const (
	kindWhole byte = 'W'
	kindLog   byte = 'L'

	frameData byte = 1
	frameMark byte = 2 // the file ended here, all of it was written
)

var errHeader = errors.New("the header is damaged")

// fileSeal opens and seals the frames of one file.
type fileSeal struct {
	aead cipher.AEAD
	kind byte
}

// newHeader begins a file.
func newHeader(kind byte, k *dataKey) ([]byte, *fileSeal) {
	h := make([]byte, headerLen)
	copy(h, headerMagic)
	h[8], h[9] = 1, kind
	copy(h[16:24], k.name[:])
	rand.Read(h[24:56])
	seal, sum := derive(h, k)
	copy(h[56:], sum)
	return h, seal
}

// headerKey tells which data key a header names.
func headerKey(h []byte) (name keyName, version byte) { return keyName(h[16:24]), h[8] }

// openHeader checks a header under its data key.
func openHeader(h []byte, k *dataKey) (*fileSeal, error) {
	seal, sum := derive(h, k)
	if !hmac.Equal(sum, h[56:headerLen]) || seal.kind != kindWhole && seal.kind != kindLog {
		return nil, errHeader
	}
	return seal, nil
}

// derive gives the keys of one file: for its frames, and for the check over its header.
func derive(h []byte, k *dataKey) (*fileSeal, []byte) {
	keys, err := hkdf.Key(sha256.New, k.key, h[24:56], "cachesrv file", 2*KeyLen)
	if err != nil {
		panic(err) // lengths are ours
	}
	m := hmac.New(sha256.New, keys[KeyLen:])
	m.Write(h[:56])
	return &fileSeal{newAEAD(keys[:KeyLen]), h[9]}, m.Sum(nil)[:headerLen-56]
}

// head is the clear part of a frame.
type head struct {
	kind   byte
	length int   // of the plain bytes
	offset int64 // of the first of them in the plain file
	synced int64 // plain bytes that were on the disk when it was sealed
}

func (h head) size() int64 { return int64(h.length + frameOver) }
func (h head) end() int64  { return h.offset + int64(h.length) }

// parseHead reads a head; ok is false if these bytes are none.
func parseHead(b []byte) (h head, ok bool) {
	if len(b) < headLen || !bytes.Equal(b[:4], frameMagic) {
		return h, false
	}
	word := binary.LittleEndian.Uint32(b[4:])
	h = head{byte(word >> 24), int(word & 0xffffff), int64(binary.LittleEndian.Uint64(b[8:])), int64(binary.LittleEndian.Uint64(b[16:]))}
	ok = h.offset >= 0 && h.synced >= 0 && h.synced <= h.offset
	switch h.kind {
	case frameData:
		ok = ok && h.length > 0 && h.length <= maxPlain
	case frameMark:
		ok = ok && h.length == 0
	default:
		ok = false
	}
	return h, ok
}

// appendFrame seals plain bytes behind b.
func (s *fileSeal) appendFrame(b []byte, h head, plain []byte) []byte {
	at := len(b)
	b = append(b, frameMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(h.kind)<<24|uint32(h.length))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.offset))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.synced))
	var nonce [nonceLen]byte
	rand.Read(nonce[:])
	b = append(b, nonce[:]...)
	return s.aead.Seal(b, nonce[:], plain, b[at:at+headLen])
}

// openFrame appends the plain bytes of a whole frame to dst.
func (s *fileSeal) openFrame(dst, b []byte) ([]byte, error) {
	sealed := b[headLen+nonceLen:]
	return s.aead.Open(dst, b[headLen:headLen+nonceLen], sealed, b[:headLen])
}
