// The check: commands, keys and channels of a request against rules, and which reason is given.

package acl

import (
	"testing"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		rules string
		cmd   int
		args  string
		keys  []Key
		want  Reason
		arg   int
	}{
		{"+get ~a*", 0, "get abc", []Key{{Arg: 1, Access: Read}}, Allowed, 0},
		{"+get ~a*", 0, "get bc", []Key{{Arg: 1, Access: Read}}, DeniedKey, 1},
		{"+get ~a*", 1, "set abc", []Key{{Arg: 1, Access: Write}}, DeniedCommand, 0},
		{"+@all %R~a", 1, "set a", []Key{{Arg: 1, Access: Write}}, DeniedKey, 1},
		{"+@all %W~a", 1, "set a", []Key{{Arg: 1, Access: Write}}, Allowed, 0},
		{"+@all %W~a", 1, "set a get", []Key{{Arg: 1, Access: Read | Write}}, DeniedKey, 1},
		{"+@all %W~a %R~a*", 1, "set a get", []Key{{Arg: 1, Access: Read | Write}}, DeniedKey, 1}, // no single pattern gives both
		{"+@all %W~a", 0, "exists a", []Key{{Arg: 1}}, Allowed, 0},                                // looks at the key's being there only
		{"+@all %W~a", 0, "exists b", []Key{{Arg: 1}}, DeniedKey, 1},
		{"+@all ~a ~b", 0, "mget a c b", []Key{{1, Read, false}, {2, Read, false}, {3, Read, false}}, DeniedKey, 2},
		{"+@all ~a (+get ~b)", 0, "get a b", []Key{{1, Read, false}, {2, Read, false}}, DeniedKey, 2}, // the root got further than the selector
		{"(+get ~b)", 0, "get b", []Key{{1, Read, false}}, Allowed, 0},
		{"(+get ~b)", 1, "set b", []Key{{1, Write, false}}, DeniedCommand, 0},
		{"+config|get", 4, "config get x", nil, Allowed, 0},
		{"+config|get", 5, "config set x", nil, DeniedCommand, 0},
		{"+@slow -config|set", 5, "config set x", nil, DeniedCommand, 0},
		{"+select|0", 70, "select 0", nil, Allowed, 0},
		{"+select|0", 70, "select 1", nil, DeniedCommand, 0},
		{"+select|0", 70, "select", nil, DeniedCommand, 0},
		{"+select|0 -select", 70, "select 0", nil, DeniedCommand, 0},
		{"+@all -@all", 2, "ping", nil, DeniedCommand, 0},
	} {
		_, _, u, err := NewBook(few()).Set("u", words(c.rules))
		if err != nil {
			t.Fatal(err)
		}
		if got, arg := u.Check(&Request{Command: c.cmd, Args: words(c.args), Keys: c.keys}); got != c.want || arg != c.arg {
			t.Errorf("%s: %s: %v at %d, want %v at %d", c.rules, c.args, got, arg, c.want, c.arg)
		}
	}
}

func TestCheckChannels(t *testing.T) {
	for _, c := range []struct {
		rules, channel string
		literal        bool
		want           Reason
	}{
		{"&news.*", "news.it", false, Allowed}, {"&news.*", "other", false, DeniedChannel},
		{"&news.*", "news.*", true, Allowed}, {"&news.*", "news.i*", true, DeniedChannel}, // a pattern must be the rule itself
		{"&*", "*", true, Allowed}, {"", "x", false, DeniedChannel},
	} {
		_, _, u, _ := NewBook(few()).Set("u", words("+@all "+c.rules))
		if got, _ := u.Check(&Request{Command: 2, Args: words("x " + c.channel), Channels: []Key{{Arg: 1, Literal: c.literal}}}); got != c.want {
			t.Errorf("%s: %s: %v", c.rules, c.channel, got)
		}
		channels := u.Channels()
		if channels.Allow([]byte(c.channel), c.literal) != (c.want == Allowed) {
			t.Errorf("%s: %s as a subscription differs", c.rules, c.channel)
		}
	}
}

func TestCheckAnywhere(t *testing.T) {
	for rules, want := range map[string]bool{
		"+@all ~*": true, "+@all %R~*": true, "+@all %W~*": false, "+@all ~a*": false, "~a* +get (+@all ~*)": true, "+get ~a (+set ~*)": false, "+@all ~* &*": true, "~*": false,
	} {
		_, _, u, _ := NewBook(few()).Set("u", words(rules))
		if got := u.CheckAnywhere(&Request{Command: 0, Args: words("get a"), Keys: []Key{{1, Read, false}}}, Read); got != want {
			t.Errorf("%s: %v", rules, got)
		}
	}
}

func TestChannelsCover(t *testing.T) {
	for _, c := range []struct {
		old, now string
		want     bool
	}{
		{"&a", "&a &b", true}, {"&a &b", "&a", false}, {"&*", "&a", false}, {"&a", "&*", true}, {"", "", true}, {"&a", "(&a)", true}, {"(&a)", "", false}, {"&*", "(&*)", true},
	} {
		_, _, old, _ := NewBook(few()).Set("u", words(c.old))
		_, _, now, _ := NewBook(few()).Set("u", words(c.now))
		channels := now.Channels()
		if got := channels.Cover(old.Channels()); got != c.want {
			t.Errorf("%q after %q: %v", c.now, c.old, got)
		}
	}
}

// TestFree: only who is denied nothing skips the check.
func TestFree(t *testing.T) {
	for rules, want := range map[string]bool{
		"+@all ~* &*": true, "+@all ~*": false, "+@all &*": false, "~* &*": false, "+@all ~* &* -get": false, "+@all -get +@all allkeys allchannels": true, "(+@all ~* &*)": true,
	} {
		_, _, u, _ := NewBook(few()).Set("u", words(rules))
		if u.Free != want {
			t.Errorf("%s: free %v", rules, u.Free)
		}
	}
}

func TestCheckDoesNotAllocate(t *testing.T) {
	_, _, u, _ := NewBook(few()).Set("u", words("+get ~b* ~a* (+set ~c)"))
	r := Request{Command: 0, Args: words("get abc"), Keys: []Key{{1, Read, false}}}
	if n := testing.AllocsPerRun(100, func() { u.Check(&r) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
