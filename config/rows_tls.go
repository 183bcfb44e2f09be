// Settings of TLS.

package config

import "math"

func tlsRows() []Row {
	const i32 = math.MaxInt32
	path := Text("path", nil)
	works := func(name string, kind Kind, def, doc string) Row {
		return Row{Name: name, Kind: kind, Default: def, Engines: Redis, Live: true, Doc: doc}
	}
	return []Row{
		works("tls-port", Int(0, 65535), "0", "Port for TLS connections on the addresses of `bind`; 0 is none. `port` may be 0 then."),
		works("tls-cert-file", path, "", "The server's certificate in PEM, with those that lead to its authority behind it. The file is read again when it has changed, at SIGHUP, and when this is set."),
		works("tls-key-file", path, "", "Key of the server's certificate; empty if it is in the same file."),
		works("tls-key-file-pass", Text("password", nil), "", "Password of tls-key-file.").hidden(),
		works("tls-ca-cert-file", path, "", "Authorities of client certificates, in PEM."),
		works("tls-ca-cert-dir", path, "", "Directory of files with authorities of client certificates."),
		works("tls-auth-clients", Enum("no", "yes", "optional"), "yes", "Whether clients must show a certificate: `yes`, `no`, or `optional`: one that is shown must be good."),
		works("tls-auth-clients-user", Enum("off", "CN"), "off", "Field of a client's verified certificate that names the user it is: `CN` or `off`. A name with control characters, and a certificate with several, names nobody."),
		works("tls-protocols", Text("versions", nil), "", "Versions of TLS, of TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3, without a gap; empty is `TLSv1.2 TLSv1.3`."),
		works("tls-ciphers", Text("ciphers", nil), "", "Ciphers of TLS 1.2, in OpenSSL's words; empty is all good ones. Unknown ones are refused; the order is the server's own."),
		works("tls-ciphersuites", Text("ciphers", nil), "", "Ciphers of TLS 1.3. The three that are offered cannot be chosen among; unknown ones are refused, a shorter list gets a warning."),
		works("tls-session-caching", Bool(), "yes", "Let clients resume sessions (by tickets; the server keeps nothing)."),
		works("tls-session-cache-timeout", Int(0, i32), "300", "Seconds for which a session can be resumed; 0 is as long as its key lives, up to a week."),

		moot("tls-session-cache-size", Int(0, i32), "20480", "Sessions that redis keeps; here the client keeps its own."),
		moot("tls-prefer-server-ciphers", Bool(), "no", "Let the server choose the cipher; here it always does."),
		moot("tls-dh-params-file", path, "", "Parameters of Diffie-Hellman without elliptic curves, which is not offered."),
		moot("tls-client-cert-file", path, "", "Certificate for connections to other servers; none are made yet."),
		moot("tls-client-key-file", path, "", "Key of tls-client-cert-file."),
		moot("tls-client-key-file-pass", Text("password", nil), "", "Password of tls-client-key-file.").hidden(),
		known("tls-replication", Bool(), "no", "Use TLS to the master."),
		known("tls-cluster", Bool(), "no", "Use TLS between nodes."),
	}
}
