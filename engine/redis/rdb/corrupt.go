// Corrupt: what is wrong with a value, and where.

package rdb

import "fmt"

// Corrupt says that bytes are not a value. At is how far into the value that showed.
type Corrupt struct {
	Kind Kind
	At   int
	What string
}

func (e *Corrupt) Error() string { return fmt.Sprintf("%v, offset %d: %s", e.Kind, e.At, e.What) }
