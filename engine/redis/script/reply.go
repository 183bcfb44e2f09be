// Replies: from Lua values to what the client gets.

package script

import (
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// maxReplySlots bounds the nesting of a reply as Lua's stack does in the original: an array takes one slot, a map or set three.
const maxReplySlots = 7995

const stackLimit = "ERR reached lua stack limit"

// replier converts one result. v3 is the client's protocol.
type replier struct {
	s         *State
	v3        bool
	n         int
	announced int
	err       error
}

// append appends the reply for v. After a failure the bytes are worthless and err says why.
func (r *replier) append(out []byte, v lua.LValue, slots int) []byte {
	if r.err != nil {
		return out
	}
	if r.n++; r.n%1024 == 0 || len(out) > r.announced+bigBlock {
		r.announced = len(out)
		if r.s.quota.check(); r.s.quota.why == 0 && len(out) > bigBlock {
			r.s.quota.owed += int64(bigBlock)
			if r.s.quota.owed > owedAtMost {
				r.s.quota.look(0)
			}
		}
		if why := r.s.quota.why; why != 0 {
			r.err = &failure{text: "ERR " + stopTexts[why]}
			return out
		}
	}
	switch v := v.(type) {
	case lua.LString:
		return resp.AppendBulkString(out, string(v))
	case lua.LNumber:
		return resp.AppendInt(out, toInt(float64(v)))
	case lua.LBool:
		switch {
		case r.s.v3:
			return resp.AppendBool(out, r.v3, bool(v))
		case bool(v):
			return resp.AppendInt(out, 1)
		}
		return resp.AppendNull(out, r.v3)
	case *lua.LTable:
		if slots >= maxReplySlots {
			return appendErrorLine(out, stackLimit)
		}
		return r.table(out, v, slots)
	}
	return resp.AppendNull(out, r.v3)
}

// table looks for the fields that make a table something else than an array.
func (r *replier) table(out []byte, t *lua.LTable, slots int) []byte {
	t, _ = r.s.behind(t)
	if s, ok := t.RawGetString("err").(lua.LString); ok {
		return appendErrorLine(out, string(s))
	}
	if s, ok := t.RawGetString("ok").(lua.LString); ok {
		return appendLine(append(out, '+'), string(s))
	}
	if f, ok := t.RawGetString("double").(lua.LNumber); ok {
		return resp.AppendDouble(out, r.v3, float64(f))
	}
	if m, ok := t.RawGetString("map").(*lua.LTable); ok {
		m, _ = r.s.behind(m)
		out = resp.AppendMap(out, r.v3, size(m))
		for k, v := m.Next(lua.LNil); k != lua.LNil; k, v = m.Next(k) {
			out = r.append(r.append(out, k, slots+3), v, slots+3)
		}
		return out
	}
	if m, ok := t.RawGetString("set").(*lua.LTable); ok {
		m, _ = r.s.behind(m)
		out = resp.AppendSet(out, r.v3, size(m))
		for k, _ := m.Next(lua.LNil); k != lua.LNil; k, _ = m.Next(k) {
			out = r.append(out, k, slots+3)
		}
		return out
	}
	if s, ok := t.RawGetString("big_number").(lua.LString); ok {
		if r.v3 {
			return appendLine(append(out, '('), string(s))
		}
		return resp.AppendBulkString(out, string(s))
	}
	if v, ok := t.RawGetString("verbatim_string").(*lua.LTable); ok {
		text, okText := v.RawGetString("string").(lua.LString)
		format, okFormat := v.RawGetString("format").(lua.LString)
		if okText && okFormat {
			return r.verbatim(out, string(format), string(text))
		}
	}
	n := 0
	for at(t, n+1) != lua.LNil {
		n++
	}
	out = resp.AppendArray(out, n)
	for i := 1; i <= n; i++ {
		out = r.append(out, at(t, i), slots+1)
	}
	return out
}

func (r *replier) verbatim(out []byte, format, text string) []byte {
	if !r.v3 {
		return resp.AppendBulkString(out, text)
	}
	for len(format) < 3 {
		format += " "
	}
	return resp.AppendVerbatim(out, true, format[:3], text)
}

func size(t *lua.LTable) int {
	n := 0
	t.ForEach(func(_, _ lua.LValue) { n++ })
	return n
}

// replyReader converts a command's reply, which is well formed, to a value.
type replyReader struct {
	s  *State
	L  *lua.LState
	in []byte
	n  int
}

// maxReplyDepth is of replies of commands: they nest a few levels.
const maxReplyDepth = 128

func (p *replyReader) line() []byte {
	for i := 0; i+1 < len(p.in); i++ {
		if p.in[i] == '\r' && p.in[i+1] == '\n' {
			l := p.in[:i]
			p.in = p.in[i+2:]
			return l
		}
	}
	fail(p.L, "malformed reply of a command")
	return nil
}

func number(b []byte) int {
	n, neg := 0, false
	for i, c := range b {
		if i == 0 && c == '-' {
			neg = true
			continue
		}
		n = n*10 + int(c-'0')
	}
	if neg {
		return -n
	}
	return n
}

func (p *replyReader) bulk() (lua.LString, bool) {
	n := number(p.line()[1:])
	if n < 0 {
		return "", false
	}
	if n+2 > len(p.in) {
		fail(p.L, "malformed reply of a command")
	}
	p.s.quota.room(p.L, n)
	v := lua.LString(p.in[:n])
	p.in = p.in[n+2:]
	return v, true
}

// field makes a table with one field.
func (p *replyReader) field(name string, v lua.LValue) lua.LValue {
	t := p.L.CreateTable(0, 1)
	t.RawSetString(name, v)
	return t
}

func (p *replyReader) value(depth int) lua.LValue {
	if len(p.in) == 0 || depth > maxReplyDepth {
		fail(p.L, "malformed reply of a command")
	}
	if p.n++; p.n%256 == 0 {
		p.s.quota.worked(p.L, 256)
	}
	switch p.in[0] {
	case '$':
		if v, ok := p.bulk(); ok {
			return v
		}
		return lua.LFalse
	case ':':
		b := p.line()[1:]
		n, _ := strconv.ParseInt(string(b), 10, 64)
		return lua.LNumber(n)
	case '+':
		return p.field("ok", lua.LString(p.line()[1:]))
	case '-':
		t := p.L.CreateTable(0, 2)
		t.RawSetString("err", lua.LString(p.line()[1:]))
		t.RawSetString("ignore_error_stats_update", lua.LTrue)
		return t
	case '*', '>':
		n := number(p.line()[1:])
		if n < 0 {
			return lua.LFalse
		}
		return p.list(n, depth)
	case '_':
		p.line()
		return lua.LNil
	case '#':
		return lua.LBool(p.line()[1] == 't')
	case ',':
		f, _ := resp.ParseFloat(p.line()[1:])
		return p.field("double", lua.LNumber(f))
	case '(':
		return p.field("big_number", lua.LString(p.line()[1:]))
	case '=':
		v, _ := p.bulk()
		t := p.L.CreateTable(0, 2)
		if len(v) >= 4 {
			t.RawSetString("format", v[:3])
			t.RawSetString("string", v[4:])
		}
		return p.field("verbatim_string", t)
	case '%':
		n := number(p.line()[1:])
		t := p.L.CreateTable(0, min(n, 64))
		for range n {
			k := p.value(depth + 1)
			v := p.value(depth + 1)
			p.L.RawSet(t, k, v)
		}
		return p.field("map", t)
	case '~':
		n := number(p.line()[1:])
		t := p.L.CreateTable(0, min(n, 64))
		for range n {
			p.L.RawSet(t, p.value(depth+1), lua.LTrue)
		}
		return p.field("set", t)
	}
	fail(p.L, "malformed reply of a command")
	return lua.LNil
}

func (p *replyReader) list(n, depth int) lua.LValue {
	t := p.L.CreateTable(min(n, 1024), 0)
	for i := 1; i <= n; i++ {
		t.RawSet(lua.LNumber(i), p.value(depth+1))
	}
	return t
}
