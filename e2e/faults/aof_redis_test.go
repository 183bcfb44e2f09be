// The append-only file goes from this server to the original and back, with all that is in it.

package faults

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// fill writes every type, small and big, in two databases, and changes them in the ways that a log has to spell differently.
func fill(c *harness.Conn, round, long int) {
	var all strings.Builder
	n := 0
	send := func(words ...string) {
		all.WriteString(harness.Command(words...))
		n++
	}
	do := func(line string) { send(strings.Fields(line)...) }
	p := fmt.Sprint("r", round, ":")
	for _, db := range []string{"0", "5"} {
		do("SELECT " + db)
		for _, size := range []int{3, long} {
			k := p + strconv.Itoa(size)
			for i := range size {
				do(fmt.Sprintf("RPUSH list:%s element-%d %d", k, i, i))
				do(fmt.Sprintf("SADD set:%s member-%d", k, i))
				do(fmt.Sprintf("SADD ints:%s %d", k, i*7))
				do(fmt.Sprintf("HSET hash:%s field-%d value-%d n %d", k, i, i, i))
				do(fmt.Sprintf("ZADD zset:%s %d.5 member-%d", k, i, i))
				do(fmt.Sprintf("XADD stream:%s * field %d other x", k, i))
				do(fmt.Sprintf("PFADD hll:%s e%d", k, i))
				do(fmt.Sprintf("SETBIT bits:%s %d 1", k, i*3))
			}
			do("LPOP list:" + k)
			do("LREM list:" + k + " 1 2")
			do("SPOP set:" + k + " 2")
			do("SRANDMEMBER set:" + k)
			do("HINCRBYFLOAT hash:" + k + " n 1.5")
			do("ZPOPMIN zset:" + k)
			do("ZINCRBY zset:" + k + " 0.1 member-2")
			do("XGROUP CREATE stream:" + k + " g 0")
			do("XREADGROUP GROUP g alice COUNT 2 STREAMS stream:" + k + " >")
			do("XTRIM stream:" + k + " MAXLEN ~ 100")
			do("GEOADD geo:" + k + " 13.36 38.11 Palermo 15.08 37.50 Catania")
			do("RENAME bits:" + k + " moved:" + k)
			do("COPY hash:" + k + " copy:" + k)
			do("EXPIRE copy:" + k + " 100000")
		}
		do("SET " + p + "text hello EX 100000")
		do("APPEND " + p + "text -more")
		do("INCRBYFLOAT " + p + "float 0.1")
		do("SET " + p + "gone x PX 1")
		do("MULTI")
		do("SET " + p + "a 1")
		do("INCR " + p + "a")
		do("EXEC")
		send("EVAL", "redis.call('SET',KEYS[1],ARGV[1]) return redis.call('INCRBY',KEYS[1],5)", "1", p+"script", "7")
		send("SET", p+"long", strings.Repeat("compressible ", 2000))
		send("SET", p+"\r\n*1\r\n$4\r\nPING\r\n#CRC:00000000 0 99999\r\n", "a name like a record")
	}
	do("SELECT 0")
	send("FUNCTION", "LOAD", "REPLACE", "#!lua name=lib"+strconv.Itoa(round)+"\nredis.register_function('f"+strconv.Itoa(round)+"', function() return 1 end)")
	c.Send(all.String())
	for range n {
		c.Reply()
	}
}

// digest is that of all data, without what has expired and is not yet removed.
func digest(t *testing.T, c *harness.Conn) string {
	t.Helper()
	for _, db := range []string{"5", "0"} {
		c.Do("SELECT", db)
		for round := 1; round <= 5; round++ {
			gone := fmt.Sprint("r", round, ":gone")
			harness.Eventually(t, 10*time.Second, gone+" is gone", func() (bool, string) { return c.Do("GET", gone).Null, "" })
		}
	}
	return c.Do("DEBUG", "DIGEST").Str
}

// values are the digests of all values.
func values(c *harness.Conn) map[string]string {
	all := map[string]string{}
	for _, db := range []string{"5", "0"} {
		c.Do("SELECT", db)
		for _, key := range c.Do("KEYS", "*").Strings() {
			all[db+"/"+key] = c.Do("DEBUG", "DIGEST-VALUE", key).Raw
		}
	}
	return all
}

// checkAOF runs the original's check tool.
func checkAOF(t *testing.T, dir string) {
	t.Helper()
	tool, err := exec.LookPath("redis-check-aof")
	if err != nil {
		t.Skip("no redis-check-aof on this machine")
	}
	out, err := exec.Command(tool, filepath.Join(dir, "appendonlydir", "appendonly.aof.manifest")).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "All AOF files and manifest are valid") {
		t.Fatalf("redis-check-aof: %v\n%s", err, out)
	}
}

func TestF18AppendOnlyFileToTheOriginalAndBack(t *testing.T) {
	for _, preamble := range []string{"yes", "no"} {
		t.Run("preamble="+preamble, func(t *testing.T) {
			dir := t.TempDir()
			ours := []string{"--dir=" + dir, "--appendonly=yes", "--enable-debug-command=yes", "--aof-use-rdb-preamble=" + preamble, "--aof-timestamp-enabled=yes"}
			theirs := []string{"--dir", dir, "--appendonly", "yes", "--enable-debug-command", "yes", "--aof-use-rdb-preamble", preamble}
			want := ""
			var before map[string]string
			stop := func(s *harness.Server, c *harness.Conn) {
				t.Helper()
				want, before = digest(t, c), values(c)
				s.Signal(t, syscall.SIGTERM)
				s.Wait(t, 10*time.Second)
				checkAOF(t, dir)
			}
			same := func(who string, c *harness.Conn) {
				t.Helper()
				loaded(t, c)
				got := digest(t, c)
				if got == want {
					return
				}
				now := values(c)
				for key, d := range before {
					if now[key] != d {
						t.Errorf("%s: %.60q differs", who, key)
					}
					delete(now, key)
				}
				t.Fatalf("%s: digest %s, want %s; keys too many: %.500q", who, got, want, now)
			}
			s := harness.Redis(t, ours...)
			c := s.Dial(t)
			fill(c, 1, 700)
			rewrite(t, c)
			fill(c, 2, 60)
			stop(s, c)

			o := harness.OracleRedis(t, theirs...)
			c = o.Dial(t)
			same("the original loads ours", c)
			fill(c, 3, 700)
			stop(o, c)

			s = harness.Redis(t, ours...)
			c = s.Dial(t)
			same("we load what it has gone on with", c)
			fill(c, 4, 60)
			stop(s, c)

			o = harness.OracleRedis(t, theirs...)
			c = o.Dial(t)
			same("it loads what we have gone on with", c)
			rewrite(t, c)
			fill(c, 5, 60)
			stop(o, c)

			s = harness.Redis(t, ours...)
			c = s.Dial(t)
			same("we load what it has rewritten", c)
			if r := c.Do("DEBUG", "LOADAOF"); r.IsError() {
				t.Error(r)
			}
			same("DEBUG LOADAOF", c)
		})
	}
}

// rewrite has the log written anew and waits for it.
func rewrite(t *testing.T, c *harness.Conn) {
	t.Helper()
	if r := c.Do("BGREWRITEAOF"); r.IsError() {
		t.Fatal(r)
	}
	harness.Eventually(t, 20*time.Second, "the rewrite is done", func() (bool, string) {
		info := c.Do("INFO", "persistence").Str
		return strings.Contains(info, "aof_rewrite_in_progress:0") && strings.Contains(info, "aof_rewrite_scheduled:0"), info
	})
}
