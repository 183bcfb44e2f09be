// What other servers got wrong about collections, one by one: section 3 of the catalogue, and the advisories on commands of row R17.

package badinput

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// lines sends commands given as words and gives the replies as they came.
func (w *watch) lines(commands ...string) (out string) {
	w.t.Helper()
	for _, c := range commands {
		out += w.by.Do(strings.Fields(c)...).Raw
	}
	return out
}

func (w *watch) wantLines(want string, commands ...string) {
	w.t.Helper()
	if got := w.lines(commands...); got != want {
		w.t.Errorf("%q: got %.300q, want %q", commands, got, want)
	}
}

const notInteger = "-ERR value is not an integer or out of range\r\n"

func TestS3PopCountsOverflow(t *testing.T) {
	w := watchRedis(t)
	for _, n := range []string{"9223372036854775807", "4611686018427387904", "2147483648"} {
		w.lines("DEL l z s", "RPUSH l a b", "ZADD z 1 a 2 b", "SADD s a b")
		w.wantLines("*2\r\n$1\r\nl\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n", "LMPOP 1 l LEFT COUNT "+n)
		w.wantLines("*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n", "ZMPOP 1 z MIN COUNT "+n)
		w.wantLines(":0\r\n", "EXISTS l z")
		w.lines("RPUSH l a b", "ZADD z 1 a 2 b")
		w.wantLines("*2\r\n$1\r\nb\r\n$1\r\na\r\n", "RPOP l "+n)
		w.wantLines("*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n", "ZPOPMIN z "+n)
		if r := w.by.Do("SPOP", "s", n); len(r.Elems) != 2 {
			t.Errorf("SPOP %s: %v", n, r)
		}
		w.wantLines(":0\r\n", "EXISTS l z s")
	}
	for _, n := range []string{"9223372036854775808", "0", "-1"} {
		w.wantLines("-ERR count should be greater than 0\r\n-ERR count should be greater than 0\r\n", "LMPOP 1 l LEFT COUNT "+n, "ZMPOP 1 z MIN COUNT "+n)
	}
	w.wantLines("-ERR numkeys should be greater than 0\r\n-ERR syntax error\r\n-ERR syntax error\r\n", "ZMPOP 0 z MIN", "ZMPOP 9223372036854775807 z MIN", "LMPOP 2 l LEFT")
	w.unharmed()
}

func TestS3NumbersOfKeys(t *testing.T) {
	w := watchRedis(t)
	w.lines("SADD s a b", "ZADD z 1 a")
	w.wantLines("-ERR numkeys should be greater than 0\r\n", "SINTERCARD 0 s")
	w.wantLines("-ERR Number of keys can't be greater than number of args\r\n", "SINTERCARD 9223372036854775807 s")
	w.wantLines("-ERR LIMIT can't be negative\r\n", "SINTERCARD 1 s LIMIT -1")
	w.wantLines(":2\r\n", "SINTERCARD 1 s LIMIT 0")
	w.wantLines(":1\r\n", "SINTERCARD 1 s LIMIT 1")
	w.wantLines(":2\r\n", "SINTERCARD 1 s LIMIT 9223372036854775807")
	w.wantLines("-ERR at least 1 input key is needed for 'zunion' command\r\n-ERR syntax error\r\n"+notInteger, "ZUNION 0 z", "ZUNION 9223372036854775807 z", "ZUNION +1 z")
	w.unharmed()
}

func TestS3BitOffsets(t *testing.T) {
	w := watchRedis(t)
	w.lines("SET k abc")
	w.wantLines(":0\r\n", "BITCOUNT k 9223372036854775806 9223372036854775807")
	w.wantLines(":10\r\n", "BITCOUNT k -9223372036854775808 9223372036854775807")
	w.wantLines(":10\r\n", "BITCOUNT k -9223372036854775808 9223372036854775807 BIT")
	w.wantLines(":-1\r\n", "BITPOS k 1 9223372036854775806 9223372036854775807 BIT")
	w.wantLines(":1\r\n", "BITPOS k 1 -9223372036854775808 9223372036854775807")
	w.wantLines(":-1\r\n", "BITPOS k 0 3")
	w.wantLines("-ERR bit offset is not an integer or out of range\r\n", "SETBIT k 4294967296 1")
	w.wantLines("-ERR bit offset is not an integer or out of range\r\n", "SETBIT k 34359738368 1")
	w.wantLines("-ERR bit offset is not an integer or out of range\r\n", "BITFIELD k SET u8 #9223372036854775807 1")
	w.wantLines(":0\r\n", "GETBIT k 4294967295")
	w.unharmed()
}

