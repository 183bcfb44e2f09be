// Listeners under the name memcached: several addresses, their ports, the file of ports, and refusals, beside the original.

package lifecycle

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// portsOf starts a memcached and gives its file of ports once it is there.
func portsOf(t *testing.T, bin string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ports")
	t.Setenv("MEMCACHED_PORT_FILENAME", path)
	s := harness.Start(t, "memcached", bin, 0, append(args, "-u", "root")...)
	var text []byte
	harness.Eventually(t, 20*time.Second, "the file of ports", func() (bool, string) {
		var err error
		text, err = os.ReadFile(path)
		return err == nil, fmt.Sprint(args, err, s.Output())
	})
	return string(text)
}

var anyPort = regexp.MustCompile(`: \d+`)

// The forms are those that 1.6.18 writes.
func TestMemcachedPortFile(t *testing.T) {
	bin := link(t, "memcached")
	for line, want := range map[string]string{
		"-l 127.0.0.1:A,127.0.0.2:B -U 0":    "TCP INET: A\nTCP INET: B\n",
		"-l 127.0.0.1:A -l 127.0.0.2:B -U C": "TCP INET: A\nTCP INET: B\nUDP INET: A\nUDP INET: B\n", // an address's own port is UDP's too
		"-p A -U B -l 127.0.0.1;127.0.0.2":   "TCP INET: A\nTCP INET: A\nUDP INET: B\nUDP INET: B\n",
		"-U A -l 127.0.0.1":                  "TCP INET: A\nUDP INET: A\n", // TCP follows
		"-U A -p 0 -l 127.0.0.1":             "UDP INET: A\n",
		"-l tag[front]:127.0.0.1:A":          "TCP INET: A\n",
	} {
		_, a := port(t)
		_, b := port(t)
		_, c := port(t)
		put := strings.NewReplacer(": A", ": "+a, ": B", ": "+b)
		line = strings.NewReplacer(":A", ":"+a, " A", " "+a, ":B", ":"+b, " B", " "+b, " C", " "+c).Replace(line)
		if got := portsOf(t, bin, strings.Fields(line)...); got != put.Replace(want) {
			t.Errorf("%s: %q, want %q", line, got, put.Replace(want))
		}
	}
	anywhere := portsOf(t, bin, "-p", "-1", "-U", "-1", "-l", "127.0.0.1")
	if form := anyPort.ReplaceAllString(anywhere, ""); form != "TCP INET\nUDP INET\n" || strings.Contains(anywhere, ": 0\n") {
		t.Errorf("any port: %q", anywhere)
	}
	tcp := strings.Fields(anywhere)[2]
	if conn, err := net.Dial("tcp", "127.0.0.1:"+tcp); err != nil {
		t.Errorf("nobody at the port of the file: %v", err)
	} else {
		conn.Close()
	}
}

func TestMemcachedSeveralListeners(t *testing.T) {
	bin := link(t, "memcached")
	p, a := port(t)
	second, b := port(t)
	s := harness.Start(t, "memcached", bin, p, "-l", "127.0.0.1:"+a, "-l", "127.0.0.2:"+b+",tag[back]:[::1]:"+b, "-u", "root")
	s.AwaitReady(t)
	s.Dial(t).Ask("set k 0 0 1\r\nv\r\n", "STORED\r\n")
	addresses := []string{"127.0.0.2:" + strconv.Itoa(second)}
	if probe, err := net.Listen("tcp", "[::1]:0"); err == nil {
		probe.Close()
		addresses = append(addresses, "[::1]:"+strconv.Itoa(second))
	}
	for _, s.Addr = range addresses {
		s.Dial(t).Ask("get k\r\n", "VALUE k 0 1\r\nv\r\nEND\r\n")
	}
}

func TestMemcachedListenRefusals(t *testing.T) {
	bin, original := link(t, "memcached"), harness.Need(t, "memcached")
	_, p := port(t)
	for _, list := range []string{"notls:127.0.0.1:" + p, "127.0.0.1:abc", "127.0.0.1:", "[::1", "tag[]:127.0.0.1", "tag[123456789]:127.0.0.1", "tag[x:127.0.0.1"} {
		code, ours := run(t, bin, "-l", list, "-u", "root")
		theirCode, theirs := run(t, original, "-l", list, "-u", "root")
		want := strings.TrimSuffix(strings.TrimSpace(theirs), ": Success")
		want = strings.Replace(want, `"failed`, "\"\nfailed", 1) // theirs forgets the end of a line
		if code != theirCode || !strings.HasSuffix(strings.TrimSpace(ours), want) {
			t.Errorf("%s: status %d, %q\ntheirs %d, %q", list, code, ours, theirCode, want)
		}
	}
}

// A socket has its mode from the first moment: there is none at which it could be opened by others.
func TestR33MemcachedSocketMask(t *testing.T) {
	bin := link(t, "memcached")
	for mask, want := range map[string]os.FileMode{"": 0o700, "0": 0, "777": 0o777, "0640": 0o640} { // as 1.6.18's
		if got := maskOf(t, bin, mask).Perm(); got != want {
			t.Errorf("-a %q: %v, want %v", mask, got, want)
		}
	}
}

func maskOf(t *testing.T, bin, mask string) os.FileMode {
	t.Helper()
	dir, err := os.MkdirTemp("", "mc")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s")
	args := []string{"-s", path, "-u", "root"}
	if mask != "" {
		args = append(args, "-a", mask)
	}
	s := harness.Start(t, "memcached", bin, 0, args...)
	var mode os.FileMode
	harness.Eventually(t, 20*time.Second, "the socket", func() (bool, string) {
		info, err := os.Stat(path)
		if err == nil {
			mode = info.Mode()
		}
		return err == nil, fmt.Sprint(args, err, s.Output())
	})
	return mode
}
