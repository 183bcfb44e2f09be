// Rules about the source that tests can check: goroutines are recovered, matchers do not recurse.

// Package lint reads the module's own source and fails where a rule is broken that would let one client end the process.
package lint
