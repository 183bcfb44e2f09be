// Tests of permission: what a user without a right gets, and what the store and the reply then show nothing of.

package redis

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/racing"
	"github.com/cachesrv/cachesrv/engine/redis/acl"
)

// as gives a client that is a user with these rules.
func (r *rig) as(name, rules string) *fake {
	r.t.Helper()
	var words [][]byte
	for _, w := range strings.Fields("on nopass " + rules) {
		words = append(words, []byte(w))
	}
	if _, _, _, err := r.e.users.Set(name, words); err != nil {
		r.t.Fatal(err)
	}
	c := r.client()
	c.want("+OK\r\n", "auth", name, "any")
	return c
}

const noKey = "-NOPERM No permissions to access a key\r\n"

func noCommand(user, name string) string {
	return "-NOPERM User " + user + " has no permissions to run the '" + name + "' command\r\n"
}

func TestPermission(t *testing.T) {
	r := newRig(t, core.Options{Databases: 2})
	c := r.as("alice", "+get +set +config|get +@list -lpush +select|0 +copy +exists +sort ~a* %R~r %W~w (+del ~d)")
	for _, x := range []struct{ line, want string }{
		{"get a", "$-1\r\n"}, {"get b", noKey}, {"get r", "$-1\r\n"}, {"get w", noKey},
		{"set a 1", "+OK\r\n"}, {"set r 1", noKey}, {"set w 1", "+OK\r\n"}, {"set w 1 get", noKey}, {"set a 1 get", "$1\r\n1\r\n"},
		{"exists r", ":0\r\n"}, {"exists w", ":1\r\n"}, {"exists a x", noKey},
		{"copy r w", ":0\r\n"}, {"copy w a", noKey}, {"copy a r", noKey},
		{"del d", ":0\r\n"}, {"del a", noKey}, {"incr a", noCommand("alice", "incr")},
		{"config get port", "*2\r\n$4\r\nport\r\n$4\r\n6379\r\n"}, {"config set port 1", noCommand("alice", "config|set")}, {"config resetstat", noCommand("alice", "config|resetstat")},
		{"select 0", "+OK\r\n"}, {"select 1", noCommand("alice", "select")}, {"rpush a2 1", ":1\r\n"}, {"lpush a2 1", noCommand("alice", "lpush")},
		{"ping", noCommand("alice", "ping")}, {"nosuch", "-ERR unknown command 'nosuch', with args beginning with: \r\n"}, {"get", "-ERR wrong number of arguments for 'get' command\r\n"},
		{"auth alice any", "+OK\r\n"},
	} {
		c.want(x.want, strings.Fields(x.line)...)
	}
}

// TestR29SortReadsKeysItDoesNotName: BY and GET need the right to read every key.
func TestR29SortReadsKeysItDoesNotName(t *testing.T) {
	r := newRig(t, core.Options{})
	r.client().feed(request("rpush", "a", "1", "2") + request("set", "w1", "9") + request("set", "secret1", "x"))
	by, get := "-ERR BY option of SORT denied due to insufficient ACL permissions.\r\n", "-ERR GET option of SORT denied due to insufficient ACL permissions.\r\n"
	for _, user := range []string{"+@all ~a", "+@all ~a %W~*", "+@all ~a (+get ~*)"} {
		c := r.as("sorter", "reset on nopass "+user)
		for _, command := range []string{"sort", "sort_ro"} {
			c.want(by, command, "a", "by", "w*")
			c.want(get, command, "a", "get", "secret*")
			c.want(get, command, "a", "get", "#")
			c.want(by, command, "a", "by", "w*", "get", "secret*")
			c.want("*2\r\n$1\r\n1\r\n$1\r\n2\r\n", command, "a", "by", "nosort")
		}
	}
	c := r.as("reader", "+@all ~a %R~*")
	c.want("*2\r\n$1\r\nx\r\n$-1\r\n", "sort", "a", "get", "secret*")
	c.want(noKey, "sort", "a", "get", "secret*", "store", "b")
}

