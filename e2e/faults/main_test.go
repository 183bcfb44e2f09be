// The frame of the tests of this package.

package faults

import (
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
