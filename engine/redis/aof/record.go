// Records and annotations as bytes.

package aof

import (
	"hash/crc32"
	"strconv"
	"strings"
)

// AppendCommand appends a record: the command's words as an array of strings.
func AppendCommand(b []byte, words [][]byte) []byte {
	b = AppendCount(b, '*', len(words))
	for _, w := range words {
		b = AppendWord(b, w)
	}
	return b
}

// AppendWord appends one of a command's words.
func AppendWord(b, w []byte) []byte {
	b = append(AppendCount(b, '$', len(w)), w...)
	return append(b, '\r', '\n')
}

// AppendCount appends a mark, '*' or '$', and the number that belongs to it, the most frequent ones without a loop.
func AppendCount(b []byte, mark byte, n int) []byte {
	if n < 10 {
		return append(b, mark, byte('0'+n), '\r', '\n')
	}
	if n < 100 {
		return append(b, mark, byte('0'+n/10), byte('0'+n%10), '\r', '\n')
	}
	b = strconv.AppendInt(append(b, mark), int64(n), 10)
	return append(b, '\r', '\n')
}

// appendSelect appends the record that chooses a database, behind a mark by which it is known as ours.
func appendSelect(b []byte, db int) []byte {
	var digits [20]byte
	d := strconv.AppendInt(digits[:0], int64(db), 10)
	return AppendWord(append(b, "#\r\n*2\r\n$6\r\nSELECT\r\n"...), d)
}

// AppendTime appends the annotation of a time, in Unix seconds.
func AppendTime(b []byte, seconds int64) []byte {
	b = strconv.AppendInt(append(b, timeMark...), seconds, 10)
	return append(b, '\r', '\n')
}

// The beginnings of annotations.
const (
	timeMark = "#TS:"
	sumMark  = "#CRC:"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sum is a checksum of what has been written since the last one.
type sum struct {
	crc uint32
	n   int64
}

func (s *sum) add(b []byte) {
	s.crc = crc32.Update(s.crc, castagnoli, b)
	s.n += int64(len(b))
}

const hexDigits = "0123456789abcdef"

// appendSum appends the annotation that ends a group; synced below 0 is left out.
func appendSum(b []byte, s sum, synced int64) []byte {
	b = append(b, sumMark...)
	for shift := 28; shift >= 0; shift -= 4 {
		b = append(b, hexDigits[s.crc>>shift&15])
	}
	b = strconv.AppendInt(append(b, ' '), s.n, 10)
	if synced >= 0 {
		b = strconv.AppendInt(append(b, ' '), synced, 10)
	}
	return append(b, '\r', '\n')
}

// parseSum reads such a line, without its end.
func parseSum(line []byte) (s sum, synced int64, ok bool) {
	const digits = len(sumMark) + 8
	if len(line) < digits+2 || string(line[:len(sumMark)]) != sumMark || line[digits] != ' ' {
		return s, 0, false
	}
	for _, c := range line[len(sumMark):digits] {
		d := strings.IndexByte(hexDigits, c)
		if d < 0 {
			return s, 0, false
		}
		s.crc = s.crc<<4 | uint32(d)
	}
	rest := line[digits+1:]
	n, used := digitsOf(rest)
	if s.n = n; used == 0 || used == len(rest) {
		return s, -1, used > 0
	}
	if rest[used] != ' ' {
		return s, 0, false
	}
	rest = rest[used+1:]
	synced, used = digitsOf(rest)
	return s, synced, used > 0 && used == len(rest)
}

// digitsOf reads a number of at most 18 digits.
func digitsOf(b []byte) (n int64, used int) {
	for used < len(b) && used < 18 && b[used] >= '0' && b[used] <= '9' {
		n = n*10 + int64(b[used]-'0')
		used++
	}
	return n, used
}
