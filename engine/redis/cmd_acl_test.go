// Tests of ACL's subcommands.

package redis

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestACL(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	const hash = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
	c.want("*1\r\n"+bulk("user default on nopass sanitize-payload ~* &* +@all"), "acl", "list")
	c.want("+OK\r\n", "acl", "setuser", "b", "on", ">x", "~a*", "%R~b", "&ch", "+get", "(+get", "~c)")
	c.want("*2\r\n"+bulk("user b on sanitize-payload #"+hash+" ~a* %R~b resetchannels &ch -@all +get (~c resetchannels -@all +get)")+
		bulk("user default on nopass sanitize-payload ~* &* +@all"), "acl", "list")
	body := bulk("passwords") + "*1\r\n" + bulk(hash) + bulk("commands") + bulk("-@all +get") + bulk("keys") + bulk("~a* %R~b") + bulk("channels") + bulk("&ch") + bulk("selectors") + "*1\r\n"
	selector := bulk("commands") + bulk("-@all +get") + bulk("keys") + bulk("~c") + bulk("channels") + bulk("")
	c.want("*12\r\n"+bulk("flags")+"*2\r\n"+bulk("on")+bulk("sanitize-payload")+body+"*6\r\n"+selector, "acl", "getuser", "b")
	c.do("hello", "3")
	c.want("%6\r\n"+bulk("flags")+"~2\r\n"+bulk("on")+bulk("sanitize-payload")+body+"%3\r\n"+selector, "acl", "getuser", "b")
	c.want("_\r\n", "acl", "getuser", "nosuch")
	c.do("hello", "2")
	c.want("*2\r\n"+bulk("b")+bulk("default"), "acl", "users")
	c.want(bulk("default"), "acl", "whoami")
	c.want("-ERR Usernames can't contain spaces or null characters\r\n", "acl", "setuser", "a b")
	c.want("-ERR Error in ACL SETUSER modifier '+foo': Unknown command or category name in ACL\r\n", "acl", "setuser", "b", "+get", "+foo")
	c.want("-ERR Error in ACL SETUSER modifier '~a  +OK': Syntax error\r\n", "acl", "setuser", "b", "~a\r\n+OK")
	c.want("-ERR Unmatched parenthesis in acl selector starting at '(+get'.\r\n", "acl", "setuser", "b", "(+get")
	c.want("-ERR The 'default' user cannot be removed\r\n", "acl", "deluser", "b", "default")
	c.want(bulk("User b has no permissions to run the 'set' command"), "acl", "dryrun", "b", "set", "a", "1")
	c.want(bulk("User b has no permissions to access the 'x' key"), "acl", "dryrun", "b", "get", "x")
	c.want("+OK\r\n", "acl", "dryrun", "b", "get", "a1")
	c.want("+OK\r\n", "acl", "dryrun", "b", "auth", "x")
	c.want("-ERR User 'x' not found\r\n", "acl", "dryrun", "x", "get", "a")
	c.want("-ERR Command 'nosuch' not found\r\n", "acl", "dryrun", "b", "nosuch")
	c.want("-ERR Command 'config' not found\r\n", "acl", "dryrun", "b", "config", "nosuch")
	c.want("-ERR wrong number of arguments for 'get' command\r\n", "acl", "dryrun", "b", "get")
	c.want(":1\r\n", "acl", "deluser", "b", "b")
	c.want("-ERR unknown subcommand 'foo'. Try ACL HELP.\r\n", "acl", "foo")
	if reply := c.do("acl", "help"); !strings.HasPrefix(reply, "*27\r\n+ACL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n") {
		t.Errorf("%q", reply)
	}
}

func TestACLCat(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	if reply := c.do("acl", "cat"); !strings.HasPrefix(reply, "*21\r\n"+bulk("keyspace")+bulk("read")) || !strings.HasSuffix(reply, bulk("transaction")+bulk("scripting")) {
		t.Errorf("%q", reply)
	}
	if reply := c.do("acl", "cat", "Admin"); !strings.Contains(reply, bulk("config|set")) || strings.Contains(reply, bulk("get")) || strings.Contains(reply, bulk("config")) {
		t.Errorf("%q", reply)
	}
	c.want("-ERR Unknown category 'nosuch'\r\n", "acl", "cat", "nosuch")
	c.want("-ERR unknown subcommand or wrong number of arguments for 'cat'. Try ACL HELP.\r\n", "acl", "cat", "a", "b")
}

func TestACLGenpass(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for bits, digits := range map[string]string{"1": "1", "4": "1", "5": "2", "13": "4", "4096": "1024"} {
		if reply := c.do("acl", "genpass", bits); !strings.HasPrefix(reply, "$"+digits+"\r\n") {
			t.Errorf("%s bits: %q", bits, reply)
		}
	}
	if a, b := c.do("acl", "genpass"), c.do("acl", "genpass"); a == b || len(a) != len(bulk(strings.Repeat("x", 64))) {
		t.Errorf("%q %q", a, b)
	}
	for _, bits := range []string{"0", "-1", "4097"} {
		c.want("-ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096\r\n", "acl", "genpass", bits)
	}
	c.want("-ERR value is not an integer or out of range\r\n", "acl", "genpass", "x")
}

