package redis

import (
	"bufio"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

const (
	busyText       = "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n"
	unkillableText = "-UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.\r\n"
)

// busyRig is a server whose scripts are overdue after 30 ms.
func busyRig(t *testing.T) (r *rig, address string) {
	r = newRig(t, core.Options{})
	if err := r.set.Set("busy-reply-threshold", "30"); err != nil {
		t.Fatal(err)
	}
	address = r.listen()
	t.Cleanup(r.e.scripts.killAll)
	return r, address
}

// send sends without reading.
func (w *wire) send(words ...string) { io.WriteString(w, request(words...)) }

// line reads one line of a reply.
func (w *wire) line() string {
	w.t.Helper()
	l, err := w.r.ReadString('\n')
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

// untilBusy waits until some script is overdue.
func (r *rig) untilBusy() {
	r.t.Helper()
	for end := time.Now().Add(10 * time.Second); r.e.scripts.busy.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatal("no script became overdue")
		}
	}
}

// TestR23Busy: a script that has the store to itself. Who waits since before it was overdue is told as well; what needs no data goes on.
func TestR23Busy(t *testing.T) {
	r, address := busyRig(t)
	a, early, late := dial(t, address), dial(t, address), dial(t, address)
	a.send("EVAL", "while true do pcall(function() while true do end end) end return KEYS", "0")
	early.send("GET", "k")
	r.untilBusy()
	if got := early.line(); got != busyText && got != "$-1\r\n" { // it may have come before the script
		t.Errorf("early: %q", got)
	}
	late.expect(busyText, "GET", "k")
	late.expect(busyText, "EVAL", "return 1", "0")
	late.expect(busyText, "FCALL", "f", "0")
	late.expect("+PONG\r\n", "PING")
	late.expect("+OK\r\n", "CLIENT", "SETNAME", "x")
	late.expect(busyText, "FUNCTION", "KILL")
	late.expect("+OK\r\n", "SCRIPT", "KILL")
	if got := a.line(); !strings.HasPrefix(got, "-ERR Script killed by user with SCRIPT KILL... script: ") || !strings.HasSuffix(got, ", on @user_script:1.\r\n") {
		t.Errorf("the script: %q", got)
	}
	late.expect("$-1\r\n", "GET", "k")
	late.expect("-NOTBUSY No scripts in execution right now.\r\n", "SCRIPT", "KILL")
	late.expect("-NOTBUSY No scripts in execution right now.\r\n", "FUNCTION", "KILL")
}

// TestR23BusyKeys: a script that only locks its keys. Others go on with other keys; who wants these is told, and none of them costs a thread.
func TestR23BusyKeys(t *testing.T) {
	r, address := busyRig(t)
	a, other := dial(t, address), dial(t, address)
	free := otherShard(r, "k")
	a.send("EVAL", "while true do redis.call('get',KEYS[1]) end", "1", "k")
	waiting := make([]*wire, 20)
	for i := range waiting {
		waiting[i] = dial(t, address)
	}
	r.untilBusy()
	for i, w := range waiting {
		switch i % 3 {
		case 0:
			w.expect(busyText, "GET", "k")
		case 1:
			w.expect(busyText, "EVAL", "return redis.call('get',KEYS[1])", "1", "k")
		default:
			w.send("MULTI")
			w.send("GET", "k")
			w.send("EXEC")
			w.expect("+OK\r\n+QUEUED\r\n")
			w.expect("-EXECABORT Transaction discarded because of: BUSY")
			w.line()
		}
	}
	other.expect("+OK\r\n", "SET", free, "v")
	other.expect("$1\r\nv\r\n", "GET", free)
	other.expect("+OK\r\n", "SCRIPT", "KILL")
	if got := a.line(); !strings.HasPrefix(got, "-ERR Script killed by user with SCRIPT KILL... script: ") {
		t.Errorf("the script: %q", got)
	}
	other.expect("$-1\r\n", "GET", "k")
}

// otherShard is a name whose key lies in another shard.
func otherShard(r *rig, than string) string {
	for _, name := range strings.Split("abcdefghij", "") {
		if r.store.Key([]byte(name)).Hash>>58 != r.store.Key([]byte(than)).Hash>>58 {
			return name
		}
	}
	panic("all in one shard")
}

// TestR23Parked: who finds the keys held waits without an error as long as the script is not overdue, and is served then.
func TestR23Parked(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	a, b, killer := dial(t, address), dial(t, address), dial(t, address)
	const text = "redis.call('set',KEYS[1],'1') local n = 0 repeat n = n + 1 until n == 300000 return redis.call('incr',KEYS[1])"
	a.send("EVAL", text, "1", "k")
	for end := time.Now().Add(10 * time.Second); len(r.running()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the script does not run")
		}
	}
	b.expect(":3\r\n", "INCR", "k")
	a.expect(":2\r\n")
	killer.expect("-NOTBUSY No scripts in execution right now.\r\n", "SCRIPT", "KILL")
}

func (r *rig) running() []*runner {
	r.e.scripts.mu.Lock()
	defer r.e.scripts.mu.Unlock()
	return append([]*runner(nil), r.e.scripts.running...)
}

// TestR23Unkillable: a script that has written must not be ended halfway, a function neither.
func TestR23Unkillable(t *testing.T) {
	r, address := busyRig(t)
	a, b := dial(t, address), dial(t, address)
	b.expect("$1\r\nl\r\n", "FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function(k) redis.call('set',k[1],'v') while true do end end) redis.register_function('g', function() while true do end end)")
	a.send("EVAL", "redis.call('set',KEYS[1],'v') while true do end", "1", "k")
	r.untilBusy()
	b.expect(unkillableText, "SCRIPT", "KILL")
	b.expect(busyText, "GET", "k")
	r.e.scripts.killAll()
	a.line()

	a.send("FCALL", "f", "1", "k")
	r.untilBusy()
	b.expect(unkillableText, "FUNCTION", "KILL")
	b.expect(strings.Replace(busyText, "SCRIPT KILL", "FUNCTION KILL", 1), "SCRIPT", "KILL")
	r.e.scripts.killAll()
	a.line()

	a.send("FCALL", "g", "1", "k", "arg")
	r.untilBusy()
	b.send("FUNCTION", "STATS")
	got := readLines(t, b.r, 21)
	if !strings.Contains(got, "$5\r\nFCALL\r\n$1\r\ng\r\n$1\r\n1\r\n$1\r\nk\r\n$3\r\narg\r\n") {
		t.Errorf("stats: %q", got)
	}
	c := dial(t, address)
	c.expect("+OK\r\n", "FUNCTION", "KILL")
	if got := a.line(); got != "-ERR Script killed by user with SCRIPT KILL... script: g, on @user_function:2.\r\n" {
		t.Errorf("the function: %q", got)
	}
}

func readLines(t *testing.T, r *bufio.Reader, n int) string {
	var b strings.Builder
	for range n {
		l, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(l)
	}
	return b.String()
}
