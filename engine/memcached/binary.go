// The frames of the binary protocol: reading a request's header, writing a response.

package memcached

import "encoding/binary"

const (
	requestMagic  = 0x80 // begins every request
	responseMagic = 0x81 // begins every response
	headerLen     = 24   // of requests and responses alike
)

// status is the result code of a response.
type status uint16

const (
	statusOK           status = 0x00
	statusNotFound     status = 0x01
	statusExists       status = 0x02
	statusTooLarge     status = 0x03
	statusInvalid      status = 0x04
	statusNotStored    status = 0x05
	statusNotNumber    status = 0x06
	statusAuthError    status = 0x20
	statusAuthContinue status = 0x21
	statusUnknown      status = 0x81
	statusNoMemory     status = 0x82
)

// text is what a refusal carries as its value, byte-equal to the original's.
func (s status) text() string {
	switch s {
	case statusNotFound:
		return "Not found"
	case statusExists:
		return "Data exists for key."
	case statusTooLarge:
		return "Too large."
	case statusInvalid:
		return "Invalid arguments"
	case statusNotStored:
		return "Not stored."
	case statusNotNumber:
		return "Non-numeric server-side value for incr or decr"
	case statusAuthError:
		return "Auth failure."
	case statusUnknown:
		return "Unknown command"
	case statusNoMemory:
		return "Out of memory allocating item"
	}
	return ""
}

// frame is the header of one request and where its parts are. ext, key and value alias the read buffer.
type frame struct {
	opcode byte
	extLen uint8
	keyLen uint16
	body   uint32 // extras, key and value together, as announced
	opaque uint32 // given back as it came
	cas    uint64

	ext, key, value []byte

	refused status // what refuse answered while the handler ran
}

// binaryCall is the part of a call that the binary protocol uses.
type binaryCall struct {
	f      frame
	op     *binaryOp
	digits [20]byte // of a number that is stored
}

// readHeader reads the first headerLen bytes of in. The lengths are what the client says, nothing is checked.
func (f *frame) readHeader(in []byte) {
	h := in[:headerLen]
	f.opcode, f.extLen = h[1], h[4]
	f.keyLen = binary.BigEndian.Uint16(h[2:])
	f.body = binary.BigEndian.Uint32(h[8:])
	f.opaque = binary.BigEndian.Uint32(h[12:])
	f.cas = binary.BigEndian.Uint64(h[16:])
	f.ext, f.key, f.value = nil, nil, nil
}

// head is how many bytes of the body are extras and key. At most 255 + 65535: no sum of these overflows.
func (f *frame) head() uint32 { return uint32(f.extLen) + uint32(f.keyLen) }

// consistent tells whether extras and key fit into the body.
func (f *frame) consistent() bool { return f.head() <= f.body }

// size is the length of the value. Only for consistent frames.
func (f *frame) size() uint32 { return f.body - f.head() }

// cutHead finds extras and key, which must have arrived.
func (f *frame) cutHead(in []byte) {
	ext, end := headerLen+int(f.extLen), headerLen+int(f.head())
	f.ext, f.key = in[headerLen:ext:ext], in[ext:end:end]
}

// cutValue finds the value, which must have arrived, and returns where the frame ends.
func (f *frame) cutValue(in []byte) int {
	at, end := headerLen+int(f.head()), headerLen+int(f.body)
	f.value = in[at:end:end]
	return end
}

// appendHeader appends the header of a response to f.
func (f *frame) appendHeader(dst []byte, st status, ext, key, value int, cas uint64) []byte {
	var h [headerLen]byte
	h[0], h[1], h[4] = responseMagic, f.opcode, byte(ext)
	binary.BigEndian.PutUint16(h[2:], uint16(key))
	binary.BigEndian.PutUint16(h[6:], uint16(st))
	binary.BigEndian.PutUint32(h[8:], uint32(ext+key+value))
	binary.BigEndian.PutUint32(h[12:], f.opaque)
	binary.BigEndian.PutUint64(h[16:], cas)
	return append(dst, h[:]...)
}

// answer appends a response whose body is a value alone.
func (x *call) answer(st status, value string, cas uint64) {
	x.w.Out = append(x.f.appendHeader(x.w.Out, st, 0, 0, len(value), cas), value...)
}

// done answers success without a value, unless the request was quiet.
func (x *call) done(cas uint64) {
	if !x.op.quiet {
		x.answer(statusOK, "", cas)
	}
}

// refuse answers a failure; quiet requests hear of failures too.
func (x *call) refuse(st status) { x.refuseWith(st, st.text()) }

func (x *call) refuseWith(st status, text string) {
	x.f.refused = st
	x.answer(st, text, 0)
}