// TestR29WithoutRightsNoTrace runs random lines of every row with keys as a user who may read some keys and write others. What it may not write stays
// as it was, what it has no right to at all is not even looked at, and no reply shows what is in a key that it may not read.
func TestR29WithoutRightsNoTrace(t *testing.T) {
	r := newRig(t, core.Options{Policy: "allkeys-lru", Databases: 3})
	admin, tx := r.client(), r.store.NewTx()
	rnd := rand.New(rand.NewPCG(29, 1))
	allowed, denied := 0, 0
	for _, row := range r.e.table.rows {
		if !row.hasKeys() || row.flags&ownLocks != 0 { // a script's commands are checked one by one
			continue
		}
		for range racing.Times(40) {
			for k := range 8 {
				if rnd.IntN(3) == 0 {
					name := "key" + strconv.Itoa(k)
					admin.do("del", name)
					secretMakers[rnd.IntN(len(secretMakers))](admin, name, "secret-"+name)
				}
			}
			mayRead, mayWrite, rules := map[string]bool{}, map[string]bool{}, "reset on nopass +@all"
			for k := range 8 {
				name := "key" + strconv.Itoa(k)
				mayRead[name], mayWrite[name] = rnd.IntN(3) > 0, rnd.IntN(3) > 0
				switch {
				case mayRead[name] && mayWrite[name]:
					rules += " ~" + name
				case mayRead[name]:
					rules += " %R~" + name
				case mayWrite[name]:
					rules += " %W~" + name
				}
			}
			eve := r.as("eve", rules)
			eve.denyBlocking = true // it has no connection on which it could wait
			line, _ := randomLine(row, rnd)
			r.now.Add(20_000)
			before := r.content(tx)
			reply := eve.do(line...)
			after := r.content(tx)
			if strings.HasPrefix(reply, "-NOPERM") {
				denied++
			} else {
				allowed++
			}
			for name := range union(before, after) {
				key := name[2:]
				if before[name] != after[name] && !mayRead[key] && !mayWrite[key] {
					t.Fatalf("%q touched %s without any right: %q", line, key, reply)
				}
				if withoutClock(before[name]) != withoutClock(after[name]) && !mayWrite[key] {
					t.Fatalf("%q changed %s without the right to write: %q", line, key, reply)
				}
				if !mayRead[key] && strings.Contains(reply, "secret-"+key) {
					t.Fatalf("%q shows what is in %s: %q", line, key, reply)
				}
			}
		}
	}
	if allowed < 500 || denied < 500 {
		t.Errorf("%d allowed, %d denied: the test proves little", allowed, denied)
	}
}

// secretMakers make values that carry a text.
var secretMakers = []func(c *fake, name, text string){
	func(c *fake, name, text string) {},
	func(c *fake, name, text string) { c.do("set", name, text) },
	func(c *fake, name, text string) { c.do("zadd", name, "1", text, "2", "abc") },
	func(c *fake, name, text string) { c.do("rpush", name, text, "abc") },
	func(c *fake, name, text string) { c.do("sadd", name, text, "abc") },
	func(c *fake, name, text string) { c.do("hset", name, "0", text, "abc", text) },
	func(c *fake, name, text string) {
		c.feed(request("xadd", name, "1-1", "abc", text) + request("xgroup", "create", name, "abc", "0"))
	},
}

// withoutClock takes an item's access clock out of what content tells of it.
func withoutClock(s string) string {
	f := strings.Fields(s)
	if len(f) < 2 {
		return s
	}
	return strings.Join(append(f[:len(f)-2:len(f)-2], f[len(f)-1]), " ")
}

// TestR29KeysCheckedAreKeysLocked: the rights ask about exactly the keys that are locked, over random lines of the whole table.
func TestR29KeysCheckedAreKeysLocked(t *testing.T) {
	r := newRig(t, core.Options{})
	rnd := rand.New(rand.NewPCG(29, 2))
	nobody := r.as("nobody", "+@all")
	for _, row := range r.e.table.rows {
		if !row.hasKeys() {
			continue
		}
		for range 100 {
			line, _ := randomLine(row, rnd)
			args := words(line)
			checked := map[int]bool{}
			for _, k := range row.keyClaims(args, nil) {
				checked[k.Arg] = true
			}
			n := 0
			for walk := row.walkKeys(args); walk.next(); n++ {
				if !checked[walk.arg] && walk.access(args)&notKey == 0 {
					t.Fatalf("%q: argument %d is locked and not checked", line, walk.arg)
				}
			}
			if len(checked) > n {
				t.Fatalf("%q: more is checked than locked", line)
			}
			if reply := nobody.do(line...); len(checked) > 0 && reply != noKey {
				t.Fatalf("%q without a right to keys: %q", line, reply)
			}
		}
	}
}

