// Permission: whether the client's user may do what a request asks for. Keys come from the same walk that locks them.

package redis

import (
	"time"

	"github.com/cachesrv/cachesrv/engine/redis/acl"
)

// permit tells whether the client's user may run the command with these arguments: asked when a request comes, and again when a queued one
// is run. For a user without limits it costs two loads and a branch.
func (c *client) permit(cmd *command) error {
	if u := c.public.user.Load().User(); !u.Free {
		return c.permitAs(u, cmd)
	}
	return nil
}

// permitAs is permit for a user with limits.
func (c *client) permitAs(u *acl.User, cmd *command) error {
	reason, arg := c.judge(u, cmd)
	if reason == acl.Allowed {
		return nil
	}
	object := cmd.full
	if reason != acl.DeniedCommand {
		object = string(c.args[arg])
	}
	c.e.denials.Add(acl.Event{Reason: reason, Context: c.context(), Object: object, Username: u.Name, Client: string(c.describe(nil, c.conn))},
		time.Now(), c.e.aclMax.Int())
	switch {
	case c.scripted:
		return errorf("ERR ACL failure in script: %s", refusal(reason, u, cmd))
	case c.multi != nil && c.multi.running:
		return errorf("NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. "+
			"This command is no longer allowed for the following reason: %s", changedWhy[reason])
	}
	return errorf("NOPERM %s", refusal(reason, u, cmd))
}

// judge checks the current request against a user. It allocates nothing for requests of up to eight keys.
func (c *client) judge(u *acl.User, cmd *command) (acl.Reason, int) {
	var keys, channels [8]acl.Key
	r := cmd.claim(u, c.args, keys[:0], channels[:0])
	return u.Check(&r)
}

// claim is a request as the user's rules look at it. keys and channels are room.
func (cmd *command) claim(u *acl.User, args [][]byte, keys, channels []acl.Key) acl.Request {
	r := acl.Request{Command: cmd.id, Open: cmd.flags&noAuth != 0, Args: args}
	if len(cmd.keys) > 0 && !u.AnyKey() {
		r.Keys = cmd.keyClaims(args, keys)
	}
	if cmd.channels != nil && !u.AnyChannel() {
		r.Channels = cmd.channelClaims(args, channels)
	}
	return r
}

// keyClaims appends the keys of a request with what is done to them.
func (cmd *command) keyClaims(args [][]byte, out []acl.Key) []acl.Key {
	for walk := cmd.walkKeys(args); walk.next(); {
		a := walk.access(args)
		if a&notKey != 0 {
			continue
		}
		k := acl.Key{Arg: walk.arg}
		if a&reads != 0 {
			k.Access = acl.Read
		}
		if a&(inserts|updates|deletes) != 0 {
			k.Access |= acl.Write
		}
		out = append(out, k)
	}
	return out
}

// channelUse is how a command's arguments are channels: from the first argument on, all or one.
type channelUse struct{ one, pattern bool }

// channelUses are the commands that need a right to channels. To leave one needs none.
var channelUses = map[string]*channelUse{
	"publish": {one: true}, "spublish": {one: true},
	"subscribe": {}, "ssubscribe": {}, "psubscribe": {pattern: true},
}

func (cmd *command) channelClaims(args [][]byte, out []acl.Key) []acl.Key {
	for i := 1; i < len(args); i++ {
		out = append(out, acl.Key{Arg: i, Literal: cmd.channels.pattern})
		if cmd.channels.one {
			break
		}
	}
	return out
}

// refusal says what is denied without naming keys and channels: the client knows them.
func refusal(reason acl.Reason, u *acl.User, cmd *command) string {
	switch reason {
	case acl.DeniedKey:
		return "No permissions to access a key"
	case acl.DeniedChannel:
		return "No permissions to access a channel"
	}
	return "User " + u.Name + " has no permissions to run the '" + cmd.full + "' command"
}

// changedWhy is what EXEC says of a request that was allowed when it was queued.
var changedWhy = map[acl.Reason]string{
	acl.DeniedCommand: "no permission to execute the command or subcommand",
	acl.DeniedKey:     "no permission to touch the specified keys",
	acl.DeniedChannel: "no permission to access one of the channels used as arguments to the command",
}

// context is where the request came from, for the log.
func (c *client) context() acl.Context {
	switch {
	case c.scripted:
		return acl.Lua
	case c.multi != nil:
		return acl.Multi
	}
	return acl.TopLevel
}

// readsAnything tells whether the user may let this command read keys that the request does not name.
func (c *client) readsAnything() bool {
	u := c.public.user.Load().User()
	if u.Free {
		return true
	}
	var keys, channels [8]acl.Key
	r := c.cmd.claim(u, c.args, keys[:0], channels[:0])
	return u.CheckAnywhere(&r, acl.Read)
}

// aclCommands is the table as the rules see it. What a command that looks at its subcommands itself is followed by is an argument.
func (t *table) forRules() *acl.Commands {
	names := make([]string, len(catNames))
	for i, n := range catNames {
		names[i] = n.name
	}
	list := make([]*acl.Command, len(t.all))
	for i, cmd := range t.all {
		list[i] = cmd.aclCommand()
		for _, sub := range cmd.subs {
			list[i].Subs = append(list[i].Subs, sub.aclCommand())
		}
	}
	return acl.NewCommands(list, names)
}

func (cmd *command) aclCommand() *acl.Command {
	out := &acl.Command{Name: cmd.full, ID: cmd.id}
	cats := cmd.categories()
	for i, n := range catNames {
		if cats&n.cat != 0 {
			out.Cats |= 1 << i
		}
	}
	return out
}
