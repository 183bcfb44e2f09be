// A plain client for the questions around a load: is it up, how many keys, how much memory. Not for the load itself.

package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

const controlTimeout = 60 * time.Second

// control is a connection that is asked one thing at a time.
type control struct {
	target *target
	conn   net.Conn
	parser replyParser
	in     *bufio.Reader

	patience time.Duration // how long an answer may take
}

// answer is a reply that owns its bytes.
type answer struct {
	kind kind
	text string // the body, or the line without its marker
}

func newControl(t *target, c net.Conn) *control {
	return &control{target: t, conn: c, parser: t.proto.plain().parser(true), in: bufio.NewReaderSize(c, 4<<10), patience: controlTimeout}
}

// openControl connects to t.
func openControl(t *target) (*control, error) {
	c, err := t.dial()
	if err != nil {
		return nil, err
	}
	return newControl(t, c), nil
}

func (k *control) close() { k.conn.Close() }

// do sends one Redis command.
func (k *control) do(words ...string) (answer, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
	}
	return k.ask(b.String())
}

// ask sends request as it is and reads one reply.
func (k *control) ask(request string) (answer, error) {
	if err := k.send(request); err != nil {
		return answer{}, err
	}
	var r reply
	for {
		if _, err := k.in.Peek(1); err != nil {
			return answer{}, plainError(err)
		}
		data, _ := k.in.Peek(k.in.Buffered())
		taken, done, err := k.parser.next(data, &r)
		if err != nil {
			return answer{}, err
		}
		if done {
			a := answer{kind: r.kind, text: string(r.body)}
			if r.body == nil {
				a.text = strings.TrimLeft(string(r.line), "+-:")
			}
			k.in.Discard(taken)
			return a, nil
		}
		k.in.Discard(taken)
	}
}

func (k *control) send(request string) error {
	k.conn.SetDeadline(time.Now().Add(k.patience))
	_, err := io.WriteString(k.conn, request)
	return plainError(err)
}

// stats asks memcached for its general statistics.
func (k *control) stats() (map[string]string, error) {
	if err := k.send("stats\r\n"); err != nil {
		return nil, err
	}
	m := map[string]string{}
	for {
		line, err := k.in.ReadString('\n')
		if err != nil {
			return nil, plainError(err)
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "END" {
			return m, nil
		}
		words := strings.SplitN(line, " ", 3)
		if len(words) < 3 || words[0] != "STAT" {
			return nil, fmt.Errorf("stats answered %q", line)
		}
		m[words[1]] = words[2]
	}
}

// info asks Redis for a section of INFO, as field -> value.
func (k *control) info(section string) (map[string]string, error) {
	a, err := k.do("INFO", section)
	if err != nil {
		return nil, err
	}
	if a.kind == kindError {
		return nil, fmt.Errorf("INFO: %s", a.text)
	}
	m := map[string]string{}
	for line := range strings.SplitSeq(a.text, "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			m[name] = value
		}
	}
	return m, nil
}

// ping waits for a sign of life.
func (k *control) ping() error {
	request := "*1\r\n$4\r\nPING\r\n"
	if k.target.proto.memcached() {
		request = "version\r\n"
	}
	a, err := k.ask(request)
	if err == nil && a.kind == kindError {
		err = fmt.Errorf("answered %q", a.text)
	}
	return err
}

// count is the number of keys that the server says it holds.
func (k *control) count() (int64, error) {
	if k.target.proto.memcached() {
		m, err := k.stats()
		if err != nil {
			return 0, err
		}
		return strconv.ParseInt(m["curr_items"], 10, 64)
	}
	a, err := k.do("DBSIZE")
	if err != nil {
		return 0, err
	}
	if a.kind == kindError {
		return 0, fmt.Errorf("DBSIZE: %s", a.text)
	}
	return strconv.ParseInt(a.text, 10, 64)
}

// flush removes every key.
func (k *control) flush() error {
	request := "*1\r\n$8\r\nFLUSHALL\r\n"
	if k.target.proto.memcached() {
		request = "flush_all\r\n"
	}
	a, err := k.ask(request)
	if err == nil && a.kind == kindError {
		err = fmt.Errorf("flush: %s", a.text)
	}
	return err
}

// used is the memory that the server says its data takes, and its limit (0: none).
func (k *control) used() (used, limit int64, evicted int64, err error) {
	if k.target.proto.memcached() {
		m, err := k.stats()
		if err != nil {
			return 0, 0, 0, err
		}
		return number(m["bytes"]), number(m["limit_maxbytes"]), number(m["evictions"]), nil
	}
	m, err := k.info("memory")
	if err != nil {
		return 0, 0, 0, err
	}
	s, err := k.info("stats")
	if err != nil {
		return 0, 0, 0, err
	}
	return number(m["used_memory"]), number(m["maxmemory"]), number(s["evicted_keys"]), nil
}

// version is the server's version as it tells it, "" if it does not.
func (k *control) version() string {
	if k.target.proto.memcached() {
		m, err := k.stats()
		if err != nil {
			return ""
		}
		return m["version"]
	}
	m, err := k.info("server")
	if err != nil {
		return ""
	}
	for _, field := range []string{"cachesrv_version", "valkey_version", "redis_version"} {
		if m[field] != "" {
			return m[field]
		}
	}
	return ""
}

// number reads a statistic; what is not there counts as 0.
func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// plainError says "the connection was closed" for the end of a stream, which "EOF" tells nobody.
func plainError(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errClosed
	}
	return err
}
