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
	{command: `^client no-touch`, theirs: `^-ERR (unknown subcommand|Unknown)`, reason: "CLIENT NO-TOUCH came with 7.2"},
	{command: `^client help$`, theirs: `^\*`, ours: `^\*`, reason: "our text lists what 7.2 has and we have"},
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
