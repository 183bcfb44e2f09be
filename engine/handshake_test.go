// Tests of TLS connections: handshakes that succeed, fail and stall, and all that others connections can do, over records.

package engine

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/engine/testca"
)

// tlsRig is a rig with a TLS address beside the plain one.
type tlsRig struct {
	*rig
	ca      *testca.CA
	config  atomic.Pointer[tls.Config] // the server's
	address string
}

func startTLS(t *testing.T, o Options) *tlsRig {
	t.Helper()
	r := &tlsRig{rig: start(t, o), ca: testca.New(t, "the authority")}
	r.config.Store(&tls.Config{Certificates: []tls.Certificate{r.ca.Issue(testca.Leaf{Name: "server"})}, DynamicRecordSizingDisabled: true})
	if err := r.srv.ListenTLS("tcp", "127.0.0.1:0", 0, r.config.Load); err != nil {
		t.Fatal(err)
	}
	r.address = r.srv.Addrs()[1].String()
	r.engine.on("name", func(s *lineSession, w *Worker, _ string) {
		w.Out = fmt.Appendf(w.Out, "%q %v\n", s.conn.PeerName(), s.conn.TLS())
	})
	return r
}

// serve replaces the server's configuration by a changed copy.
func (r *tlsRig) serve(change func(c *tls.Config)) {
	c := r.config.Load().Clone()
	change(c)
	r.config.Store(c)
}

// trusting is a client's configuration.
func (r *tlsRig) trusting(certs ...tls.Certificate) *tls.Config {
	return &tls.Config{RootCAs: r.ca.Pool(), ServerName: "localhost", Certificates: certs}
}

// connect gives a TLS client, or the error of its handshake or of its first request: with TLS 1.3 a client learns only there that its
// certificate was refused.
func (r *tlsRig) connect(config *tls.Config) (*client, error) {
	r.Helper()
	return r.connectOver(r.dialRaw(), config)
}

func (r *tlsRig) connectOver(plain net.Conn, config *tls.Config) (*client, error) {
	r.Helper()
	conn := tls.Client(plain, config)
	if err := conn.Handshake(); err != nil {
		return nil, err
	}
	c := &client{r.rig, conn, bufio.NewReaderSize(conn, 64<<10)}
	io.WriteString(conn, "echo hello\n")
	if line, err := c.r.ReadString('\n'); err != nil || line != "hello\n" {
		return nil, fmt.Errorf("%q: %w", line, err)
	}
	return c, nil
}

func (r *tlsRig) dialTLS(certs ...tls.Certificate) *client {
	r.Helper()
	c, err := r.connect(r.trusting(certs...))
	if err != nil {
		r.Fatal(err)
	}
	return c
}

// refused wants an error from connect that holds a text, and no connection left at the server.
func (r *tlsRig) refused(config *tls.Config, text string) {
	r.Helper()
	_, err := r.connect(config)
	if err == nil || !strings.Contains(err.Error(), text) {
		r.Errorf("got %v, want %q", err, text)
	}
	r.eventually("the place of a refused connection is free", func() bool { return r.srv.Count() == 0 })
}

func (r *tlsRig) dialRaw() net.Conn { return r.dialWith(net.Dialer{}) }

// dialSlow gives a client whose system takes little before it reads: the kernel would take megabytes, which are slow to encrypt under the
// race detector.
func (r *tlsRig) dialSlow() *client {
	r.Helper()
	c, err := r.connectOver(r.dialWith(net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(takesLittle)
	}}), r.trusting())
	if err != nil {
		r.Fatal(err)
	}
	return c
}

func (r *tlsRig) dialWith(d net.Dialer) net.Conn {
	r.Helper()
	conn, err := d.Dial("tcp", r.address)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}

func TestTLSBesidePlain(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		c, plain := r.dialTLS(), r.dial()
		c.expect("name", `"" true`)
		plain.expect("name", `"" false`)
		if n := r.srv.Count(); n != 2 {
			t.Errorf("%d connections", n)
		}
		if s := r.srv.Stats(); s.Handshakes != 1 || s.HandshakesBad != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestTLSInEverySize(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		c := r.dialTLS()
		for _, n := range []int{1, 100, 16 << 10, 64<<10 - 5, 64 << 10, 200_000, 600_000} {
			blob := bytes.Repeat([]byte{byte(n), 1, 2}, n/3+1)[:n]
			go c.Write(append(fmt.Appendf(nil, "blob %d\n", n), blob...))
			if got, want := c.line(), fmt.Sprintf("blob %d %x", n, checksum(blob)); got != want {
				t.Fatalf("%q, want %q", got, want)
			}
			c.send(fmt.Sprintf("big %d\n", n))
			if got := c.line(); len(got) != n {
				t.Fatalf("%d bytes, want %d", len(got), n)
			}
		}
		var many strings.Builder
		for i := range 5000 {
			fmt.Fprintf(&many, "echo %d\n", i)
		}
		go io.WriteString(c.Conn, many.String())
		for i := range 5000 {
			if got := c.line(); got != fmt.Sprint(i) {
				t.Fatalf("%q, want %d", got, i)
			}
		}
	})
}