func TestS3StreamIDs(t *testing.T) {
	w := watchRedis(t)
	const top, invalid = "18446744073709551615-18446744073709551615", "-ERR Invalid stream ID specified as stream command argument\r\n"
	w.wantLines("-ERR The ID specified in XADD must be greater than 0-0\r\n", "XADD x 0-0 f v")
	for _, id := range []string{"18446744073709551616-0", "0-18446744073709551616", "-1-0", "1-", "1-2-3", strings.Repeat("9", 200)} {
		w.wantLines(invalid, "XADD x "+id+" f v")
	}
	w.wantLines("$41\r\n"+top+"\r\n", "XADD x "+top+" f v")
	w.wantLines("-ERR The stream has exhausted the last possible ID, unable to add more items\r\n", "XADD x * f v")
	w.wantLines("*1\r\n*2\r\n$41\r\n"+top+"\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n", "XRANGE x "+top+" +")
	w.wantLines("-ERR invalid start ID for the interval\r\n", "XRANGE x ("+top+" +")
	w.wantLines("-ERR invalid end ID for the interval\r\n", "XRANGE x - (0-0")
	w.wantLines("*-1\r\n", "XREAD STREAMS x "+top)
	w.wantLines("+OK\r\n", "XGROUP CREATE x g 0")
	w.wantLines("*1\r\n*2\r\n$1\r\nx\r\n*1\r\n*2\r\n$41\r\n"+top+"\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n", "XREADGROUP GROUP g c STREAMS x >")
	w.wantLines("*3\r\n$3\r\n0-0\r\n*1\r\n$41\r\n"+top+"\r\n*0\r\n", "XAUTOCLAIM x g c 0 "+top+" COUNT 1 JUSTID")
	w.unharmed()
}

// TestCVE202231144: XAUTOCLAIM over entries that were deleted, with a COUNT as large as it may be.
func TestCVE202231144XAutoclaimOfDeletedEntries(t *testing.T) {
	w := watchRedis(t)
	for i := range 200 {
		w.lines(fmt.Sprintf("XADD x 1-%d f v", i+1))
	}
	w.lines("XGROUP CREATE x g 0", "XREADGROUP GROUP g c STREAMS x >", "XTRIM x MAXLEN 0")
	w.wantLines("-ERR COUNT must be > 0\r\n-ERR COUNT must be > 0\r\n", "XAUTOCLAIM x g d 0 - COUNT 0", "XAUTOCLAIM x g d 0 - COUNT 9223372036854775807")
	most := 1<<59 - 1
	if !onlyOurs(t) { // the original sets memory aside for the number
		most = 1 << 20
	}
	r := w.by.Do("XAUTOCLAIM", "x", "g", "d", "0", "-", "COUNT", strconv.Itoa(most))
	if len(r.Elems) != 3 || len(r.Elems[1].Elems) != 0 || len(r.Elems[2].Elems) != 200 {
		t.Errorf("got %.200q", r.Raw)
	}
	w.wantLines("*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n", "XPENDING x g")
	w.unharmed()
}

// TestCVE202325155 is also CVE-2023-22458: random choices by an absurd count.
func TestCVE202325155RandomCounts(t *testing.T) {
	w := watchRedis(t)
	w.lines("SADD s a", "HSET h a 1", "ZADD z 1 a")
	for _, n := range []string{"-9223372036854775808", "-9223372036854775807", "-4611686018427387905", "9223372036854775808"} {
		for _, c := range []string{"SRANDMEMBER s ", "HRANDFIELD h ", "ZRANDMEMBER z "} {
			if n[0] == '-' && !onlyOurs(t) { // the original begins a reply that never ends
				continue
			}
			if r := w.by.Do(strings.Fields(c + n)...); !r.IsError() {
				t.Errorf("%s%s: %.100q", c, n, r.Raw)
			}
		}
	}
	w.wantLines("*1\r\n$1\r\na\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n", "SRANDMEMBER s 9223372036854775807", "HRANDFIELD h 4611686018427387903 WITHVALUES", "ZRANDMEMBER z 4611686018427387903 WITHSCORES")
	w.unharmed()
}

