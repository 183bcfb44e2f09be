// Tests of big items in snapshots: they are of the moment as all others, and nobody but who changes them waits for them.

package redis

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/racing"
)

// bigThings makes two of each type, each big enough to be written apart.
func bigThings(c *fake, n int) {
	for _, side := range []string{"1", "2"} {
		for i := 0; i < n; i += 50 {
			var set, zset, hash, list, stream []string
			for j := range 50 {
				m := fmt.Sprintf("member:%s:%08d", side, i+j)
				set = append(set, m)
				zset = append(zset, "100", fmt.Sprintf("m%08d", i+j))
				hash = append(hash, fmt.Sprintf("f%08d", i+j), "100")
				list = append(list, m)
				stream = append(stream, fmt.Sprintf("f%d", j), m)
			}
			c.do(append([]string{"sadd", "set" + side}, set...)...)
			c.do(append([]string{"zadd", "zset" + side}, zset...)...)
			c.do(append([]string{"hset", "hash" + side}, hash...)...)
			c.do(append([]string{"rpush", "list" + side}, list...)...)
			c.do(append([]string{"xadd", "stream" + side, "*"}, stream...)...)
		}
		c.do("set", "string"+side, strings.Repeat("s", apartFrom+1))
	}
}

// TestASnapshotOfBigThingsIsOfOneMoment moves members and amounts between big things while snapshots are taken; nothing may be lost or doubled by that.
func TestASnapshotOfBigThingsIsOfOneMoment(t *testing.T) {
	r := newRig(t, core.Options{Shards: 2})
	n := racing.Times(12_000) / 50 * 50
	bigThings(r.client(), n)
	address := r.listen()
	var stop sync.WaitGroup
	end := make(chan struct{})
	for g := range 2 {
		stop.Add(1)
		w := dial(t, address)
		go func() {
			defer stop.Done()
			rnd := rand.New(rand.NewPCG(uint64(g), 2))
			for {
				select {
				case <-end:
					return
				default:
				}
				from, to := strconv.Itoa(1+rnd.IntN(2)), strconv.Itoa(1+rnd.IntN(2))
				at, amount := fmt.Sprintf("%08d", rnd.IntN(n)), strconv.Itoa(rnd.IntN(50))
				lines := [][]string{{"multi"}, {"zincrby", "zset" + from, amount, "m" + at}, {"zincrby", "zset" + to, "-" + amount, "m" + at},
					{"hincrby", "hash" + from, "f" + at, amount}, {"hincrby", "hash" + to, "f" + at, "-" + amount}, {"exec"},
					{"lmove", "list" + from, "list" + to, "left", "right"}, {"smove", "set" + from, "set" + to, fmt.Sprintf("member:%s:%s", from, at)},
					{"setrange", "string" + from, at, "s"}, {"set", "small" + at, amount}, {"xadd", "stream" + from, "maxlen", "10", "*", "a", "b"}, {"scard", "set1"}, {"ping"}}
				for _, l := range lines {
					io.WriteString(w, request(l...))
				}
				for {
					line, err := w.r.ReadString('\n')
					if err != nil {
						t.Error(err)
						return
					}
					if line == "+PONG\r\n" {
						break
					}
				}
			}
		}()
	}
	for range 6 {
		file := r.snapshot()
		to := newRig(t, core.Options{})
		if err := to.e.loadSnapshot(bytes.NewReader(file), 0); err != nil {
			t.Fatal(err)
		}
		c := to.client()
		number := func(words ...string) (n int) {
			n, err := strconv.Atoi(strings.Trim(c.do(words...), ":\r\n"))
			if err != nil {
				t.Error(err)
			}
			return n
		}
		if got := number("scard", "set1") + number("scard", "set2"); got != 2*n {
			t.Errorf("the sets have %d members, want %d", got, 2*n)
		}
		if got := number("llen", "list1") + number("llen", "list2"); got != 2*n {
			t.Errorf("the lists have %d elements, want %d", got, 2*n)
		}
		if got := number("strlen", "string1") + number("strlen", "string2"); got != 2*(apartFrom+1) {
			t.Errorf("the strings have %d bytes", got)
		}
		for _, command := range [][]string{{"zrange", "zset1", "0", "-1", "withscores"}, {"zrange", "zset2", "0", "-1", "withscores"}} {
			if got := strings.Count(c.do(command...), "\r\n"); got != 1+4*n {
				t.Errorf("%s has %d lines", command[1], got)
			}
		}
		sum := 0
		for _, key := range []string{"hash1", "hash2"} {
			for i, line := range strings.Split(c.do("hvals", key), "\r\n") {
				if v, err := strconv.Atoi(line); err == nil && i%2 == 0 && i > 0 {
					sum += v
				}
			}
		}
		if sum != 2*n*100 {
			t.Errorf("the hashes hold %d, want %d", sum, 2*n*100)
		}
	}
	close(end)
	stop.Wait()
}

