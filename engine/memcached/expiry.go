// Expiry: what the number in a command means as a moment.

package memcached

import "math"

// relativeMax is the longest expiry in seconds that counts from now; more is a Unix time.
const relativeMax = 60 * 60 * 24 * 30

// gone is the moment of an item that expires as it is stored: later than "never", earlier than any clock.
const gone int64 = 1

// deadline turns the expiry of a command into Unix ms: 0 is never, and gone is returned for negative numbers
// and for moments that have passed. Numbers beyond 32 bits are taken as they are, where the original cuts them.
func deadline(seconds, nowMS int64) int64 {
	switch {
	case seconds == 0:
		return 0
	case seconds < 0:
		return gone
	case seconds <= relativeMax:
		return nowMS + seconds*1000
	case seconds > math.MaxInt64/1000:
		return math.MaxInt64
	case seconds*1000 <= nowMS:
		return gone
	}
	return seconds * 1000
}
