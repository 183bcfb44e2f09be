// Our bytes against the real server's: what it dumps, what it restores, what it refuses.

package pack

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// server is a redis-server on a socket of its own and one connection to it.
type server struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

// startRedis runs the real server until the test ends. Its compression is as given.
func startRedis(t *testing.T, compression string) *server {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server on this machine: our bytes are not compared with its")
	}
	socket := filepath.Join(t.TempDir(), "s")
	cmd := exec.Command(path, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no",
		"--sanitize-dump-payload", "yes", "--rdbcompression", compression, "--dir", filepath.Dir(socket), "--crash-log-enabled", "no")
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
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "ready to accept connections") {
	}
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &server{t, conn, bufio.NewReader(conn)}
	if !strings.Contains(s.do("INFO", "server").(string), "redis_version:7.0.") {
		t.Skip("the redis-server here is not 7.0: its encodings differ")
	}
	return s
}

// do sends a command and gives the reply: string, int64, []any, error or nil.
func (s *server) do(args ...string) any {
	s.t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := s.conn.Write(b.Bytes()); err != nil {
		s.t.Fatal(err)
	}
	return s.reply()
}

func (s *server) reply() any {
	s.t.Helper()
	line, err := s.r.ReadString('\n')
	if err != nil {
		s.t.Fatal("the server hung up: ", err)
	}
	rest := strings.TrimRight(line[1:], "\r\n")
	n, _ := strconv.Atoi(rest)
	switch {
	case line[0] == '-':
		return fmt.Errorf("%s", rest)
	case line[0] == ':':
		return int64(n)
	case line[0] == '$' && n >= 0:
		b := make([]byte, n+2)
		if _, err := io.ReadFull(s.r, b); err != nil {
			s.t.Fatal(err)
		}
		return string(b[:n])
	case line[0] == '*' && n >= 0:
		list := make([]any, n)
		for i := range list {
			list[i] = s.reply()
		}
		return list
	case line[0] == '+':
		return rest
	}
	return nil
}

// must is do for commands that may not fail.
func (s *server) must(args ...string) any {
	s.t.Helper()
	got := s.do(args...)
	if err, failed := got.(error); failed {
		s.t.Fatalf("%.80q: %v", args, err)
	}
	return got
}

// payload is a DUMP payload taken apart.
type payload struct {
	kind byte
	rest []byte
}

// dump gives a key's payload after checking its sum with our CRC64.
func (s *server) dump(key string) *payload {
	s.t.Helper()
	b := []byte(s.must("DUMP", key).(string))
	body := b[:len(b)-8]
	if got, want := CRC64(0, body), binary.LittleEndian.Uint64(b[len(b)-8:]); got != want {
		s.t.Fatalf("CRC64 %x, the server has %x", got, want)
	}
	return &payload{body[0], body[1 : len(body)-2]}
}

// restore gives the server a payload with a good sum and returns whether it took it.
func (s *server) restore(key string, kind byte, parts ...[]byte) error {
	s.t.Helper()
	b := []byte{kind}
	for _, p := range parts {
		b = append(b, p...)
	}
	b = append(b, 10, 0)
	b = binary.LittleEndian.AppendUint64(b, CRC64(0, b))
	err, _ := s.do("RESTORE", key, "0", string(b), "REPLACE").(error)
	return err
}

// rdbString is b as an RDB string.
func rdbString(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0x80}, uint32(len(b))), b...)
}

// length reads an RDB length; a special encoding is given negative, less one.
func (p *payload) length() int {
	c := p.rest[0]
	n := int(c & 0x3F)
	p.rest = p.rest[1:]
	switch {
	case c>>6 == 1:
		n = n<<8 | int(p.rest[0])
		p.rest = p.rest[1:]
	case c == 0x80:
		n = int(binary.BigEndian.Uint32(p.rest))
		p.rest = p.rest[4:]
	case c>>6 == 3:
		n = -1 - n
	}
	return n
}

// string reads an RDB string, decompressing it if need be.
func (p *payload) string(t *testing.T) []byte {
	t.Helper()
	n := p.length()
	if n >= 0 {
		s := p.rest[:n]
		p.rest = p.rest[n:]
		return s
	}
	if n != -4 {
		t.Fatalf("a string in special encoding %d", -1-n)
	}
	packed, size := p.length(), p.length()
	src := p.rest[:packed]
	p.rest = p.rest[packed:]
	if got, ok := LZFLen(src); !ok || got != size {
		t.Fatalf("LZFLen is %d, %v; the server says %d", got, ok, size)
	}
	s := make([]byte, size)
	if !Decompress(s, src) {
		t.Fatal("the server's LZF is refused")
	}
	return s
}

