// Meta commands that read: mg, me, mn.

package memcached

import "github.com/cachesrv/cachesrv/core"

var metaGetCommands = []command{
	{name: "mg", min: 2, key: 1, meta: &metaRow{noKey: replyError, tooMany: replyManyFlags}, run: cmdMG,
		syntax: "mg <key> [b c f h k l O<opaque> q s t u v] [E<version> N<expiry> R<seconds> T<expiry>]",
		about:  "Reads what the flags ask for; N makes a missing item, R and stale items choose one client to renew it, T sets an expiry."},
	{name: "me", min: 2, key: 1, meta: &metaRow{noKey: replyBadFormat, bare: true}, run: cmdME,
		syntax: "me <key> [b]", about: "What is known of the item besides its value."},
	{name: "mn", min: 1, meta: &metaRow{}, run: cmdMN, syntax: "mn", about: "Answers MN: the end of a pipeline."},
}

// view is an item as mg shows it: as it is, or as it is about to be.
type view struct {
	value   []byte // aliases the store
	flags   uint32
	version uint64
	at      int64 // expiry, Unix ms
	marks   core.Type
	won     bool // this client is to make a new value
}

// mg <key> <flag>*
func cmdMG(x *call) string {
	m := &x.meta
	quietly := m.has('u') || m.has('l') // l shows the access before this one
	it := core.Item{}
	if quietly {
		it = x.tx.Find(0, x.key)
	} else {
		it = x.tx.Read(0, x.key)
	}
	if x.e.prefixes.on.Load() {
		x.e.prefixes.count(x.key.Name, prefixGet, it.Ok())
	}
	if !it.Ok() {
		return x.missed()
	}
	x.countRead(m.has('T'), true, it.Size())
	v := view{marks: it.Type(), at: it.ExpireAt(), flags: it.Flags()}
	if m.has('c') {
		v.version, it = x.version(x.key, it)
	}
	v.value = it.Value()
	x.show(&v, it, false)
	x.keep(it, &v)
	if m.has('l') && !m.has('u') {
		x.tx.Touch(0, x.key)
	}
	if p := x.e.store.Segmenter(); p != nil && !m.has('T') && !m.has('u') {
		x.readFrom(p, it)
	}
	return ""
}

// missed answers mg for a key that is not there: N makes an empty item and names this client its maker.
func (x *call) missed() string {
	m := &x.meta
	if m.has('N') && x.full {
		x.notMade(0)
	}
	if !m.has('N') || x.full {
		x.tally.inc(cmdGet)
		x.tally.inc(getMisses)
		if m.has('q') {
			return ""
		}
		return x.answerBack(codeMiss)
	}
	v := view{version: x.freshCAS(false), won: true}
	if m.has('b') {
		v.marks |= markBinary
	}
	mark := len(x.w.Out)
	x.show(&v, core.Item{}, true)
	marks := v.marks | markWon
	if !m.has('u') {
		marks |= markRead
	}
	x.tally.inc(totalItems)
	x.countRead(m.has('T'), true, core.ItemBytes(len(x.key.Name), &core.Value{ExpireAt: v.at}))
	if v.at == gone {
		return ""
	}
	if err := x.tx.Put(0, x.key, core.Value{ExpireAt: v.at, CAS: v.version, Type: marks}); err != nil {
		x.w.Out = x.w.Out[:mark]
		x.notMade(0)
		return x.answerBack(codeMiss)
	}
	if x.tx.Journalling() {
		x.recordVivify(v.at)
	}
	return ""
}

// show writes the reply of mg and follows, in the order of the flags, what they change in v: T shows in a t behind it.
// it is the zero Item if the item is about to be made.
func (x *call) show(v *view, it core.Item, made bool) {
	m := &x.meta
	out := x.w.Out
	if m.has('v') {
		out = appendUint(append(out, codeValue...), uint64(len(v.value)))
	} else {
		out = append(out, codeDone...)
	}
	for _, flag := range m.flags[:m.n] {
		switch flag[0] {
		case 'T':
			v.at = deadline(m.ttl, x.tx.Now())
		case 'N':
			if made {
				v.at = deadline(m.vivify, x.tx.Now())
			}
		case 'R':
			if !made && v.marks&markWon == 0 && v.at != 0 && x.ttlOf(v.at) < x.ttlOf(deadline(m.recache, x.tx.Now())) {
				v.won = true
			}
		case 's':
			out = appendUint(append(out, ' ', 's'), uint64(len(v.value)))
		case 't':
			out = x.appendTTL(out, v.at)
		case 'c':
			out = appendUint(append(out, ' ', 'c'), v.version)
		case 'f':
			out = appendUint(append(out, ' ', 'f'), uint64(v.flags))
		case 'l':
			out = appendUint(append(out, ' ', 'l'), x.idle(it))
		case 'h':
			out = append(out, ' ', 'h', '0'+byte(v.marks&markRead))
		case 'k', 'O':
			out = m.appendBack(out, flag, v.marks&markBinary != 0 || m.has('b') && !isPlain(m.key))
		}
	}
	out = v.appendMarks(out)
	out = append(out, '\r', '\n')
	if m.has('v') {
		out = append(append(out, v.value...), '\r', '\n')
	}
	x.w.Out = out
}

// appendMarks appends W, X and Z. The first to meet a stale item wins.
func (v *view) appendMarks(out []byte) []byte {
	if v.marks&markWon != 0 {
		out = append(out, " Z"...)
	}
	if v.marks&markStale != 0 {
		out = append(out, " X"...)
		v.won = v.won || v.marks&markWon == 0
	}
	if v.won {
		out = append(out, " W"...)
	}
	return out
}

// keep stores what showing an item has changed in it. Most reads change nothing.
func (x *call) keep(it core.Item, v *view) {
	marks := v.marks
	if !x.meta.has('u') {
		marks |= markRead
	}
	if v.won {
		marks |= markWon
	}
	if marks != v.marks {
		it.SetType(marks)
	}
	if x.meta.has('T') {
		x.touch(x.key, it, v.at)
	}
}

// idle is the seconds since an item was used, 0 if the eviction policy does not keep that.
func (x *call) idle(it core.Item) uint64 {
	if !it.Ok() {
		return 0
	}
	seconds, _ := x.e.store.IdleSeconds(it)
	return uint64(max(0, seconds))
}

// me <key> [b]
func cmdME(x *call) string {
	x.tally.inc(cmdMeta)
	it := x.tx.Find(0, x.key)
	if !it.Ok() {
		return codeMiss
	}
	version, it := x.version(x.key, it)
	out := append(x.w.Out, codeDebug...)
	if it.Type()&markBinary != 0 || !isPlain(it.Name()) {
		out = appendKey(out, it.Name(), true)
		out = out[:len(out)-len(" b")]
	} else {
		out = append(out, it.Name()...)
	}
	if left := x.ttlOf(it.ExpireAt()); left < 0 {
		out = append(out, " exp=-1"...)
	} else {
		out = appendUint(append(out, " exp="...), uint64(left))
	}
	out = appendUint(append(out, " la="...), x.idle(it))
	out = appendUint(append(out, " cas="...), version)
	if it.Type()&markRead != 0 {
		out = append(out, " fetch=yes"...)
	} else {
		out = append(out, " fetch=no"...)
	}
	out = appendUint(append(out, " cls="...), uint64(classID(it.Size())))
	out = appendUint(append(out, " size="...), uint64(it.Size()))
	x.w.Out = append(out, '\r', '\n')
	return ""
}

// mn
func cmdMN(x *call) string { return codeNoop }
