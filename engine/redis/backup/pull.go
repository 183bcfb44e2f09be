// Pull: a snapshot of a running server, over the network.

package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Server is how a server is reached.
type Server struct {
	Network, Address string // tcp and host:port, or unix and a path
	TLS              *tls.Config
	User, Password   string
}

// Pulled is what was learned of the server.
type Pulled struct {
	Version string // redis 7.0.15, say
	Bytes   int64
}

// Errors of Pull that are not the network's.
var (
	ErrRefused = errors.New("the server refuses")
	ErrStrange = errors.New("the server answers with something that is no snapshot")
)

// Pull asks a server for a snapshot as of now and writes it to w. Servers of all makes that speak SYNC understand this; the data is consistent while
// they go on serving. What is written is not checked.
func Pull(ctx context.Context, s Server, w io.Writer, meter *Meter) (p Pulled, err error) {
	watched, end := meter.Watch(ctx)
	defer end()
	defer func() {
		if cause := context.Cause(watched); err != nil && cause != nil {
			err = fmt.Errorf("%s: %w", s.Address, cause)
		}
	}()
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(watched, s.Network, s.Address)
	if err != nil {
		return p, err
	}
	defer conn.Close()
	stop := context.AfterFunc(watched, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if s.TLS != nil {
		secured := tls.Client(conn, s.TLS)
		if err := secured.HandshakeContext(watched); err != nil {
			return p, fmt.Errorf("%s: %w", s.Address, err)
		}
		conn = secured
	}
	l := &link{conn: conn, r: bufio.NewReaderSize(&metered{ctx: watched, m: meter, r: conn}, 256<<10), meter: meter}
	if err := l.greet(s, &p); err != nil {
		return p, fmt.Errorf("%s: %w", s.Address, err)
	}
	p.Bytes, err = l.snapshot(w)
	if err != nil {
		err = fmt.Errorf("%s: %w", s.Address, err)
	}
	return p, err
}

// link is a connection to a server.
type link struct {
	conn  net.Conn
	r     *bufio.Reader
	meter *Meter
}

// longestReply is what is read of an answer that is not the snapshot.
const longestReply = 1 << 20

// ask sends a command and gives the answer, a status or a text. An error of the server's is ErrRefused.
func (l *link) ask(words ...string) (string, error) {
	if err := l.send(words...); err != nil {
		return "", err
	}
	line, err := l.line()
	if err != nil {
		return "", err
	}
	switch {
	case line == "":
		return "", ErrStrange
	case line[0] == '+':
		return line[1:], nil
	case line[0] == '-':
		return "", fmt.Errorf("%w %s: %s", ErrRefused, words[0], line[1:])
	case line[0] != '$':
		return "", ErrStrange
	}
	n, err := strconv.Atoi(line[1:])
	if err != nil || n < 0 || n > longestReply {
		return "", ErrStrange
	}
	b, err := io.ReadAll(io.LimitReader(l.r, int64(n)+2))
	if err != nil {
		return "", err
	}
	if len(b) != n+2 {
		return "", io.ErrUnexpectedEOF
	}
	return string(b[:n]), nil
}

func (l *link) send(words ...string) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
	}
	_, err := l.conn.Write(b.Bytes())
	return err
}

func (l *link) line() (string, error) {
	line, err := l.r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		return "", ErrStrange
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return string(bytes.TrimRight(line, "\r\n")), err
}

// greet logs in and says what is wanted. Servers that do not know a wish send the data in another form.
func (l *link) greet(s Server, p *Pulled) error {
	if s.Password != "" {
		words := []string{"AUTH", s.Password}
		if s.User != "" {
			words = []string{"AUTH", s.User, s.Password}
		}
		if _, err := l.ask(words...); err != nil {
			return err
		}
	}
	info, err := l.ask("INFO", "server")
	if err != nil && !errors.Is(err, ErrRefused) {
		return err
	}
	p.Version = versionFrom(info)
	for _, wish := range [][]string{{"REPLCONF", "capa", "eof"}, {"REPLCONF", "rdb-only", "1"}} {
		if _, err := l.ask(wish...); err != nil && !errors.Is(err, ErrRefused) {
			return err
		}
	}
	return l.send("SYNC")
}

// versionFrom reads what INFO says.
func versionFrom(info string) string {
	for _, name := range []string{"cachesrv_version:", "valkey_version:", "redis_version:"} {
		for line := range strings.Lines(info) {
			if v, is := strings.CutPrefix(line, name); is {
				return strings.TrimSuffix(name, "_version:") + " " + strings.TrimSpace(v)
			}
		}
	}
	return ""
}

const markLength = 40

// snapshot reads the answer to SYNC.
func (l *link) snapshot(w io.Writer) (int64, error) {
	for {
		line, err := l.line()
		if err != nil {
			return 0, err
		}
		switch {
		case line == "": // a sign of life while the snapshot is made
			continue
		case line[0] == '-':
			return 0, fmt.Errorf("%w SYNC: %s", ErrRefused, line[1:])
		case strings.HasPrefix(line, "$EOF:") && len(line) == 5+markLength:
			l.meter.Expect(0)
			return l.untilMark(w, []byte(line[5:]))
		case line[0] == '$':
			n, err := strconv.ParseInt(line[1:], 10, 64)
			if err != nil || n < 0 {
				return 0, ErrStrange
			}
			l.meter.Expect(n)
			got, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{io.LimitReader(l.r, n)}, make([]byte, 256<<10))
			if err == nil && got != n {
				err = fmt.Errorf("%w: %d of %d bytes", io.ErrUnexpectedEOF, got, n)
			}
			return got, err
		default:
			return 0, ErrStrange
		}
	}
}

// untilMark copies up to a mark that the data does not hold, behind which the server says nothing but newlines.
func (l *link) untilMark(w io.Writer, mark []byte) (n int64, err error) {
	buf := make([]byte, 0, 256<<10)
	for {
		got, err := l.r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+got]
		if data, ended := bytes.CutSuffix(bytes.TrimRight(buf, "\n"), mark); ended {
			_, err := w.Write(data)
			return n + int64(len(data)), err
		}
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return n, err
		}
		// The mark, and newlines behind it, may have come in part.
		keep := min(len(buf), 4*markLength)
		out := buf[:len(buf)-keep]
		if _, err := w.Write(out); err != nil {
			return n, err
		}
		n += int64(len(out))
		buf = buf[:copy(buf, buf[len(out):])]
	}
}