const (
	rdbZipmap     = 9
	rdbListZip    = 10
	rdbIntset     = 11
	rdbHashZip    = 13
	rdbHashPack   = 16
	rdbZsetPack   = 17
	rdbListPacked = 18
)

// edgeTexts are texts at every border of the encodings.
func edgeTexts() []string {
	list := []string{"", "0", "-0", "-1", "00", "01", "+1", " 1", "1 ", "1.5", "-", "a", "\x00", "9223372036854775808", "-9223372036854775809",
		"18446744073709551616", "99999999999999999999", "100000000000000000000"}
	for _, n := range []int64{127, 128, 4095, 4096, -4096, -4097, 1<<15 - 1, 1 << 15, -1 << 15, -1<<15 - 1, 1<<23 - 1, 1 << 23, -1 << 23, -1<<23 - 1,
		1<<31 - 1, 1 << 31, -1 << 31, -1<<31 - 1, 1<<63 - 1, -1 << 63} {
		list = append(list, strconv.FormatInt(n, 10))
	}
	for _, n := range []int{62, 63, 64, 124, 125, 126, 127, 4094, 4095, 4096, 16377, 16378, 16379, 16380, 16383, 16384} {
		list = append(list, strings.Repeat("x", n))
	}
	return list
}

// randomText is a number or a text, of all widths.
func randomText(r *rand.Rand) string {
	if r.IntN(2) == 0 {
		return strconv.FormatInt(int64(r.Uint64())>>r.IntN(64), 10)
	}
	n := r.IntN(20)
	if r.IntN(8) == 0 {
		n = r.IntN(300)
	}
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return string(b)
}

func buildPack(texts ...string) Listpack {
	lp := NewListpack(make([]byte, emptySize))
	for _, s := range texts {
		e := Text([]byte(s))
		lp = append(lp, make([]byte, Size(e))...)[:len(lp)].Append(e)
	}
	return lp
}

func same(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Fatalf("%s differs from the server's\nours   %.400x\nserver %.400x", what, got, want)
	}
}

func TestRedisHashBytes(t *testing.T) {
	s := startRedis(t, "no")
	s.must("CONFIG", "SET", "hash-max-listpack-value", "100000", "hash-max-listpack-entries", "100000")
	r := rand.New(rand.NewPCG(1, 1))
	lp := NewListpack(make([]byte, emptySize, 1<<20))
	edges := edgeTexts()
	for i := range 600 {
		field, value := randomText(r), randomText(r)
		if i < len(edges) {
			field, value = edges[i], edges[len(edges)-1-i]
		} else if r.IntN(4) == 0 && lp.Len() > 0 {
			field = string(lp.Get(lp.Seek(2 * r.IntN(lp.Len()/2))).Append(nil))
		}
		at := lp.Find(lp.First(), []byte(field), 1)
		switch {
		case at != NotFound && r.IntN(2) == 0:
			s.must("HDEL", "h", field)
			lp = lp.DeleteRange(at, 2)
		case at != NotFound:
			s.must("HSET", "h", field, value)
			lp = lp.Replace(lp.Next(at), Text([]byte(value)))
		default:
			s.must("HSET", "h", field, value)
			lp = lp.Append(Text([]byte(field)), Text([]byte(value)))
		}
		if lp.Len() == 0 {
			continue
		}
		p := s.dump("h")
		if p.kind != rdbHashPack {
			t.Fatalf("the hash is of type %d", p.kind)
		}
		same(t, "the hash", lp, p.string(t))
		if !lp.Valid(true) {
			t.Fatal("the server's bytes are not valid")
		}
	}
}