// Replies that nobody reads wait, are counted, and arrive whole and in order.
func TestTLSRepliesWait(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		c := r.dialSlow()
		const n = 4 << 20
		c.send(fmt.Sprintf("big %d\necho after\n", n))
		r.eventually("replies wait", func() bool {
			waits := false
			r.srv.Conns(func(c *Conn) bool { waits = c.Stats().OutPending > 0; return true })
			return waits
		})
		for range 100 {
			c.send("echo more\n")
		}
		if got := c.line(); len(got) != n {
			t.Fatalf("%d bytes", len(got))
		}
		if got := c.line(); got != "after" {
			t.Fatalf("%q", got)
		}
		for range 100 {
			if got := c.line(); got != "more" {
				t.Fatalf("%q", got)
			}
		}
	})
}

func TestTLSOutputLimit(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.Limits.OutHard = 1 << 20
		r := startTLS(t, o)
		c := r.dialSlow()
		c.expect("settle", "settled")
		c.send(fmt.Sprintf("big %d\n", 6<<20))
		r.eventually("closed", func() bool { return r.srv.Stats().OutClosed == 1 && r.srv.Count() == 0 })
	})
}

func TestTLSBye(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		c := r.dialTLS()
		c.send("bye\n")
		rest, err := io.ReadAll(c.r) // io.ReadAll hides io.EOF: anything else is an end without the farewell
		if string(rest) != "bye\n" || err != nil {
			t.Errorf("%q, %v", rest, err)
		}
	})
}

func TestTLSPosts(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		c := r.dialTLS()
		r.srv.Conns(func(c *Conn) bool {
			for i := range 100 {
				c.Post(func(w *Worker) { w.Out = fmt.Appendf(w.Out, "post %d\n", i) })
			}
			return true
		})
		for i := range 100 {
			if got := c.line(); got != fmt.Sprintf("post %d", i) {
				t.Fatalf("%q, want %d", got, i)
			}
		}
	})
}

func TestTLSShutdownSaysGoodbye(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		c, stalled := r.dialTLS(), r.dialRaw()
		r.eventually("both are counted", func() bool { return r.srv.Count() == 2 })
		r.Cleanup(func() {})
		go r.srv.Shutdown(t.Context())
		if rest, err := io.ReadAll(c.r); len(rest) != 0 || err != nil {
			t.Errorf("%q, %v", rest, err)
		}
		if rest, _ := io.ReadAll(stalled); len(rest) != 0 {
			t.Errorf("a stalled handshake got %q", rest)
		}
		r.eventually("all are gone", func() bool { return r.srv.Count() == 0 })
	})
}

// R31: what is not TLS on the TLS port is closed without a word of the protocol.
func TestR31PlaintextOnTLSPort(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		for _, text := range []string{"echo hello\n", "GET / HTTP/1.1\r\n\r\n", "\x80\x2e\x01\x00\x02\x00\x15", strings.Repeat("\x00", 600)} {
			conn := r.dialRaw()
			io.WriteString(conn, text)
			rest, _ := io.ReadAll(conn)
			if strings.Contains(string(rest), "hello") || len(rest) > 7 { // an alert has 7 bytes
				t.Errorf("%q was answered with %q", text, rest)
			}
		}
		r.eventually("all are gone", func() bool { return r.srv.Count() == 0 && r.srv.Stats().HandshakesBad == 4 })
		if logs := r.logs.String(); !strings.Contains(logs, "the client does not speak TLS") {
			t.Error("the log does not say why")
		}
	})
}

