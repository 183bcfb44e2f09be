// Tests of replies: whatever is asked, the answer is exactly one well-formed value.

package redis

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// oneValue reads one protocol value and returns what is behind it.
func oneValue(b string, v3 bool) (rest string, err error) {
	line, rest, ok := strings.Cut(b, "\r\n")
	if !ok || line == "" {
		return "", fmt.Errorf("no line in %.50q", b)
	}
	kind, body := line[0], line[1:]
	if !v3 && strings.IndexByte("_#,~%=|>(", kind) >= 0 {
		return "", fmt.Errorf("%q in version 2", kind)
	}
	switch kind {
	case '+', '-', ':', '_', '#', ',', '(':
		if strings.ContainsAny(body, "\r\n") {
			return "", fmt.Errorf("line end inside %q", line)
		}
		return rest, nil
	case '$', '=':
		n, err := strconv.Atoi(body)
		if n == -1 && !v3 {
			return rest, nil
		}
		if err != nil || n < 0 || n+2 > len(rest) {
			return "", fmt.Errorf("length %q", line)
		}
		if rest[n:n+2] != "\r\n" {
			return "", fmt.Errorf("no end behind %q", line)
		}
		return rest[n+2:], nil
	case '*', '~', '%', '>', '|':
		n, err := strconv.Atoi(body)
		if kind == '*' && n == -1 && !v3 {
			return rest, nil
		}
		if err != nil || n < 0 {
			return "", fmt.Errorf("count %q", line)
		}
		if kind == '%' || kind == '|' {
			n *= 2
		}
		if kind == '|' {
			n++
		}
		for range n {
			if rest, err = oneValue(rest, v3); err != nil {
				return "", err
			}
		}
		return rest, nil
	}
	return "", fmt.Errorf("type %q", line)
}

// TestRepliesAreOneValue sends random arguments, line ends and other dirt among them, to every command and checks that each
// request gets one value. Commands that need a connection are left out.
func TestRepliesAreOneValue(t *testing.T) {
	r := newRig(t, core.Options{Databases: 4})
	allowDebug(r.set)
	c := r.client()
	c.denyBlocking = true // it has no connection on which it could wait
	rnd := rand.New(rand.NewPCG(11, 12))
	words := []string{"", "a", "b", "c", "0", "1", "-1", "9223372036854775807", "-9223372036854775808", "1e400", "nan", "x\r\n+OK\r\n", "\x00", "\r", "\n", "nx", "xx", "get", "ex", "px",
		"persist", "keepttl", "idx", "len", "match", "*", "[", "count", "type", "string", "replace", "db", "help", "docs", "info", "filterby", "pattern", "aclcat", "on", "yes", "default",
		strings.Repeat("z", 300), "protocol", "map", "attrib", "push", "object", "error", "samples", "all", "everything", "maxmemory-samples", "slowlog-*"}
	leftOut := map[string]bool{"shutdown": true, "quit": true, "monitor": true, "client|pause": true, "client|kill": true, "client|unblock": true, "client|list": true, "client|info": true, "client|reply": true,
		"client|tracking": true,                                                                                     // it would bring invalidations
		"sync":            true, "psync": true, "save": true, "bgsave": true, "bgrewriteaof": true, "migrate": true} // they need a server around them
	for range 60_000 {
		row := r.e.table.rows[rnd.IntN(len(r.e.table.rows))]
		if leftOut[row.full] || strings.HasSuffix(row.name, "subscribe") { // the latter answer once for each channel
			continue
		}
		line := []string{row.name}
		if row.parent != nil {
			line = []string{row.parent.name, row.name}
		}
		for n := rnd.IntN(6); n > 0; n-- {
			line = append(line, words[rnd.IntN(len(words))])
		}
		if line[0] == "debug" && len(line) > 1 && line[1] != "protocol" && line[1] != "object" && line[1] != "error" && line[1] != "help" {
			continue
		}
		if line[0] == "client" && len(line) > 1 && leftOut["client|"+strings.ToLower(line[1])] || line[0] == "setrange" {
			continue
		}
		if rnd.IntN(500) == 0 {
			line = []string{"hello", strconv.Itoa(2 + rnd.IntN(2))}
		}
		was := c.v3
		reply := c.do(line...)
		rest, err := oneValue(reply, was || c.v3)
		if err != nil || rest != "" {
			t.Fatalf("%q: %v, %q too much; got %.300q", line, err, rest, reply)
		}
	}
}
