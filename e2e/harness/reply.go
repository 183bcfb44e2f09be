// One RESP value of either protocol version, kept with the exact bytes it came in.

package harness

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Reply is one RESP value. Raw is the whole of it as received; Str is the text of a simple value, Elems the
// members of an aggregate (a map's keys and values in turn).
type Reply struct {
	Kind  byte // the first byte of the wire form: + - : $ * _ , # ! = ( % ~ > |
	Null  bool
	Str   string
	Elems []Reply
	Raw   string
}

// maxDepth bounds nested aggregates: a broken server must not overflow the reader's stack.
const maxDepth = 64

// ReadReply reads one value.
func ReadReply(r *bufio.Reader) (Reply, error) { return readReply(r, 0) }

func readReply(r *bufio.Reader, depth int) (Reply, error) {
	if depth > maxDepth {
		return Reply{}, fmt.Errorf("reply nested deeper than %d", maxDepth)
	}
	line, err := r.ReadString('\n')
	if err != nil {
		return Reply{Raw: line}, err
	}
	if len(line) < 3 || line[len(line)-2] != '\r' {
		return Reply{Raw: line}, fmt.Errorf("not a RESP line: %q", line)
	}
	v := Reply{Kind: line[0], Str: line[1 : len(line)-2], Raw: line}
	switch v.Kind {
	case '+', '-', ':', ',', '#', '(':
		return v, nil
	case '_':
		v.Null = true
		return v, nil
	case '$', '=', '!':
		return readBulk(r, v)
	case '*', '~', '>', '%', '|':
		return readAggregate(r, v, depth)
	}
	return v, fmt.Errorf("unknown reply type: %q", line)
}

func readBulk(r *bufio.Reader, v Reply) (Reply, error) {
	n, err := strconv.Atoi(v.Str)
	if err != nil || n < -1 || n > 1<<30 {
		return v, fmt.Errorf("bad length: %q", v.Raw)
	}
	if n == -1 {
		v.Null, v.Str = true, ""
		return v, nil
	}
	b := make([]byte, n+2)
	if _, err := io.ReadFull(r, b); err != nil {
		return v, err
	}
	if string(b[n:]) != "\r\n" {
		return v, fmt.Errorf("bulk of %d bytes does not end with CRLF", n)
	}
	v.Str = string(b[:n])
	v.Raw += string(b)
	return v, nil
}

func readAggregate(r *bufio.Reader, v Reply, depth int) (Reply, error) {
	n, err := strconv.Atoi(v.Str)
	if err != nil || n < -1 || n > 1<<26 {
		return v, fmt.Errorf("bad count: %q", v.Raw)
	}
	v.Str = ""
	if n == -1 {
		v.Null = true
		return v, nil
	}
	if v.Kind == '%' || v.Kind == '|' {
		n *= 2
	}
	var raw strings.Builder
	raw.WriteString(v.Raw)
	for range n {
		e, err := readReply(r, depth+1)
		if err != nil {
			return v, err
		}
		raw.WriteString(e.Raw)
		v.Elems = append(v.Elems, e)
	}
	v.Raw = raw.String()
	if v.Kind == '|' { // attributes stand before the value they describe
		next, err := readReply(r, depth+1)
		next.Raw = v.Raw + next.Raw
		return next, err
	}
	return v, nil
}

// Strings are the texts of an aggregate's members.
func (v Reply) Strings() []string {
	out := make([]string, len(v.Elems))
	for i, e := range v.Elems {
		out[i] = e.Str
	}
	return out
}

// Get looks a key up in a map, or in an array that stands for one.
func (v Reply) Get(key string) (Reply, bool) {
	for i := 0; i+1 < len(v.Elems); i += 2 {
		if v.Elems[i].Str == key {
			return v.Elems[i+1], true
		}
	}
	return Reply{}, false
}

// IsError says whether the value is an error.
func (v Reply) IsError() bool { return v.Kind == '-' || v.Kind == '!' }

// String is a short form for messages.
func (v Reply) String() string { return fmt.Sprintf("%q", clip(v.Raw)) }
