// Row R31: TLS against clients that do not speak it, speak it badly, or show the wrong certificate.

package badinput

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
	"github.com/cachesrv/cachesrv/engine/testca"
)

// watchTLS is a watched server with a TLS port that wants certificates.
func watchTLS(t *testing.T) (w *watch, address string, ca *testca.CA) {
	t.Helper()
	dir, port := t.TempDir(), harness.FreePort(t)
	ca = testca.New(t, "authority")
	ca.WriteTo(filepath.Join(dir, "ca.crt"))
	cert, key := testca.Files(t, dir, "server", ca.Issue(testca.Leaf{Name: "server"}))
	w = watchRedis(t, "--tls-port="+strconv.Itoa(port), "--tls-cert-file="+cert, "--tls-key-file="+key, "--tls-ca-cert-file="+filepath.Join(dir, "ca.crt"))
	return w, "127.0.0.1:" + strconv.Itoa(port), ca
}

func dialPlain(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	return conn
}

// closedAfter wants a connection closed with no more than an alert said.
func closedAfter(t *testing.T, conn net.Conn, what string) {
	t.Helper()
	said, err := io.ReadAll(conn)
	if e, is := err.(net.Error); is && e.Timeout() {
		t.Errorf("%s: not closed", what)
	}
	if len(said) > 7 {
		t.Errorf("%s: answered with %q", what, said)
	}
}

func TestR31NotTLSOnTheTLSPort(t *testing.T) {
	w, address, _ := watchTLS(t)
	for _, text := range []string{"PING\r\n", harness.Command("GET", "secret"), "*1\r\n$4\r\nPING\r\n", "GET / HTTP/1.0\r\n\r\n",
		"\x16\x03\x01\xff\xff", "\x15\x03\x01\x00\x02\x02\x28", "\x80\x2e\x01\x00\x02", strings.Repeat("A", 1<<20)} {
		conn := dialPlain(t, address)
		io.WriteString(conn, text)
		if tcp, is := conn.(*net.TCPConn); is {
			tcp.CloseWrite()
		}
		closedAfter(t, conn, fmt.Sprintf("%.30q", text))
		w.inStep()
	}
	w.unharmed()
}

func TestR31TLSOnThePlainPort(t *testing.T) {
	w, _, ca := watchTLS(t)
	conn := dialPlain(t, w.s.Addr)
	// The hello may be an unfinished line for a server without TLS: then its end ends the wait.
	hello := &halfClosing{conn.(*net.TCPConn)}
	if err := tls.Client(hello, &tls.Config{RootCAs: ca.Pool(), ServerName: "localhost"}).Handshake(); err == nil {
		t.Error("a handshake on the plain port")
	}
	w.unharmed()
}

// halfClosing sends one message and no more.
type halfClosing struct{ *net.TCPConn }

func (h *halfClosing) Write(p []byte) (int, error) {
	n, err := h.TCPConn.Write(p)
	h.TCPConn.CloseWrite()
	return n, err
}

// Handshakes that stall hold places, and nobody else up.
func TestR31StalledHandshakes(t *testing.T) {
	w, address, ca := watchTLS(t)
	for range 300 {
		io.WriteString(dialPlain(t, address), "\x16\x03\x01\x02\x00\x01")
	}
	for range 20 {
		w.inStep()
	}
	conn := tls.Client(dialPlain(t, address), &tls.Config{RootCAs: ca.Pool(), ServerName: "localhost", Certificates: []tls.Certificate{ca.Issue(testca.Leaf{Name: "in"})}})
	io.WriteString(conn, "PING\r\n")
	reply := make([]byte, 7)
	if _, err := io.ReadFull(conn, reply); err != nil || string(reply) != "+PONG\r\n" {
		t.Errorf("%q, %v", reply, err)
	}
	w.unharmed()
}

func TestR31StrangersCertificates(t *testing.T) {
	w, address, ca := watchTLS(t)
	stranger := testca.New(t, "authority")
	for name, cert := range map[string]*tls.Certificate{
		"none": {}, "expired": ptr(ca.Issue(testca.Leaf{Name: "x", Expired: true})), "of another authority": ptr(stranger.Issue(testca.Leaf{Name: "x"})),
	} {
		conn := tls.Client(dialPlain(t, address), &tls.Config{RootCAs: ca.Pool(), ServerName: "localhost",
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }})
		io.WriteString(conn, "PING\r\n")
		if said, err := io.ReadAll(conn); err == nil || len(said) > 0 {
			t.Errorf("%s: %q, %v", name, said, err)
		}
	}
	w.unharmed()
}

func ptr[T any](v T) *T { return &v }
