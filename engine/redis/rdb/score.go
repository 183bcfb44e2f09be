// Scores in decimal.

package rdb

import (
	"math"
	"strconv"
)

// longestScore bounds what is parsed: the longest that any version writes has 24 digits, point and exponent included; fields of the oldest
// format allow 252.
const longestScore = 252

// parseScore reads a finite decimal number or an infinity. What C's parser would take beyond that (hexadecimal, leading blanks, nan) no
// version ever wrote.
func parseScore(b []byte) (float64, bool) {
	if len(b) == 0 || len(b) > longestScore {
		return 0, false
	}
	switch string(b) {
	case "inf", "+inf":
		return math.Inf(1), true
	case "-inf":
		return math.Inf(-1), true
	}
	for _, c := range b {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(string(b), 64)
	return f, err == nil
}
