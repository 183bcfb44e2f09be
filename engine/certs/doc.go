// Package certs makes a server's TLS configuration out of files and settings, and keeps it at what the files say: certificates are
// replaced without a restart. It knows no protocol and opens no socket.
//
// Files names what is to be read and what is to be allowed; Load turns it into a tls.Config or says which file is at fault and why; a
// Keeper holds the configuration in use and loads it anew when it is told to or when the files have changed.
package certs
