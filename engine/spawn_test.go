// Go: a panic is caught, logged with its stack and counted.

package engine

import (
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
)

func TestGoCatchesPanics(t *testing.T) {
	logs := &lockedBuffer{}
	log := hclog.New(&hclog.LoggerOptions{Output: logs})
	before := Panics()
	done := make(chan struct{})
	Go("tester", log, func() {
		defer close(done)
		panic("of the test")
	})
	<-done
	for Panics() == before { // counted after f's own deferred calls
	}
	for !strings.Contains(logs.String(), "spawn_test.go") {
	}
	if got := logs.String(); !strings.Contains(got, "of the test") || !strings.Contains(got, "tester") {
		t.Error(got)
	}
	ran := make(chan struct{})
	Go("tester", nil, func() { close(ran) })
	<-ran
}
