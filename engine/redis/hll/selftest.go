// The self test: estimates of known numbers of elements, as PFSELFTEST asks for it.

package hll

import (
	"encoding/binary"
	"fmt"
	"math"
)

// selfTested is how many elements the test adds: enough for every register to be in use, and a few milliseconds.
const selfTested = 100_000

// SelfTest adds numbers to a sparse and to a dense string and compares their estimates along the way: with each other, for which there is no
// excuse, and with the truth, from which a sound estimate differs by more than four standard errors hardly ever.
func SelfTest() error {
	s := AppendNew(nil)
	d, err := ToDense(AppendNew(nil))
	if err != nil {
		return err
	}
	var element [8]byte
	check := 1
	for i := 1; i <= selfTested; i++ {
		binary.LittleEndian.PutUint64(element[:], uint64(i))
		if s, _, err = Add(s, element[:], 3000); err != nil {
			return err
		}
		if d, _, err = Add(d, element[:], 0); err != nil {
			return err
		}
		if i < check {
			continue
		}
		check *= 10
		a, err := Count(s)
		if err != nil {
			return err
		}
		b, err := Count(d)
		if err != nil {
			return err
		}
		if off := math.Abs(float64(a) - float64(i)); a != b || off > max(1, 4*1.04/math.Sqrt(Registers)*float64(i)) {
			return fmt.Errorf("estimates of %d elements: %d sparse, %d dense", i, a, b)
		}
	}
	return nil
}
