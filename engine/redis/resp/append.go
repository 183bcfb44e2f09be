// Append functions: one protocol element each. The version is passed where the two differ.

package resp

import "strconv"

// AppendInt appends ":n".
func AppendInt(b []byte, n int64) []byte {
	if uint64(n) <= 9 {
		return append(b, ':', '0'+byte(n), '\r', '\n')
	}
	b = append(b, ':')
	b = strconv.AppendInt(b, n, 10)
	return append(b, '\r', '\n')
}

// AppendStatus appends "+s".
func AppendStatus(b []byte, s string) []byte {
	b = append(b, '+')
	b = append(b, s...)
	return append(b, '\r', '\n')
}

// AppendError appends "-s"; line ends inside s become spaces, so that one reply stays one reply.
func AppendError(b []byte, s string) []byte {
	b = append(b, '-')
	for len(s) > 0 && (s[len(s)-1] == '\r' || s[len(s)-1] == '\n') {
		s = s[:len(s)-1]
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\r' || c == '\n' {
			c = ' '
		}
		b = append(b, c)
	}
	return append(b, '\r', '\n')
}

// head appends a type byte and a length.
func head(b []byte, kind byte, n int) []byte {
	if uint(n) <= 9 {
		return append(b, kind, '0'+byte(n), '\r', '\n')
	}
	if uint(n) <= 99 {
		return append(b, kind, '0'+byte(n/10), '0'+byte(n%10), '\r', '\n')
	}
	b = append(b, kind)
	b = strconv.AppendInt(b, int64(n), 10)
	return append(b, '\r', '\n')
}

// AppendBulk appends a string of any bytes.
func AppendBulk(b, s []byte) []byte {
	b = head(b, '$', len(s))
	b = append(b, s...)
	return append(b, '\r', '\n')
}

// AppendBulkString is AppendBulk for a Go string.
func AppendBulkString(b []byte, s string) []byte {
	b = head(b, '$', len(s))
	b = append(b, s...)
	return append(b, '\r', '\n')
}

// AppendBulkInt appends a number written as a string.
func AppendBulkInt(b []byte, n int64) []byte {
	var digits [20]byte
	return AppendBulk(b, strconv.AppendInt(digits[:0], n, 10))
}

// AppendVerbatim appends a text for people: "=" in version 3 with its three-letter format, a plain string in 2.
func AppendVerbatim(b []byte, v3 bool, format, s string) []byte {
	if !v3 {
		return AppendBulkString(b, s)
	}
	b = head(b, '=', len(s)+4)
	b = append(b, format...)
	b = append(b, ':')
	b = append(b, s...)
	return append(b, '\r', '\n')
}

// AppendArray, AppendSet and AppendMap append the head of n elements (AppendMap: n pairs).
func AppendArray(b []byte, n int) []byte { return head(b, '*', n) }

// AppendSet is an array in version 2.
func AppendSet(b []byte, v3 bool, n int) []byte {
	if v3 {
		return head(b, '~', n)
	}
	return head(b, '*', n)
}

// AppendMap is an array of twice as many in version 2.
func AppendMap(b []byte, v3 bool, n int) []byte {
	if v3 {
		return head(b, '%', n)
	}
	return head(b, '*', 2*n)
}

// AppendNull appends "no value" where a string could be; AppendNullArray where an array could.
func AppendNull(b []byte, v3 bool) []byte {
	if v3 {
		return append(b, "_\r\n"...)
	}
	return append(b, "$-1\r\n"...)
}

// AppendNullArray appends "no value" where an array could be.
func AppendNullArray(b []byte, v3 bool) []byte {
	if v3 {
		return append(b, "_\r\n"...)
	}
	return append(b, "*-1\r\n"...)
}

// AppendBool appends a truth value, a number in version 2.
func AppendBool(b []byte, v3, v bool) []byte {
	switch {
	case v3 && v:
		return append(b, "#t\r\n"...)
	case v3:
		return append(b, "#f\r\n"...)
	case v:
		return append(b, ":1\r\n"...)
	}
	return append(b, ":0\r\n"...)
}

// AppendDouble appends a floating point number, a string in version 2.
func AppendDouble(b []byte, v3 bool, f float64) []byte {
	if !v3 {
		var buf [longDouble]byte
		return AppendBulk(b, AppendFloat(buf[:0], f))
	}
	b = AppendFloat(append(b, ','), f)
	return append(b, '\r', '\n')
}
