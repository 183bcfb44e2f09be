package script

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core/racing"
)

// hostile are the scripts of testdata/hostile.lua by name.
func hostile(t testing.TB) (names, texts []string) {
	t.Helper()
	b, err := os.ReadFile("testdata/hostile.lua")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(b), "--- ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		names, texts = append(names, name), append(texts, text)
	}
	return names, texts
}

// TestR23HostileScripts: each ends by a result, an error or the deadline, within its memory, and the next script finds nothing of it.
func TestR23HostileScripts(t *testing.T) {
	const memory = 48 << 20
	names, texts := hostile(t)
	s := NewState(ForScripts, Version{"7.2.0", 1})
	probe := mustCompile(t, "local n = 0 for k in pairs(_G) do n = n + 1 end return {n, #KEYS, tostring(1.5), ('x'):rep(3), cjson.encode_max_depth()}")
	run := func(sc *Script, l Limits) string {
		if !s.Reusable() {
			s = NewState(ForScripts, Version{"7.2.0", 1})
		}
		return string(s.Run(sc, &Call{Limits: l}, nil))
	}
	clean := run(probe, Limits{})
	for i, text := range texts {
		if racing.On && i%4 != 0 { // one goroutine has no races, and the detector makes seconds of what takes ms
			continue
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		sc, err := Compile(text, nil)
		if err != nil {
			continue
		}
		out := run(sc, Limits{Memory: memory, Time: 30 * time.Millisecond})
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		if rest, ok := oneReply([]byte(out)); !ok || len(rest) > 0 {
			t.Errorf("%s: not one reply: %.80q", names[i], out)
		}
		if took > 6*time.Second && !racing.On {
			t.Errorf("%s took %v", names[i], took)
		}
		if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 4*memory {
			t.Errorf("%s: the heap grew by %d MB", names[i], grown>>20)
		}
		if testing.Verbose() {
			t.Logf("%-40s %8v %4d MB %.100q", names[i], took.Round(time.Millisecond), (int64(after.HeapSys)-int64(before.HeapSys))>>20, out)
		}
		if got := run(probe, Limits{}); got != clean {
			t.Fatalf("after %s: %q, want %q", names[i], got, clean)
		}
	}
}

// oneReply takes a reply off the front of b.
func oneReply(b []byte) (rest []byte, ok bool) {
	for left := 1; left > 0; left-- {
		i := bytes.Index(b, []byte("\r\n"))
		if i < 1 || bytes.IndexByte(b[:i], '\r') >= 0 || bytes.IndexByte(b[:i], '\n') >= 0 {
			return b, false
		}
		n, _ := strconv.Atoi(string(b[1:i]))
		kind := b[0]
		b = b[i+2:]
		switch kind {
		case '$', '=':
			if n >= 0 {
				if len(b) < n+2 || string(b[n:n+2]) != "\r\n" {
					return b, false
				}
				b = b[n+2:]
			}
		case '*', '~':
			left += max(n, 0)
		case '%':
			left += 2 * n
		case '+', '-', ':', '_', '#', ',', '(':
		default:
			return b, false
		}
	}
	return b, true
}

// TestR26OneReply: whatever a script puts into errors and statuses, it is one reply of one line.
func TestR26OneReply(t *testing.T) {
	s := NewState(ForScripts, Version{"7.2.0", 1})
	for _, evil := range []string{`x\r\n+OK`, `\r\n`, `\n`, `\r`, `a\0b\r\n$-1\r\n`, `-x\r\n-y`, `\r\n*1\r\n`, ``} {
		for _, form := range []string{
			"return redis.error_reply('%s')", "return redis.status_reply('%s')", "return {err='%s'}", "return {ok='%s'}", "error('%s')", "error('%s',0)",
			"error({err='%s'})", "return {big_number='%s'}", "return {verbatim_string={format='%s',string='%s'}}", "return {map={['%s']={err='%s'}}}",
			"return {set={['%s']=1}}", "return {1,{err='%s'},{ok='%s'}}", "return _G['%s']", "return loadstring('%s',  '%s')", "return string.format('%s')",
			"return {double=0/0}", "local t = {} return t['%s'].x",
		} {
			text := strings.ReplaceAll(form, "%s", evil)
			sc, err := Compile(text, nil)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			for _, v3 := range []bool{false, true} {
				out := s.Run(sc, &Call{V3: v3}, nil)
				if rest, ok := oneReply(out); !ok || len(rest) > 0 {
					t.Errorf("%s: not one reply: %q", text, out)
				}
			}
		}
	}
}

func mustCompile(t testing.TB, text string) *Script {
	t.Helper()
	sc, err := Compile(text, nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return sc
}
