// Tests of names: versions and ciphers.

package certs

import (
	"crypto/tls"
	"slices"
	"testing"
)

func TestProtocols(t *testing.T) {
	for list, want := range map[string][2]uint16{
		"":                        {tls.VersionTLS12, tls.VersionTLS13},
		"TLSv1.3":                 {tls.VersionTLS13, tls.VersionTLS13},
		"tlsv1.3 TLSv1.2":         {tls.VersionTLS12, tls.VersionTLS13},
		"TLSv1 TLSv1.1 TLSv1.2":   {tls.VersionTLS10, tls.VersionTLS12},
		"TLSv1.3 TLSv1.1":         {},
		"TLSv1 TLSv1.1 TLSv1.3":   {},
		"SSLv3":                   {},
		"TLSv1.2 and what is new": {},
	} {
		low, high, err := protocols(list)
		if [2]uint16{low, high} != want && err == nil || (err != nil) != (want == [2]uint16{}) {
			t.Errorf("%q: %x to %x, %v", list, low, high, err)
		}
	}
}

func TestCiphers(t *testing.T) {
	all, err := ciphers("DEFAULT:!MEDIUM")
	if err != nil || len(all) < 8 {
		t.Fatal(all, err)
	}
	for list, want := range map[string][]uint16{
		"": nil,
		"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305": {tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256},
		"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384":                     {tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384},
		"ecdhe-rsa-aes256-sha":                                      {tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA},
		"HIGH:!aNULL:!MD5:@STRENGTH":                                all,
	} {
		if got, err := ciphers(list); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v", list, got, err)
		}
	}
	if less, err := ciphers("HIGH:!ECDHE-RSA-AES128-SHA"); err != nil || len(less) != len(all)-1 {
		t.Error(less, err)
	}
	for _, list := range []string{"nonsense", "AES128-SHA", "DHE-RSA-AES128-SHA", "HIGH:!nonsense", "ECDHE-RSA-AES128-SHA:!ECDHE-RSA-AES128-SHA", "!aNULL"} {
		if got, err := ciphers(list); err == nil {
			t.Errorf("%q: %v", list, got)
		}
	}
}

func TestSuites(t *testing.T) {
	for list, noted := range map[string]bool{
		"": false,
		"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256": false,
		"tls_aes_256_gcm_sha384": true,
	} {
		if note, err := suites(list); err != nil || (note != "") != noted {
			t.Errorf("%q: %q, %v", list, note, err)
		}
	}
	if _, err := suites("TLS_AES_256_GCM_SHA384:TLS_NULL"); err == nil {
		t.Error("an unknown suite is taken")
	}
}
