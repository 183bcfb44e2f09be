// Our values against the real server: it reads what we write, we read what it writes, and both refuse the same damage.

package rdb

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// oracle is a redis-server on a socket of its own and one connection to it.
type oracle struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func startOracle(t *testing.T) *oracle {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server on this machine: our bytes are not compared with its")
	}
	socket := filepath.Join(t.TempDir(), "s")
	cmd := exec.Command(path, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--enable-debug-command", "yes",
		"--sanitize-dump-payload", "yes", "--dir", filepath.Dir(socket), "--crash-log-enabled", "no")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	lines := bufio.NewReader(out)
	for line := ""; !strings.Contains(line, "ready to accept connections"); {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatal("the server does not start: ", err)
		}
	}
	go func() { io.Copy(io.Discard, lines) }()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	o := &oracle{t, conn, bufio.NewReader(conn)}
	if !strings.Contains(o.must("INFO", "server"), "redis_version:7.0.") {
		t.Skip("the redis-server here is not 7.0: its encodings differ")
	}
	return o
}

// do sends a command and gives its reply flat: arrays as their elements in lines. failed is an error reply.
func (o *oracle) do(args ...string) (reply string, failed bool) {
	o.t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := o.conn.Write(b.Bytes()); err != nil {
		o.t.Fatal(err)
	}
	line, err := o.r.ReadString('\n')
	if err != nil {
		o.t.Fatalf("the server hung up at %.300q: %v", args, err)
	}
	rest := strings.TrimRight(line[1:], "\r\n")
	n, _ := strconv.Atoi(rest)
	switch line[0] {
	case '-':
		return rest, true
	case '$':
		if n < 0 {
			return "", false
		}
		s := make([]byte, n+2)
		if _, err := io.ReadFull(o.r, s); err != nil {
			o.t.Fatal(err)
		}
		return string(s[:n]), false
	case '*':
		if n != 1 {
			o.t.Fatalf("an array of %d from %q", n, args)
		}
		line, _ := o.r.ReadString('\n')
		return strings.TrimRight(line, "\r\n"), line[0] == '-'
	}
	return rest, false
}

// must is do for commands that may not fail.
func (o *oracle) must(args ...string) string {
	o.t.Helper()
	reply, failed := o.do(args...)
	if failed {
		o.t.Fatalf("%.200q: %s", args, reply)
	}
	return reply
}

func (o *oracle) digest(key string) string { return o.must("DEBUG", "DIGEST-VALUE", key) }

// restore gives the server a value with its kind in front and a good frame.
func (o *oracle) restore(key string, value []byte) bool {
	o.t.Helper()
	_, failed := o.do("RESTORE", key, "0", string(AppendFoot(bytes.Clone(value), 0)), "REPLACE")
	return !failed
}

// there is how a key's DUMP is opened.
func (o *oracle) open(key string) *Decoder {
	o.t.Helper()
	kind, value, err := Unframe([]byte(o.must("DUMP", key)))
	if err != nil {
		o.t.Fatalf("%s: %v", key, err)
	}
	var d Decoder
	if n, err := d.Open(kind, value); err != nil || n != len(value) {
		o.t.Fatalf("%s: %d of %d bytes, %v\n%.500x", key, n, len(value), err, value)
	}
	return &d
}

// word is a number or a text, of lengths around the bounds of the encodings.
func word(r *rand.Rand) string {
	switch r.IntN(10) {
	case 0, 1, 2, 3:
		return strconv.FormatInt(int64(r.Uint64())>>r.IntN(64), 10)
	case 4:
		return strings.Repeat("ab", r.IntN(40))
	case 5:
		return strings.Repeat("x", 4090+r.IntN(10))
	}
	b := make([]byte, r.IntN(24))
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return string(b)
}

func number(r *rand.Rand) string {
	return []string{"0", "-0", "1", "-1", "1.5", "inf", "-inf", "1e300", "-3.25e-9", strconv.FormatFloat(r.NormFloat64(), 'g', -1, 64),
		strconv.Itoa(r.IntN(100))}[r.IntN(11)]
}

