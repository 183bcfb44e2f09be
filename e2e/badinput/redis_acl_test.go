// Rows R28, R30 and R35, and the CVEs about rights: logins by force, rules that are bombs, ways round the rights, settings that a client must not
// change.

package badinput

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

const wrongPass = "-WRONGPASS invalid username-password pair or user is disabled.\r\n"

// TestR28BruteForce: thousands of failed logins, some with passwords of a megabyte, cost nothing that stays.
func TestR28BruteForce(t *testing.T) {
	w := watchRedis(t)
	w.by.Ask(harness.Command("ACL", "SETUSER", "alice", "on", ">right", "+@all", "~*"), "+OK\r\n")
	long := strings.Repeat("p", 1<<20)
	for range 4 {
		c := w.s.Dial(t)
		for i := range 500 {
			name := fmt.Sprint("user", i)
			c.Ask(harness.Command("AUTH", name, "wrong")+harness.Command("HELLO", "2", "AUTH", "alice", "wrong\x00")+harness.Command("AUTH", "alice", ""), wrongPass+wrongPass+wrongPass)
		}
		for _, secret := range []string{long, "\x00", "\xff\xfe\r\n", strings.Repeat("\x00", 1<<16)} {
			c.Ask(harness.Command("AUTH", "alice", secret)+harness.Command("AUTH", secret, "x"), wrongPass+wrongPass)
		}
		c.Ask(harness.Command("AUTH", "alice", "right"), "+OK\r\n")
		c.Close()
	}
	if n := len(w.by.Do("ACL", "LOG", "100000").Elems); n == 0 || n > 128 {
		t.Errorf("%d entries in the log", n)
	}
	w.unharmed()
}

// TestR30Rules: rules that nest, never end or are long. CVE-2024-31227 and CVE-2024-51741 were among them.
func TestR30Rules(t *testing.T) {
	w := watchRedis(t)
	for _, rule := range []string{
		strings.Repeat("(", 64<<10), strings.Repeat("(", 64<<10) + ")", strings.Repeat("()", 32<<10), "(" + strings.Repeat("~a ", 20<<10) + "))",
		"(+get (~a))", "(on)", "(>x)", "%", "%~", "%RWRW~a", "%\x00~a", "(%)", "(%~a)", "(+@)", "+", "-", "+@", "-@", "+|", "+|get", "+config|", "+@all|x", "#", "!", "#" + strings.Repeat("z", 64),
		strings.Repeat("%", 64<<10), "&a b", "~a\nb", "+" + strings.Repeat("x", 1<<20), "+get|x\nuser evil on nopass +@all ~*",
	} {
		if r := w.by.Do("ACL", "SETUSER", "victim", "on", rule); !r.IsError() && onlyOurs(t) || strings.Count(r.Raw, "\n") != 1 {
			t.Errorf("%.30q: %v", rule, r)
		}
	}
	if r := w.by.Do("ACL", "GETUSER", "victim"); !r.Null && onlyOurs(t) {
		t.Errorf("half of a bad change was made: %v", r)
	}
	many := []string{"ACL", "SETUSER", "many"}
	for i := range 3000 {
		many = append(many, "~"+strconv.Itoa(i)+"*", "(+get ~"+strconv.Itoa(i)+")")
	}
	w.by.Ask(harness.Command(many...), "+OK\r\n")
	if r := w.by.Do("ACL", "DRYRUN", "many", "get", "zzz"); !strings.Contains(r.Str, "no permissions to access the 'zzz' key") {
		t.Errorf("%v", r)
	}
	w.by.Ask(harness.Command("ACL", "DELUSER", "many"), ":1\r\n")
	w.unharmed()
}

