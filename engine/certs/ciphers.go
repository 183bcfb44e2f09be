// Names of protocol versions and ciphers, in OpenSSL's words and in those of the standards.

package certs

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
)

// protocols reads a list of versions. They must lie side by side: TLS offers a range.
func protocols(list string) (low, high uint16, err error) {
	words := strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == ',' || r == ':' })
	if len(words) == 0 {
		return tls.VersionTLS12, tls.VersionTLS13, nil
	}
	known := []string{"tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"}
	var asked [4]bool
	for _, word := range words {
		i := slices.Index(known, strings.ToLower(word))
		if i < 0 {
			return 0, 0, fmt.Errorf("%q is no protocol version: use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'", word)
		}
		asked[i] = true
	}
	for i, on := range asked {
		if !on {
			continue
		}
		version := tls.VersionTLS10 + uint16(i)
		if low == 0 {
			low = version
		} else if high != version-1 {
			return 0, 0, fmt.Errorf("%q leaves out a version in the middle, which TLS cannot", list)
		}
		high = version
	}
	return low, high, nil
}

// openSSL gives OpenSSL's name of a suite of TLS 1.2: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 is ECDHE-RSA-AES128-GCM-SHA256.
func openSSL(name string) string {
	name = strings.TrimPrefix(name, "TLS_")
	name = strings.Replace(name, "_WITH_", "_", 1)
	name = strings.NewReplacer("AES_128", "AES128", "AES_256", "AES256", "_CBC", "").Replace(name)
	if strings.Contains(name, "CHACHA20") {
		name = strings.TrimSuffix(name, "_SHA256")
	}
	return strings.ReplaceAll(name, "_", "-")
}

// Words of OpenSSL's lists that stand for many ciphers. What these would add beyond the good ones is not offered here anyway.
var (
	everything = []string{"DEFAULT", "HIGH", "ALL", "EECDH", "ECDHE", "KEECDH", "AESGCM", "AES", "TLSV1.2"}
	absent     = []string{"ANULL", "ENULL", "NULL", "LOW", "MEDIUM", "EXPORT", "EXP", "MD5", "RC4", "DES", "3DES", "PSK", "SRP", "DSS", "ADSS",
		"KRSA", "RSA", "ADH", "AECDH", "DH", "DHE", "EDH", "KDHE", "CAMELLIA", "ARIA", "SEED", "IDEA", "COMPLEMENTOFDEFAULT", "SSLV3", "SSLV2", "AESCCM", "CBC"}
)

// ciphers reads a list of suites of TLS 1.2: names, words for all good ones, and with ! or - in front what is to be left out. nil means
// all good ones. Go chooses the order, and names that are not offered are refused rather than skipped.
func ciphers(list string) ([]uint16, error) {
	words := strings.FieldsFunc(list, func(r rune) bool { return r == ':' || r == ',' || r == ' ' })
	if len(words) == 0 {
		return nil, nil
	}
	byName := map[string]uint16{}
	var good []uint16
	for _, s := range tls.CipherSuites() {
		if slices.Contains(s.SupportedVersions, tls.VersionTLS13) {
			continue
		}
		byName[s.Name], byName[openSSL(s.Name)] = s.ID, s.ID
		good = append(good, s.ID)
	}
	var chosen []uint16
	for _, word := range words {
		name := strings.ToUpper(word)
		bare := strings.TrimLeft(name, "!-+")
		id, known := byName[bare]
		switch {
		case name[0] == '@' || name[0] == '+':
			// an order, which is not ours to choose
		case bare != name && known:
			chosen = slices.DeleteFunc(chosen, func(c uint16) bool { return c == id })
		case bare != name && slices.Contains(absent, bare):
		case known:
			chosen = append(chosen, id)
		case slices.Contains(everything, name):
			chosen = append(chosen, good...)
		default:
			return nil, fmt.Errorf("the cipher %q is not offered by this server; it has %s", word, strings.Join(names(good), ":"))
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%q leaves no cipher", list)
	}
	return chosen, nil
}

// suites reads a list of suites of TLS 1.3. Go offers its three always, so a shorter list changes nothing; the note says so.
func suites(list string) (note string, err error) {
	words := strings.FieldsFunc(list, func(r rune) bool { return r == ':' || r == ',' || r == ' ' })
	var all []string
	for _, s := range tls.CipherSuites() {
		if slices.Contains(s.SupportedVersions, tls.VersionTLS13) {
			all = append(all, s.Name)
		}
	}
	named := map[string]bool{}
	for _, word := range words {
		name := strings.ToUpper(word)
		if !slices.Contains(all, name) {
			return "", fmt.Errorf("the cipher suite %q is not offered by this server; it has %s", word, strings.Join(all, ":"))
		}
		named[name] = true
	}
	if len(named) > 0 && len(named) < len(all) {
		note = "the suites of TLS 1.3 cannot be chosen: " + strings.Join(all, ", ") + " are offered, whatever the list says"
	}
	return note, nil
}

func names(ids []uint16) []string {
	var list []string
	for _, id := range ids {
		list = append(list, openSSL(tls.CipherSuiteName(id)))
	}
	return list
}
