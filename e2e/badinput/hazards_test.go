// Hazards that only a Go server has, as far as they show from outside: bytes of one client at another, aliased buffers, leaks, deep nesting.

package badinput

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// TestHazardCrossClientCanary fills the server's buffers with secrets, in whole and cut requests and in replies, and
// looks for them in everything that other clients get.
func TestHazardCrossClientCanary(t *testing.T) {
	w := watchRedis(t)
	const secret = "SECRET-CANARY-0123456789"
	for round := range 60 {
		a := w.s.Dial(t)
		payload := strings.Repeat(secret, 1+round*40)
		switch round % 4 {
		case 0:
			a.Ask(harness.Command("SET", "secret", payload), "+OK\r\n")
			a.Ask(harness.Command("GET", "secret"), fmt.Sprintf("$%d\r\n%s\r\n", len(payload), payload))
			a.Ask(harness.Command("DEL", "secret"), ":1\r\n")
		case 1:
			a.Send(fmt.Sprintf("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n%s", len(payload)+100, payload))
		case 2:
			a.Send(payload) // an inline request without its end
		case 3:
			a.Send(harness.Command("ECHO", payload)) // never read
		}
		a.Close()
		b := w.s.Dial(t)
		b.Send("*3\r\n$3\r\nSET\r\n$4\r\nmine\r\n$5\r\nhel")
		b.Send("lo\r\n" + harness.Command("GET", "mine") + "GET nosuch\r\nFOO bar\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\n" + harness.Command("SETRANGE", "padded", "2000", "x") + harness.Command("GETDEL", "padded"))
		b.Expect("+OK\r\n$5\r\nhello\r\n$-1\r\n-ERR unknown command 'FOO', with args beginning with: 'bar' \r\n$0\r\n\r\n:2001\r\n$2001\r\n" + strings.Repeat("\x00", 2000) + "x\r\n")
		b.Close()
	}
	w.unharmed()
}

// TestHazardAliasing lets many clients write values whose bytes are read from shared buffers, and reads them back.
func TestHazardAliasing(t *testing.T) {
	w := watchRedis(t)
	var wg sync.WaitGroup
	for client := range 8 {
		wg.Add(1)
		harness.Go(func() { // ends with its rounds
			defer wg.Done()
			rnd := rand.New(rand.NewPCG(uint64(client), 3))
			c, err := w.s.TryDial()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			want := map[string]string{}
			for range 40 {
				var out []byte
				var expect strings.Builder
				for range 50 {
					k := fmt.Sprintf("c%d:%d", client, rnd.IntN(20))
					if v, ok := want[k]; ok && rnd.IntN(2) == 0 {
						out = harness.AppendCommand(out, []string{"GET", k})
						fmt.Fprintf(&expect, "$%d\r\n%s\r\n", len(v), v)
						continue
					}
					v := strings.Repeat(string(rune('a'+rnd.IntN(26))), rnd.IntN(3000))
					want[k] = v
					out = harness.AppendCommand(out, []string{"SET", k, v})
					expect.WriteString("+OK\r\n")
				}
				c.SetDeadline(time.Now().Add(20 * time.Second))
				if _, err := c.Write(out); err != nil {
					t.Error(err)
					return
				}
				got := make([]byte, expect.Len())
				for n := 0; n < len(got); {
					m, err := c.R.Read(got[n:])
					if n += m; err != nil {
						t.Error(err)
						return
					}
				}
				if string(got) != expect.String() {
					t.Errorf("client %d got other bytes than it wrote", client)
					return
				}
			}
		})
	}
	wg.Wait()
	w.by.Do("FLUSHALL")
	w.by.Do("SET", "bystander", canary)
	w.unharmed()
}

// TestHazardLeaks opens and ends thousands of connections in every way there is: descriptors and threads come back.
func TestHazardLeaks(t *testing.T) {
	for _, watch := range []func(testing.TB, ...string) *watch{watchRedis, watchMemcached} {
		w := watch(t)
		burst(t, w.s) // brings up what the server keeps
		files, threads := w.s.FDs(t), w.s.Threads(t)
		for range 5 {
			burst(t, w.s)
			w.inStep()
		}
		harness.Eventually(t, 10*time.Second, w.s.Kind+": descriptors come back", func() (bool, string) {
			n := w.s.FDs(t)
			return n <= files+3, fmt.Sprintf("%d, before %d", n, files)
		})
		if n := w.s.Threads(t); n > threads+4 {
			t.Errorf("%s: %d threads, before %d", w.s.Kind, n, threads)
		}
		w.unharmed()
	}
}

func burst(t *testing.T, s *harness.Server) {
	t.Helper()
	var conns []*harness.Conn
	for i := range 600 {
		c, err := s.TryDial()
		if err != nil {
			t.Fatal(err)
		}
		switch i % 5 {
		case 1:
			c.Write([]byte("get k\r\n"))
		case 2:
			c.Write([]byte("set k 0 0 10\r\nab"))
		case 3:
			c.Conn.(*net.TCPConn).SetLinger(0)
		case 4:
			c.Conn.(*net.TCPConn).CloseWrite()
		}
		conns = append(conns, c)
	}
	for _, c := range conns {
		c.Close()
	}
}

// TestHazardDeepNesting sends what makes a recursive parser overflow its stack, which no recover can stop.
func TestHazardDeepNesting(t *testing.T) {
	w := watchRedis(t)
	for _, send := range []string{
		strings.Repeat("*1\r\n", 100_000),
		strings.Repeat("*0\r\n", 300_000),
		strings.Repeat("\r\n", 500_000),
		strings.Repeat("(", 60_000) + "\r\n",
		strings.Repeat("[", 60_000) + "\r\n",
		"*2\r\n$4\r\nKEYS\r\n$60000\r\n" + strings.Repeat("[", 60_000) + "\r\n",
		"*2\r\n$4\r\nKEYS\r\n$60000\r\n" + strings.Repeat("*a", 30_000) + "\r\n",
	} {
		c := w.s.Dial(t)
		c.SendAny(send)
		c.SendAny("PING\r\n")
		c.Drain(300 * time.Millisecond)
		c.Close()
		w.inStep()
	}
	w.unharmed()
}
