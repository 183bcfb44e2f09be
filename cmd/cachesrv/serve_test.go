// Tests of serve.go.

package main

import (
	"errors"
	"testing"
)

// TestAFailedLoadIsKnownBeforeTheServerIsReady: a start in the background must not be told that all is well.
func TestAFailedLoadIsKnownBeforeTheServerIsReady(t *testing.T) {
	damaged := errors.New("damaged")
	for _, want := range []error{nil, damaged} {
		loaded := make(chan error, 1)
		loaded <- want
		if err := awaitBriefly(loaded); err != want {
			t.Errorf("%v instead of %v", err, want)
		}
		if err := <-loaded; err != want {
			t.Errorf("then %v", err)
		}
	}
	if err := awaitBriefly(make(chan error, 1)); err != nil {
		t.Errorf("while it is still loading: %v", err)
	}
}
