// Tests of binary_table.go.

package memcached

import (
	"strings"
	"testing"
)

// TestQuietTwins: every quiet opcode is the loud one of its name, and nothing but get and its kin need no text row.
func TestQuietTwins(t *testing.T) {
	byName := map[string]*binaryOp{}
	for _, op := range newBinaryTable(binaryOps(), newTable(families)).ops {
		if op != nil {
			byName[op.name] = op
		}
	}
	if len(byName) != 39 {
		t.Errorf("%d opcodes", len(byName))
	}
	quiet := 0
	for name, q := range byName {
		if !q.quiet {
			continue
		}
		quiet++
		loud := byName[strings.TrimSuffix(name, "q")]
		if loud == nil || loud.quiet || loud.ext != q.ext || loud.flags != q.flags || loud.as != q.as {
			t.Errorf("%s is not like its loud form", name)
		}
	}
	if quiet != 14 {
		t.Errorf("%d quiet opcodes", quiet)
	}
}

// TestBeforeAuth names all that a stranger may do.
func TestBeforeAuth(t *testing.T) {
	var names []string
	for _, op := range newBinaryTable(binaryOps(), newTable(families)).ops {
		if op != nil && op.has(opBeforeAuth) {
			names = append(names, op.name)
		}
	}
	if got := strings.Join(names, ", "); got != "version, sasl list, sasl auth, sasl step" {
		t.Error(got)
	}
}

func TestBadBinaryRowsPanic(t *testing.T) {
	for name, rows := range map[string][]binaryOp{
		"twice":         {{code: 1, name: "a", run: binNOOP}, {code: 1, name: "b", run: binNOOP}},
		"no handler":    {{code: 1, name: "a"}},
		"no such row":   {{code: 1, name: "a", like: "nothing", run: binNOOP}},
		"key, no store": {{code: 1, name: "a", flags: opKey, run: binNOOP}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			newBinaryTable(rows, newTable(families))
		}()
	}
}
