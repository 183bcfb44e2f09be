// Auto discovery over the binary protocol: the opcodes that ElastiCache's clients know.

package memcached

import "encoding/binary"

// binCONFIGGET answers flags and list.
func binCONFIGGET(x *call) {
	t := x.e.cluster.now.Load()
	if t == nil || string(x.f.key) != clusterName {
		x.refuse(statusNotFound)
		return
	}
	x.answerTopology(t, "")
}

func (x *call) answerTopology(t *topology, key string) {
	out := x.f.appendHeader(x.w.Out, statusOK, 4, len(key), len(t.data), t.version)
	out = append(binary.BigEndian.AppendUint32(out, t.flags), key...)
	x.w.Out = append(out, t.data...)
}

func binCONFIGSET(x *call) {
	if !x.mayChangeCluster() {
		x.refuse(statusAuthError)
		return
	}
	t, err := parseTopology(binary.BigEndian.Uint32(x.f.ext), x.f.value)
	if err != nil || string(x.f.key) != clusterName {
		x.refuse(statusInvalid)
		return
	}
	if err := x.e.cluster.set(t); err != nil {
		x.refuse(statusExists)
		return
	}
	x.changedCluster(t)
	x.done(t.version)
}

func binCONFIGDELETE(x *call) {
	switch {
	case !x.mayChangeCluster():
		x.refuse(statusAuthError)
	case string(x.f.key) != clusterName || !x.e.cluster.remove():
		x.refuse(statusNotFound)
	default:
		x.changedCluster(nil)
		x.done(0)
	}
}
