// Tests of the writer: exact bytes in both versions, and that one reply stays one reply.

package resp

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func TestAppend(t *testing.T) {
	for _, c := range []struct {
		got  []byte
		want string
	}{
		{AppendInt(nil, 7), ":7\r\n"},
		{AppendInt(nil, 10), ":10\r\n"},
		{AppendInt(nil, -3), ":-3\r\n"},
		{AppendInt(nil, math.MinInt64), ":-9223372036854775808\r\n"},
		{AppendStatus(nil, "OK"), "+OK\r\n"},
		{AppendError(nil, "ERR a\r\nb\n"), "-ERR a  b\r\n"},
		{AppendError(nil, ""), "-\r\n"},
		{AppendBulk(nil, nil), "$0\r\n\r\n"},
		{AppendBulk(nil, []byte("a\r\nb")), "$4\r\na\r\nb\r\n"},
		{AppendBulk(nil, bytes.Repeat([]byte("x"), 99)), "$99\r\n" + strings.Repeat("x", 99) + "\r\n"},
		{AppendBulk(nil, bytes.Repeat([]byte("x"), 100)), "$100\r\n" + strings.Repeat("x", 100) + "\r\n"},
		{AppendBulkString(nil, "abc"), "$3\r\nabc\r\n"},
		{AppendBulkInt(nil, -12), "$3\r\n-12\r\n"},
		{AppendVerbatim(nil, false, "txt", "hi"), "$2\r\nhi\r\n"},
		{AppendVerbatim(nil, true, "txt", "hi"), "=6\r\ntxt:hi\r\n"},
		{AppendArray(nil, 12), "*12\r\n"},
		{AppendSet(nil, false, 3), "*3\r\n"},
		{AppendSet(nil, true, 3), "~3\r\n"},
		{AppendMap(nil, false, 3), "*6\r\n"},
		{AppendMap(nil, true, 3), "%3\r\n"},
		{AppendNull(nil, false), "$-1\r\n"},
		{AppendNull(nil, true), "_\r\n"},
		{AppendNullArray(nil, false), "*-1\r\n"},
		{AppendNullArray(nil, true), "_\r\n"},
		{AppendBool(nil, false, true), ":1\r\n"},
		{AppendBool(nil, false, false), ":0\r\n"},
		{AppendBool(nil, true, true), "#t\r\n"},
		{AppendBool(nil, true, false), "#f\r\n"},
		{AppendDouble(nil, true, 1.5), ",1.5\r\n"},
		{AppendDouble(nil, false, 1.5), "$3\r\n1.5\r\n"},
		{AppendDouble(nil, true, math.Inf(-1)), ",-inf\r\n"},
		{AppendDouble(nil, true, math.Inf(1)), ",inf\r\n"},
		{AppendDouble(nil, true, math.NaN()), ",nan\r\n"},
	} {
		if string(c.got) != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
