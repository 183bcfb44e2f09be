// Tests of logins: users declared by settings, connections that become users, and what ends or delays them.

package redis

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
)

const wrongPass = "-WRONGPASS invalid username-password pair or user is disabled.\r\n"

// quietLog keeps the slow log from looking at clients that have no address.
const quietLog = "slowlog-log-slower-than -1\n"

// configured makes a rig whose settings come from a redis.conf. File names in it begin with DIR.
func configured(t *testing.T, text string) (*rig, error) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "redis.conf")
	text = strings.ReplaceAll(text, "DIR", dir) + quietLog
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := (&config.Plan{Engine: config.Redis, File: path}).Load()
	if err != nil {
		t.Fatal(err)
	}
	store, err := core.Open(core.Options{Shards: 64, NoActiveSweep: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	r := &rig{t: t, set: s, store: store}
	r.e, err = New(store, s, hclog.NewNullLogger())
	return r, err
}

func TestUsersOfTheConfiguration(t *testing.T) {
	r, err := configured(t, "requirepass old\nuser alice on >pw ~a* +@read (+set ~b)\nuser default on >new ~* &* +@all\nuser \"x\\x22y\" on\n")
	if err != nil {
		t.Fatal(err)
	}
	c := r.client()
	c.want("-NOAUTH Authentication required.\r\n", "get", "a")
	c.want(wrongPass, "auth", "old")
	c.want(wrongPass, "auth", "alice", "new")
	c.want("+OK\r\n", "auth", "alice", "pw")
	c.want("+OK\r\n", "set", "b", "1")
	c.want(noKey, "set", "a", "1")
	c.want("+OK\r\n", "auth", "new")
	c.want(bulk("default"), "acl", "whoami")
	c.want("+RESET\r\n", "reset")
	c.want("-NOAUTH Authentication required.\r\n", "acl", "whoami")
}

// TestBadUsersEndTheStart: the error names file and line, and no password.
func TestBadUsersEndTheStart(t *testing.T) {
	for text, want := range map[string]string{
		"port 1\nuser alice on +nosuch\n":                         "redis.conf:2: user: Error in user declaration '+nosuch': Unknown command or category name in ACL",
		"user alice on <hunter2\n":                                "redis.conf:1: user: Error in user declaration '<***': The password you are trying to remove from the user does not exist",
		"user alice on\n\nuser alice off\n":                       "redis.conf:3: user: Error in user declaration Duplicate user found. A user can only be defined once in config files",
		"user alice on (+get\n":                                   "redis.conf:1: user: Error in user declaration Unmatched parenthesis in acl selector starting at '(+get'.",
		"aclfile DIR/users.acl\nuser alice on\n":                  "redis.conf:2: user: users are declared here and in the file that aclfile names",
		"aclfile DIR/users.acl\n":                                 "users.acl': No such file or directory",
		"aclfile DIR/redis.conf\n":                                "redis.conf:1: line should start with user keyword followed by the username.",
		"rename-command nosuch x\n":                               "redis.conf:1: rename-command: No such command in rename-command",
		"rename-command get set\n":                                "redis.conf:1: rename-command: Target command name already exists",
		"rename-command get fetch\nrename-command get retrieve\n": "redis.conf:2: rename-command: No such command in rename-command",
	} {
		_, err := configured(t, text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestRewriteUsers: CONFIG REWRITE writes what a start reads back, and nothing where nothing was changed.
func TestRewriteUsers(t *testing.T) {
	r, err := configured(t, "# mine\nuser alice on ~a\nrequirepass pw\n")
	if err != nil {
		t.Fatal(err)
	}
	c := r.client()
	c.do("auth", "pw")
	rewrite := func() string {
		t.Helper()
		c.want("+OK\r\n", "config", "rewrite")
		text, _ := os.ReadFile(r.set.File())
		return string(text)
	}
	if got := rewrite(); got != "# mine\nuser alice on sanitize-payload ~a resetchannels -@all\nrequirepass pw\n"+quietLog {
		t.Errorf("%q", got)
	}
	c.want("+OK\r\n", "acl", "setuser", "bob", `~q"q`, `(+get ~x)`)
	c.want("+OK\r\n", "acl", "setuser", "default", "-debug")
	c.want(":1\r\n", "acl", "deluser", "alice")
	list := c.do("acl", "list")
	text := rewrite()
	if strings.Contains(text, "alice") || !strings.Contains(text, `user bob off sanitize-payload "~q\"q" resetchannels -@all (~x resetchannels -@all +get)`) {
		t.Error(text)
	}
	again, err := configured(t, text)
	if err != nil {
		t.Fatal(err)
	}
	c = again.client()
	c.do("auth", "pw")
	c.want(list, "acl", "list")
}

func TestACLFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.acl")
	os.WriteFile(path, []byte("user alice on nopass +@all ~* &*\nuser bob on nopass +ping\nuser default on nopass +@all ~*\n"), 0o600)
	r, err := configured(t, "aclfile "+path+"\n")
	if err != nil {
		t.Fatal(err)
	}
	address := r.listen()
	admin, alice, bob := dial(t, address), dial(t, address), dial(t, address)
	alice.expect("+OK\r\n", "auth", "alice", "x")
	bob.expect("+OK\r\n", "auth", "bob", "x")
	admin.expect("+OK\r\n", "acl", "setuser", "bob", "+get", "~b*")
	admin.expect("+OK\r\n", "acl", "save")
	text, _ := os.ReadFile(path)
	if !strings.Contains(string(text), "user bob on nopass sanitize-payload ~b* resetchannels -@all +ping +get\n") {
		t.Errorf("%s", text)
	}
	os.WriteFile(path, []byte("user bob on\nuser bob on\n"), 0o600)
	admin.expect("-ERR WARNING: Duplicate user 'bob' found on line 2. WARNING: ACL errors detected, no change to the previously active ACL rules was performed\r\n", "acl", "load")
	bob.expect("$-1\r\n", "get", "b")
	os.WriteFile(path, []byte("user alice on nopass +@all ~* &*\n"), 0o600)
	alice.expect("+OK\r\n", "acl", "load") // its own account ends with the others, after the reply
	alice.closed()
	bob.closed()
	admin.expect("*2\r\n$5\r\nalice\r\n$7\r\ndefault\r\n", "acl", "users")
	os.Remove(path)
	admin.expect("-ERR Error loading ACLs, opening file '"+path+"': No such file or directory\r\n", "acl", "load")
	admin.expect("+OK\r\n", "config", "set", "requirepass", "x")
	if err := r.set.Set("aclfile", "x"); err == nil {
		t.Error("aclfile was changed while running")
	}
}

// TestDeletedUsersAreDisconnected, and a disabled one only loses the way in.
func TestDeletedUsersAreDisconnected(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	admin, a, b := dial(t, address), dial(t, address), dial(t, address)
	admin.expect("+OK\r\n", "acl", "setuser", "alice", "on", ">pw", "+@all", "~*")
	a.expect("+OK\r\n", "auth", "alice", "pw")
	b.expect("+OK\r\n", "auth", "alice", "pw")
	if list := admin.text("client", "list"); strings.Count(list, " user=alice ") != 2 || strings.Count(list, " user=default ") != 1 {
		t.Error(list)
	}
	admin.expect("+OK\r\n", "acl", "setuser", "alice", "off")
	a.expect("$5\r\nalice\r\n", "acl", "whoami")
	admin.expect(wrongPass, "auth", "alice", "pw")
	a.expect(":1\r\n", "acl", "deluser", "alice", "nosuch")
	a.closed()
	b.closed()
	admin.expect(":0\r\n", "acl", "deluser", "alice")
	admin.expect("-ERR No such user 'alice'\r\n", "client", "kill", "user", "alice")
	admin.expect("+OK\r\n", "acl", "setuser", "alice", "on", "nopass", "+@all")
	a = dial(t, address)
	a.expect("+OK\r\n", "auth", "alice", "x")
	admin.expect(":1\r\n", "client", "kill", "user", "alice")
	a.closed()
}

// TestR28FailedLogins: every way to fail has the same answer, and is in the log.
func TestR28FailedLogins(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.do("acl", "setuser", "alice", "on", ">pw")
	c.do("acl", "setuser", "off", "off", ">pw")
	n := 0
	for _, user := range []string{"alice", "off", "nosuch", "", "a\x00b", strings.Repeat("u", 1<<16)} {
		for _, password := range []string{"", "p", "pw\x00", "pw ", "\xff\xfe", strings.Repeat("p", 1<<20)} {
			c.want(wrongPass, "auth", user, password)
			c.want(wrongPass, "hello", "2", "auth", user, password)
			n += 2
		}
	}
	if got := r.e.denials.Denied[3].Load(); got != int64(n) {
		t.Errorf("%d failures are counted, %d were", got, n)
	}
	c.want(bulk("default"), "acl", "whoami")
	if e := r.e.denials.Latest(1)[0]; e.Reason.String() != "auth" || e.Object != "hello" || len(e.Username) > 512 {
		t.Errorf("%+v", e.Event)
	}
}

// TestR28Delay: after some failures an address waits before it may try again, however many connections it has; nobody else waits, and
// what else the connection sends goes on in order.
func TestR28Delay(t *testing.T) {
	r := newRig(t, core.Options{})
	r.e.delayLocal = true
	if err := r.set.Set("auth-delay-max", "120"); err != nil {
		t.Fatal(err)
	}
	address := r.listen()
	w := dial(t, address)
	began := time.Now()
	for range 8 { // the last three wait 50, 100 and 120 ms
		w.expect(wrongPass, "auth", "nosuch", "x")
	}
	if took := time.Since(began); took < 270*time.Millisecond {
		t.Errorf("eight failures took %v", took)
	}
	began = time.Now()
	other := dial(t, address)
	other.expect("+PONG\r\n", "ping")
	other.Write([]byte(request("auth", "default", "x") + request("ping")))
	other.expect("+OK\r\n+PONG\r\n")
	if took := time.Since(began); took < 60*time.Millisecond {
		t.Errorf("another connection of the address was let in after %v", took)
	}
	gone := dial(t, address)
	gone.expect(wrongPass, "auth", "nosuch", "x")
	gone.Write([]byte(request("auth", "nosuch", "x")))
	gone.Close() // while it waits
	r.set.Set("auth-delay-max", "0")
	w.expect(wrongPass, "auth", "nosuch", "x")
}

// TestLimitsAfterReset: who logs in again after RESET has the limits of a client again.
func TestLimitsAfterReset(t *testing.T) {
	r := newRig(t, core.Options{})
	r.set.Set("requirepass", "pw")
	w := dial(t, r.listen())
	w.expect("+OK\r\n", "auth", "pw")
	w.expect("+RESET\r\n", "reset")
	w.expect("+OK\r\n", "auth", "pw")
	long := strings.Repeat("x", 300<<10) // more than who is not logged in may send
	w.expect("+OK\r\n", "set", "a", long)
	w.expect(bulk(long), "get", "a")
}

// TestPasswordTellsTheServer: protected mode and limits follow the default user, whoever changes it.
func TestPasswordTellsTheServer(t *testing.T) {
	r := newRig(t, core.Options{})
	told := 0
	r.e.OnPassword(func() { told++ })
	c := r.client()
	for i, step := range []struct {
		words           string
		password, locks bool
	}{
		{"config set requirepass x", true, true}, {"acl setuser default nopass", false, false}, {"acl setuser default off", false, true}, {"acl setuser default on >y", true, true},
	} {
		c.want("+OK\r\n", strings.Fields(step.words)...)
		if r.e.HasPassword() != step.password || r.e.MustAuthenticate() != step.locks || told != i+1 {
			t.Errorf("%s: password %v, locked %v, told %d times", step.words, r.e.HasPassword(), r.e.MustAuthenticate(), told)
		}
	}
}

// TestR14SubscribersWhoLoseTheirChannel are disconnected; others, and those who only gained, stay.
func TestR14SubscribersWhoLoseTheirChannel(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	admin := dial(t, address)
	admin.expect("+OK\r\n", "acl", "setuser", "alice", "on", "nopass", "+@all", "&news.*", "&x")
	admin.expect("+OK\r\n", "acl", "setuser", "bob", "on", "nopass", "+@all", "&news.*")
	as := func(user string, words ...string) *wire {
		w := dial(t, address)
		w.expect("+OK\r\n", "auth", user, "any")
		if len(words) > 0 {
			w.expect("*3\r\n"+bulk(words[0])+bulk(words[1])+":1\r\n", words...)
		}
		return w
	}
	denied := as("alice")
	denied.expect("-NOPERM No permissions to access a channel\r\n", "subscribe", "news.it", "y")
	denied.expect("-NOPERM No permissions to access a channel\r\n", "psubscribe", "news.i*")
	denied.expect("-NOPERM No permissions to access a channel\r\n", "publish", "y", "z")
	channel, pattern, shard, other, x := as("alice", "subscribe", "news.it"), as("alice", "psubscribe", "news.*"), as("alice", "ssubscribe", "news.it"), as("bob", "subscribe", "news.it"), as("alice", "subscribe", "x")
	admin.expect("+OK\r\n", "acl", "setuser", "alice", "&more")
	admin.expect(":3\r\n", "publish", "news.it", "hello")
	message := "*3\r\n" + bulk("message") + bulk("news.it") + bulk("hello")
	channel.expect(message)
	other.expect(message)
	pattern.expect("*4\r\n" + bulk("pmessage") + bulk("news.*") + bulk("news.it") + bulk("hello"))
	admin.expect("+OK\r\n", "acl", "setuser", "alice", "resetchannels", "&x", "&news.i*")
	pattern.closed() // its pattern is no rule any more
	channel.expect("*2\r\n"+bulk("pong")+bulk(""), "ping")
	admin.expect("+OK\r\n", "acl", "setuser", "alice", "resetchannels", "&x")
	channel.closed()
	shard.closed()
	x.expect("*2\r\n"+bulk("pong")+bulk(""), "ping")
	denied.expect("+PONG\r\n", "ping")
	admin.expect("+OK\r\n", "acl", "setuser", "alice", "resetchannels")
	x.closed()
	other.expect("*2\r\n"+bulk("pong")+bulk(""), "ping")
}
