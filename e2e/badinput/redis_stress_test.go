// Everything at once on the real server: all types on few keys from many connections, while keys expire, move, are evicted and flushed; then every
// figure is what it was before.

package badinput

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

const (
	stressConns    = 50
	stressCommands = 1500 // of each connection
	stressBatch    = 25   // commands on their way at once
)

// stressKey is one of few names; the digit leads most commands to a key of their type.
func stressKey(r *rand.Rand, family string) string {
	if r.IntN(8) == 0 {
		family = string("lszhxk"[r.IntN(6)])
	}
	return family + strconv.Itoa(r.IntN(6))
}

// many are n words made by a format with a random number.
func many(r *rand.Rand, n int, format string) []string {
	var out []string
	for range n {
		for _, w := range strings.Fields(format) {
			out = append(out, strings.ReplaceAll(w, "%", strconv.Itoa(r.IntN(2000))))
		}
	}
	return out
}

// stressCall is a random command.
func stressCall(r *rand.Rand) []string {
	key := func(family string) string { return stressKey(r, family) }
	n := strconv.Itoa(r.IntN(50))
	size := 1 + r.IntN(4)
	if r.IntN(15) == 0 {
		size = 200 + r.IntN(800)
	}
	any := string("lszhxk"[r.IntN(6)])
	switch r.IntN(34) {
	case 0, 1:
		return append([]string{[]string{"RPUSH", "LPUSH"}[r.IntN(2)], key("l")}, many(r, size, "element:%")...)
	case 2:
		return []string{[]string{"LPOP", "RPOP"}[r.IntN(2)], key("l"), n}
	case 3:
		return []string{"LMOVE", key("l"), key("l"), "LEFT", []string{"LEFT", "RIGHT"}[r.IntN(2)]}
	case 4:
		return []string{"LTRIM", key("l"), n, "-" + n}
	case 5:
		return []string{"LREM", key("l"), "0", "element:" + n}
	case 6, 7:
		return append([]string{"SADD", key("s")}, many(r, size, []string{"%", "member:%"}[r.IntN(2)])...)
	case 8:
		return []string{"SPOP", key("s"), n}
	case 9:
		return []string{[]string{"SUNIONSTORE", "SDIFFSTORE", "SINTERSTORE"}[r.IntN(3)], key("s"), key("s"), key("s")}
	case 10:
		return append([]string{"SREM", key("s")}, many(r, 5, "%")...)
	case 11, 12:
		return append([]string{"ZADD", key("z")}, many(r, size, "% member:%")...)
	case 13:
		return []string{"ZPOPMIN", key("z"), n}
	case 14:
		return []string{"ZUNIONSTORE", key("z"), "2", key("z"), key("s")}
	case 15:
		return []string{"ZREMRANGEBYRANK", key("z"), n, "-" + n}
	case 16, 17:
		return append([]string{"HSET", key("h")}, many(r, size, "field:% value:%")...)
	case 18:
		return append([]string{"HDEL", key("h")}, many(r, 5, "field:%")...)
	case 19:
		return append([]string{"HPEXPIRE", key("h"), "1", "FIELDS", "20"}, many(r, 20, "field:%")...)
	case 20:
		return []string{"HINCRBYFLOAT", key("h"), "field:" + n, "0.5"}
	case 21, 22:
		return append([]string{"XADD", key("x"), "MAXLEN", "~", "500", "*"}, many(r, size, "field:% value:%")...)
	case 23:
		return []string{"XREADGROUP", "GROUP", "g", "c" + n, "COUNT", n, "STREAMS", key("x"), ">"}
	case 24:
		return []string{"XGROUP", []string{"CREATE", "DESTROY"}[r.IntN(2)], key("x"), "g", "0", "MKSTREAM"}
	case 25:
		return []string{"XAUTOCLAIM", key("x"), "g", "c1", "0", "0", "COUNT", n}
	case 26:
		return []string{"SET", key("k"), strings.Repeat("v", r.IntN(20_000))}
	case 27:
		return []string{"RENAME", key(any), key(any)}
	case 28:
		return []string{"COPY", key(any), key(any), "REPLACE"}
	case 29:
		return []string{"PEXPIRE", key(any), []string{"1", "100000"}[r.IntN(2)]}
	case 30:
		return []string{"MOVE", key(any), strconv.Itoa(r.IntN(3))}
	case 31:
		return []string{[]string{"UNLINK", "DEL"}[r.IntN(2)], key(any), key(any)}
	case 32:
		return []string{"SORT", key("s"), "ALPHA", "STORE", key("l")}
	}
	switch r.IntN(60) {
	case 0:
		return []string{[]string{"FLUSHALL", "FLUSHDB"}[r.IntN(2)], []string{"ASYNC", "SYNC"}[r.IntN(2)]}
	case 1:
		return []string{"SWAPDB", strconv.Itoa(r.IntN(3)), strconv.Itoa(r.IntN(3))}
	}
	return []string{"SELECT", strconv.Itoa(r.IntN(3))}
}

