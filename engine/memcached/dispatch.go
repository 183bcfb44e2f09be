// The dispatcher: from a request line to its row, through the row's checks, to the handler and the reply.

package memcached

import (
	"bytes"

	"github.com/cachesrv/cachesrv/core"
)

// request runs the request whose line ends at the newline in[nl], and returns how many bytes it took: more than the line
// if a body follows; 0 if the body is not there yet or the store is not free.
func (x *call) request(in []byte, nl int) int {
	line := cutLine(in, nl)
	word, pos := nextWord(line, 0)
	cmd := x.e.commands.find(word)
	if x.e.verbose.Load() > 1 {
		x.e.log.Debug("request", "conn", x.s.c.ID, "line", string(line))
	}
	if cmd == nil {
		x.unknown(line)
		return nl + 1
	}
	x.s.settle()
	if cmd.has(flagKeys) {
		return x.retrieve(cmd, line, pos, nl)
	}
	if cmd.meta != nil {
		return x.metaRequest(cmd, in, line, pos, nl)
	}
	x.args = split(append(x.w.Args[:0], word), line, pos)
	x.w.Args = x.args
	if len(x.args) > 1 && cmd.subs != nil {
		family := cmd
		if cmd = cmd.sub(x.args[1]); cmd == nil || len(x.args) < cmd.min {
			if family.noreply == 0 || string(x.last()) != "noreply" {
				x.write(replyError)
			}
			return nl + 1
		}
	}
	return x.dispatch(cmd, in, nl)
}

// unknown answers a word that is no command. A line that ends like an HTTP request closes the connection: it was
// sent by a browser that somebody talked into it.
func (x *call) unknown(line []byte) {
	x.args = split(x.w.Args[:0], line, 0)
	x.w.Args = x.args
	if n := len(x.args); n > 0 && bytes.HasPrefix(x.last(), []byte("HTTP/")) && !maskedByFirstLetter(x.args[0]) {
		x.e.log.Warn("closed a connection that spoke HTTP", "conn", x.s.c.ID)
		x.s.close("HTTP request")
		return
	}
	x.write(replyError)
}

// maskedByFirstLetter tells whether the original answers ERROR to an unknown word without looking for HTTP: it does
// so for words with the first letter of its frequent commands. No HTTP method is spelled like that.
func maskedByFirstLetter(word []byte) bool {
	return bytes.IndexByte([]byte("gsacidt"), word[0]) >= 0 || len(word) < 2 || word[0] == 'm' && len(word) == 2
}

// dispatch obeys the row: word counts, noreply, arguments, body, store, lock, handler, reply.
func (x *call) dispatch(cmd *command, in []byte, nl int) int {
	x.cmd, x.quiet = cmd, false
	n := len(x.args)
	if n < cmd.min || cmd.max > 0 && n > cmd.max {
		x.write(replyError)
		return nl + 1
	}
	x.quiet = cmd.noreply > 0 && n > cmd.noreply && string(x.args[n-1]) == "noreply"
	reply, taken := x.prepare(), nl+1
	if reply == "" && cmd.needsStore() && !x.entered {
		x.s.c.AwaitStore()
		return 0
	}
	if cmd.has(flagBody) {
		if reply, taken = x.takeBody(reply, in, taken); taken == 0 {
			return 0
		}
	}
	mark := len(x.w.Out)
	if reply == "" {
		reply = x.run()
	}
	switch {
	case x.quiet:
		x.w.Out = x.w.Out[:mark]
	case reply != "":
		x.write(reply)
	}
	if x.s.state == inDump {
		taken-- // the newline stays: the loop comes back as long as there is input
	}
	return taken
}

// prepare makes the checks that need nothing but the line and returns the error reply, "" for none.
func (x *call) prepare() string {
	cmd := x.cmd
	if cmd.usage != nil {
		if reply := cmd.usage(x); reply != "" {
			return reply
		}
	}
	if cmd.has(flagBody) {
		x.size = announced(x.args[4])
	}
	if cmd.key > 0 && len(x.args[cmd.key]) > maxKey {
		return replyBadFormat
	}
	if cmd.args != nil {
		return cmd.args(x)
	}
	return ""
}

// takeBody finds the body behind the line, which begins at in[at]. It returns the reply so far and how many bytes the
// request takes; 0: the body is not complete yet. A body that must not be stored is thrown away as it arrives, in
// any length, so that the connection stays in step.
func (x *call) takeBody(reply string, in []byte, at int) (string, int) {
	if reply == "" && !x.e.set.fits(len(x.args[x.cmd.key]), x.size, x.flags) {
		x.turnAway(x.args[x.cmd.key], core.ErrTooLarge, x.verb())
		reply = replyTooLarge
	}
	if reply != "" {
		if x.size >= 0 {
			x.s.throw(x.size)
		}
		return reply, at
	}
	end := at + x.size + 2
	if len(in) < end {
		x.s.want = end
		return "", 0
	}
	x.body = in[at : end-2]
	if in[end-2] != '\r' || in[end-1] != '\n' {
		if in[end-1] != '\n' {
			x.s.state = inResync
		}
		reply = replyBadChunk
	}
	return reply, end
}

// run locks the key's shard, if the row has a key, and runs the handler.
func (x *call) run() string {
	cmd := x.cmd
	if cmd.key == 0 {
		return cmd.run(x)
	}
	x.key = x.keyOf(x.args[cmd.key])
	if cmd.has(flagGrows) && !x.makeRoom() && cmd.has(flagDeny) {
		x.turnAway(x.key.Name, core.ErrNoMemory, cmd.name)
		return replyNoMemory
	}
	x.lockKey()
	reply := cmd.run(x)
	if cmd.has(flagBody) && x.e.watch.wants(watchStore) {
		x.watchedStore(x.key.Name, x.stored(reply, len(x.w.Out)), cmd.name, x.seconds, len(x.body))
	}
	x.tx.Unlock()
	return reply
}

// lockKey locks the shard of the request's key, and has those who watch told that somebody looks for it.
func (x *call) lockKey() {
	x.tx.Lock1(x.key)
	if x.e.watch.wants(watchFetch) {
		x.watchedFetch(x.key.Name, x.tx.Find(0, x.key))
	}
}
