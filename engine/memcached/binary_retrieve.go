// Retrieval over the binary protocol: get, gat and touch in their forms.

package memcached

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core"
)

// binaryRead is what a retrieval opcode does beside looking the item up.
type binaryRead struct{ touch, value, key bool }

func binGET(x *call)   { x.readFrame(binaryRead{value: true}) }
func binGETK(x *call)  { x.readFrame(binaryRead{value: true, key: true}) }
func binGAT(x *call)   { x.readFrame(binaryRead{value: true, touch: true}) }
func binGATK(x *call)  { x.readFrame(binaryRead{value: true, touch: true, key: true}) }
func binTOUCH(x *call) { x.readFrame(binaryRead{touch: true}) }

// readFrame answers with flags, key and value as the opcode wants them. A hit is answered even if the request is
// quiet. The hot path of the binary protocol.
func (x *call) readFrame(r binaryRead) {
	if t := x.e.legacy(x.key.Name); t != nil && r.value {
		key := ""
		if r.key {
			key = legacyKey
		}
		x.answerTopology(t, key)
		x.tally.inc(cmdGet)
		x.tally.inc(getHits)
		return
	}
	it := x.tx.Read(0, x.key)
	hit, size := it.Ok(), 0
	if hit {
		wasRead(it)
		size = it.Size()
		if p := x.e.store.Segmenter(); p != nil && !r.touch {
			x.readFrom(p, it)
		}
		it = x.answerItem(r, it)
		if r.touch {
			x.touch(x.key, it, deadline(int64(binary.BigEndian.Uint32(x.f.ext)), x.tx.Now()))
		}
	} else if !x.op.quiet {
		x.answerMiss(r)
	}
	x.countRead(r.touch, hit, size)
	if x.e.prefixes.on.Load() {
		x.e.prefixes.count(x.key.Name, prefixGet, hit)
	}
}

// answerItem gives the item, which moves when it gets a version.
func (x *call) answerItem(r binaryRead, it core.Item) core.Item {
	version, it := x.version(x.key, it)
	var key, value []byte
	if r.key {
		key = x.key.Name
	}
	if r.value {
		value = it.Value()
	}
	out := x.f.appendHeader(x.w.Out, statusOK, 4, len(key), len(value), version)
	out = binary.BigEndian.AppendUint32(out, it.Flags())
	out = append(out, key...)
	x.w.Out = append(out, value...)
	return it
}

// answerMiss gives the key back where a hit would have, so that a client can tell its requests apart.
func (x *call) answerMiss(r binaryRead) {
	if !r.key {
		x.refuse(statusNotFound)
		return
	}
	x.w.Out = append(x.f.appendHeader(x.w.Out, statusNotFound, 0, len(x.key.Name), 0, 0), x.key.Name...)
}
