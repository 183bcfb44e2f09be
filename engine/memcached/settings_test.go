// Tests of settings.go.

package memcached

import "testing"

// TestFits pins the limits that memcached 1.6.18 showed with -I 1m.
func TestFits(t *testing.T) {
	r := rules{itemMax: 1 << 20}
	for _, c := range []struct {
		key, size int
		flags     uint32
		noCAS     bool
	}{{1, 1048516, 0, false}, {1, 1048512, 1, false}, {100, 1048417, 0, false}, {1, 1048524, 0, true}} {
		r.noCAS = c.noCAS
		if !r.fits(c.key, c.size, c.flags) || r.fits(c.key, c.size+1, c.flags) {
			t.Errorf("%+v is not the longest value", c)
		}
	}
}
