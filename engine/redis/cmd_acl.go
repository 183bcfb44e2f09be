// ACL: users and their rights, as clients with the right to them see and change them.

package redis

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/cachesrv/cachesrv/engine/redis/acl"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

func aclCommands() []*command {
	const open, own = noscript | loading | stale | free, admin | noscript | loading | stale | free
	const users = "O(N), N being the number of users"
	sub := func(name string, arity int, f flags, since, syntax, cost, sum string, run func(*client) error) *command {
		return &command{name: name, arity: arity, flags: f, since: since, syntax: syntax, cost: cost, sum: sum, run: run}
	}
	get := sub("getuser", 3, own, "6.0.0", "username", "O(N), N being the number of the user's rules", "Shows a user.", cmdACLGETUSER)
	get.past = []change{{"6.2.0", "Channels."}, {"7.0.0", "Selectors, and keys and channels as rules instead of lists."}}
	set := sub("setuser", -3, own, "6.0.0", "username [rule...]", "O(N), N being the number of rules", "Makes or changes a user.", cmdACLSETUSER)
	set.past = []change{{"6.2.0", "Channels."}, {"7.0.0", "Selectors, and reading and writing told apart."}}
	log := sub("log", -2, own, "6.0.0", `[operation:<count:int | RESET>]`, "O(N), N being the number of entries shown", "Shows who was denied what lately.", cmdACLLOG)
	log.past = []change{{"7.2.0", "Number and times of an entry."}}
	return []*command{{name: "acl", arity: -2, group: "server", since: "6.0.0", cost: "That of the subcommand.", sum: "Commands about users and their rights.", subs: []*command{
		sub("cat", -2, open, "6.0.0", "[category:categoryname]", "O(1)", "Lists the categories, or the commands of one.", cmdACLCAT),
		sub("deluser", -3, own, "6.0.0", "username...", "O(N), N being the number of connections", "Deletes users.", cmdACLDELUSER),
		sub("dryrun", -4, own, "7.0.0", "username command [arg...]", "O(N), N being the number of keys", "Tells whether a user could run a command.", cmdACLDRYRUN),
		sub("genpass", -2, open, "6.0.0", "[bits:int]", "O(1)", "Makes a password by chance.", cmdACLGENPASS),
		get,
		sub("help", 2, loading|stale|free, "6.0.0", "", "O(1)", "Lists the subcommands.", cmdACLHELP),
		sub("list", 2, own, "6.0.0", "", users, "Shows all users as lines of a file.", cmdACLLIST),
		sub("load", 2, own, "6.0.0", "", users, "Reads the users from their file again.", cmdACLLOAD),
		log,
		sub("save", 2, own, "6.0.0", "", users, "Writes the users to their file.", cmdACLSAVE),
		set,
		sub("users", 2, own, "6.0.0", "", users, "Lists the users' names.", cmdACLUSERS),
		sub("whoami", 2, open, "6.0.0", "", "O(1)", "Tells which user the connection is.", cmdACLWHOAMI),
	}}}
}

// errACLWords is for subcommands with too many words.
func errACLWords(c *client) error {
	return errorf("ERR unknown subcommand or wrong number of arguments for '%s'. Try ACL HELP.", cstr(c.args[1], 128))
}

// ACL WHOAMI
func cmdACLWHOAMI(c *client) error {
	c.bulkString(c.public.user.Load().Name)
	return nil
}

// ACL USERS
func cmdACLUSERS(c *client) error {
	c.bulks(c.e.users.Names())
	return nil
}

// bulks replies an array of strings.
func (c *client) bulks(list []string) {
	c.array(len(list))
	for _, s := range list {
		c.bulkString(s)
	}
}

// ACL LIST
func cmdACLLIST(c *client) error {
	users := c.e.users.Users()
	c.array(len(users))
	for _, u := range users {
		c.bulkString(u.Line())
	}
	return nil
}

