package script

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
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
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		sc, err := Compile(text, nil)
		if err != nil {
			continue
		}
		out := run(sc, Limits{Memory: memory, Time: 100 * time.Millisecond})
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		if out == "" || !strings.HasSuffix(out, "\r\n") {
			t.Errorf("%s: reply %.80q", names[i], out)
		}
		if took > 6*time.Second {
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

func mustCompile(t testing.TB, text string) *Script {
	t.Helper()
	sc, err := Compile(text, nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return sc
}
