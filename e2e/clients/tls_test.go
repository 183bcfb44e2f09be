// Clients over TLS, with certificates of their own.

package clients

import (
	"context"
	"crypto/tls"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/cachesrv/cachesrv/e2e/harness"
	"github.com/cachesrv/cachesrv/engine/testca"
)

// secured is a server that wants to see certificates, and what its clients need.
type secured struct {
	*harness.Server
	ca           *testca.CA
	port         int
	dir          string
	caFile       string
	server, sKey string
	cert, key    string
}

func startSecured(t *testing.T, args ...string) *secured {
	t.Helper()
	s := &secured{ca: testca.New(t, "authority"), port: harness.FreePort(t), dir: t.TempDir()}
	s.caFile = filepath.Join(s.dir, "ca.crt")
	s.ca.WriteTo(s.caFile)
	s.server, s.sKey = testca.Files(t, s.dir, "server", s.ca.Issue(testca.Leaf{Name: "first"}))
	s.cert, s.key = testca.Files(t, s.dir, "client", s.ca.Issue(testca.Leaf{Name: "client"}))
	s.Server = harness.Redis(t, append([]string{"--tls-port=" + strconv.Itoa(s.port), "--tls-cert-file=" + s.server, "--tls-key-file=" + s.sKey,
		"--tls-ca-cert-file=" + s.caFile}, args...)...)
	return s
}

// trusting is the configuration of a Go client that shows a certificate.
func (s *secured) trusting() *tls.Config {
	return &tls.Config{RootCAs: s.ca.Pool(), ServerName: "localhost", Certificates: []tls.Certificate{s.ca.Issue(testca.Leaf{Name: "go"})}}
}

// script runs a client with the port and the files.
func (s *secured) script(t *testing.T, interpreter, path string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, interpreter, filepath.Base(path), strconv.Itoa(s.port), s.caFile, s.cert, s.key)
	cmd.Env, cmd.Dir = harness.CleanEnv(), filepath.Dir(path)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "all good") {
		t.Errorf("%s: %v\n%s", path, err, out)
	}
}

func TestPythonRedisOverTLS(t *testing.T) {
	python := harness.Python(t, "redis")
	startSecured(t).script(t, python, filepath.Join(harness.Root(), "e2e/python/redis_tls.py"))
}

func TestNodeRedisOverTLS(t *testing.T) {
	node := nodeModule(t, "ioredis")
	startSecured(t).script(t, node, filepath.Join(harness.Root(), "e2e/node/ioredis_tls.js"))
}

func TestGoRedisOverTLS(t *testing.T) {
	s := startSecured(t)
	ctx := deadline(t)
	c := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + strconv.Itoa(s.port), TLSConfig: s.trusting()})
	defer c.Close()
	value := strings.Repeat("value ", 100_000)
	ok(t, c.Set(ctx, "k", value, 0).Err())
	equal(t, "GET", c.Get(ctx, "k").Val(), value)
	pipe := c.Pipeline()
	for range 5000 {
		pipe.Incr(ctx, "n")
	}
	_, err := pipe.Exec(ctx)
	ok(t, err)
	equal(t, "INCR", c.Get(ctx, "n").Val(), "5000")
	stranger := s.trusting()
	stranger.Certificates = nil
	d := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + strconv.Itoa(s.port), TLSConfig: stranger, MaxRetries: -1})
	defer d.Close()
	if err := d.Ping(ctx).Err(); err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("without a certificate: %v", err)
	}
}

func TestRedisCLIOverTLS(t *testing.T) {
	cli := harness.Need(t, "redis-cli")
	s := startSecured(t)
	run := func(want string, args ...string) {
		t.Helper()
		all := append([]string{"-p", strconv.Itoa(s.port), "--tls", "--cacert", s.caFile, "--cert", s.cert, "--key", s.key}, args...)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, cli, all...)
		cmd.Env = harness.CleanEnv()
		if out, err := cmd.CombinedOutput(); !strings.Contains(string(out), want) {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	run("PONG", "ping")
	run("PONG", "-3", "ping")
	run("name=tls", "info", "server")
	run("Unable to update TLS configuration", "config", "set", "tls-cert-file", "/nowhere")
	run("yes", "config", "get", "tls-auth-clients")
}

// serverName connects and gives the name in the server's certificate.
func (s *secured) serverName(t *testing.T) string {
	t.Helper()
	conn, err := tls.Dial("tcp", "127.0.0.1:"+strconv.Itoa(s.port), s.trusting())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
}

// TestR31CertificatesAreReplaced does it in the three ways: the files change, SIGHUP, CONFIG SET of both files at once.
func TestR31CertificatesAreReplaced(t *testing.T) {
	s := startSecured(t)
	ctx := deadline(t)
	old := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + strconv.Itoa(s.port), TLSConfig: s.trusting(), PoolSize: 1, MaxRetries: -1})
	defer old.Close()
	equal(t, "at first", s.serverName(t), "first")
	ok(t, old.Set(ctx, "k", "v", 0).Err())
	await := func(want string) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); s.serverName(t) != want; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%q was never shown", want)
			}
		}
	}
	testca.Files(t, s.dir, "server", s.ca.Issue(testca.Leaf{Name: "second"}))
	await("second")
	testca.Files(t, s.dir, "server", s.ca.Issue(testca.Leaf{Name: "third"}))
	s.Signal(t, syscall.SIGHUP)
	await("third")
	cert, key := testca.Files(t, s.dir, "fourth", s.ca.Issue(testca.Leaf{Name: "fourth"}))
	if err := old.ConfigSet(ctx, "tls-cert-file", cert).Err(); err == nil || !strings.Contains(err.Error(), "does not match") {
		t.Errorf("a certificate without its key: %v", err)
	}
	equal(t, "after a bad change", s.serverName(t), "third")
	equal(t, "the setting after it", old.ConfigGet(ctx, "tls-cert-file").Val()["tls-cert-file"], s.server)
	ok(t, old.Do(ctx, "config", "set", "tls-cert-file", cert, "tls-key-file", key).Err())
	equal(t, "after CONFIG SET", s.serverName(t), "fourth")
	equal(t, "the old connection", old.Get(ctx, "k").Val(), "v")
}

