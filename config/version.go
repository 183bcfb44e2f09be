// The version of this program.

package config

// Version is what `cachesrv version` and the servers' own statistics say. The release build sets it with -ldflags -X.
var Version = "0.1.0-dev"
