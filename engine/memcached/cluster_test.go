package memcached

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/config"
)

const twoNodes = "a.example|10.0.0.1|11211 b.example||11212"

func TestParseTopology(t *testing.T) {
	for text, want := range map[string]string{
		"12\n" + twoNodes:            "12\n" + twoNodes + "\n",
		"12\n" + twoNodes + "\n":     "12\n" + twoNodes + "\n",
		"12\r\n" + twoNodes + "\r\n": "12\n" + twoNodes + "\n",
		"1\nh|::1|1\n\n\n":           "1\nh|::1|1\n",
		"":                           "",
		"12":                         "",
		"12\n":                       "",
		"x\n" + twoNodes:             "",
		"-1\n" + twoNodes:            "",
		"0\n" + twoNodes:             "",
		"99999999999999999999\na||1": "",
		"1\na|b|1":                   "",
		"1\na||0":                    "",
		"1\na||65536":                "",
		"1\na||":                     "",
		"1\n||1":                     "",
		"1\na|1":                     "",
		"1\na||1|":                   "",
		"1\na||1  b||2":              "",
		"1\na\x00||1":                "",
		"1\na||1\nb||2":              "",
		"1\n" + strings.Repeat("a||1 ", 20_000) + "b||1": "",
	} {
		got, err := parseTopology(7, []byte(text))
		if want == "" {
			if err == nil {
				t.Errorf("%.40q is taken for a list", text)
			}
			continue
		}
		if err != nil || string(got.data) != want || got.flags != 7 {
			t.Errorf("%q: %v %+v", text, err, got)
		}
	}
}

// mayChange lets the rig's client, which comes from nowhere, change the list.
const mayChange = "CACHESRV_CLUSTER_CHANGES=yes"

func setLine(version int, nodes string) string {
	data := fmt.Sprintf("%d\n%s\n", version, nodes)
	return fmt.Sprintf("config set cluster 0 %d\r\n%s\r\n", len(data), data)
}

func TestConfigCommands(t *testing.T) {
	list := func(version int, nodes string) string {
		data := fmt.Sprintf("%d\n%s\n", version, nodes)
		return fmt.Sprintf("CONFIG cluster 0 %d\r\n%s\r\nEND\r\n", len(data), data)
	}
	client := newRig(t, mayChange).client() // one for all: the cases build on each other
	for _, c := range []struct{ in, out string }{
		{"config get cluster\r\n", "END\r\n"},
		{"config get other\r\n", "END\r\n"},
		{"config delete cluster\r\n", "NOT_FOUND\r\n"},
		{"config\r\nconfig get\r\nconfig put cluster\r\nconfig get a b\r\n", "ERROR\r\nERROR\r\nERROR\r\nERROR\r\n"},
		{setLine(3, twoNodes) + "config get cluster\r\n", "STORED\r\n" + list(3, twoNodes)},
		{setLine(3, twoNodes), "STORED\r\n"}, // again
		{setLine(3, "c||1") + setLine(2, "c||1"), replyOldVersion + "\r\n" + replyOldVersion + "\r\n"},
		{setLine(4, "c||1") + "config get cluster\r\n", "STORED\r\n" + list(4, "c||1")},
		{setLine(5, "nonsense"), replyBadNodes + "\r\n"},
		{"config set other 0 1\r\nx\r\nmn\r\n", replyBadName + "\r\nMN\r\n"},
		{"config set cluster x 1\r\nx\r\nmn\r\n", replyBadFormat + "\r\nMN\r\n"},
		{"config set cluster 0 70000\r\n" + strings.Repeat("x", 70000) + "\r\nmn\r\n", replyTooLarge + "\r\nMN\r\n"},
		{"config set cluster 0 6 noreply\r\n9\nd||1\r\nconfig get cluster\r\n", list(9, "d||1")},
		{"get AmazonElastiCache:cluster k\r\n", "VALUE AmazonElastiCache:cluster 0 7\r\n9\nd||1\n\r\nEND\r\n"},
		{"gets AmazonElastiCache:cluster\r\n", "VALUE AmazonElastiCache:cluster 0 7 9\r\n9\nd||1\n\r\nEND\r\n"},
		{"set AmazonElastiCache:cluster 0 0 1\r\nx\r\nget AmazonElastiCache:cluster\r\n", "STORED\r\nVALUE AmazonElastiCache:cluster 0 7\r\n9\nd||1\n\r\nEND\r\n"},
		{"config delete cluster\r\nconfig get cluster\r\n", "DELETED\r\nEND\r\n"},
		{"get AmazonElastiCache:cluster\r\n", "VALUE AmazonElastiCache:cluster 0 1\r\nx\r\nEND\r\n"}, // a key as any other now
	} {
		client.out.Reset()
		if got := client.send(c.in); got != c.out {
			t.Errorf("%q: got %q, want %q", c.in, got, c.out)
		}
	}
}

func TestWhoMayChangeTheCluster(t *testing.T) {
	for setting, may := range map[string]bool{"yes": true, "no": false, "local": false} { // the rig's client has no address
		c := newRig(t, "CACHESRV_CLUSTER_CHANGES="+setting).client()
		want := replyNoChange + "\r\n"
		if may {
			want = "STORED\r\n"
		}
		if got := c.send(setLine(1, "a||1")); got != want {
			t.Errorf("%s: %q", setting, got)
		}
	}
	r, _ := textRig(t, "user:pass\n")
	if got := r.client().send(setLine(1, "a||1") + "config get cluster\r\n"); strings.Contains(got, "STORED") || strings.Contains(got, "END") {
		t.Errorf("a stranger: %q", got)
	}
	c := r.client()
	if got := c.send("set x 0 0 9\r\nuser pass\r\n" + setLine(1, "a||1")); got != "STORED\r\nSTORED\r\n" {
		t.Errorf("a user: %q", got)
	}
}

