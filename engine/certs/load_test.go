// Tests of loading: what is asked of clients, and reasons that name the file.

package certs

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/engine/testca"
)

// fixture is a directory with an authority and a server's certificate.
type fixture struct {
	dir string
	ca  *testca.CA
	Files
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{dir: t.TempDir(), ca: testca.New(t, "authority")}
	f.CA = filepath.Join(f.dir, "ca.crt")
	f.ca.WriteTo(f.CA)
	f.Cert, f.Key = testca.Files(t, f.dir, "server", f.ca.Issue(testca.Leaf{Name: "server"}))
	return f
}

func TestLoad(t *testing.T) {
	f := newFixture(t)
	for clients, want := range map[Clients]tls.ClientAuthType{
		NoCertificate: tls.NoClientCert, OptionalCertificate: tls.VerifyClientCertIfGiven, Certificate: tls.RequireAndVerifyClientCert,
	} {
		f.Clients = clients
		c, notes, err := f.Load()
		if err != nil || len(notes) != 0 {
			t.Fatal(notes, err)
		}
		if c.ClientAuth != want || (c.ClientCAs == nil) != (clients == NoCertificate) {
			t.Errorf("%v: %v, authorities %v", clients, c.ClientAuth, c.ClientCAs != nil)
		}
		if c.MinVersion != tls.VersionTLS12 || c.MaxVersion != tls.VersionTLS13 {
			t.Errorf("versions %x to %x", c.MinVersion, c.MaxVersion)
		}
	}
	f.CADir, f.CA = f.dir, ""
	if _, _, err := f.Load(); err != nil {
		t.Error("a directory of authorities:", err)
	}
	text, _ := os.ReadFile(f.Cert)
	key, _ := os.ReadFile(f.Key)
	os.WriteFile(f.Cert, append(key, text...), 0o600)
	f.Key = ""
	if _, _, err := f.Load(); err != nil {
		t.Error("key and certificate in one file:", err)
	}
}

func TestReasonsNameTheFile(t *testing.T) {
	f := newFixture(t)
	other := testca.New(t, "other")
	_, otherKey := testca.Files(t, f.dir, "other", other.Issue(testca.Leaf{Name: "other"}))
	junk, empty := filepath.Join(f.dir, "junk"), filepath.Join(f.dir, "empty")
	os.WriteFile(junk, []byte("nothing of interest\n"), 0o600)
	os.Mkdir(empty, 0o700)
	missing := filepath.Join(f.dir, "missing")
	for _, c := range []struct {
		change func(f *Files)
		path   string
		reason string
	}{
		{func(f *Files) { f.Cert = "" }, "", "no certificate file is given"},
		{func(f *Files) { f.Cert = missing }, missing, "no such file"},
		{func(f *Files) { f.Cert = junk }, junk, "no certificate in it"},
		{func(f *Files) { f.Cert = f.Key }, f.Key, "no certificate in it"},
		{func(f *Files) { f.Cert = empty }, empty, "not a file"},
		{func(f *Files) { f.Key = missing }, missing, "no such file"},
		{func(f *Files) { f.Key = junk }, junk, "no private key in it"},
		{func(f *Files) { f.Key = otherKey }, f.Cert, "does not match"},
		{func(f *Files) { f.CA = missing }, missing, "no such file"},
		{func(f *Files) { f.CA = junk }, junk, "no certificate in it"},
		{func(f *Files) { f.CADir = missing }, missing, "no such file"},
		{func(f *Files) { f.CADir = empty }, empty, "no file in it holds a certificate"},
		{func(f *Files) { f.CA, f.Clients = "", Certificate }, "", "no file or directory of their authorities"},
		{func(f *Files) { f.Protocols = "SSLv3" }, "", `"SSLv3" is no protocol version`},
		{func(f *Files) { f.Ciphers = "RC4-MD5" }, "", `"RC4-MD5" is not offered`},
		{func(f *Files) { f.Suites = "TLS_AES_128_CCM_SHA256" }, "", `"TLS_AES_128_CCM_SHA256" is not offered`},
	} {
		files := f.Files
		c.change(&files)
		_, _, err := files.Load()
		if err == nil || !strings.HasPrefix(err.Error(), c.path) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("got %v, want %s: %s", err, c.path, c.reason)
		}
	}
}

func TestExpiredCertificateIsNoted(t *testing.T) {
	f := newFixture(t)
	f.Cert, f.Key = testca.Files(t, f.dir, "late", f.ca.Issue(testca.Leaf{Name: "late", Expired: true}))
	if _, notes, err := f.Load(); err != nil || len(notes) != 1 || !strings.Contains(notes[0], "is valid from") {
		t.Error(notes, err)
	}
}
