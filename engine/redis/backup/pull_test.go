package backup

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// answer is a server that talks to one client: it answers words with texts, and SYNC with pieces, each in a write of its own.
func answer(t *testing.T, words map[string]string, pieces ...string) Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		for {
			var n int
			if _, err := fmt.Fscanf(r, "*%d\r\n", &n); err != nil {
				return
			}
			var name string
			for i := range n {
				var size int
				fmt.Fscanf(r, "$%d\r\n", &size)
				b := make([]byte, size+2)
				io.ReadFull(r, b)
				if i == 0 {
					name = string(b[:size])
				}
			}
			if name == "SYNC" {
				for _, p := range pieces {
					io.WriteString(conn, p)
				}
				return
			}
			said, known := words[name]
			if !known {
				said = "-ERR unknown command\r\n"
			}
			io.WriteString(conn, said)
		}
	}()
	return Server{Network: "tcp", Address: l.Addr().String()}
}

func TestPullTakesEveryForm(t *testing.T) {
	data := string(payload(600_000))
	mark := strings.Repeat("0123456789", 4)
	info := "# Server\r\nredis_version:7.0.1\r\n"
	usual := map[string]string{"INFO": fmt.Sprintf("$%d\r\n%s\r\n", len(info), info), "REPLCONF": "+OK\r\n"}
	for what, pieces := range map[string][]string{
		"length":        {"\n", "\n\n", fmt.Sprintf("$%d\r\n", len(data)), data},
		"mark":          {"$EOF:" + mark + "\r\n", data, mark},
		"mark in parts": {"$EOF:" + mark + "\r\n" + data + mark[:7], mark[7:]},
		"all at once":   {"$EOF:" + mark + "\r\n" + data + mark + "\n"},
		"byte by byte":  append([]string{"$EOF:" + mark + "\r\n", data}, strings.Split(mark+"\n", "")...),
	} {
		for _, words := range []map[string]string{usual, nil} {
			var got bytes.Buffer
			p, err := Pull(context.Background(), answer(t, words, pieces...), &got, &Meter{})
			if err != nil || got.String() != data || p.Bytes != int64(len(data)) {
				t.Errorf("%s: %d bytes, %v", what, got.Len(), err)
			}
			if words != nil && p.Version != "redis 7.0.1" {
				t.Errorf("version %q", p.Version)
			}
		}
	}
}

func TestPullRefusesWhatIsNoSnapshot(t *testing.T) {
	mark := strings.Repeat("ab", 20)
	for _, c := range []struct {
		pieces []string
		want   error
	}{
		{[]string{"-NOPERM no\r\n"}, ErrRefused},
		{[]string{"+OK\r\n"}, ErrStrange},
		{[]string{"$-1\r\n"}, ErrStrange},
		{[]string{"$9x\r\n"}, ErrStrange},
		{[]string{"$EOF:short\r\n"}, ErrStrange},
		{[]string{"$100\r\nonly this"}, io.ErrUnexpectedEOF},
		{[]string{"$EOF:" + mark + "\r\n", "data without an end"}, io.ErrUnexpectedEOF},
		{nil, io.ErrUnexpectedEOF},
	} {
		if _, err := Pull(context.Background(), answer(t, nil, c.pieces...), io.Discard, &Meter{}); !errors.Is(err, c.want) {
			t.Errorf("%q: %v", c.pieces, err)
		}
	}
	s := answer(t, map[string]string{"AUTH": "-WRONGPASS invalid\r\n"})
	s.Password = "x"
	if _, err := Pull(context.Background(), s, io.Discard, &Meter{}); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "WRONGPASS") {
		t.Errorf("%v", err)
	}
}
