// Every difference between our replies and those of the servers we compare with that is meant to be there, with its reason.

package diff

import (
	"regexp"
	"strings"
	"sync/atomic"
)

// exception is one reviewed difference. command matches the lower-case command line, ours and theirs the replies;
// empty matches anything.
type exception struct {
	command, ours, theirs string
	reason                string

	re   [3]*regexp.Regexp
	used atomic.Int64
}

// exceptions are the reviewed differences. The peer is redis-server 7.0.15 while we answer as 7.2 does, and one part of
// the command set is not there yet.
var exceptions = compile([]*exception{
	{command: `^client setinfo`, theirs: `^-ERR (unknown subcommand|Unknown)`, reason: "CLIENT SETINFO came with 7.2"},
	{command: `client (setinfo|no-touch)`, theirs: `^-ERR Invalid command specified`, reason: "came with 7.2"},
	{command: `^client no-touch`, theirs: `^-ERR (unknown subcommand|Unknown)`, reason: "CLIENT NO-TOUCH came with 7.2"},
	{command: `^(acl|client|object|config|slowlog|command|debug|xgroup|xinfo|script|function) help$`, ours: `^\*\d+\r\n\+[A-Z]+ <subcommand> \[<arg> \[value\] \[opt\] \.\.\.\]\. Subcommands are:\r\n`, theirs: `^\*`,
		reason: "the help texts are in our own words and name what is there"},
	{command: `^config set`, ours: `this server does not support the setting yet`, theirs: `^(\+OK|-ERR)`,
		reason: "a setting whose feature is not there says so, instead of pretending"},
	{command: `^hello`, ours: `^-NOAUTH HELLO must be called with the client already authenticated`, theirs: `^-NOAUTH HELLO must be called with the client already authenticated`,
		reason: "7.2 words it differently"},
	{command: `^xread(group)? `, ours: `^-ERR Unbalanced 'xread(group)?' list`, theirs: `^-ERR Unbalanced XREAD list`, reason: "7.2 names the command"},
	{command: `^xsetid `, ours: `^-ERR The ID specified in XSETID is smaller than current max_deleted_entry_id`, theirs: `^(\+OK|-ERR The)`, reason: "7.2 refuses an id before that of a deleted entry"},
	{command: `^(bitcount|bitpos) `, ours: `^-ERR (value is not an integer or out of range|syntax error)`, theirs: `^(:0|:-1|-WRONGTYPE)`,
		reason: "7.2 reads all arguments before it looks for the key"},
	{command: `^command getkeys(andflags)? (sintercard|[lz]mpop|z(union|inter|diff|intercard|unionstore|interstore|diffstore)) `, ours: `^-ERR Invalid arguments specified for command`, theirs: `^\*`,
		reason: "a count of keys that is no number: the original reads its first digits, as C's atoi does, though the command itself would refuse it"},
	{command: `^command getkeys(andflags)? pfmerge `, ours: `^\*1\r\n`, theirs: `^-ERR Invalid arguments specified for command`,
		reason: "a merge without sources is a command with one key"},
	{command: `^acl dryrun \S+ (sintercard|[lz]mpop|z(union|inter|diff|intercard|unionstore|interstore|diffstore)) `, ours: `^(\+OK|\$\d+\r\nUser \S+ has no permissions to access)`, theirs: `^(\+OK|\$\d+\r\nThis user has no permissions to access)`,
		reason: "a count of keys that is no number or too large: the original reads its first digits, or checks no keys at all; here the keys that are locked are checked, and the command then refuses the count"},
	{command: `^acl dryrun \S+ pfmerge `, ours: `no permissions to access the `, theirs: `^\+OK`, reason: "a merge without sources is a command with one key, to be checked"},
	{command: `^acl dryrun \S+ (client (setinfo|no-touch)|zrank|zrevrank)\b`, theirs: `^-ERR (Command|wrong number)`, reason: "came with 7.2"},
	{command: `^lolwut version`, ours: `^-ERR value is out of range`, theirs: `^[$=]`, reason: "7.0 cuts the version to 32 bits"},
	{command: `^object encoding`, ours: `listpack`, theirs: `quicklist`, reason: "7.2 keeps a short list as a listpack"},
	{command: `^(lrem \S+ |lpos .* rank )-9223372036854775808`, ours: `^-ERR value is out of range, value must between -9223372036854775807`,
		reason: "7.2 refuses a count whose opposite is no number"},
	{command: `^object refcount`, ours: `^:(1|2147483647)\r\n$`, theirs: `^:(1|2|3|4|5|2147483647)\r\n$`,
		reason: "we share no objects: small numbers always count as shared, which COPY undoes in the original; there a transaction's words count as well"},
	{command: `^(zrank|zrevrank) `, theirs: `^-ERR wrong number of arguments`, reason: "WITHSCORE came with 7.2"},
	{command: `^object encoding `, ours: `skiplist`, theirs: `listpack`, reason: "7.2 goes by the number of pairs that ZADD announces, though some name the same member"},
	{command: `^command getkeys(andflags)? (zrank|zrevrank) `, theirs: `^-ERR Invalid number of arguments`, reason: "WITHSCORE came with 7.2"},
	{command: `^object encoding ([^z{]|\{t\}[^z]|$)`, ours: `listpack`, theirs: `skiplist`, reason: "SORT makes the original's sorted sets big"},
	{command: `^object encoding `, ours: `^\$8\r\nlistpack\r\n$`, theirs: `^\$(9\r\nhashtable|6\r\nintset)\r\n$`,
		reason: "7.2 keeps small sets as listpacks, also what is left of a big one by SPOP; a hash, whose names a set may get by RENAME, shows its encoding in DUMP"},
	{command: `^(zrangebylex|zrevrangebylex|zlexcount|zremrangebylex) ([^l]|l[^e])`, ours: `^[*:]`, theirs: `^[*:]`, reason: "ranges of names are defined only where all scores are the same"},
	{command: `^object encoding ([^h{]|h[^0-9]|\{t\}[^h]|$)`, ours: `^\$9\r\nhashtable\r\n$`, theirs: `^\$6\r\nintset\r\n$`,
		reason: "7.2 chooses by the number of members given, before it looks for doubles"},
	{command: `^debug htstats-key`, ours: `is not represented using an hash table`, theirs: `Hash table 0`, reason: "7.2 keeps small sets as listpacks"},
	{command: `^sort`, ours: `^[*:]`, theirs: `^-ERR One or more scores can't be converted`,
		reason: "the original takes the trace (errno) of an earlier number that was out of range for one of its own"},
})

func compile(list []*exception) []*exception {
	for _, e := range list {
		for i, p := range []string{e.command, e.ours, e.theirs} {
			e.re[i] = regexp.MustCompile("(?s)" + p)
		}
	}
	return list
}

// excepted says whether a difference is on the list.
func excepted(args []string, ours, theirs string) bool {
	line := strings.ToLower(strings.Join(args, " "))
	for _, e := range exceptions {
		if e.re[0].MatchString(line) && e.re[1].MatchString(ours) && e.re[2].MatchString(theirs) {
			e.used.Add(1)
			return true
		}
	}
	return false
}