func TestRedisListBytes(t *testing.T) {
	s := startRedis(t, "no")
	s.must("CONFIG", "SET", "list-max-listpack-size", "-5") // nodes up to 64 KB
	r := rand.New(rand.NewPCG(2, 2))
	lp := NewListpack(make([]byte, emptySize, 1<<20))
	check := func() {
		t.Helper()
		p := s.dump("l")
		if nodes, container := p.length(), p.length(); p.kind != rdbListPacked || nodes != 1 || container != 2 {
			t.Fatalf("type %d, %d nodes, container %d", p.kind, nodes, container)
		}
		same(t, "the list", lp, p.string(t))
	}
	for range 1500 {
		text := randomText(r)
		e := Text([]byte(text))
		n := lp.Len()
		switch op := r.IntN(8); {
		case len(lp) > 60000:
			s.must("LTRIM", "l", "-20", "-1")
			lp = lp.DeleteRange(lp.First(), n-20)
		case op < 2 || n < 2:
			s.must("RPUSH", "l", text)
			lp = lp.Append(e)
		case op < 4:
			s.must("LPUSH", "l", text)
			lp = lp.Prepend(e)
		case op == 4:
			i := r.IntN(2*n) - n
			s.must("LSET", "l", strconv.Itoa(i), text)
			lp = lp.Replace(lp.Seek(i), e)
		case op == 5:
			at := lp.Seek(r.IntN(n))
			at = lp.Find(lp.First(), lp.Get(at).Append(nil), 0)
			s.must("LINSERT", "l", "BEFORE", string(lp.Get(at).Append(nil)), text)
			lp = lp.Insert(at, e)
		case op == 6:
			s.must("RPOP", "l")
			lp = lp.Delete(lp.Last())
		default:
			from := r.IntN(min(n, 3))
			s.must("LTRIM", "l", strconv.Itoa(from), "-1")
			lp = lp.DeleteRange(lp.First(), from)
		}
		check()
	}
	for len(lp) < 65000 {
		text := strconv.Itoa(lp.Len() % 100)
		s.must("RPUSH", "l", text)
		lp = lp.Append(Text([]byte(text)))
	}
	check()
}

func TestRedisZsetBytes(t *testing.T) {
	s := startRedis(t, "no")
	s.must("CONFIG", "SET", "zset-max-listpack-value", "100000", "zset-max-listpack-entries", "100000")
	type pair struct {
		member string
		score  float64
	}
	r := rand.New(rand.NewPCG(3, 3))
	var pairs []pair
	for i, text := range edgeTexts() {
		score := float64(r.IntN(2000) - 1000)
		if i%3 == 0 {
			score += 0.5
		}
		s.must("ZADD", "z", strconv.FormatFloat(score, 'g', -1, 64), text)
		pairs = append(pairs, pair{text, score})
	}
	sort.Slice(pairs, func(i, j int) bool {
		a, b := pairs[i], pairs[j]
		return a.score < b.score || a.score == b.score && a.member < b.member
	})
	var b Builder
	for _, p := range pairs {
		b.Add(Text([]byte(p.member)))
		b.Add(Text(strconv.AppendFloat(nil, p.score, 'g', -1, 64)))
	}
	p := s.dump("z")
	if p.kind != rdbZsetPack {
		t.Fatalf("the sorted set is of type %d", p.kind)
	}
	same(t, "the sorted set", b.Done(), p.string(t))
}

func TestRedisIntsetBytes(t *testing.T) {
	s := startRedis(t, "no")
	r := rand.New(rand.NewPCG(4, 4))
	for round := range 12 {
		key := strconv.Itoa(round)
		set := NewIntset(make([]byte, intsetHeader, 1<<16))
		for range 120 {
			v := int64(r.Uint64()) >> (63 - r.IntN(4+round*5))
			if set.Len() > 1 && r.IntN(4) == 0 {
				v = set.At(r.IntN(set.Len()))
				s.must("SREM", key, strconv.FormatInt(v, 10))
				set, _ = set.Remove(v)
			} else {
				s.must("SADD", key, strconv.FormatInt(v, 10))
				set, _ = set.Add(v)
			}
			p := s.dump(key)
			if p.kind != rdbIntset {
				t.Fatalf("the set is of type %d", p.kind)
			}
			same(t, "the set", set, p.string(t))
		}
	}
}

func TestRedisLZF(t *testing.T) {
	s := startRedis(t, "yes")
	r := rand.New(rand.NewPCG(5, 5))
	var q Squeezer
	ours, theirs := 0, 0
	for i := range 300 {
		text := []byte(lzfSample(r, 21+r.IntN(1<<r.IntN(17))))
		s.must("SET", "s", string(text))
		before := s.dump("s")
		theirs += len(before.rest)
		if c := before.rest[0]; c != 0xC0 && c != 0xC1 && c != 0xC2 {
			same(t, "the string", text, before.string(t))
		}
		small, ok := q.Compress(nil, text, len(text)-4)
		if !ok {
			ours += len(text)
			continue
		}
		ours += len(small)
		head := []byte{0xC3}
		for _, n := range []int{len(small), len(text)} {
			head = binary.BigEndian.AppendUint32(append(head, 0x80), uint32(n))
		}
		if err := s.restore("r", 0, head, small); err != nil {
			t.Fatalf("%d: our LZF of %d bytes is refused: %v", i, len(text), err)
		}
		same(t, "the string restored", text, []byte(s.must("GET", "r").(string)))
	}
	if ours > theirs*105/100 {
		t.Errorf("our LZF needs %d bytes, the server's %d", ours, theirs)
	}
}

