// migration: the talk with the server that keys move to.

package redis

import (
	"bufio"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// migration is a connection to another server. Requests are sent while they are made, replies read when all of them are out.
type migration struct {
	conn    net.Conn
	timeout time.Duration // of every step that the network takes
	to      *bufio.Writer
	from    *bufio.Reader
}

// dialMigration connects. The texts tell apart only what the original tells apart: a name that means no address, and all the rest.
func dialMigration(host, port string, timeout time.Duration) (*migration, error) {
	n, _ := strconv.ParseUint(port, 10, 16)
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, strconv.FormatUint(n, 10)), timeout)
	var noAddress *net.DNSError
	switch {
	case errors.As(err, &noAddress):
		return nil, errMigrateDial
	case err != nil:
		return nil, errMigrateWrite
	}
	m := &migration{conn: conn, timeout: timeout}
	m.to, m.from = bufio.NewWriterSize(m, 64<<10), bufio.NewReader(conn)
	return m, nil
}

func (m *migration) close() { _ = m.conn.Close() }

// Write sends, with the time limit that begins anew with every step.
func (m *migration) Write(b []byte) (int, error) {
	if err := m.conn.SetWriteDeadline(time.Now().Add(m.timeout)); err != nil {
		return 0, err
	}
	return m.conn.Write(b)
}

// begin sends one request.
func (m *migration) begin(words ...[]byte) {
	m.to.Write(resp.AppendArray(m.to.AvailableBuffer(), len(words))) // a bufio.Writer keeps its error
	for _, w := range words {
		m.to.Write(resp.AppendBulk(m.to.AvailableBuffer(), w))
	}
}

// enter logs in, if there is a password, and chooses the database. Nothing is sent before both have worked: it would go into another database.
func (m *migration) enter(user, password []byte, db int64) error {
	n := 1
	switch {
	case user != nil:
		m.begin([]byte("AUTH"), user, password)
		n++
	case password != nil:
		m.begin([]byte("AUTH"), password)
		n++
	}
	m.begin([]byte("SELECT"), strconv.AppendInt(nil, db, 10))
	_, err := m.answers(n)
	return err
}

func (m *migration) restore(name []byte, ttl int64, payload []byte, replace bool) {
	at := strconv.AppendInt(nil, ttl, 10)
	if replace {
		m.begin([]byte("RESTORE"), name, at, payload, []byte("REPLACE"))
	} else {
		m.begin([]byte("RESTORE"), name, at, payload)
	}
}

// answers sends what was begun, reads so many replies, and tells which are no errors. The error is the first thing that went wrong, as the client is told it.
func (m *migration) answers(n int) (good []bool, err error) {
	if m.to.Flush() != nil {
		return nil, errMigrateWrite
	}
	for range n {
		line, e := m.answer()
		if e != nil {
			return good, errMigrateRead
		}
		refused := line[0] == '-'
		if refused && err == nil {
			err = replyError("ERR Target instance replied with error: " + line[1:])
		}
		good = append(good, !refused)
	}
	return good, err
}

// answer reads one reply, which is a line of a bounded length.
func (m *migration) answer() (string, error) {
	if err := m.conn.SetReadDeadline(time.Now().Add(m.timeout)); err != nil {
		return "", err
	}
	line, err := m.from.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	text := strings.TrimRight(string(line), "\r\n")
	if text == "" {
		return "", errMigrateRead
	}
	return text, nil
}
