// What the end-to-end tests stand on: it builds and starts the real binary and the real peers, talks to both in raw bytes, and reads what they cost from /proc.

// Package harness runs the server under test (the subject) and the servers it is compared with (the oracles).
//
// The nouns: a Server is one running process of either kind, a Conn is a raw connection to it, a Reply is one
// RESP value with the bytes it came in, Proc is what /proc says about a process.
//
// A test file calls Redis or Memcached for the subject, OracleRedis or OracleMemcached for the peer; every
// process ends with the test that started it, by its own pid. A peer or client that is not installed skips the test
// through Missing, and Main repeats all such names at the end; with CI=true they are failures.
//
// CACHESRV_BIN names a binary to test instead of building one. CACHESRV_SUBJECT=oracle runs the tests with the
// peers in the subject's place, which is how the tests themselves are tried.
package harness
