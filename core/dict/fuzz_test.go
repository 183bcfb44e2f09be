// Operations on a dict as a fuzzer chooses them, four bytes each; the arena may be full at any of them.

package dict

import (
	"fmt"
	"strings"
	"testing"
)

func FuzzDict(f *testing.F) {
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) == 0 {
			return
		}
		k := newKeeper(t, Kind(ops[0]&1), 512<<10)
		k.few = ops[0]&2 != 0
		ops = ops[1:min(len(ops), 1+4*300)]
		for ; len(ops) >= 4; ops = ops[4:] {
			x, y, z := int(ops[1]), int(ops[2]), int(ops[3])
			name := fmt.Sprint(x)
			if z >= 250 {
				name = strings.Repeat(name, z)
			}
			switch ops[0] % 10 {
			case 0, 1, 2:
				k.set(name, strings.Repeat("v", y*(1+z/128*7)), int64(z%4)*1000)
			case 3: // many at once
				for i := range 1 + y%32 {
					k.set(fmt.Sprint(x, ".", i), name, int64(z%3))
				}
			case 4:
				k.remove(name)
			case 5:
				for i := range 1 + y%32 {
					k.remove(fmt.Sprint(x, ".", i))
				}
			case 6:
				k.expire(int64(y) * 10)
			case 7:
				k.evacuate(1+y, nil)
			case 8:
				k.clear()
				if y&1 == 0 {
					k.fill()
				}
			case 9:
				k.open()
				if twin, ok := k.d.Clone(); ok {
					k.verifyDict(&twin)
					for !twin.FreeStep(1 + y) {
					}
				}
			}
		}
		k.verify()
		k.free(1 + len(k.model)/3)
	})
}
