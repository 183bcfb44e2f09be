// The dispatcher of the binary protocol: from the bytes of a frame through its row's checks to the handler.

package memcached

import (
	"encoding/binary"
	"math"

	"github.com/cachesrv/cachesrv/core"
)

// frame takes one request from the start of in and returns how many bytes it took; 0: more must arrive, or the store
// must become free, or the connection is closing. Everything that the header alone decides is decided before any
// byte behind it is waited for.
func (x *call) frame(in []byte) int {
	s, f := x.s, &x.f
	if in[0] != requestMagic {
		s.close("bad magic byte")
		return 0
	}
	if len(in) < headerLen {
		s.want = headerLen
		return 0
	}
	f.readHeader(in)
	op := x.e.binary.ops[f.opcode]
	if st := x.judge(op); st != statusOK {
		x.refuse(st)
		s.close("binary protocol error")
		return 0
	}
	if op == nil {
		x.refuse(statusUnknown)
		return s.swallow(headerLen, f.body)
	}
	x.op, x.cmd = op, op.as
	if !x.e.auth.required || s.authed {
		s.settle()
	}
	return x.runFrame(in)
}

// judge gives the failure that ends the connection, statusOK for none. op is nil for opcodes that do not exist.
func (x *call) judge(op *binaryOp) status {
	f := &x.f
	switch {
	case !f.consistent():
		return statusUnknown
	case x.e.auth.required && !x.s.authed && (op == nil || !op.has(opBeforeAuth)):
		return statusAuthError
	case f.keyLen > maxKey:
		return statusInvalid
	case op == nil:
		return statusOK
	case !op.shaped(f):
		return statusInvalid
	case f.size() > math.MaxInt32:
		return statusTooLarge
	case op.has(opAuth) && f.size() > maxToken, op.has(opList) && f.size() > maxCluster:
		return statusTooLarge
	}
	return statusOK
}

// runFrame waits for the rest of a request that may be run, and runs it.
func (x *call) runFrame(in []byte) int {
	s, f, op := x.s, &x.f, x.op
	if n := headerLen + int(f.head()); len(in) < n {
		s.want = n
		return 0
	}
	f.cutHead(in)
	if (op.has(opStore) || op.has(opStat) && x.statNeedsStore()) && !x.entered {
		s.c.AwaitStore()
		return 0
	}
	if op.has(opItem) && !x.e.set.fits(len(f.key), int(f.size()), op.flagsOf(f)) {
		x.turnAway(f.key, core.ErrTooLarge, x.cmd.name)
		x.refuse(statusTooLarge)
		return s.swallow(headerLen+int(f.head()), f.size())
	}
	if n := headerLen + int(f.body); len(in) < n {
		s.want = n
		return 0
	}
	taken := f.cutValue(in)
	if x.e.verbose.Load() > 1 {
		x.e.log.Debug("request", "conn", s.c.ID, "binary", op.name, "key", string(f.key))
	}
	if !op.has(opKey) {
		op.run(x)
	} else {
		x.runKeyed()
	}
	return taken
}

// runKeyed makes room, locks the key's shard and runs the handler, as run does for lines.
func (x *call) runKeyed() {
	f, op := &x.f, x.op
	x.key, x.body = x.keyOf(f.key), f.value
	if op.has(opGrows) && !x.makeRoom() && op.has(opItem) {
		x.turnAway(f.key, core.ErrNoMemory, x.cmd.name)
		x.refuse(statusNoMemory)
		return
	}
	x.lockKey()
	f.refused = statusOK
	op.run(x)
	if op.has(opItem) && x.e.watch.wants(watchStore) {
		x.watchedFrame()
	}
	x.tx.Unlock()
}

// watchedFrame tells of a stored value. The shard is locked.
func (x *call) watchedFrame() {
	f, cmd, seconds := &x.f, x.cmd.name, int64(0)
	if f.cas != 0 {
		cmd = "cas"
	}
	if len(f.ext) == 8 {
		seconds = int64(binary.BigEndian.Uint32(f.ext[4:]))
	}
	x.watchedStore(f.key, storedFrame(x.cmd.name, f.refused), cmd, seconds, len(f.value))
}

// swallow begins to throw size bytes away behind the at that are taken now. They are counted, never kept.
func (s *session) swallow(at int, size uint32) int {
	if size > 0 {
		s.state, s.left = inSwallow, int(size)
	}
	return at
}

// throwValue drops what has arrived of a refused request.
func (s *session) throwValue(in []byte) int {
	n := min(len(in), s.left)
	if s.left -= n; s.left == 0 {
		s.state = atLine
	}
	return n
}
