// The package's nouns, who imports it, and who owns what.

// Package config holds every setting of cachesrv as one row of a table, and everything that walks that table: flags,
// environment, YAML, TOML and redis.conf files, memcached's and redis-server's command lines, CONFIG GET and SET, the
// reference in docs/configuration.md.
//
//   - Row is a setting: name, kind, default, which engines know it, whether it may change while the server runs.
//   - Kind parses and checks values. It turns what a person wrote into the canonical text that is stored and shown.
//   - Settings is the live table: the current value of every row, where it came from, and who wants to hear of changes.
//   - Plan is a start: the files, environment and flags of one process, in the order of their precedence. Loading a plan
//     gives Settings, or one Error that names the place and the setting.
//
// Precedence, highest first: flag, environment, file, default. CONFIG SET changes the running server only.
//
// Values are read without locks (Value's fields are atomic); changing them takes Settings.mu, and hooks run under it in the
// order in which they were added. The package imports nothing else of this module.
package config
