// TLS of the load: what the flags say, the certificate of started servers, and connections that carry it.

package bench

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/cachesrv/cachesrv/engine/sealed"
)

// secureOptions are the flags about TLS.
type secureOptions struct {
	on       bool
	cacert   string
	cert     string
	key      string
	insecure bool
}

func secureFlags(f *pflag.FlagSet, o *secureOptions) {
	f.BoolVar(&o.on, "tls", false, "speak TLS; servers of --spawn are started with a TLS port and a certificate made for the run")
	f.StringVar(&o.cacert, "cacert", "", "authorities that the servers' certificates must come from; empty: the system's")
	f.StringVar(&o.cert, "cert", "", "client certificate to show")
	f.StringVar(&o.key, "key", "", "its key")
	f.BoolVar(&o.insecure, "insecure", false, "take any certificate")
}

// client makes the configuration of connections; nil without TLS.
func (o *secureOptions) client() (*tls.Config, error) {
	if !o.on {
		if o.cacert != "" || o.cert != "" || o.key != "" || o.insecure {
			return nil, errors.New("--cacert, --cert, --key and --insecure need --tls")
		}
		return nil, nil
	}
	config := &tls.Config{InsecureSkipVerify: o.insecure, DynamicRecordSizingDisabled: true, ClientSessionCache: nil}
	if o.cacert != "" {
		text, err := os.ReadFile(o.cacert)
		if err != nil {
			return nil, fmt.Errorf("--cacert: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("--cacert %s: no certificate in it", o.cacert)
		}
	}
	if o.cert != "" || o.key != "" {
		pair, err := tls.LoadX509KeyPair(o.cert, o.key)
		if err != nil {
			return nil, fmt.Errorf("--cert, --key: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// apply gives the targets what they need. Started servers get a certificate in dir, and are trusted for it alone.
func (o *secureOptions) apply(targets []*target, dir func() (string, error)) error {
	config, err := o.client()
	if config == nil || err != nil {
		return err
	}
	var started *tls.Config
	var cert, key string
	for _, t := range targets {
		t.secure = config
		if t.recipe == nil {
			continue
		}
		if t.proto != protoRedis {
			return fmt.Errorf("%s: --tls starts redis servers only; start it yourself and give its URL", t.name)
		}
		if started == nil {
			place, err := dir()
			if err != nil {
				return err
			}
			started = config.Clone()
			if started.RootCAs, cert, key, err = selfSigned(place); err != nil {
				return fmt.Errorf("a certificate for the run: %w", err)
			}
		}
		t.secure = started
		t.recipe.secure = []string{"--tls-cert-file", cert, "--tls-key-file", key, "--tls-auth-clients", "no"}
	}
	return nil
}

// selfSigned makes a certificate for this machine that is its own authority.
func selfSigned(dir string) (pool *x509.CertPool, certFile, keyFile string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, "", "", err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "cachesrv bench"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(30 * 24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, DNSNames: []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, "", "", err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, "", "", err
	}
	certText := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	certFile, keyFile = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	if err = os.WriteFile(certFile, certText, 0o600); err == nil {
		err = os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600)
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certText)
	return pool, certFile, keyFile, err
}

// secureConn is a connection whose session can be taken over by the epoll loop.
type secureConn struct {
	*tls.Conn
	session  *sealed.Session
	raw      net.Conn
	detached bool
}

// secured does the handshake.
func (t *target) secured(raw net.Conn) (net.Conn, error) {
	config := t.secure
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName, _, _ = net.SplitHostPort(t.address)
	}
	s := sealed.Client(raw, config)
	raw.SetDeadline(time.Now().Add(dialTimeout))
	if err := s.Conn().Handshake(); err != nil {
		return nil, err
	}
	raw.SetDeadline(time.Time{})
	return &secureConn{Conn: s.Conn(), session: s, raw: raw}, nil
}

// detach takes the session; from then on Close leaves it alone.
func (c *secureConn) detach() *sealed.Session {
	c.detached = true
	c.session.Detach()
	return c.session
}

func (c *secureConn) Close() error {
	if c.detached {
		return c.raw.Close()
	}
	return c.Conn.Close()
}
