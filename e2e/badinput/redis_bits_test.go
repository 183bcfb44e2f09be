// Rows R17 and R19 for bitmaps and HyperLogLogs: places beyond the end, forged values, and the advisories that are about them.

package badinput

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestR17BitPlaces(t *testing.T) {
	w := watchRedis(t)
	const noPlace = "-ERR bit offset is not an integer or out of range\r\n"
	w.play([]exchange{
		{name: "SETBIT at 512 MB", send: harness.Command("SETBIT", "k", "4294967296", "1"), want: noPlace},
		{name: "SETBIT at 2^32 bytes", send: harness.Command("SETBIT", "k", "34359738368", "1"), want: noPlace},
		{name: "SETBIT at the end of int64", send: harness.Command("SETBIT", "k", "9223372036854775807", "1"), want: noPlace},
		{name: "GETBIT before the start", send: harness.Command("GETBIT", "k", "-1"), want: noPlace},
		{name: "BITFIELD of u63 in units that overflow (CVE-2021-32761)", send: harness.Command("BITFIELD", "k", "SET", "u63", "#146402730743726601", "1"), want: noPlace},
		{name: "BITFIELD in units whose product is zero", send: harness.Command("BITFIELD", "k", "INCRBY", "u8", "#2305843009213693952", "1"), want: noPlace},
		{name: "BITFIELD behind 512 MB", send: harness.Command("BITFIELD", "k", "GET", "u8", "4294967295", "GET", "i64", "4294967295"), want: "*2\r\n:0\r\n:0\r\n"},
		{name: "BITCOUNT over everything", send: harness.Command("SET", "b", "abc") + harness.Command("BITCOUNT", "b", "-9223372036854775808", "9223372036854775807", "BIT"), want: "+OK\r\n:10\r\n"},
		{name: "BITCOUNT behind the end", send: harness.Command("BITCOUNT", "b", "9223372036854775807", "9223372036854775807"), want: ":0\r\n"},
		{name: "BITPOS behind the end", send: harness.Command("BITPOS", "b", "0", "9223372036854775807", "-1", "BIT"), want: ":-1\r\n"},
		{name: "nothing was made", send: harness.Command("EXISTS", "k"), want: ":0\r\n"},
	})
	w.unharmed()
}

// TestR19ForgedHyperLogLog plays the headers and runs that once were read and written beyond their ends (CVE-2019-10192, CVE-2019-10193,
// CVE-2025-32023).
func TestR19ForgedHyperLogLog(t *testing.T) {
	w := watchRedis(t)
	const notHLL = "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"
	const corrupt = "-INVALIDOBJ Corrupted HLL object detected\r\n"
	head := "HYLL\x01" + strings.Repeat("\x00", 10) + "\x80"
	ask := func(v, want string, lines ...string) {
		t.Helper()
		w.by.Ask(harness.Command("SET", "h", v), "+OK\r\n")
		for _, l := range lines {
			w.by.Ask(harness.Command(strings.Fields(l)...), want)
		}
	}
	all := []string{"PFCOUNT h", "PFCOUNT good h", "PFMERGE h good", "PFMERGE new good h", "PFDEBUG GETREG h", "PFDEBUG TODENSE h"}
	w.by.Ask(harness.Command("PFADD", "good", "a"), ":1\r\n")
	ask("HYLL\x00"+head[5:], notHLL, append(all, "PFADD h a")...)
	ask("HYLL\x00"+head[5:]+strings.Repeat("\x00", 12289), notHLL, append(all, "PFADD h a")...)
	ask("HYLL\x07"+head[5:]+"\x7f\xff", notHLL, append(all, "PFADD h a")...)
	ask(head, corrupt, append(all, "PFADD h a")...)
	ask(head+"\x7f", corrupt, append(all, "PFADD h a")...)
	ask(head+strings.Repeat("\x7f\xff", 70_000), corrupt, append(all, "PFADD h a")...) // whose sum overflows 31 bits
	ask(head+"\x7f\xfe\xff", corrupt, all...)                                          // the last value goes beyond the last register
	ask(head+strings.Repeat("\xfc", 16385), corrupt, all...)
	ask("HYLL\x00"+head[5:]+strings.Repeat("\xff", 12288), ":-9223372036854775808\r\n", "PFCOUNT h", "PFCOUNT good h")
	w.by.Ask(harness.Command("DEL", "h", "good"), ":2\r\n")
	w.unharmed()
}
