package redis

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// peer is a server of one connection that answers each request with the next of some lines, then hangs up. Its requests are told at the end.
func peer(t *testing.T, answers ...string) (port string, requests <-chan []string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	told := make(chan []string, 1)
	go func() {
		var all []string
		defer func() { told <- all }()
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		r := bufio.NewReader(c)
		for _, a := range answers {
			words, ok := readRequest(r)
			if !ok {
				return
			}
			all = append(all, words)
			fmt.Fprint(c, a, "\r\n")
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port, told
}

func readRequest(r *bufio.Reader) (string, bool) {
	var n, size int
	if _, err := fmt.Fscanf(r, "*%d\r\n", &n); err != nil {
		return "", false
	}
	words := make([]string, n)
	for i := range words {
		if _, err := fmt.Fscanf(r, "$%d\r\n", &size); err != nil {
			return "", false
		}
		b := make([]byte, size+2)
		for at := 0; at < len(b); {
			k, err := r.Read(b[at:])
			if err != nil {
				return "", false
			}
			at += k
		}
		words[i] = string(b[:size])
	}
	if len(words) > 3 && strings.HasPrefix(words[0], "RESTORE") {
		words[3] = fmt.Sprintf("(%d bytes)", len(words[3]))
	}
	return strings.Join(words, " "), true
}

func TestMigrateTellsWhatWentWrong(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.do("set", "k", "v")
	const host = "127.0.0.1"
	for _, x := range []struct {
		want  string
		words []string
	}{
		{"+NOKEY\r\n", []string{host, "1", "no", "0", "10"}},
		{"+NOKEY\r\n", []string{host, "1", "", "0", "10", "keys", "no", "neither"}},
		{"-ERR value is not an integer or out of range\r\n", []string{host, "1", "k", "0", "x"}},
		{"-ERR value is not an integer or out of range\r\n", []string{host, "1", "k", "x", "10"}},
		{"-ERR syntax error\r\n", []string{host, "1", "k", "0", "10", "auth"}},
		{"-ERR syntax error\r\n", []string{host, "1", "k", "0", "10", "auth2", "a"}},
		{"-ERR syntax error\r\n", []string{host, "1", "k", "0", "10", "copy", "twice"}},
		{"-ERR When using MIGRATE KEYS option, the key argument must be set to the empty string\r\n", []string{host, "1", "k", "0", "10", "keys", "k"}},
		{"-IOERR error or timeout writing to target instance\r\n", []string{host, "99999", "k", "0", "10"}},
		{"-IOERR error or timeout connecting to the client\r\n", []string{"no such name", "1", "k", "0", "10"}},
	} {
		c.want(x.want, append([]string{"migrate"}, x.words...)...)
	}
	c.want(":1\r\n", "exists", "k")
}

func TestMigrateMovesWhatTheOtherServerTook(t *testing.T) {
	const (
		gone    = "-IOERR error or timeout reading to target instance\r\n"
		refused = "-ERR Target instance replied with error: "
	)
	for name, x := range map[string]struct {
		answers []string
		options []string
		reply   string
		sent    []string
		left    string
	}{
		"all":  {[]string{"+OK", "+OK", "+OK"}, nil, "+OK\r\n", []string{"SELECT 3", "RESTORE a 0 (13 bytes)", "RESTORE b 5000 (13 bytes)"}, ":0\r\n"},
		"copy": {[]string{"+OK", "+OK", "+OK"}, []string{"copy", "replace"}, "+OK\r\n", []string{"SELECT 3", "RESTORE a 0 (13 bytes) REPLACE", "RESTORE b 5000 (13 bytes) REPLACE"}, ":2\r\n"},
		"password": {[]string{"+OK", "+OK", "+OK", "+OK"}, []string{"auth", "secret"}, "+OK\r\n",
			[]string{"AUTH secret", "SELECT 3", "RESTORE a 0 (13 bytes)", "RESTORE b 5000 (13 bytes)"}, ":0\r\n"},
		"user":        {[]string{"-WRONGPASS no", "+OK"}, []string{"auth2", "me", "secret"}, refused + "WRONGPASS no\r\n", []string{"AUTH me secret", "SELECT 3"}, ":2\r\n"},
		"database":    {[]string{"-ERR DB index is out of range"}, nil, refused + "ERR DB index is out of range\r\n", []string{"SELECT 3"}, ":2\r\n"},
		"one refused": {[]string{"+OK", "-BUSYKEY there", "+OK"}, nil, refused + "BUSYKEY there\r\n", []string{"SELECT 3", "RESTORE a 0 (13 bytes)", "RESTORE b 5000 (13 bytes)"}, ":1\r\n"},
		"hangs up":    {[]string{"+OK", "+OK"}, nil, gone, []string{"SELECT 3", "RESTORE a 0 (13 bytes)"}, ":1\r\n"},
		"empty line":  {[]string{"+OK", "", "+OK"}, nil, gone, []string{"SELECT 3", "RESTORE a 0 (13 bytes)"}, ":2\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, core.Options{})
			c := r.client()
			c.do("set", "a", "1")
			c.do("set", "b", "2", "px", "5000")
			port, requests := peer(t, x.answers...)
			line := append([]string{"migrate", "127.0.0.1", port, "", "3", "5000"}, x.options...)
			c.want(x.reply, append(line, "keys", "a", "no", "b")...)
			if got := <-requests; strings.Join(got[:min(len(got), len(x.sent))], "\n") != strings.Join(x.sent, "\n") {
				t.Errorf("sent %q, want %q", got, x.sent)
			}
			c.want(x.left, "exists", "a", "b")
		})
	}
}

// TestMigrateIsJournalledAsADeletion: what has moved is gone here, whatever became of it there.
func TestMigrateIsJournalledAsADeletion(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.do("mset", "a", "1", "b", "2")
	var d diary
	r.store.SetJournal(&d)
	port, _ := peer(t, "+OK", "+OK", "-ERR no")
	c.do("migrate", "127.0.0.1", port, "", "0", "5000", "keys", "a", "b")
	if got := strings.Join(d.lines, "\n"); got != "0 DEL a" {
		t.Errorf("the journal has %q", got)
	}
}
