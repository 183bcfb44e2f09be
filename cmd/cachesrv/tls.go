// TLS of the server: from the settings to certificates in use, at the start and whenever they change.

package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine/certs"
)

// tlsSettings are those that a TLS configuration is made of.
var tlsSettings = []string{
	"tls-port", "tls-cert-file", "tls-key-file", "tls-key-file-pass", "tls-ca-cert-file", "tls-ca-cert-dir", "tls-auth-clients", "tls-protocols",
	"tls-ciphers", "tls-ciphersuites", "tls-session-caching", "tls-session-cache-timeout", "tls-dh-params-file",
}

// tlsFiles reads the settings into what certs works with.
func tlsFiles(get func(name string) string) certs.Files {
	age, _ := strconv.Atoi(get("tls-session-cache-timeout"))
	f := certs.Files{
		Cert: absolutePath(get("tls-cert-file")), Key: absolutePath(get("tls-key-file")), KeyPass: get("tls-key-file-pass"),
		CA: absolutePath(get("tls-ca-cert-file")), CADir: absolutePath(get("tls-ca-cert-dir")),
		Protocols: get("tls-protocols"), Ciphers: get("tls-ciphers"), Suites: get("tls-ciphersuites"),
		NoTickets: get("tls-session-caching") == "no", TicketAge: time.Duration(age) * time.Second,
	}
	switch get("tls-auth-clients") {
	case "yes":
		f.Clients = certs.Certificate
	case "optional":
		f.Clients = certs.OptionalCertificate
	}
	return f
}

// openTLS loads the certificates if there is a TLS port, and keeps them at what the settings say. While there is no port, settings are
// taken as they come, so that they can be given in any order before it.
func openTLS(s *config.Settings, log hclog.Logger, move func(port int64) error) (*certs.Keeper, error) {
	keeper := certs.NewKeeper(log.Named("tls"))
	if s.Int("tls-port") != 0 {
		commit, err := keeper.Prepare(tlsFiles(s.Get))
		if err != nil {
			return nil, &config.Error{Where: s.Source("tls-port"), Setting: "tls-port", Err: tlsError{err}}
		}
		commit()
		if s.Get("tls-dh-params-file") != "" {
			log.Warn("tls-dh-params-file has no effect: only key exchanges on elliptic curves are offered")
		}
	}
	s.Vet(tlsSettings, func(get func(name string) string) (func(), error) {
		port, _ := strconv.ParseInt(get("tls-port"), 10, 64)
		if port == 0 {
			return func() {
				_ = move(0)
				keeper.Clear()
			}, nil
		}
		commit, err := keeper.Prepare(tlsFiles(get))
		if err != nil {
			log.Error("TLS configuration not changed", "error", err)
			return nil, tlsError{err}
		}
		if err := move(port); err != nil {
			return nil, err
		}
		return commit, nil
	})
	s.OnReload(func() { _ = keeper.Reload() })
	return keeper, nil
}

// openSSL is openTLS for memcached, whose settings stay as they are at the start. It gives an idle keeper without enable-ssl.
func openSSL(s *config.Settings, log hclog.Logger) (*certs.Keeper, error) {
	keeper := certs.NewKeeper(log.Named("tls"))
	if !s.Bool("enable-ssl") {
		return keeper, nil
	}
	f := certs.Files{
		Cert: absolutePath(s.Get("ssl-chain-cert")), Key: absolutePath(s.Get("ssl-key")), CA: absolutePath(s.Get("ssl-ca-cert")),
		Clients:   [...]certs.Clients{certs.NoCertificate, certs.OptionalCertificate, certs.Certificate, certs.OptionalCertificate}[s.Int("ssl-verify-mode")],
		Protocols: strings.Join([]string{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}[s.Int("ssl-min-version"):], " "),
		Ciphers:   s.Get("ssl-ciphers"), NoTickets: !s.Bool("ssl-session-cache"),
	}
	commit, err := keeper.Prepare(f)
	if err != nil {
		return nil, &config.Error{Where: s.Source("enable-ssl"), Setting: "enable-ssl", Err: err}
	}
	commit()
	s.OnReload(func() { _ = keeper.Reload() })
	return keeper, nil
}

// tlsError begins with redis's words, and goes on with the reason, which redis writes to its log only.
type tlsError struct{ err error }

func (e tlsError) Error() string { return "Unable to update TLS configuration: " + e.err.Error() }
func (e tlsError) Unwrap() error { return e.err }