// TestCVE202328856: HINCRBYFLOAT must not leave something that is no number.
func TestCVE202328856HIncrByFloat(t *testing.T) {
	w := watchRedis(t)
	w.lines("HSET h big 1.7e4932 n 1 i 9223372036854775807 t text")
	for _, by := range []string{"nan", "-nan", "NaN"} {
		w.wantLines("-ERR value is not a valid float\r\n", "HINCRBYFLOAT h n "+by)
	}
	for _, by := range []string{"inf", "-inf"} {
		if r := w.by.Do("HINCRBYFLOAT", "h", "n", by); !r.IsError() {
			t.Errorf("by %s: %v", by, r)
		}
	}
	w.wantLines("-ERR hash value is not a float\r\n", "HINCRBYFLOAT h t 1")
	w.wantLines("-ERR increment or decrement would overflow\r\n", "HINCRBY h i 1")
	w.wantLines(notInteger, "HINCRBY h n 9223372036854775808")
	w.wantLines("$1\r\n1\r\n:4\r\n", "HGET h n", "HLEN h")
	w.unharmed()
}

// TestS3MembersThatAreDue: drawing, renaming and copying a hash whose fields, or whose key, are due and not yet removed.
func TestS3MembersThatAreDue(t *testing.T) {
	if !onlyOurs(t) {
		return
	}
	w := watchRedis(t, "--enable-debug-command=local")
	w.wantLines("+OK\r\n", "DEBUG SET-ACTIVE-EXPIRE 0")
	w.lines("HSET h a 1 b 2", "HPEXPIRE h 1 FIELDS 2 a b", "SADD s m", "PEXPIRE s 1", "ZADD z 1 m", "PEXPIRE z 1", "RPUSH l m", "PEXPIRE l 1")
	harness.Eventually(t, 5*time.Second, "the fields are due", func() (bool, string) {
		r := w.by.Do("HGET", "h", "a")
		return r.Null && w.by.Do("TYPE", "l").Str == "none", r.Raw
	})
	w.wantLines("$-1\r\n*0\r\n*0\r\n*0\r\n*0\r\n", "HRANDFIELD h", "HRANDFIELD h 5", "HRANDFIELD h -5 WITHVALUES", "HGETALL h", "HKEYS h")
	w.wantLines("$-1\r\n*0\r\n$-1\r\n*0\r\n$-1\r\n*-1\r\n", "SPOP s", "SPOP s 5", "SRANDMEMBER s", "SRANDMEMBER s -5", "ZRANDMEMBER z", "LPOP l 2")
	w.wantLines("-ERR no such key\r\n", "RENAME s t")
	w.wantLines("+OK\r\n:1\r\n$-1\r\n", "RENAME h i", "COPY i j", "HRANDFIELD j")
	w.wantLines(":0\r\n:1\r\n$1\r\n3\r\n", "HDEL j a b", "HSET j a 3", "HGET j a")
	w.unharmed()
}

func TestR17ScoresAndRanges(t *testing.T) {
	w := watchRedis(t)
	for _, bad := range []string{"nan", "-nan", "x", "1e400x", "0x"} {
		w.wantLines("-ERR value is not a valid float\r\n-ERR min or max is not a float\r\n", "ZADD z "+bad+" m", "ZCOUNT z ("+bad+" 1")
	}
	w.lines("ZADD z inf m")
	w.wantLines("-ERR resulting score is not a number (NaN)\r\n$3\r\ninf\r\n", "ZINCRBY z -inf m", "ZSCORE z m")
	w.wantLines(":1\r\n$1\r\n0\r\n", "ZUNIONSTORE d 1 z WEIGHTS 0", "ZSCORE d m")
	w.wantLines("-ERR weight value is not a float\r\n", "ZUNIONSTORE d 1 z WEIGHTS nan")
	w.wantLines("*1\r\n$1\r\nm\r\n*0\r\n*0\r\n", "ZRANGE z -9223372036854775808 9223372036854775807", "ZRANGE z 9223372036854775807 -9223372036854775808",
		"ZRANGEBYSCORE z -inf +inf LIMIT 9223372036854775807 9223372036854775807")
	w.lines("RPUSH l a b")
	w.wantLines("*2\r\n$1\r\na\r\n$1\r\nb\r\n$-1\r\n-ERR index out of range\r\n", "LRANGE l -9223372036854775808 9223372036854775807", "LINDEX l -9223372036854775808", "LSET l 9223372036854775807 x")
	w.wantLines("-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list\r\n", "LPOS l a RANK 0")
	if r := w.by.Do("LPOS", "l", "a", "RANK", "-9223372036854775808"); !r.IsError() && onlyOurs(t) { // since 7.2
		t.Errorf("LPOS of the least rank: %v", r)
	}
	w.unharmed()
}