// fillers make a key of each type a bit larger, or smaller.
func fillers(o *oracle, r *rand.Rand) map[string]func(key string) {
	id := func() string { return fmt.Sprintf("%d-%d", 1+r.IntN(40), r.IntN(3)) }
	return map[string]func(key string){
		"string": func(key string) { o.must("APPEND", key, word(r)) },
		"list": func(key string) {
			o.must([]string{"LPUSH", "RPUSH"}[r.IntN(2)], key, word(r), word(r))
		},
		"intset": func(key string) { o.must("SADD", key, strconv.FormatInt(int64(r.Uint64())>>(63-r.IntN(50)), 10)) },
		"set":    func(key string) { o.must("SADD", key, word(r), word(r)) },
		"zset":   func(key string) { o.must("ZADD", key, number(r), word(r), number(r), word(r)) },
		"hash":   func(key string) { o.must("HSET", key, word(r), word(r), word(r), word(r)) },
		"stream": func(key string) {
			switch r.IntN(12) {
			case 0:
				o.do("XGROUP", "CREATE", key, word(r), []string{"0", "$", "3-0", "100-0"}[r.IntN(4)], "MKSTREAM")
			case 1:
				o.do("XGROUP", "CREATE", key, "g", "0", "MKSTREAM")
			case 2, 3:
				o.groupRead(key, r)
			case 4:
				o.do("XDEL", key, id(), id())
			case 5:
				o.do("XACK", key, "g", id())
			case 6:
				o.do("XGROUP", "SETID", key, "g", id())
			case 7:
				o.do("XTRIM", key, "MAXLEN", strconv.Itoa(r.IntN(400)))
			case 8:
				o.do("XADD", key, "NOMKSTREAM", "*", "f", "v")
				o.do("XSETID", key, "9999999999999-5")
			default:
				o.do("XADD", key, fmt.Sprintf("%d-*", 1+r.IntN(60)), "f", word(r), "g", word(r))
				o.do("XADD", key, "*", "f", word(r), word(r), word(r), "f", "3")
			}
		},
	}
}

// groupRead reads as a consumer; its reply is of no interest and of no fixed shape.
func (o *oracle) groupRead(key string, r *rand.Rand) {
	script := `redis.call('XREADGROUP', 'GROUP', 'g', ARGV[1], 'COUNT', ARGV[2], 'STREAMS', KEYS[1], '>') return 1`
	o.do("EVAL", script, "1", key, []string{"alice", "bob", "carol"}[r.IntN(3)], strconv.Itoa(1+r.IntN(5)))
}

// TestRedisReadsWhatWeWrite takes random values of the server apart, writes them anew and has the server compare.
func TestRedisReadsWhatWeWrite(t *testing.T) {
	o := startOracle(t)
	r := rand.New(rand.NewPCG(1, 2))
	kinds := map[Kind]int{}
	for round := range 12 {
		for _, s := range []string{"hash-max-listpack-entries", "zset-max-listpack-entries", "set-max-intset-entries"} {
			o.must("CONFIG", "SET", s, []string{"0", "128", "100000"}[r.IntN(3)])
		}
		o.must("CONFIG", "SET", "hash-max-listpack-value", []string{"64", "100000"}[r.IntN(2)], "zset-max-listpack-value", []string{"64", "100000"}[r.IntN(2)],
			"list-max-listpack-size", []string{"-1", "-2", "4"}[r.IntN(3)], "list-compress-depth", strconv.Itoa(r.IntN(2)),
			"stream-node-max-entries", []string{"3", "100"}[r.IntN(2)], "rdbcompression", []string{"yes", "no"}[round%2])
		for name, fill := range fillers(o, r) {
			for step := range 90 {
				fill(name)
				if step%5 != 0 && step > 6 {
					continue
				}
				if o.must("EXISTS", name) == "0" {
					continue
				}
				d := o.open(name)
				kinds[d.Kind()]++
				holds(t, d)
				again := rewrite(t, d, round%3 == 0)
				if !o.restore("copy", again) {
					t.Fatalf("%s: refused\n%.500x", name, again)
				}
				if a, b := o.digest(name), o.digest("copy"); a != b {
					t.Fatalf("%s: digest %s, of ours %s\n%.500x", name, a, b, again)
				}
			}
			o.must("DEL", name)
		}
	}
	for _, k := range []Kind{KindString, KindSet, KindHash, KindZset2, KindIntset, KindHashListpack, KindZsetListpack, KindQuicklist2, KindStream2} {
		if kinds[k] == 0 {
			t.Errorf("the server never wrote %v", k)
		}
	}
}