// stress is one client. It sends batches and reads as many replies.
func stress(s *harness.Server, r *rand.Rand) error {
	c, err := s.TryDial()
	if err != nil {
		return err
	}
	defer c.Close()
	for range stressCommands / stressBatch {
		var batch []byte
		for range stressBatch {
			batch = harness.AppendCommand(batch, stressCall(r))
		}
		c.SendAny(string(batch))
		for range stressBatch {
			if _, err := c.TryReply(replyWait); err != nil {
				return err
			}
		}
	}
	return nil
}

// figure reads one number of INFO.
func figure(t *testing.T, c *harness.Conn, name string) int64 {
	t.Helper()
	_, rest, ok := strings.Cut(c.Do("INFO", "everything").Str, name+":")
	line, _, _ := strings.Cut(rest, "\r\n")
	n, err := strconv.ParseInt(line, 10, 64)
	if !ok || err != nil {
		t.Fatalf("INFO has no number %s: %q", name, line)
	}
	return n
}

func TestR17AllTypesAtOnce(t *testing.T) {
	for _, policy := range []string{"noeviction", "allkeys-lru", "allkeys-random"} {
		t.Run(policy, func(t *testing.T) {
			w := watchRedis(t, "--maxmemory-policy="+policy)
			base := figure(t, w.by, "used_memory_dataset")
			if policy != "noeviction" {
				w.by.Ask(harness.Command("CONFIG", "SET", "maxmemory", strconv.FormatInt(figure(t, w.by, "used_memory")+1<<20, 10)), "+OK\r\n")
			}
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			var failed atomic.Pointer[error]
			var group sync.WaitGroup
			for i := range uint64(stressConns) {
				group.Add(1)
				harness.Go(func() {
					defer group.Done()
					if err := stress(w.s, rand.New(rand.NewPCG(seed, i))); err != nil {
						failed.Store(&err)
					}
				})
			}
			group.Wait()
			if err := failed.Load(); err != nil {
				t.Fatalf("a client: %v\n%s", *err, w.s.Output())
			}
			t.Logf("evicted %d, expired %d", figure(t, w.by, "evicted_keys"), figure(t, w.by, "expired_keys"))
			w.by.Ask(harness.Command("CONFIG", "SET", "maxmemory", "0"), "+OK\r\n")
			w.by.Ask(harness.Command("FLUSHALL", "ASYNC"), "+OK\r\n")
			w.by.Ask(harness.Command("DBSIZE"), ":0\r\n")
			w.by.Ask(harness.Command("SET", "bystander", canary), "+OK\r\n")
			harness.Eventually(t, 10*time.Second, "memory is back", func() (bool, string) {
				now := figure(t, w.by, "used_memory_dataset")
				return now <= base+(256<<10) && figure(t, w.by, "lazyfree_pending_objects") == 0, fmt.Sprintf("%d bytes, %d before", now, base)
			})
			w.unharmed()
		})
	}
}