func TestClusterFollowsTheSettings(t *testing.T) {
	r := newRig(t, "CACHESRV_CLUSTER_NODES="+twoNodes, "CACHESRV_CLUSTER_VERSION=5")
	c := &r.e.cluster
	want := func(text string) {
		t.Helper()
		got := ""
		if now := c.now.Load(); now != nil {
			got = string(now.data)
		}
		if got != text {
			t.Errorf("the list is %q, want %q", got, text)
		}
	}
	want("5\n" + twoNodes + "\n")
	c.configure(twoNodes, 5)
	want("5\n" + twoNodes + "\n")
	c.configure("c||1", 5) // without a version of its own
	want("6\nc||1\n")
	c.configure("c||1 d||1", 20)
	want("20\nc||1 d||1\n")
	if err := c.set(newTopology(0, 30, "e||1")); err != nil {
		t.Error(err)
	}
	c.configure("c||1 d||1", 20) // a reload that changes nothing
	want("30\ne||1\n")
	c.configure("", 20)
	want("")
	for _, bad := range []string{"a", "a|b|1", "a||0", "a||1  b||1", " a||1"} {
		plan := config.Plan{Engine: config.Memcached, Env: []string{"CACHESRV_CLUSTER_NODES=" + bad}}
		if _, err := plan.Load(); err == nil {
			t.Errorf("%q is taken for a list", bad)
		}
	}
}

func TestClusterOverTheBinaryProtocol(t *testing.T) {
	frame := func(opcode byte, ext, key, value string) string {
		b := make([]byte, headerLen)
		b[0], b[1], b[4] = requestMagic, opcode, byte(len(ext))
		binary.BigEndian.PutUint16(b[2:], uint16(len(key)))
		binary.BigEndian.PutUint32(b[8:], uint32(len(ext)+len(key)+len(value)))
		return string(b) + ext + key + value
	}
	response := func(got string) (st status, body string) {
		if len(got) < headerLen {
			t.Fatalf("no response: %q", got)
		}
		return status(binary.BigEndian.Uint16([]byte(got[6:]))), got[headerLen:]
	}
	r := newRig(t, mayChange)
	for _, c := range []struct {
		in   string
		st   status
		body string
	}{
		{frame(0x60, "", "cluster", ""), statusNotFound, "Not found"},
		{frame(0x66, "", "cluster", ""), statusNotFound, "Not found"},
		{frame(0x64, "\x00\x00\x00\x02", "cluster", "3\na||1\n"), statusOK, ""},
		{frame(0x60, "", "cluster", ""), statusOK, "\x00\x00\x00\x023\na||1\n"},
		{frame(0x00, "", legacyKey, ""), statusOK, "\x00\x00\x00\x023\na||1\n"},
		{frame(0x0c, "", legacyKey, ""), statusOK, "\x00\x00\x00\x02" + legacyKey + "3\na||1\n"},
		{frame(0x64, "\x00\x00\x00\x00", "cluster", "3\nb||1\n"), statusExists, "Data exists for key."},
		{frame(0x64, "\x00\x00\x00\x00", "cluster", "x"), statusInvalid, "Invalid arguments"},
		{frame(0x64, "\x00\x00\x00\x00", "other", "4\nb||1\n"), statusInvalid, "Invalid arguments"},
		{frame(0x60, "", "other", ""), statusNotFound, "Not found"},
		{frame(0x66, "", "cluster", ""), statusOK, ""},
		{frame(0x60, "", "cluster", ""), statusNotFound, "Not found"},
		{frame(0x64, "\x00\x00\x00\x00", "cluster", strings.Repeat("x", maxCluster+1)), statusTooLarge, "Too large."},
	} {
		if st, body := response(r.client().send(c.in)); st != c.st || body != c.body {
			t.Errorf("%.60q: status %#x, %q", c.in, st, body)
		}
	}
	r = newRig(t)
	if st, _ := response(r.client().send(frame(0x64, "\x00\x00\x00\x00", "cluster", "3\na||1\n"))); st != statusAuthError {
		t.Errorf("a client from elsewhere: %#x", st)
	}
}

func TestClusterOverARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "memory")
	r := openWarm(t, file, 1_800_000_000_000)
	if err := r.e.cluster.set(newTopology(1, 8, "a||1")); err != nil {
		t.Fatal(err)
	}
	r = r.restart(file, 0)
	if now := r.e.cluster.now.Load(); now == nil || string(now.data) != "8\na||1\n" || now.flags != 1 {
		t.Errorf("%+v", now)
	}
	for _, c := range []struct{ settings, before, after string }{
		{"a||1", "8\na||1\n", "8\na||1\n"},
		{"b||1", "8\na||1\n", "9\nb||1\n"},
	} {
		var x cluster
		x.configure(c.settings, 1)
		before, err := parseTopology(0, []byte(c.before))
		if err != nil {
			t.Fatal(err)
		}
		if x.recall(before); string(x.now.Load().data) != c.after {
			t.Errorf("%s in the settings, %q before: %q", c.settings, c.before, x.now.Load().data)
		}
	}
}