// TestR29WaysRound: every way that once led round the rights. CVE-2023-41053 was SORT_RO, CVE-2023-36824 the extraction of keys, the
// others are variants of them.
func TestR29WaysRound(t *testing.T) {
	if !onlyOurs(t) { // PFMERGE of one key, and 7.2's words
		return
	}
	w := watchRedis(t)
	w.by.Ask(harness.Command("ACL", "SETUSER", "eve", "on", "nopass", "+@all", "-@dangerous", "+sort", "+sort_ro", "+restore", "~mine*", "%R~read*", "%W~write*")+harness.Command("SET", "secret1", "treasure")+
		harness.Command("RPUSH", "mine", "1")+harness.Command("SET", "write1", "treasure")+harness.Command("XADD", "secrets", "1-1", "a", "treasure")+harness.Command("GEOADD", "readgeo", "1", "1", "treasure"),
		"+OK\r\n+OK\r\n:1\r\n+OK\r\n$3\r\n1-1\r\n:1\r\n")
	c := w.s.Dial(t)
	c.Ask(harness.Command("AUTH", "eve", "x"), "+OK\r\n")
	for _, line := range []string{
		"get secret1", "set write1 x get", "set read1 x", "set secret1 x", "getset write1 x", "getdel write1", "getex write1", "append secret1 x", "bitfield write1 get u8 0", "bitfield read1 set u8 0 1",
		"bitfield secret1 get u8 0", "copy secret1 mine2", "copy mine read2", "copy write1 mine2", "rename secret1 mine2", "rename mine secret2", "sort mine by secret*", "sort mine get secret*", "sort mine get #",
		"sort_ro mine get secret*", "sort_ro mine by secret*", "sort mine store secret2", "sort mine store read2", "georadius readgeo 1 1 100 km store secret2", "georadius readgeo 1 1 100 km storedist read2",
		"geosearchstore secret2 readgeo fromlonlat 1 1 byradius 100 km", "geosearchstore mine2 write1 fromlonlat 1 1 byradius 100 km", "xread streams secrets 0", "xread count 1 block 1 streams mine secrets 0 0",
		"xread count streams streams secrets 0", "xreadgroup group g c streams secrets >", "zunionstore mine2 1 secret1", "zunionstore secret2 1 mine", "zunion 1 secret1", "zinterstore mine2 2 mine secret1",
		"lmove secret1 mine left right", "lmove mine secret1 left right", "rpoplpush mine read2", "lmpop 2 mine secret1 left", "sinterstore secret2 mine", "sdiffstore mine2 secret1", "bitop and mine2 secret1",
		"bitop and secret2 mine", "pfmerge secret1", "pfmerge mine2 secret1", "pfcount mine secret1", "mget mine secret1", "mset mine2 x secret1 x", "del mine2 secret1", "unlink secret1", "exists secret1",
		"touch secret1", "type secret1", "object encoding secret1", "memory usage secret1", "dump secret1", "dump write1", "restore secret2 0 x", "expire secret1 1", "persist secret1", "ttl secret1", "watch secret1",
		"smove mine secret1 1", "lcs mine secret1", "zrangestore secret2 mine 0 -1", "zrangestore mine2 secret1 0 -1", "move secret1 1", "strlen secret1", "setrange secret1 0 x", "keys *",
	} {
		r := c.Do(strings.Fields(line)...)
		if !r.IsError() || !strings.HasPrefix(r.Str, "NOPERM ") && !strings.Contains(r.Str, "option of SORT denied due to insufficient ACL permissions") || strings.Contains(r.Raw, "treasure") {
			t.Errorf("%s: %v", line, r)
		}
	}
	w.by.Ask(harness.Command("GET", "secret1")+harness.Command("GET", "write1")+harness.Command("LRANGE", "mine", "0", "-1")+harness.Command("EXISTS", "secret2", "read2", "mine2"),
		"$8\r\ntreasure\r\n$8\r\ntreasure\r\n*1\r\n$1\r\n1\r\n:0\r\n")
	w.unharmed()
}

// TestR35ProtectedSettings: what would let a client write files where it likes, or give itself the right to, stays as the start set it.
func TestR35ProtectedSettings(t *testing.T) {
	w := watchRedis(t)
	dir := w.by.Do("CONFIG", "GET", "dir").Raw
	for _, set := range [][]string{{"dir", "/root/.ssh"}, {"dir", "/"}, {"dbfilename", "authorized_keys"}, {"dbfilename", "../x"}, {"aclfile", "/tmp/x"}, {"enable-protected-configs", "yes"},
		{"enable-debug-command", "yes"}, {"enable-module-command", "yes"}, {"logfile", "/tmp/x"}, {"unixsocket", "/tmp/x"}, {"maxclients", "100", "dir", "/"}, {"DIR", "/"}} {
		if r := w.by.Do(append([]string{"CONFIG", "SET"}, set...)...); !r.IsError() || !strings.Contains(r.Str, "can't set protected config") && !strings.Contains(r.Str, "can't set immutable config") {
			t.Errorf("%v: %v", set, r)
		}
	}
	if now := w.by.Do("CONFIG", "GET", "dir").Raw; now != dir {
		t.Errorf("dir is now %q", now)
	}
	if r := w.by.Do("CONFIG", "GET", "maxclients"); r.Elems[1].Str == "100" {
		t.Error("half of a refused CONFIG SET was done")
	}
	if r := w.by.Do("DEBUG", "SLEEP", "0"); !strings.HasPrefix(r.Str, "ERR DEBUG command not allowed.") {
		t.Errorf("DEBUG: %v", r)
	}
	w.unharmed()
}

// TestR35ForLocalClients: with `local`, a client of this machine may.
func TestR35ForLocalClients(t *testing.T) {
	w := watchRedis(t, "--enable-protected-configs=local", "--enable-debug-command=local")
	w.by.Ask(harness.Command("CONFIG", "SET", "dir", t.TempDir())+harness.Command("DEBUG", "SLEEP", "0"), "+OK\r\n+OK\r\n")
	w.unharmed()
}