func TestTLSPortMoves(t *testing.T) {
	s := startSecured(t)
	ctx := deadline(t)
	plain := redis.NewClient(&redis.Options{Addr: s.Addr})
	defer plain.Close()
	first := s.port
	if err := plain.ConfigSet(ctx, "tls-port", strconv.Itoa(s.Port)).Err(); err == nil || !strings.Contains(err.Error(), "Unable to listen on this port") {
		t.Errorf("the plain port: %v", err)
	}
	equal(t, "after a bad change", s.serverName(t), "first")
	s.port = harness.FreePort(t)
	ok(t, plain.ConfigSet(ctx, "tls-port", strconv.Itoa(s.port)).Err())
	equal(t, "on the new port", s.serverName(t), "first")
	closed := func(port int) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			conn, err := tls.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port), s.trusting())
			if err != nil {
				return
			}
			conn.Close()
			if time.Now().After(end) {
				t.Fatal("the port is still open")
			}
		}
	}
	closed(first)
	ok(t, plain.ConfigSet(ctx, "tls-port", "0").Err())
	closed(s.port)
}

func TestTLSAlone(t *testing.T) {
	dir := t.TempDir()
	ca := testca.New(t, "authority")
	cert, key := testca.Files(t, dir, "server", ca.Issue(testca.Leaf{Name: "server"}))
	port := harness.FreePort(t)
	s := harness.Start(t, "redis", harness.Bin(t), port, "--engine=redis", "--port=0", "--tls-port="+strconv.Itoa(port), "--tls-cert-file="+cert, "--tls-key-file="+key, "--tls-auth-clients=no")
	s.AwaitOutput(t, "Ready to accept connections tls", 20*time.Second)
	c := redis.NewClient(&redis.Options{Addr: s.Addr, TLSConfig: &tls.Config{RootCAs: ca.Pool(), ServerName: "localhost"}})
	defer c.Close()
	info := c.Info(deadline(t), "server").Val()
	if !strings.Contains(info, "tcp_port:"+strconv.Itoa(port)) || !strings.Contains(info, "name=tls,") {
		t.Error(info)
	}
}

func TestStartWithoutCertificateSaysWhy(t *testing.T) {
	for reason, args := range map[string][]string{
		"no certificate file is given": nil,
		"/nowhere.crt: no such file":   {"--tls-cert-file=/nowhere.crt", "--tls-key-file=/nowhere.key"},
		"is no protocol version":       {"--tls-protocols=SSLv3"},
		"no such file or directory":    {"--tls-cert-file=/nowhere.crt"},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		cmd := exec.CommandContext(ctx, harness.Bin(t), append([]string{"--port=0", "--tls-port=" + strconv.Itoa(harness.FreePort(t))}, args...)...)
		cmd.Env = harness.CleanEnv()
		out, err := cmd.CombinedOutput()
		cancel()
		if err == nil || !strings.Contains(string(out), reason) {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}

// TestR31CertificateNamesTheUser: with tls-auth-clients-user a client is whom its certificate names from its first command on; a name that
// is no user, or one that is off, gives no rights.
func TestR31CertificateNamesTheUser(t *testing.T) {
	s := startSecured(t, "--tls-auth-clients-user=CN")
	admin := s.Dial(t)
	for _, rules := range [][]string{{"reader", "on", "nopass", "~*", "+get", "+acl|whoami", "+client"}, {"off", "off", "nopass", "+@all", "~*"}, {"default", "on", ">secret"}} {
		if r := admin.Do(append([]string{"ACL", "SETUSER"}, rules...)...); r.Str != "OK" {
			t.Fatalf("%q: %v", rules, r)
		}
	}
	ctx := deadline(t)
	for name, want := range map[string]string{"reader": "reader", "off": "NOAUTH", "nobody": "NOAUTH", "reader\x00": "NOAUTH"} {
		config := s.trusting()
		config.Certificates = []tls.Certificate{s.ca.Issue(testca.Leaf{Name: name})}
		c := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + strconv.Itoa(s.port), TLSConfig: config, MaxRetries: -1, Protocol: 2, DisableIdentity: true})
		who, err := c.Do(ctx, "acl", "whoami").Text()
		if err != nil {
			who = err.Error()
		}
		if !strings.HasPrefix(who, want) {
			t.Errorf("%q is %q, want %s", name, who, want)
		}
		if name == "reader" {
			if err := c.Set(ctx, "k", "v", 0).Err(); err == nil || !strings.HasPrefix(err.Error(), "NOPERM") {
				t.Errorf("the reader writes: %v", err)
			}
		}
		c.Close()
	}
}
