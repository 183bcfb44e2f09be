// Replaying a log in windows against running the same commands one by one.

package redis

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// TestReplayInWindows: few keys, so that most records of a window are about what others of it change, in two databases, with transactions that
// begin and end anywhere in a window, records that move the reader's buffer, and enough memory in use that the replay looks ahead.
func TestReplayInWindows(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	want := newRig(t, core.Options{}).client()
	var log strings.Builder
	add := func(words ...string) {
		fmt.Fprintf(&log, "*%d\r\n", len(words))
		for _, w := range words {
			fmt.Fprintf(&log, "$%d\r\n%s\r\n", len(w), w)
		}
		want.do(words...)
	}
	add("set", "big", strings.Repeat("b", 5<<20))
	inside := false
	for i := range 4000 {
		key, n := "k"+strconv.Itoa(r.IntN(12)), strconv.Itoa(r.IntN(40))
		switch r.IntN(14) {
		case 0:
			if inside = !inside; inside {
				add("multi")
			} else {
				add("exec")
			}
		case 1:
			if !inside {
				add("select", strconv.Itoa(r.IntN(2)))
			}
		case 2:
			add("del", key, "k"+n)
		case 3:
			add("append", "long"+n, strings.Repeat("x", r.IntN(3000)))
		case 4:
			add("rename", key, "k"+n) // often an error, in the log as in the commands
		case 5, 6:
			add("hset", "h"+key, "f"+n, strconv.Itoa(i))
		case 7:
			add("hdel", "h"+key, "f"+n)
		case 8:
			add("rpush", "l"+key, n, "y")
		case 9:
			add("incrby", "n"+n, "3")
		default:
			add("set", key, n)
		}
		if i%1000 == 999 {
			add("set", "huge"+n, strings.Repeat(n, 1<<20))
		}
	}
	if inside {
		add("exec")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "appendonly.aof"), []byte(log.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	l := mustStart(t, dir)
	if got, want := l.digest(), want.do("debug", "digest"); got != want {
		t.Errorf("the digest is %s after the replay, %s after the commands", got, want)
	}
	if got := l.client().do("strlen", "big"); got != ":5242880\r\n" {
		t.Errorf("%q", got)
	}
}

// TestReplayNamesTheRecord: the offset of a record that is no command for a log is that record's, wherever in a window it stands.
func TestReplayNamesTheRecord(t *testing.T) {
	const set, get = "*3\r\n$3\r\nset\r\n$1\r\nk\r\n$1\r\nv\r\n", "*2\r\n$3\r\nget\r\n$1\r\nk\r\n"
	for _, before := range []int{0, 1, 15, 16, 17} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "appendonly.aof"), []byte(strings.Repeat(set, before)+get+set), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := startLogged(t, dir)
		if want := fmt.Sprintf("offset %d: ", before*len(set)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("behind %d records: %v, want %s", before, err, want)
		}
	}
}
