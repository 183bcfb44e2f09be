// What bind's entries mean.

package main

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core/evict"
)

func TestAddresses(t *testing.T) {
	for bind, want := range map[string]string{
		"":                              "[]",
		"127.0.0.1 -::1":                "[{tcp 127.0.0.1:7 false false} {tcp [::1]:7 true false}]",
		"* -::*":                        "[{tcp4 0.0.0.0:7 false false} {tcp6 [::]:7 true false}]",
		"10.0.0.1:99 [::1]:98 ::":       "[{tcp 10.0.0.1:99 false false} {tcp [::1]:98 false false} {tcp6 [::]:7 false false}]",
		"localhost fe80::1%eth0":        "[{tcp localhost:7 false false} {tcp [fe80::1%eth0]:7 false false}]",
		"notls:10.0.0.1:99 -::1":        "[{tcp 10.0.0.1:99 false true} {tcp [::1]:7 true false}]",
		"tag[front]:10.0.0.1:99":        "[{tcp 10.0.0.1:99 false false}]",
		"notls:tag[12345678]:[::1]:9":   "[{tcp [::1]:9 false true}]",
		"10.0.0.1:0 10.0.0.1:-1 [::1]8": "[{tcp 10.0.0.1:0 false false} {tcp 10.0.0.1:0 false false} {tcp [::1]:7 false false}]",
	} {
		got, err := addresses(bind, 7)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v, want %s", bind, got, err, want)
		}
	}
	if got, err := addresses("10.0.0.1", -1); err != nil || got[0].hostPort != "10.0.0.1:0" {
		t.Errorf("any port: %v, %v", got, err)
	}
}

// The words are those of memcached 1.6.18.
func TestBadAddresses(t *testing.T) {
	for bind, want := range map[string]string{
		"127.0.0.1:abc":         `Invalid port number: "abc"`,
		"127.0.0.1:":            `Invalid port number: ""`,
		"[::1]:":                `Invalid port number: ""`,
		"127.0.0.1:65536":       `Invalid port number: "65536"`,
		"[::1":                  `Invalid IPV6 address: "[::1"`,
		"tag[]:10.0.0.1":        `Listener tags must be between 1 and 8 characters: ""`,
		"tag[123456789]:10.1":   `Listener tags must be between 1 and 8 characters: "123456789"`,
		"tag[12345678:10.0.1":   `Invalid tag in socket config: "[12345678:10.0.1"`,
		"tag[a]:notls:10.0.0.1": `Invalid port number: "10.0.0.1"`,
	} {
		_, err := addresses(bind, 7)
		var bad badBind
		if !errors.As(err, &bad) || err.Error() != want {
			t.Errorf("%q: %v, want %s", bind, err, want)
		}
	}
}

// TestBlamed: a port is not at fault where this machine has no such address or nobody knows the name.
func TestBlamed(t *testing.T) {
	for setting, err := range map[string]error{
		"port": fmt.Errorf("bind: %w", syscall.EADDRINUSE),
		"bind": fmt.Errorf("bind: %w", syscall.EADDRNOTAVAIL),
	} {
		if got := blamed("port", err); got != setting {
			t.Errorf("%v: %s", err, got)
		}
	}
	if got := blamed("tls-port", &net.OpError{Err: &net.DNSError{Name: "nowhere"}}); got != "bind" {
		t.Errorf("an unknown name: %s", got)
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