// ACL CAT [category]
func cmdACLCAT(c *client) error {
	switch len(c.args) {
	case 2:
		c.bulks(c.e.users.Commands().Categories)
		return nil
	case 3:
	default:
		return errACLWords(c)
	}
	i := c.e.users.Commands().Category(string(c.args[2]))
	if i < 0 {
		return errorf("ERR Unknown category '%s'", cstr(c.args[2], 128))
	}
	var names []string
	for _, cmd := range c.e.table.rows {
		if cmd.categories()&catNames[i].cat != 0 {
			names = append(names, cmd.full)
		}
	}
	c.bulks(names)
	return nil
}

// ACL GENPASS [bits]
func cmdACLGENPASS(c *client) error {
	bits := int64(256)
	switch len(c.args) {
	case 2:
	case 3:
		n, ok := resp.ParseInt(c.args[2])
		if !ok {
			return errNotInt
		}
		if n < 1 || n > 4096 {
			return replyError("ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096")
		}
		bits = n
	default:
		return errACLWords(c)
	}
	digits := (bits + 3) / 4
	b := make([]byte, (digits+1)/2)
	if _, err := rand.Read(b); err != nil {
		return errorf("ERR %v", err)
	}
	c.bulkString(hex.EncodeToString(b)[:digits])
	return nil
}

// ACL GETUSER username
func cmdACLGETUSER(c *client) error {
	c.redact(2)
	a := c.e.users.Find(c.args[2])
	if a == nil {
		c.null()
		return nil
	}
	u := a.User()
	flags, selectors := u.Flags(), u.Selectors()
	c.mapping(6)
	c.bulkString("flags")
	c.set(len(flags))
	for _, f := range flags {
		c.bulkString(f)
	}
	c.bulkString("passwords")
	c.bulks(u.Passwords())
	c.rules(selectors[0])
	c.bulkString("selectors")
	c.array(len(selectors) - 1)
	for _, s := range selectors[1:] {
		c.mapping(3)
		c.rules(s)
	}
	return nil
}

func (c *client) rules(r acl.Rules) {
	for _, part := range [...][2]string{{"commands", r.Commands}, {"keys", r.Keys}, {"channels", r.Channels}} {
		c.bulkString(part[0])
		c.bulkString(part[1])
	}
}

// ACL SETUSER username [rule …]
func cmdACLSETUSER(c *client) error {
	for i := 2; i < len(c.args); i++ {
		c.redact(i)
	}
	name := string(c.args[2])
	if !acl.ValidName(name) {
		return replyError("ERR Usernames can't contain spaces or null characters")
	}
	a, old, now, err := c.e.users.Set(name, c.args[3:])
	var rule *acl.RuleError
	switch {
	case errors.As(err, &rule):
		return errorf("ERR Error in ACL SETUSER modifier '%s': %v", cstr([]byte(rule.Rule), len(rule.Rule)), rule.Why)
	case err != nil:
		return errorf("ERR %v", err)
	}
	c.userChanged(a, old, now)
	c.ok()
	return nil
}

// ACL DELUSER username [username …]
func cmdACLDELUSER(c *client) error {
	for i := 2; i < len(c.args); i++ {
		c.redact(i)
	}
	for _, name := range c.args[2:] {
		if string(name) == acl.DefaultName {
			return replyError("ERR The 'default' user cannot be removed")
		}
	}
	var ended []*acl.Account
	for _, name := range c.args[2:] {
		if a := c.e.users.Delete(string(name)); a != nil {
			ended = append(ended, a)
		}
	}
	c.endSessions(ended...)
	c.integer(int64(len(ended)))
	return nil
}

// ACL DRYRUN username command [arg …]
func cmdACLDRYRUN(c *client) error {
	a := c.e.users.Find(c.args[2])
	if a == nil {
		return errorf("ERR User '%s' not found", cstr(c.args[2], len(c.args[2])))
	}
	args := c.args[3:]
	cmd := c.e.table.resolve(args)
	if cmd == nil {
		return errorf("ERR Command '%s' not found", cstr(args[0], len(args[0])))
	}
	if !cmd.arityOK(len(args)) {
		return errArity(cmd)
	}
	u := a.User()
	r := cmd.claim(u, args, nil, nil)
	switch reason, at := u.Check(&r); reason {
	case acl.Allowed:
		c.ok()
	case acl.DeniedCommand:
		c.bulkString(refusal(reason, u, cmd))
	default:
		c.bulkString("User " + u.Name + " has no permissions to access the '" + cstr(args[at], len(args[at])) + "' " + reason.String())
	}
	return nil
}

