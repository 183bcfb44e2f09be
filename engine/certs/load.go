// Load: files and settings in, a configuration or a reason out.

package certs

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Clients is what is asked of clients.
type Clients int

const (
	NoCertificate       Clients = iota
	OptionalCertificate         // one that is shown must be good
	Certificate                 // one must be shown and be good
)

// Files is what a configuration is made from.
type Files struct {
	Cert    string // chain in PEM, the server's own first
	Key     string // "" when it is in Cert
	KeyPass string
	CA      string // authorities of clients, in PEM
	CADir   string // directory of such files
	Clients Clients

	Protocols string        // words such as TLSv1.2; "" is 1.2 and 1.3
	Ciphers   string        // of TLS 1.2, in OpenSSL's words; "" is all good ones
	Suites    string        // of TLS 1.3
	NoTickets bool          // every connection makes a full handshake
	TicketAge time.Duration // sessions older than this are not resumed; 0: any
}

// FileError says which file is at fault.
type FileError struct {
	Path string
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("%s: %v", e.Path, e.Err) }
func (e *FileError) Unwrap() error { return e.Err }

// Load makes the configuration. notes are remarks about what is asked for and cannot be chosen.
func (f Files) Load() (config *tls.Config, notes []string, err error) {
	config = &tls.Config{
		// Records of full size at once: what is sent here is a reply, not the start of a page.
		DynamicRecordSizingDisabled: true,
		SessionTicketsDisabled:      f.NoTickets,
	}
	if config.MinVersion, config.MaxVersion, err = protocols(f.Protocols); err != nil {
		return nil, nil, err
	}
	if config.CipherSuites, err = ciphers(f.Ciphers); err != nil {
		return nil, nil, err
	}
	note, err := suites(f.Suites)
	if err != nil {
		return nil, nil, err
	}
	if note != "" {
		notes = append(notes, note)
	}
	cert, err := f.pair()
	if err != nil {
		return nil, nil, err
	}
	config.Certificates = []tls.Certificate{cert}
	if now := time.Now(); now.After(cert.Leaf.NotAfter) || now.Before(cert.Leaf.NotBefore) {
		notes = append(notes, fmt.Sprintf("%s: the certificate is valid from %s to %s only", f.Cert, day(cert.Leaf.NotBefore), day(cert.Leaf.NotAfter)))
	}
	if err := f.clients(config); err != nil {
		return nil, nil, err
	}
	if f.TicketAge > 0 && !f.NoTickets {
		limitTickets(config, f.TicketAge)
	}
	return config, notes, nil
}

func day(t time.Time) string { return t.UTC().Format(time.DateTime) }

// clients sets what is asked of clients and whom they may be signed by. Authorities that are given must be there even if nobody is asked.
func (f Files) clients(config *tls.Config) error {
	pool := x509.NewCertPool()
	if f.CA != "" {
		if err := addAuthorities(pool, f.CA); err != nil {
			return err
		}
	}
	if f.CADir != "" {
		if err := addDirectory(pool, f.CADir); err != nil {
			return err
		}
	}
	switch {
	case f.Clients == NoCertificate:
		return nil
	case f.CA == "" && f.CADir == "":
		return errors.New("clients are asked for certificates, and no file or directory of their authorities is given")
	case f.Clients == Certificate:
		config.ClientAuth = tls.RequireAndVerifyClientCert
	default:
		config.ClientAuth = tls.VerifyClientCertIfGiven
	}
	config.ClientCAs = pool
	return nil
}

// sizeMax bounds what is read of a file: bundles of all authorities there are have a quarter of this.
const sizeMax = 1 << 20

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, &FileError{path, cause(err)}
	case !info.Mode().IsRegular():
		return nil, &FileError{path, errors.New("not a file")}
	case info.Size() > sizeMax:
		return nil, &FileError{path, fmt.Errorf("%d bytes are too many for certificates", info.Size())}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &FileError{path, cause(err)}
	}
	return text, nil
}

// cause is an error without the path, which is said anyway.
func cause(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// pair reads certificate and key and sees that they belong together.
func (f Files) pair() (none tls.Certificate, err error) {
	if f.Cert == "" {
		return none, errors.New("no certificate file is given")
	}
	keyPath := f.Key
	if keyPath == "" {
		keyPath = f.Cert
	}
	cert, err := read(f.Cert)
	if err != nil {
		return none, err
	}
	if block := find(cert, func(kind string) bool { return kind == "CERTIFICATE" }); block == nil {
		return none, &FileError{f.Cert, errors.New("no certificate in it (PEM is expected)")}
	}
	key, err := read(keyPath)
	if err != nil {
		return none, err
	}
	if key, err = openKey(key, f.KeyPass); err != nil {
		return none, &FileError{keyPath, err}
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return none, &FileError{f.Cert, err}
	}
	return pair, nil
}

// addAuthorities adds every certificate of a file; a file without any is a mistake.
func addAuthorities(pool *x509.CertPool, path string) error {
	text, err := read(path)
	if err != nil {
		return err
	}
	found := 0
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" && block.Type != "TRUSTED CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return &FileError{path, err}
		}
		pool.AddCert(cert)
		found++
	}
	if found == 0 {
		return &FileError{path, errors.New("no certificate in it (PEM is expected)")}
	}
	return nil
}

// addDirectory adds the files of a directory that hold certificates; others may lie there too.
func addDirectory(pool *x509.CertPool, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return &FileError{dir, cause(err)}
	}
	found := 0
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > sizeMax {
			continue
		}
		if addAuthorities(pool, path) == nil {
			found++
		}
	}
	if found == 0 {
		return &FileError{dir, errors.New("no file in it holds a certificate")}
	}
	return nil
}

// find gives the first block of a kind.
func find(text []byte, is func(kind string) bool) *pem.Block {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil || is(block.Type) {
			return block
		}
	}
}

var keyMark = []byte("PRIVATE KEY")

func isKey(kind string) bool { return bytes.HasSuffix([]byte(kind), keyMark) }