func TestACLLog(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.as("alice", "+@all -get ~a &a")
	c.do("get", "a")
	c.do("get", "a")
	c.do("set", "b", "1")
	c.want(wrongPass, "AUTH", "bob", "x")
	c.do("hello", "3")
	entries := strings.Split(c.do("acl", "log"), "%10\r\n")
	if len(entries) != 4 || entries[0] != "*3\r\n" {
		t.Fatalf("%q", entries)
	}
	for i, want := range []string{"auth AUTH bob 1 2", "key b alice 1 1", "command get alice 2 0"} {
		f := strings.Fields(want)
		head := bulk("count") + ":" + f[3] + "\r\n" + bulk("reason") + bulk(f[0]) + bulk("context") + bulk("toplevel") + bulk("object") + bulk(f[1]) + bulk("username") + bulk(f[2]) +
			bulk("age-seconds") + ","
		if e := entries[i+1]; !strings.HasPrefix(e, head) || !strings.Contains(e, bulk("entry-id")+":"+f[4]+"\r\n"+bulk("timestamp-created")+":") {
			t.Errorf("%q\nwant %q", e, head)
		}
	}
	if n := strings.Count(c.do("acl", "log", "1"), "client-info"); n != 1 {
		t.Errorf("%d entries", n)
	}
	c.want("*0\r\n", "acl", "log", "-5")
	c.want("-ERR value is not an integer or out of range\r\n", "acl", "log", "x")
	c.want("-ERR unknown subcommand or wrong number of arguments for 'log'. Try ACL HELP.\r\n", "acl", "log", "1", "2")
	c.want("+OK\r\n", "config", "set", "acllog-max-len", "1")
	if reply := c.do("acl", "log"); !strings.HasPrefix(reply, "*1\r\n") {
		t.Errorf("%q", reply)
	}
	c.want("+OK\r\n", "acl", "log", "ReSet")
	c.want("*0\r\n", "acl", "log")
}

func TestACLWithoutFile(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for _, sub := range []string{"load", "save"} {
		if reply := c.do("acl", sub); !strings.HasPrefix(reply, "-ERR This Redis instance is not configured to use an ACL file.") {
			t.Errorf("%s: %q", sub, reply)
		}
	}
}

func TestACLPubsubDefault(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.want("+OK\r\n", "config", "set", "acl-pubsub-default", "allchannels")
	c.do("acl", "setuser", "a")
	c.want("+OK\r\n", "config", "set", "acl-pubsub-default", "resetchannels")
	c.do("acl", "setuser", "b")
	c.want("*3\r\n"+bulk("user a off sanitize-payload &* -@all")+bulk("user b off sanitize-payload resetchannels -@all")+bulk("user default on nopass sanitize-payload ~* &* +@all"), "acl", "list")
}

// TestRenameCommand: a renamed command keeps its own name for users, errors and documentation; a disabled one is not there.
func TestRenameCommand(t *testing.T) {
	r, err := configured(t, "rename-command GET Fetch\nrename-command config \"\"\nrename-command flushall flush_it_all\nuser alice on nopass +get ~*\nuser bob on nopass +config\n")
	if err != nil {
		t.Fatal(err)
	}
	c := r.client()
	c.want("$-1\r\n", "FETCH", "a")
	c.want("+OK\r\n", "flush_it_all")
	c.want("-ERR unknown command 'get', with args beginning with: 'a' \r\n", "get", "a")
	c.want("-ERR unknown command 'config', with args beginning with: 'get' 'x' \r\n", "config", "get", "x")
	c.want("-ERR unknown command '', with args beginning with: 'get' 'x' \r\n", "", "get", "x")
	c.want("-ERR wrong number of arguments for 'get' command\r\n", "fetch")
	c.want("*1\r\n$-1\r\n", "command", "info", "config")
	if reply := c.do("command", "info", "fetch"); !strings.HasPrefix(reply, "*1\r\n*10\r\n"+bulk("get")) {
		t.Errorf("%q", reply)
	}
	for _, list := range []string{c.do("command"), c.do("command", "list"), c.do("command", "docs")} {
		if !strings.Contains(list, bulk("get")) || strings.Contains(list, bulk("config")) || strings.Contains(list, bulk("config|get")) || strings.Contains(list, bulk("fetch")) {
			t.Error("a list shows what is not there, or not what is")
		}
	}
	c.want("+OK\r\n", "auth", "alice", "x")
	c.want("$-1\r\n", "fetch", "a")
	c.want(noCommand("alice", "set"), "set", "a", "1")
}
