// The ways in which two replies count as the same, for the rows where byte for byte would ask for the impossible.

package diff

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// compare says whether two replies to args are the same. It is only asked when the bytes differ and neither is an error.
type compare func(args []string, ours, theirs harness.Reply) bool

// sameReply is the rule for all rows: equal bytes, or the row's own comparison on two values that are no errors.
func sameReply(r *row, args []string, ours, theirs harness.Reply) bool {
	if ours.Raw == theirs.Raw {
		return true
	}
	if r.same == nil || ours.IsError() || theirs.IsError() {
		return false
	}
	return r.same(args, ours, theirs)
}

func kindOnly(_ []string, a, b harness.Reply) bool { return a.Kind == b.Kind && a.Null == b.Null }

// bothNull wants a value from both or from neither.
func bothNull(_ []string, a, b harness.Reply) bool { return a.Kind == b.Kind && a.Null == b.Null }

// near wants two integers within d of each other; small ones are codes (-1, -2) or flags and must be equal.
func near(d int64) compare {
	return func(_ []string, a, b harness.Reply) bool {
		x, y, ok := ints(a, b)
		return ok && x > 500 && y > 500 && abs(x-y) <= d
	}
}

func ints(a, b harness.Reply) (x, y int64, ok bool) {
	x, err1 := strconv.ParseInt(a.Str, 10, 64)
	y, err2 := strconv.ParseInt(b.Str, 10, 64)
	return x, y, a.Kind == ':' && b.Kind == ':' && err1 == nil && err2 == nil
}

func abs(x int64) int64 { return max(x, -x) }

// sorted wants the same members in any order; a map's keys and values move together.
func sorted(_ []string, a, b harness.Reply) bool {
	return a.Kind == b.Kind && slices.Equal(members(a), members(b))
}

func members(v harness.Reply) []string {
	step := 1
	if v.Kind == '%' {
		step = 2
	}
	var out []string
	for i := 0; i+step <= len(v.Elems); i += step {
		m := v.Elems[i].Raw
		if step == 2 {
			m += v.Elems[i+1].Raw
		}
		out = append(out, m)
	}
	slices.Sort(out)
	return out
}

// scanned wants equal sets from a SCAN from the beginning that both answered in one go; other cursors are the server's own.
func scanned(args []string, a, b harness.Reply) bool {
	if len(a.Elems) != 2 || len(b.Elems) != 2 || a.Elems[1].Kind != b.Elems[1].Kind {
		return false
	}
	if len(args) < 2 || args[1] != "0" || a.Elems[0].Str != "0" || b.Elems[0].Str != "0" {
		return true
	}
	return slices.Equal(slices.Compact(members(a.Elems[1])), slices.Compact(members(b.Elems[1])))
}

// hello wants the same fields in the same order, and the same values but for the version and the connection's id.
func hello(_ []string, a, b harness.Reply) bool {
	if a.Kind != b.Kind || len(a.Elems) != len(b.Elems) {
		return false
	}
	for i := 0; i+1 < len(a.Elems); i += 2 {
		name := a.Elems[i]
		if name.Raw != b.Elems[i].Raw || a.Elems[i+1].Kind != b.Elems[i+1].Kind {
			return false
		}
		if name.Str != "version" && name.Str != "id" && a.Elems[i+1].Raw != b.Elems[i+1].Raw {
			return false
		}
	}
	return true
}

// newFields are the fields of a client's line that came after 7.0.
var newFields = []string{"watch", "lib-name", "lib-ver"}

// fieldNames wants the same field names in the same order in a client's line.
func fieldNames(_ []string, a, b harness.Reply) bool {
	return a.Kind == b.Kind && slices.Equal(fields(a.Str), fields(b.Str))
}

func fields(line string) []string {
	var out []string
	for _, f := range strings.Fields(line) {
		name, _, ok := strings.Cut(f, "=")
		if ok && !slices.Contains(newFields, name) {
			out = append(out, name)
		}
	}
	return out
}

// sameLength wants lists of the same length and shape.
func sameLength(_ []string, a, b harness.Reply) bool {
	if a.Kind != b.Kind || a.Null != b.Null || len(a.Elems) != len(b.Elems) {
		return false
	}
	return len(a.Elems) == 0 || a.Elems[0].Kind == b.Elems[0].Kind
}