// TestR8NothingBeforeAuthentication: of the whole table only what is marked so runs for who has not said who it is.
func TestR8NothingBeforeAuthentication(t *testing.T) {
	r := newRig(t, core.Options{})
	if err := r.set.Set("requirepass", "secret"); err != nil {
		t.Fatal(err)
	}
	tx := r.store.NewTx()
	allowed := map[string]bool{"auth": true, "hello": true, "quit": true, "reset": true}
	rnd := rand.New(rand.NewPCG(8, 8))
	for _, row := range r.e.table.rows {
		if allowed[row.full] != (row.flags&noAuth != 0) {
			t.Errorf("%s: allowed before authentication: %v", row.full, row.flags&noAuth != 0)
		}
		if row.run == nil || allowed[row.full] {
			continue
		}
		c := r.client()
		for range 5 {
			line, _ := randomLine(row, rnd)
			if len(line) > 10 {
				continue // that many words are refused unread
			}
			if reply := c.do(line...); !strings.HasPrefix(reply, "-NOAUTH ") && !strings.HasPrefix(reply, "-ERR ") && !strings.HasPrefix(reply, "-EXECABORT ") {
				t.Errorf("%q: %q", line, reply)
			}
		}
	}
	if left := r.content(tx); len(left) != 0 {
		t.Errorf("data was written: %v", left)
	}
}

// TestR14RightsAtExec: what a user may do is asked again when a queued request is run.
func TestR14RightsAtExec(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.as("alice", "+@all ~a")
	c.do("multi")
	c.want("+QUEUED\r\n", "set", "a", "1")
	c.want("+QUEUED\r\n", "get", "a")
	c.want("+QUEUED\r\n", "ping")
	r.as("alice", "-get resetkeys ~b")
	const changed = "-NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: "
	c.want("*3\r\n"+changed+"no permission to touch the specified keys\r\n"+changed+"no permission to execute the command or subcommand\r\n+PONG\r\n", "exec")
	c.do("multi")
	c.want(noCommand("alice", "get"), "get", "b")
	c.want("-EXECABORT Transaction discarded because of previous errors.\r\n", "exec")
	entries := r.e.denials.Latest(3)
	for i, want := range []string{"get 2", "a 1", ""} {
		if i < len(entries) && fmt.Sprint(entries[i].Object, " ", entries[i].Count) != want || i < 2 && entries[i].Context != acl.Multi {
			t.Errorf("entry %d: %+v", i, entries[i])
		}
	}
}

// TestChannels: channel rights are those of the commands' own arguments.
func TestChannels(t *testing.T) {
	r := newRig(t, core.Options{})
	u := r.as("alice", "+@all &news.* &a*").public.user.Load().User()
	for _, x := range []struct {
		name, args string
		want       acl.Reason
		arg        int
	}{
		{"publish", "publish news.it hello", acl.Allowed, 0}, {"publish", "publish other news.it", acl.DeniedChannel, 1},
		{"subscribe", "subscribe news.it a", acl.Allowed, 0}, {"subscribe", "subscribe news.it x", acl.DeniedChannel, 2},
		{"psubscribe", "psubscribe news.* a*", acl.Allowed, 0}, {"psubscribe", "psubscribe news.i*", acl.DeniedChannel, 1},
		{"ssubscribe", "ssubscribe x", acl.DeniedChannel, 1}, {"unsubscribe", "unsubscribe x", acl.Allowed, 0},
	} {
		cmd := &command{name: x.name, channels: channelUses[x.name]}
		args := words(strings.Fields(x.args))
		claim := cmd.claim(u, args, nil, nil)
		if reason, arg := u.Check(&claim); reason != x.want || arg != x.arg {
			t.Errorf("%s: %v at %d", x.args, reason, arg)
		}
	}
}

// TestAgentsHaveTheRightsOfWhomTheyActFor covers scripts and what blocked clients wait for.
func TestAgentsHaveTheRightsOfWhomTheyActFor(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.as("alice", "+@all ~a")
	c.w, c.tx, c.st = c.worker, c.worker.Tx, r.e.counters(0)
	c.tx.Enter()
	defer c.tx.Leave()
	a := c.borrow(c.client)
	defer a.giveBack()
	get := r.e.table.find([]byte("get"))
	if _, err := a.call(get, words([]string{"get", "b"})); err == nil || err.Error() != "NOPERM No permissions to access a key" {
		t.Errorf("%v", err)
	}
	a.scripted = true
	if _, err := a.call(get, words([]string{"get", "b"})); err == nil || err.Error() != "ERR ACL failure in script: No permissions to access a key" {
		t.Errorf("%v", err)
	}
	if e := r.e.denials.Latest(1); len(e) != 1 || e[0].Context != acl.Lua || e[0].Object != "b" || e[0].Username != "alice" {
		t.Errorf("%+v", e)
	}
}

// TestPermissionDoesNotAllocate: a user with rules pays time, not memory.
func TestPermissionDoesNotAllocate(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.as("alice", "+get +set ~a* ~b*")
	c.args = words([]string{"get", "bcd"})
	get := r.e.table.find([]byte("get"))
	if n := testing.AllocsPerRun(100, func() {
		if c.permit(get) != nil {
			t.Error("denied")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
