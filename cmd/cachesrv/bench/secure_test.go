// Tests of loads over TLS: both transports against a server made here, flags that make no sense, command lines.

package bench

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
)

// secureRedis gives a target that reaches f through TLS; certificates are made as for started servers.
func secureRedis(t *testing.T, f *fakeRedis) *target {
	t.Helper()
	inner := f.serve(t)
	pool, cert, key, err := selfSigned(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	guarded(func(err error) { t.Error(err) }, func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			relay(t, c, inner.address)
		}
	})
	return &target{name: "secure", network: "tcp", address: l.Addr().String(), secure: &tls.Config{RootCAs: pool}}
}

// relay copies between a connection and the plain server until one of them ends.
func relay(t *testing.T, c net.Conn, address string) {
	inner, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		c.Close()
		return
	}
	for _, way := range [][2]net.Conn{{c, inner}, {inner, c}} {
		guarded(func(err error) { t.Error(err) }, func() {
			io.Copy(way[0], way[1])
			way[0].Close()
		})
	}
}

func TestLoadOverTLS(t *testing.T) {
	for _, portable := range []bool{false, true} {
		f := &fakeRedis{}
		x := secureRedis(t, f)
		g := generatorFor(t, x, 5, 1, portable)
		k := keysFor(t, 1000, 16, 5, 5000)
		r, err := g.run(context.Background(), loadOf(k, 16))
		if err != nil || r.done != 1000 || r.wrong+r.mismatched != 0 {
			t.Fatalf("portable %v: %+v, %v", portable, r, err)
		}
		f.mu.Lock()
		if len(f.keys) != 1000 {
			t.Errorf("portable %v: %d keys", portable, len(f.keys))
		}
		f.mu.Unlock()
	}
}

func TestUntrustedServerIsRefused(t *testing.T) {
	x := secureRedis(t, &fakeRedis{})
	x.secure = &tls.Config{}
	if _, err := openControl(x); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("%v", err)
	}
	x.secure = &tls.Config{InsecureSkipVerify: true}
	k, err := openControl(x)
	if err != nil {
		t.Fatal(err)
	}
	k.close()
}

func TestFlagsOfTLS(t *testing.T) {
	for args, reason := range map[string]string{
		"--insecure redis://127.0.0.1:1":                   "need --tls",
		"--tls --cacert /nowhere redis://127.0.0.1:1":      "--cacert",
		"--tls --cert /nowhere redis://127.0.0.1:1":        "--cert, --key",
		"--tls --spawn memcached":                          "starts redis servers only",
		"--tls --cacert /proc/version redis://127.0.0.1:1": "no certificate in it",
	} {
		c := Command()
		c.SetArgs(strings.Fields(args))
		var out bytes.Buffer
		c.SetOut(&out)
		c.SetErr(&out)
		if err := c.Execute(); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestCommandLineWithTLS(t *testing.T) {
	targets, err := parseSpawn("redis --threads 2,/x/redis-server")
	if err != nil {
		t.Fatal(err)
	}
	o := secureOptions{on: true}
	dir := t.TempDir()
	if err := o.apply(targets, func() (string, error) { return dir, nil }); err != nil {
		t.Fatal(err)
	}
	for _, x := range targets {
		_, args, err := x.recipe.commandLine(7000, nil)
		line := strings.Join(args, " ")
		if err != nil || !slices.Contains(args, "--tls-port") || !strings.Contains(line, "--tls-port 7000") || !strings.Contains(line, "--port 0") {
			t.Errorf("%s: %q, %v", x.name, line, err)
		}
	}
}
