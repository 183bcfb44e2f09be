// Commands about the server and the connection over the binary protocol: quit, flush, noop, version, stat, verbosity.

package memcached

import (
	"encoding/binary"
	"strconv"
)

func binNOOP(x *call)    { x.done(0) }
func binVERSION(x *call) { x.answer(statusOK, Version, 0) }

func binQUIT(x *call) {
	x.done(0)
	x.s.close("quit")
}

// binFLUSH empties the store at once, or at the moment in the extras.
func binFLUSH(x *call) {
	if x.e.set.noFlush {
		x.refuse(statusAuthError)
		return
	}
	x.tally.inc(cmdFlush)
	seconds := int64(0)
	if len(x.f.ext) != 0 {
		seconds = int64(binary.BigEndian.Uint32(x.f.ext))
	}
	x.flushIn(seconds)
	x.done(0)
}

func binVERBOSITY(x *call) {
	level := strconv.Itoa(int(min(binary.BigEndian.Uint32(x.f.ext), 2)))
	if err := x.e.conf.Set("verbosity", level); err != nil {
		x.e.log.Error("verbosity", "error", err)
	}
	x.done(0)
}

// statRow reads the report that stat names: the words of the key behind "stats". It returns the report's row, nil for
// one that there is not, or that the binary protocol does not have.
func (x *call) statRow() *command {
	x.args = split(append(x.w.Args[:0], []byte(x.cmd.name)), x.f.key, 0)
	x.w.Args = x.args
	if len(x.args) == 1 {
		return x.cmd
	}
	row := x.cmd.sub(x.args[1])
	if row == nil || row.name == "cachedump" || row.name == "extstore" {
		return nil
	}
	return row
}

func (x *call) statNeedsStore() bool {
	row := x.statRow()
	return row != nil && row.needsStore()
}

// binSTAT answers with one response for every figure and an empty one at the end.
func binSTAT(x *call) {
	row := x.statRow()
	if row == nil {
		x.refuse(statusNotFound)
		return
	}
	if row.name == "detail" && len(x.args) > 2 && string(x.args[2]) == "dump" {
		x.w.Scratch = x.e.prefixes.dump(x.w.Scratch[:0])
		x.stat("detailed", string(x.w.Scratch))
	} else if reply := row.run(x); reply == replyBadDetail {
		x.refuse(statusNotFound)
		return
	}
	x.answer(statusOK, "", 0)
}

// statFrame appends the response that carries one figure.
func (x *call) statFrame(name, value string) {
	out := x.f.appendHeader(x.w.Out, statusOK, 0, len(name), len(value), 0)
	x.w.Out = append(append(out, name...), value...)
}
