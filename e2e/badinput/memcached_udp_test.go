// Row M10 on the real binary: datagrams, and what a forged sender gets.

package badinput

import (
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// udpClient sends datagrams with a frame and reads answers.
type udpClient struct {
	t  *testing.T
	c  net.Conn
	id uint16
}

func dialUDP(t *testing.T, port int) *udpClient {
	c, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &udpClient{t: t, c: c, id: 7}
}

func (u *udpClient) send(parts uint16, body string) {
	u.id++
	b := binary.BigEndian.AppendUint16(nil, u.id)
	b = append(binary.BigEndian.AppendUint16(append(b, 0, 0), parts), 0, 0)
	if _, err := u.c.Write(append(b, body...)); err != nil {
		u.t.Fatal(err)
	}
}

// ask sends requests in one datagram and joins the datagrams of the answer.
func (u *udpClient) ask(body string) string {
	u.t.Helper()
	u.send(1, body)
	parts := map[uint16]string{}
	u.c.SetReadDeadline(time.Now().Add(20 * time.Second))
	buf := make([]byte, 64<<10)
	for sum, many := 0, 1; len(parts) < many; {
		n, err := u.c.Read(buf)
		if err != nil || n < 8 || n > 1400 {
			u.t.Fatalf("%.60q: %d bytes, %v", body, n, err)
		}
		if binary.BigEndian.Uint16(buf) != u.id {
			continue // of an earlier one that was not read
		}
		many = int(binary.BigEndian.Uint16(buf[4:]))
		parts[binary.BigEndian.Uint16(buf[2:])] = string(buf[8:n])
		if sum += n; sum > max(1400, 10*(8+len(body))) {
			u.t.Fatalf("%.60q: %d bytes come back for %d", body, sum, 8+len(body))
		}
	}
	var all strings.Builder
	for i := range len(parts) {
		all.WriteString(parts[uint16(i)])
	}
	return all.String()
}

func (u *udpClient) want(body, want string) {
	u.t.Helper()
	if got := u.ask(body); got != want {
		u.t.Errorf("%.60q: %.80q, want %.80q", body, got, want)
	}
}

func TestM10UDP(t *testing.T) {
	port := harness.FreePort(t)
	s := harness.Memcached(t, fmt.Sprintf("--udp-port=%d", port))
	tcp, u := s.Dial(t), dialUDP(t, port)
	big := strings.Repeat("b", 1<<20-1000)
	tcp.Ask(fmt.Sprintf("set big 0 0 %d\r\n%s\r\n", len(big), big), "STORED\r\n")
	tooLarge := "SERVER_ERROR response too large for UDP\r\n"
	u.want("set k 3 0 1\r\nv\r\nget k\r\n", "STORED\r\nVALUE k 3 1\r\nv\r\nEND\r\n")
	tcp.Ask("get k\r\n", "VALUE k 3 1\r\nv\r\nEND\r\n")
	u.want("get big\r\n", tooLarge)
	u.want("stats\r\n", tooLarge)
	u.want("get "+strings.Repeat("big ", 10000)+"\r\n", tooLarge)
	u.send(2, "get k\r\n") // a part of a longer request
	u.send(0, "get k\r\n")
	u.c.Write([]byte("1234567"))
	u.c.Write(nil)
	u.send(1, "")
	u.send(1, "get k")
	u.send(1, "ERROR\r\n")
	u.send(1, "set half 0 0 1000\r\nxx")
	u.want("version\r\n", "VERSION 1.6.18\r\n") // and none of those before has been answered
	if got := u.ask(frame(0x00, "", "big", "", -1)); len(got) != 24+len("Too large.") || got[0] != 0x81 || got[7] != 3 {
		t.Errorf("a long answer to a frame: %q", got)
	}
	u.want("shutdown\r\n", "SERVER_ERROR not offered over UDP\r\n")
	tcp.Send("stats\r\n")
	stats := strings.Join(tcp.UntilEnd(), "\n")
	for _, want := range []string{"STAT udp_received 15", "STAT udp_dropped 6", "STAT udp_too_large 4"} {
		if !strings.Contains(stats, want) {
			t.Errorf("stats lacks %q:\n%s", want, stats)
		}
	}
	s.Alive(t)
}

// Off unless asked for, and never beside authentication: over UDP nobody can authenticate.
func TestM9NoUDPWithUsers(t *testing.T) {
	s := harness.Memcached(t)
	c, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", s.Port))
	if err != nil {
		t.Errorf("UDP is open without being asked for: %v", err)
	} else {
		c.Close()
	}
	for _, args := range [][]string{{"--auth-file=" + usersFile(t, "user:pass\n")}, {"--enable-sasl=yes", "--sasl-password-file=" + usersFile(t, "user:pass\n")}} {
		s := harness.Start(t, "memcached", harness.Bin(t), 0, append(args, "--engine=memcached", "--port=0", fmt.Sprintf("--udp-port=%d", harness.FreePort(t)))...)
		if code := s.Wait(t, 20*time.Second); code != 1 || !strings.Contains(s.Output(), "over UDP nobody can authenticate") {
			t.Errorf("%v: status %d, %s", args, code, s.Output())
		}
	}
}