func TestR31TLSOnPlainPort(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		conn, err := net.Dial("tcp", r.srv.Addrs()[0].String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(patience))
		go func() { // the line protocol waits for a line
			r.eventually("the hello is there", func() bool { return r.srv.Stats().BytesIn > 100 })
			io.WriteString(conn, "\n")
		}()
		if err := tls.Client(conn, r.trusting()).Handshake(); err == nil || !strings.Contains(err.Error(), "does not look like a TLS handshake") {
			t.Errorf("%v", err)
		}
	})
}

func TestR31OldVersions(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
			config := r.trusting()
			config.MinVersion, config.MaxVersion = version, version
			r.refused(config, "protocol version not supported")
		}
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			config := r.trusting()
			config.MinVersion, config.MaxVersion = version, version
			c, err := r.connect(config)
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
		}
	})
}

func TestR31WeakCiphers(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		config := r.trusting()
		config.MaxVersion = tls.VersionTLS12
		for _, s := range tls.InsecureCipherSuites() {
			config.CipherSuites = append(config.CipherSuites, s.ID)
		}
		r.refused(config, "handshake failure")
	})
}

func TestR31ClientCertificates(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		r.serve(func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, r.ca.Pool() })
		stranger := testca.New(t, "the authority") // the name is the same, the key is not
		r.refused(r.trusting(), "certificate required")
		r.refused(r.trusting(r.ca.Issue(testca.Leaf{Name: "late", Expired: true})), "expired certificate")
		forced := r.trusting()
		forced.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			c := stranger.Issue(testca.Leaf{Name: "stranger"})
			return &c, nil
		}
		r.refused(forced, "unknown certificate authority")
		c := r.dialTLS(r.ca.Issue(testca.Leaf{Name: "alice"}))
		c.expect("name", `"alice" true`)
		r.serve(func(c *tls.Config) { c.ClientAuth = tls.VerifyClientCertIfGiven })
		r.dialTLS().expect("name", `"" true`)
		r.dialTLS(r.ca.Issue(testca.Leaf{Name: "bob"})).expect("name", `"bob" true`)
	})
}

// R31, CVE-2026-81934: a certificate for "admin" and a zero byte and more must never pass for admin.
func TestR31NamesThatCouldBeTakenForOthers(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		r.serve(func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, r.ca.Pool() })
		for _, leaf := range []testca.Leaf{
			{Name: "admin\x00.example.com"}, {Name: "\x00admin"}, {Name: "admin\n"}, {Name: "admin", Names: []string{"guest"}}, {Name: ""},
		} {
			c, err := r.connect(r.trusting(r.ca.Issue(leaf)))
			if err != nil {
				continue // refused altogether is as good
			}
			c.expect("name", `"" true`)
		}
	})
}

func TestCommonNameOfOddTypes(t *testing.T) {
	var cert x509.Certificate
	if commonName(&cert) != "" {
		t.Error("no name at all")
	}
	cert.Subject.Names = append(cert.Subject.Names, attribute(asn1.ObjectIdentifier{2, 5, 4, 3}, 7))
	if commonName(&cert) != "" {
		t.Error("a number as a name")
	}
	cert.Subject.Names[0] = attribute(asn1.ObjectIdentifier{2, 5, 4, 10}, "admin")
	if commonName(&cert) != "" {
		t.Error("another attribute")
	}
	cert.Subject.Names = append(cert.Subject.Names, attribute(asn1.ObjectIdentifier{2, 5, 4, 3}, "Ünïcode name"))
	if got := commonName(&cert); got != "Ünïcode name" {
		t.Errorf("%q", got)
	}
}

func TestR31TruncatedHello(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		hello := helloBytes(t)
		for _, n := range []int{1, 4, 5, 6, 50, len(hello) - 1} {
			conn := r.dialRaw()
			conn.Write(hello[:n])
			conn.(*net.TCPConn).CloseWrite()
			if rest, _ := io.ReadAll(conn); len(rest) > 7 {
				t.Errorf("%d bytes of the hello were answered with %q", n, rest)
			}
		}
		r.eventually("all are gone", func() bool { return r.srv.Count() == 0 })
		r.dialTLS().expect("echo still", "still")
	})
}

// helloBytes is what a client sends first.
func helloBytes(t *testing.T) []byte {
	t.Helper()
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	go tls.Client(a, &tls.Config{InsecureSkipVerify: true}).Handshake()
	buf := make([]byte, 8<<10)
	n, err := b.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	for n < 5 || n < 5+int(buf[3])<<8+int(buf[4]) {
		k, err := b.Read(buf[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += k
	}
	return buf[:n]
}

func TestR31StalledHandshake(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.Handshake = 50 * time.Millisecond
		r := startTLS(t, o)
		hello := helloBytes(t)
		for _, start := range [][]byte{nil, hello[:3], hello[:100], hello} {
			conn := r.dialRaw()
			conn.Write(start)
			if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("%d bytes keep a connection for good", len(start))
			}
		}
		r.eventually("all are gone", func() bool { return r.srv.Count() == 0 })
		if logs := r.logs.String(); !strings.Contains(logs, "took too long") {
			t.Error("the log does not say why")
		}
	})
}

