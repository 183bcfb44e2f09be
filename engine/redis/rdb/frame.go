// The frame of a DUMP payload: the kind, the value, two bytes of version, eight of checksum.

package rdb

import (
	"encoding/binary"
	"errors"

	"github.com/cachesrv/cachesrv/core/pack"
)

// Version is what is written unless the kind of a value needs a newer one; Newest what is read.
const (
	Version = 10
	Newest  = 12
)

// FootBytes is how long what ends a payload is: two bytes of version and a checksum.
const FootBytes = 10

// ErrFrame says that a payload is cut, damaged, or of a version that is not known.
var ErrFrame = errors.New("rdb: version or checksum of the payload are wrong")

// AppendFoot ends the payload that starts at start in b.
func AppendFoot(b []byte, start int) []byte {
	return FootOf(b, Kind(b[start]), pack.CRC64(0, b[start:]))
}

// FootOf appends the foot of a payload that was sent on in pieces: of a value of that kind, with the CRC64 sum.
func FootOf(b []byte, kind Kind, sum uint64) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint16(b, uint16(max(Version, kind.Version())))
	return binary.LittleEndian.AppendUint64(b, pack.CRC64(sum, b[at:]))
}

// Unframe takes the frame off a payload: value aliases it. A checksum of zero is wrong like any other: only files may do without.
func Unframe(payload []byte) (kind Kind, value []byte, err error) {
	n := len(payload) - FootBytes
	if n < 1 {
		return 0, nil, ErrFrame
	}
	version, sum := binary.LittleEndian.Uint16(payload[n:]), binary.LittleEndian.Uint64(payload[n+2:])
	if version > Newest || sum != pack.CRC64(0, payload[:n+2]) {
		return 0, nil, ErrFrame
	}
	return Kind(payload[0]), payload[1:n:n], nil
}