// TestNobodyElseWaitsForABigThing: while the disk takes nothing of a big item, its neighbours in the only shard are read and changed, it is read, and who changes it waits, as
// who changes another that the walk has not come to.
func TestNobodyElseWaitsForABigThing(t *testing.T) {
	t.Run("snapshot", func(t *testing.T) {
		nobodyElseWaits(t, func(r *rig, w io.Writer, began func()) error {
			return r.e.writeSnapshot(context.Background(), w, rdbAux{}, began)
		}, func(file []byte) *rig {
			to := newRig(t, core.Options{})
			if err := to.e.loadSnapshot(bytes.NewReader(file), 0); err != nil {
				t.Fatal(err)
			}
			return to
		})
	})
	t.Run("commands", func(t *testing.T) {
		nobodyElseWaits(t, func(r *rig, w io.Writer, began func()) error {
			return r.e.writeCommands(context.Background(), w, began)
		}, func(file []byte) *rig { return fromCommands(t, file) })
	})
}

func nobodyElseWaits(t *testing.T, write func(r *rig, w io.Writer, began func()) error, load func(file []byte) *rig) {
	r := newRig(t, core.Options{Shards: 1})
	if err := r.set.Set("rdbcompression", "no"); err != nil {
		t.Fatal(err)
	}
	c := r.client()
	for i := range 300 {
		c.do("rpush", "big", strings.Repeat(strconv.Itoa(i%10), 20_000))
		c.do("rpush", "other", strings.Repeat(strconv.Itoa(i%10), 20_000))
	}
	for i := range 200 {
		c.do("set", "k"+strconv.Itoa(i), "old")
	}
	address := r.listen()
	w := &slowWriter{}
	var open func()
	w.next, open = latch(t)
	done := make(chan error, 1)
	began := make(chan struct{})
	go func() { done <- write(r, w, func() { close(began) }) }()
	receive(t, "the moment of the snapshot", began)
	eventually(t, "as much waits for the disk as may", func() bool { s := r.e.background.spool.Load(); return s != nil && len(s.full) > spoolCalm })
	var set, wrong atomic.Int32
	for i := range 200 {
		conn := dial(t, address)
		go func() {
			io.WriteString(conn, request("set", "k"+strconv.Itoa(i), "new"))
			if line, err := conn.r.ReadString('\n'); err != nil || line != "+OK\r\n" {
				wrong.Add(1)
			}
			set.Add(1)
		}()
	}
	eventually(t, "all are set but those in the same bucket", func() bool { return set.Load() > 150 })
	reader := dial(t, address)
	reader.expect(":300\r\n", "llen", "big")
	var changers []*wire
	for _, line := range []string{request("lset", "big", "0", "new"), request("lset", "other", "0", "new"), request("multi") + request("llen", "big") + request("lpop", "big") + request("exec"),
		request("eval", "return redis.call('rpop', KEYS[1])", "1", "big")} {
		conn := dial(t, address)
		io.WriteString(conn, line)
		changers = append(changers, conn)
	}
	changers[2].expect("+OK\r\n")
	changers[2].expect("+QUEUED\r\n")
	changers[2].expect("+QUEUED\r\n")
	eventually(t, "who changes it waits", func() bool { return r.store.WaitingForFree() >= len(changers) })
	for _, key := range []string{"big", "other"} {
		reader.expect(":300\r\n", "llen", key)
		io.WriteString(reader, request("multi")+request("llen", key)+request("exec"))
		reader.expect("+OK\r\n")
		reader.expect("+QUEUED\r\n")
		reader.expect("*1\r\n")
		reader.expect(":300\r\n")
		reader.expect(":300\r\n", "eval_ro", "return redis.call('llen', KEYS[1])", "1", key)
	}
	open()
	changers[0].expect("+OK\r\n")
	changers[1].expect("+OK\r\n")
	if line, err := changers[2].r.ReadString('\n'); err != nil || line != "*2\r\n" {
		t.Errorf("EXEC: %q, %v", line, err)
	}
	changers[3].expect(bulk(strings.Repeat("9", 20_000)))
	if err := receive(t, "the end of the snapshot", done); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all are set", func() bool { return set.Load() == 200 })
	if wrong.Load() > 0 {
		t.Errorf("%d wrong replies", wrong.Load())
	}
	d := load(w.b.Bytes()).client()
	for _, key := range []string{"big", "other"} {
		d.want(bulk(strings.Repeat("0", 20_000)), "lindex", key, "0")
		d.want(":300\r\n", "llen", key)
	}
	for i := range 200 {
		d.want(bulk("old"), "get", "k"+strconv.Itoa(i))
	}
}
