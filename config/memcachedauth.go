// What the settings of memcached's authentication demand of each other.

package config

import "errors"

// checkAuth refuses combinations that would start a server more open than it was asked to be. Each way to authenticate
// belongs to one protocol, so the other one must not be spoken.
func (s *Settings) checkAuth() error {
	sasl, file, protocol := s.Bool("enable-sasl"), s.Get("auth-file") != "", s.Get("protocol")
	refuse := func(name, text string) error { return &Error{s.Source(name), name, errors.New(text)} }
	switch {
	case s.engine != Memcached:
		return nil
	case sasl && file:
		return refuse("auth-file", "excludes enable-sasl: this is for the text protocol, that for the binary one")
	case sasl && s.Get("sasl-password-file") == "":
		return refuse("enable-sasl", "needs sasl-password-file, or "+passwordVariable+" in memcached's environment: the file of users and passwords")
	case (sasl || file) && s.Int("udp-port") != 0:
		return refuse("udp-port", "excludes enable-sasl and auth-file: over UDP nobody can authenticate")
	case s.Bool("enable-ssl") && s.Int("ssl-verify-mode") == 2 && s.Int("udp-port") != 0:
		return refuse("udp-port", "excludes ssl-verify-mode=2: over UDP nobody can show a certificate")
	case sasl && protocol == "ascii":
		return refuse("enable-sasl", "needs the binary protocol, but protocol is ascii")
	case file && protocol == "binary":
		return refuse("auth-file", "needs the text protocol, but protocol is binary")
	case s.Bool("enable-ssl") && (s.Get("ssl-chain-cert") == "" || s.Get("ssl-key") == ""):
		return refuse("enable-ssl", "needs ssl-chain-cert and ssl-key: the files of the server's certificate and its key")
	}
	return nil
}
