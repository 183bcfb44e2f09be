// Tests of keys under a password, as openssl writes them.

package certs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestEncryptedKeys(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	f := newFixture(t)
	plain := f.Key
	for name, args := range map[string][]string{
		"pkcs8 aes256":        {"pkcs8", "-topk8", "-v2", "aes-256-cbc"},
		"pkcs8 aes128 sha512": {"pkcs8", "-topk8", "-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"},
		"pkcs8 3des sha1":     {"pkcs8", "-topk8", "-v2", "des3", "-v2prf", "hmacWithSHA1"},
		"legacy aes256":       {"ec", "-aes256"},
	} {
		f.Key = filepath.Join(f.dir, strings.ReplaceAll(name, " ", "-"))
		out, err := exec.Command(openssl, append(args, "-in", plain, "-out", f.Key, "-passout", "pass:open sesame")...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		f.KeyPass = "open sesame"
		if _, _, err := f.Load(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for password, reason := range map[string]string{"": "no password is given", "wrong": "does not open the key"} {
			f.KeyPass = password
			if _, _, err := f.Load(); err == nil || !strings.Contains(err.Error(), f.Key+": ") || !strings.Contains(err.Error(), reason) {
				t.Errorf("%s with %q: %v", name, password, err)
			}
		}
		damaged, _ := os.ReadFile(f.Key)
		for i := range damaged { // no byte of a damaged file may cost more than an error
			if i%37 == 0 {
				broken := append([]byte(nil), damaged...)
				broken[i] ^= 0x15
				openKey(broken, "open sesame")
			}
		}
	}
}

func FuzzOpenKey(f *testing.F) {
	f.Add([]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"), "x")
	f.Fuzz(func(t *testing.T, text []byte, password string) {
		if key, err := openKey(text, password); err == nil && len(key) == 0 {
			t.Error("no error and no key")
		}
	})
}
