// The fields of memcached's statistics: what monitoring reads by name is all there, in the original's order.

package diff

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// ownFields are those that only our server has.
var ownFields = map[string]string{
	"cachesrv_version": "which program it is", "used_memory": "what the limit is compared with", "mapped_memory": "what the arena holds of the system",
	"maxmemory_policy": "the policies that the original has not",
}

// numberInField is a size class or a socket in a field's name: they have other numbers here, and there are more or fewer of them.
var numberInField = regexp.MustCompile(`(^|:)-?\d+:`)

// statNames gives the names of the fields of a report, each once.
func statNames(s *harness.Server, t *testing.T, report string) (names []string) {
	t.Helper()
	c := s.Dial(t)
	defer c.Close()
	c.Send(strings.TrimSpace("stats "+report) + "\r\n")
	for _, line := range c.UntilEnd() {
		words := strings.SplitN(line, " ", 3)
		if words[0] != "STAT" {
			continue
		}
		if name := numberInField.ReplaceAllString(words[1], "${1}N:"); !slices.Contains(names, name) && ownFields[name] == "" {
			names = append(names, name)
		}
	}
	return names
}

func TestStatsFields(t *testing.T) {
	servers := []*harness.Server{harness.Memcached(t, "--udp-port=0"), harness.OracleMemcached(t)}
	for _, s := range servers {
		c := s.Dial(t)
		c.Ask("set k 0 0 5\r\nvalue\r\n", "STORED\r\n")
		c.Ask("get k\r\n", "VALUE k 0 5\r\nvalue\r\nEND\r\n")
	}
	for report, least := range map[string]int{"": 80, "settings": 70, "items": 24, "slabs": 17, "conns": 4} {
		ours, theirs := statNames(servers[0], t, report), statNames(servers[1], t, report)
		if len(theirs) < least {
			t.Fatalf("stats %s of the original has only %d fields: %q", report, len(theirs), theirs)
		}
		if !slices.Equal(ours, theirs) {
			t.Errorf("stats %s\nours:   %q\ntheirs: %q\nmissing: %q\nadded:   %q", report, ours, theirs, without(theirs, ours), without(ours, theirs))
		}
	}
}

// without gives what is in a and not in b.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}