// resolve finds the row of a command line, subcommands included; nil if there is none.
func (t *table) resolve(args [][]byte) *command {
	cmd := t.find(args[0])
	if cmd != nil && len(cmd.subs) > 0 && len(args) > 1 {
		return cmd.sub(args[1])
	}
	return cmd
}

var errNoACLFile error = replyError("ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.")

// ACL LOAD
func cmdACLLOAD(c *client) error {
	path := c.e.settings.Get("aclfile")
	if path == "" {
		return errNoACLFile
	}
	ended, before, after, err := c.e.users.Load(path)
	if err != nil {
		return errorf("ERR %v", err)
	}
	c.userChanged(c.e.users.Default, before, after)
	c.endSessions(ended...)
	c.ok()
	return nil
}

// ACL SAVE
func cmdACLSAVE(c *client) error {
	path := c.e.settings.Get("aclfile")
	if path == "" {
		return errNoACLFile
	}
	if err := c.e.users.Save(path); err != nil {
		c.e.log.Warn("ACL SAVE failed", "error", err)
		return replyError("ERR There was an error trying to save the ACLs. Please check the server logs for more information")
	}
	c.ok()
	return nil
}

// ACL LOG [count | RESET]
func cmdACLLOG(c *client) error {
	count := int64(10)
	switch len(c.args) {
	case 2:
	case 3:
		if equalFold(c.args[2], "reset") {
			c.e.denials.Reset()
			c.ok()
			return nil
		}
		n, ok := resp.ParseInt(c.args[2])
		if !ok {
			return errNotInt
		}
		count = n
	default:
		return errACLWords(c)
	}
	entries := c.e.denials.Latest(count)
	now := time.Now()
	c.array(len(entries))
	for i := range entries {
		c.denial(&entries[i], now)
	}
	return nil
}

func (c *client) denial(e *acl.Entry, now time.Time) {
	c.mapping(10)
	c.bulkString("count")
	c.integer(e.Count)
	for _, part := range [...][2]string{{"reason", e.Reason.String()}, {"context", e.Context.String()}, {"object", e.Object}, {"username", e.Username}} {
		c.bulkString(part[0])
		c.bulkString(part[1])
	}
	c.bulkString("age-seconds")
	c.double(math.Max(float64(now.Sub(e.Updated).Milliseconds())/1000, 0))
	c.bulkString("client-info")
	c.bulkString(e.Client)
	c.bulkString("entry-id")
	c.integer(e.ID)
	c.bulkString("timestamp-created")
	c.integer(e.Created.UnixMilli())
	c.bulkString("timestamp-last-updated")
	c.integer(e.Updated.UnixMilli())
}

// ACL HELP
func cmdACLHELP(c *client) error {
	c.help(strings.Split(`CAT [<category>]
    Categories, or the commands of one.
DELUSER <username> [<username> ...]
    Delete users and end their connections.
DRYRUN <username> <command> [<arg> ...]
    Tell whether the user could run the command, without running it.
GETUSER <username>
    All about a user.
GENPASS [<bits>]
    A password by chance, of 256 bits if not told otherwise, in hexadecimal.
LIST
    All users as lines of a file.
LOAD
    Read the users' file again: all of it, or nothing if it has a mistake.
LOG [<count> | RESET]
    The latest of what was denied; or forget it.
SAVE
    Write the users' file.
SETUSER <username> <attribute> [<attribute> ...]
    Make a user or change it.
USERS
    Names of all users.
WHOAMI
    Name of this connection's user.`, "\n")...)
	return nil
}
