// Tests of COMMAND; the comparison with a real server is end to end.

package redis

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestCommandInfo(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	const mget = "*10\r\n$4\r\nmget\r\n:-2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:-1\r\n:1\r\n*3\r\n+@read\r\n+@string\r\n+@fast\r\n*1\r\n$27\r\nrequest_policy:multi_shard\r\n" +
		"*1\r\n*6\r\n$5\r\nflags\r\n*2\r\n+RO\r\n+access\r\n$12\r\nbegin_search\r\n*4\r\n$4\r\ntype\r\n$5\r\nindex\r\n$4\r\nspec\r\n*2\r\n$5\r\nindex\r\n:1\r\n" +
		"$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$5\r\nrange\r\n$4\r\nspec\r\n*6\r\n$7\r\nlastkey\r\n:-1\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n*0\r\n"
	c.want("*2\r\n"+strings.ReplaceAll(mget, "$27", "$26")+"$-1\r\n", "command", "info", "MGET", "nosuch")
	if got, want := c.do("command"), c.do("command", "info"); got != want {
		t.Error("COMMAND and COMMAND INFO differ")
	}
	for line, want := range map[string]string{
		"command docs nosuch": "*0\r\n", "command list filterby module x": "*0\r\n", "command list filterby aclcat nosuch": "*0\r\n", "command list filterby pattern mge?": "*1\r\n$4\r\nmget\r\n",
		"command list filterby pattern CONFIG|SE*": "*1\r\n$10\r\nconfig|set\r\n", "command list x": "-ERR syntax error\r\n", "command list filterby x y": "-ERR syntax error\r\n", "command foo": "-ERR unknown subcommand 'foo'. Try COMMAND HELP.\r\n",
	} {
		c.want(want, strings.Fields(line)...)
	}
}

func TestCommandGetkeys(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for line, want := range map[string]string{
		"mset a 1 b 2": "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "object encoding k": "*1\r\n$1\r\nk\r\n", "nosuch a": "-ERR Invalid command specified\r\n", "object nosuch k": "-ERR Invalid command specified\r\n",
		"ping a": "-ERR The command has no key arguments\r\n", "get a b": "-ERR Invalid number of arguments specified for command\r\n", "copy a b replace": "*2\r\n$1\r\na\r\n$1\r\nb\r\n",
	} {
		c.want(want, append([]string{"command", "getkeys"}, strings.Fields(line)...)...)
	}
	c.want("*1\r\n*2\r\n$1\r\na\r\n*2\r\n+OW\r\n+update\r\n", "command", "getkeysandflags", "set", "a", "b")
	c.want("*1\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+update\r\n", "command", "getkeysandflags", "set", "a", "b", "nx", "GET")
}

func TestCommandDocs(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	reply := c.do("command", "docs", "getset")
	for _, want := range []string{"*2\r\n$6\r\ngetset\r\n*16\r\n$7\r\nsummary\r\n", "$9\r\ndoc_flags\r\n*1\r\n+deprecated\r\n", "$16\r\ndeprecated_since\r\n$5\r\n6.2.0\r\n", "$11\r\nreplaced_by\r\n",
		"$9\r\narguments\r\n*2\r\n*6\r\n$4\r\nname\r\n$3\r\nkey\r\n$4\r\ntype\r\n$3\r\nkey\r\n$14\r\nkey_spec_index\r\n:0\r\n"} {
		if !strings.Contains(reply, want) {
			t.Errorf("no %q in %q", want, reply)
		}
	}
}
