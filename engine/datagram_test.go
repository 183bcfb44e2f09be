// Datagrams: answered in parts, by nobody's connection, until the server ends; a panic costs one answer.

package engine

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"
)

// echoPackets answers a datagram with itself, in parts of four bytes.
type echoPackets struct{ lineEngine }

func (e *echoPackets) Datagram(w *Worker, c *Conn, in []byte) int {
	switch string(in) {
	case "panic":
		panic("as asked")
	case "nothing":
		return 0
	case "who":
		w.Out = append(w.Out, c.Remote().String()...)
		return maxDatagram
	case "close":
		c.Close("asked to")
		c.Kill("asked to")
		if c.Post(func(*Worker) {}) {
			w.Out = append(w.Out, "posted"...)
		}
	}
	w.Out = append(w.Out, in...)
	return 4
}

func TestDatagrams(t *testing.T) {
	srv, err := NewServer(nil, &echoPackets{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	list := srv.Addresses()
	if len(list) != 1 || list[0].Kind() != "udp" {
		t.Fatalf("addresses %v", list)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve() }()
	c, err := net.Dial("udp", list[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ask := func(in string, want ...string) {
		t.Helper()
		c.SetDeadline(time.Now().Add(patience))
		if _, err := c.Write([]byte(in)); err != nil {
			t.Fatal(err)
		}
		var b [100]byte
		for _, w := range want {
			n, err := c.Read(b[:])
			if err != nil || string(b[:n]) != w {
				t.Errorf("%q: %q, %v, want %q", in, b[:n], err, w)
			}
		}
	}
	before := Panics()
	ask("abcdefghij", "abcd", "efgh", "ij")
	ask("nothing")
	ask("panic")
	ask("close", "clos", "e")
	ask("who", c.LocalAddr().String())
	ask("")
	if n := Panics() - before; n != 1 {
		t.Errorf("%d panics", n)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if st := srv.Stats(); st.BytesIn != 30 || st.BytesOut != 10+5+int64(len(c.LocalAddr().String())) || srv.Count() != 0 {
		t.Errorf("%+v, %d connections", st, srv.Count())
	}
	if again, err := net.ListenPacket("udp4", list[0].String()); err != nil {
		t.Errorf("the port is not free: %v", err)
	} else {
		again.Close()
	}
}

func TestDatagramsAreRefused(t *testing.T) {
	r := start(t, Options{})
	if err := r.srv.ListenPacket("udp4", "127.0.0.1:0"); err == nil || !strings.Contains(err.Error(), "answers no datagrams") {
		t.Errorf("%v", err)
	}
	srv, err := NewServer(nil, &echoPackets{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if err := srv.ListenPacket("udp4", srv.Addresses()[0].String()); err == nil || !strings.Contains(err.Error(), "another process listens there") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := srv.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}