// Stalled handshakes take places, and nobody is turned away for it: the next ones wait until there is room.
func TestR31ManyStalledHandshakes(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.Handshakes = 4
		r := startTLS(t, o)
		plain := r.dial()
		var stalled []net.Conn
		for range 10 {
			stalled = append(stalled, r.dialRaw())
		}
		r.eventually("the places are taken", func() bool { return r.srv.Count() == 5 })
		plain.expect("echo plain", "plain")
		var wait sync.WaitGroup
		wait.Add(1)
		go func() {
			defer wait.Done()
			if _, err := r.connect(r.trusting()); err != nil {
				t.Error(err)
			}
		}()
		for _, conn := range stalled {
			conn.Close()
		}
		wait.Wait()
	})
}

func TestTLSCountsOnceAgainstMaxClients(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.MaxClients = 2
		r := startTLS(t, o)
		c := r.dialTLS()
		r.dialTLS()
		over := r.dialRaw()
		if rest, _ := io.ReadAll(over); len(rest) != 0 {
			t.Errorf("it was told %q in plain text", rest)
		}
		c.Close()
		r.eventually("a place is free", func() bool { return r.srv.Count() == 1 })
		r.dialTLS().expect("echo in", "in")
	})
}

// R31: connections that were made before a change go on, those made afterwards see the new certificate.
func TestR31ReloadUnderLoad(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		var stop atomic.Bool
		var wait sync.WaitGroup
		for range 4 {
			c := r.dialTLS()
			wait.Add(1)
			go func() {
				defer wait.Done()
				for !stop.Load() {
					io.WriteString(c.Conn, "echo on\n")
					if line, err := c.r.ReadString('\n'); line != "on\n" {
						t.Errorf("%q, %v", line, err)
						return
					}
				}
			}()
		}
		for i := range 10 {
			name := fmt.Sprint("server ", i)
			r.serve(func(c *tls.Config) { c.Certificates = []tls.Certificate{r.ca.Issue(testca.Leaf{Name: name})} })
			c := r.dialTLS()
			if got := c.Conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Subject.CommonName; got != name {
				t.Errorf("%q, want %q", got, name)
			}
		}
		stop.Store(true)
		wait.Wait()
	})
}

func TestR31HangUpInTheMiddle(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		for i := range 20 {
			c := r.dialTLS()
			inner := c.Conn.(*tls.Conn).NetConn()
			c.send(fmt.Sprintf("big %d\n", 1<<i))
			if i%2 == 0 {
				inner.Write([]byte{23, 3, 3, 0x40, 0, 1, 2, 3}) // the start of a record
			}
			inner.Close()
		}
		r.eventually("all are gone", func() bool { return r.srv.Count() == 0 })
	})
}

// A client that has said its last word still gets its replies.
func TestR31HalfClose(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := startTLS(t, o)
		c := r.dialTLS()
		c.send("echo one\nbig 1000000\n")
		if err := c.Conn.(*tls.Conn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		rest, err := io.ReadAll(c.r)
		if len(rest) != 4+1_000_001 || err != nil {
			t.Errorf("%d bytes, %v", len(rest), err)
		}
	})
}

func TestTLSSurvivesHandOver(t *testing.T) {
	r := startTLS(t, Options{HandOver: 5 * time.Millisecond})
	release := make(chan struct{})
	r.engine.on("slow", func(s *lineSession, w *Worker, _ string) {
		<-release
		w.Out = append(w.Out, "slow done\n"...)
	})
	c, other := r.dialTLS(), r.dialTLS()
	c.send("slow\necho behind\n")
	r.eventually("the loop was handed over", func() bool { return r.srv.Stats().HandOvers == 1 })
	other.expect("echo meanwhile", "meanwhile")
	close(release)
	if a, b := c.line(), c.line(); a != "slow done" || b != "behind" {
		t.Errorf("%q, %q", a, b)
	}
}

func attribute(id asn1.ObjectIdentifier, value any) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: id, Value: value}
}