// known tells that server 7.0 reads a kind.
func known(k Kind) bool { return k.Type() != None && k.Type() != Module && k <= KindStream2 }

// TestRedisReadsOldKindsAsWeDo gives the server every sample as it is and as we write it anew.
func TestRedisReadsOldKindsAsWeDo(t *testing.T) {
	o := startOracle(t)
	for _, s := range samples() {
		if !known(Kind(s.value[0])) {
			continue
		}
		d := mustOpen(t, s.value)
		if !o.restore("theirs", s.value) || !o.restore("ours", rewrite(t, d, true)) {
			t.Errorf("%s: refused", s.name)
			continue
		}
		if a, b := o.digest("theirs"), o.digest("ours"); a != b {
			t.Errorf("%s: digest %s, of ours %s", s.name, a, b)
		}
	}
}

// stricter are the reasons for which we alone refuse, and why that is right.
var stricter = map[string]string{
	"ends too early":                                         "the server reads on into the frame's version and checksum",
	"no length where one should stand":                       "the server takes the marks of special texts for numbers",
	"a score that is no number":                              "the server's parser stops where the number ends, and takes what follows for good",
	"packed elements that are not in order":                  "its commands search by order",
	"an LZF text that does not unpack":                       "of no bytes: nobody writes that",
	"a stream node whose packed bytes are none":              "here the server does not compare the pack's count of elements",
	"a stream node that does not count its entries":          "a node without entries is never kept",
	"a stream entry that does not count its fields":          "a negative number of them",
	"a stream entry without flags and id":                    "unknown flags",
	"stream nodes that are not in order":                     "nor does it look at the order of nodes",
	"an entry delivered more often than can be counted":      "its counter has no sign",
	"stream entries that are not in order":                   "its commands search by order",
	"a stream with another length than it says":              "XLEN would lie",
	"a stream whose last id is before its last entry":        "XADD would add before the end",
	"a stream to which fewer entries were added than it has": "XSETID refuses that too",
	"a stream that has deleted what it never had":            "XSETID refuses that too",
	"a group that has read a negative number of entries":     "only -1 has a meaning",
	"a consumer last seen before the beginning of time":      "no clock says that",
}

// TestRedisAgreesOnDamage damages every byte of the samples and asks both. What we take the server takes too.
func TestRedisAgreesOnDamage(t *testing.T) {
	o := startOracle(t)
	r := rand.New(rand.NewPCG(3, 4))
	reasons := map[string]int{}
	ask := func(name string, b []byte) {
		var d Decoder
		n, err := d.Open(Kind(b[0]), b[1:])
		theirs := o.restore("d", b)
		switch {
		case err == nil && n == len(b)-1 && !theirs:
			t.Errorf("%s: only we take %x", name, b)
		case err != nil && theirs:
			reasons[err.(*Corrupt).What]++
		}
	}
	for _, s := range samples() {
		if !known(Kind(s.value[0])) {
			continue
		}
		for i := 1; i < len(s.value); i++ {
			for range 10 {
				b := bytes.Clone(s.value)
				b[i] = byte(r.UintN(256))
				ask(s.name, b)
			}
		}
	}
	for _, c := range refusals() {
		// Announced numbers the server believes as far as its memory goes.
		if known(Kind(c.value[0])) && !strings.HasPrefix(c.name, "announces") && !strings.Contains(c.name, "bomb") {
			ask(c.name, c.value)
		}
	}
	for what, n := range reasons {
		if stricter[what] == "" {
			t.Errorf("%d times the server alone takes what we refuse because of %s", n, what)
		}
	}
}
