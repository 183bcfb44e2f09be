// What bind's entries mean.

package main

import (
	"fmt"
	"testing"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core/evict"
)

func TestAddresses(t *testing.T) {
	for bind, want := range map[string]string{
		"":                        "[]",
		"127.0.0.1 -::1":          "[{tcp 127.0.0.1:7 false false} {tcp [::1]:7 true false}]",
		"* -::*":                  "[{tcp4 0.0.0.0:7 false false} {tcp6 [::]:7 true false}]",
		"10.0.0.1:99 [::1]:98 ::": "[{tcp 10.0.0.1:99 false false} {tcp [::1]:98 false false} {tcp6 [::]:7 false false}]",
		"localhost fe80::1%eth0":  "[{tcp localhost:7 false false} {tcp [fe80::1%eth0]:7 false false}]",
		"notls:10.0.0.1:99 -::1":  "[{tcp 10.0.0.1:99 false true} {tcp [::1]:7 true false}]",
	} {
		if got := fmt.Sprint(addresses(bind, 7)); got != want {
			t.Errorf("%q: %s, want %s", bind, got, want)
		}
	}
}

// The policies that the settings take are exactly those that the store has.
func TestPoliciesAgree(t *testing.T) {
	s := config.Defaults(config.Redis)
	for _, name := range evict.Names() {
		if err := s.Set("maxmemory-policy", name); err != nil {
			t.Errorf("the store has %s: %v", name, err)
		}
	}
	if n := config.PolicyCount(); n != len(evict.Names()) {
		t.Errorf("the settings know %d policies, the store %d", n, len(evict.Names()))
	}
}
