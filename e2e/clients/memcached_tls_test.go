// The memcached personality over TLS: -Z and its options under the original's name for them.

package clients

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
	"github.com/cachesrv/cachesrv/engine/testca"
)

func TestMemcachedOverTLS(t *testing.T) {
	dir, ca, plain := t.TempDir(), testca.New(t, "authority"), harness.FreePort(t)
	caFile := dir + "/ca.crt"
	ca.WriteTo(caFile)
	cert, key := testca.Files(t, dir, "server", ca.Issue(testca.Leaf{Name: "first"}))
	port := harness.FreePort(t)
	s := harness.Start(t, "memcached", harness.Bin(t), port, "--engine=memcached", "--port="+strconv.Itoa(port), "--enable-ssl=yes", "--ssl-chain-cert="+cert,
		"--ssl-key="+key, "--ssl-ca-cert="+caFile, "--ssl-verify-mode=2", fmt.Sprintf("--bind=127.0.0.1 notls:127.0.0.1:%d", plain))
	s.AwaitOutput(t, "Ready to accept connections tls", 20*time.Second)
	s.AwaitOutput(t, "Ready to accept connections tcp", 20*time.Second)
	dial := func(certs ...tls.Certificate) (*tls.Conn, error) {
		d := &net.Dialer{Timeout: 20 * time.Second}
		return tls.DialWithDialer(d, "tcp", s.Addr, &tls.Config{RootCAs: ca.Pool(), ServerName: "localhost", Certificates: certs})
	}
	ask := func(conn net.Conn, request, last string) string {
		t.Helper()
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		fmt.Fprintf(conn, "%s\r\n", request)
		var all strings.Builder
		for r := bufio.NewReader(conn); ; {
			line, err := r.ReadString('\n')
			if all.WriteString(line); err != nil || strings.HasPrefix(line, last) {
				ok(t, err)
				return all.String()
			}
		}
	}
	mine := ca.Issue(testca.Leaf{Name: "client"})
	conn, err := dial(mine)
	ok(t, err)
	defer conn.Close()
	equal(t, "set", ask(conn, "set k 0 0 5\r\nhello", "STORED"), "STORED\r\n")
	open, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(plain))
	ok(t, err)
	defer open.Close()
	equal(t, "get without TLS", ask(open, "get k", "END"), "VALUE k 0 5\r\nhello\r\nEND\r\n")
	if stats := ask(conn, "stats settings", "END"); !strings.Contains(stats, "STAT ssl_enabled yes\r\n") || !strings.Contains(stats, "STAT ssl_chain_cert "+cert) {
		t.Error(stats)
	}
	testca.Files(t, dir, "server", ca.Issue(testca.Leaf{Name: "second"}))
	equal(t, "refresh_certs", ask(conn, "refresh_certs", "OK"), "OK\r\n")
	again, err := dial(mine)
	ok(t, err)
	defer again.Close()
	equal(t, "the new certificate", again.ConnectionState().PeerCertificates[0].Subject.CommonName, "second")
	stranger, err := dial()
	if err == nil {
		stranger.SetDeadline(time.Now().Add(20 * time.Second))
		fmt.Fprint(stranger, "get k\r\n")
		_, err = stranger.Read(make([]byte, 10))
	}
	if err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("without a certificate: %v", err)
	}
	harness.Eventually(t, 10*time.Second, "the failed handshake is counted", func() (bool, string) { // it is after the stranger has been told
		stats := ask(conn, "stats", "END")
		return strings.Contains(stats, "STAT ssl_handshake_errors 1\r\n"), stats
	})
}