// flatten is a reply as texts.
func flatten(reply any) (list []string) {
	for _, x := range reply.([]any) {
		list = append(list, x.(string))
	}
	return list
}

func TestRedisReadsOldFormatsAsWeDo(t *testing.T) {
	s := startRedis(t, "no")
	s.must("CONFIG", "SET", "hash-max-listpack-value", "100000", "hash-max-listpack-entries", "100000") // else order is lost
	r := rand.New(rand.NewPCG(6, 6))
	for round := range 40 {
		var texts []string
		for range 2 * (1 + r.IntN(40)) {
			texts = append(texts, randomText(r)+fmt.Sprint(len(texts)))
		}
		if round == 0 {
			texts = edgeTexts()
		}
		zip := buildZiplist(texts...)
		if err := s.restore("l", rdbListZip, rdbString(zip)); err != nil {
			t.Fatalf("our ziplist is refused: %v", err)
		}
		if got := flatten(s.must("LRANGE", "l", "0", "-1")); !reflect.DeepEqual(got, texts) || !reflect.DeepEqual(zip.texts(), texts) {
			t.Fatalf("the ziplist: server %.300q\nours %.300q\nmodel %.300q", got, zip.texts(), texts)
		}
		if round == 0 {
			continue
		}
		if err := s.restore("h", rdbHashZip, rdbString(zip)); err != nil {
			t.Fatalf("our ziplist is refused as a hash: %v", err)
		}
		zm := buildZipmap(r, texts...)
		if err := s.restore("m", rdbZipmap, rdbString(zm)); err != nil {
			t.Fatalf("our zipmap is refused: %v", err)
		}
		if got := flatten(s.must("HGETALL", "m")); !reflect.DeepEqual(got, texts) || !reflect.DeepEqual(zm.texts(), texts) {
			t.Fatalf("the zipmap: server %.300q\nours %.300q", got, zm.texts())
		}
	}
}

// TestRedisAgreesOnDamage changes single bytes of good packs and asks both sides. What only we refuse must be a back length.
func TestRedisAgreesOnDamage(t *testing.T) {
	s := startRedis(t, "no")
	r := rand.New(rand.NewPCG(7, 7))
	texts := []string{"a", "5", "4000", "30000", "-8000000", "2000000000", "9000000000000", "word", strings.Repeat("y", 70), "7"}
	stricter := 0
	for _, c := range []struct {
		name  string
		bytes []byte
		kind  byte
		valid func(b []byte) bool
		head  []byte
	}{
		{"listpack", buildPack(texts...), rdbListPacked, func(b []byte) bool { return Listpack(b).Valid(true) }, []byte{1, 2}},
		{"ziplist", buildZiplist(texts...), rdbListZip, func(b []byte) bool { return Ziplist(b).Valid(true) }, nil},
		{"zipmap", buildZipmap(r, texts...), rdbZipmap, func(b []byte) bool { return zipmapStorable(b) }, nil},
		{"intset", buildIntset(5, -7, 70000, 80000, 90000, 1<<40), rdbIntset, func(b []byte) bool { return Intset(b).Valid(true) }, nil},
	} {
		ask := func(b []byte) {
			t.Helper()
			ours, theirs := c.valid(b), s.restore("d", c.kind, c.head, rdbString(b)) == nil
			if ours && !theirs {
				t.Errorf("%s: only we take %x", c.name, b)
			}
			if theirs && !ours {
				stricter++
				if c.name != "listpack" {
					t.Errorf("%s: only the server takes %x", c.name, b)
				}
			}
		}
		ask(c.bytes)
		for i := range c.bytes {
			for range 12 {
				b := bytes.Clone(c.bytes)
				b[i] = byte(r.UintN(256))
				ask(b)
			}
			ask(c.bytes[:i])
		}
	}
	if stricter > 5 {
		t.Errorf("the server takes %d listpacks that we refuse", stricter)
	}
}

// zipmapStorable is Valid and, as the server asks of a hash, no field twice and at least one.
func zipmapStorable(b []byte) bool {
	z := Zipmap(b)
	if !z.Valid(true) {
		return false
	}
	texts, seen := z.texts(), map[string]bool{}
	for i := 0; i < len(texts); i += 2 {
		if seen[texts[i]] {
			return false
		}
		seen[texts[i]] = true
	}
	return len(texts) > 0
}
