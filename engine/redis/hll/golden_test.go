// What redis-server 7.0.15 made of the numbers from 0 on: the length of the string, its MurmurHash64A with the seed of the format, and PFCOUNT.

package hll

var golden = []struct {
	n     int
	size  int
	hash  uint64
	count uint64
}{
	{0, 18, 0x220b61d95dbd2067, 0},
	{1, 21, 0xdc086d102f7c63e, 1},
	{2, 24, 0x6146a2615d9ed74f, 2},
	{10, 48, 0xa3c6715b99b5cdda, 10},
	{100, 287, 0xd313babc3135717b, 100},
	{500, 1061, 0x88337df2a55be671, 503},
	{900, 1750, 0x8d448ab18cdc601a, 902},
	{1100, 2096, 0x6ae3a584214de05a, 1103},
	{1500, 2766, 0x99b9702ae00fbabf, 1512},
	{2000, 12304, 0x66312af23248b33a, 2007},
	{5000, 12304, 0x120efdd14aecea37, 4985},
	{20000, 12304, 0x1d9e36a4d47b8790, 19891},
	{100000, 12304, 0x8486103b009903d4, 99565},
}
