// Transactions under comparison: what is put between MULTI and EXEC, and how EXEC's reply is taken apart.

package diff

import (
	"slices"
	"strings"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

var (
	multiRow = &row{name: "multi"}
	execRow  = &row{name: "exec"}

	// transactionRows leave out what 7.0 refuses while it is queued and 7.2 does not.
	transactionRows = func() wheel {
		connection := map[string]bool{} // what is about the connection or the server, not about data
		for _, r := range append(append([]row(nil), connectionRows...), serverRows...) {
			connection[r.name] = true
		}
		return newWheel(slices.DeleteFunc(redisRows(), func(r row) bool {
			return r.open || connection[r.name] || strings.HasPrefix(r.name, "zrank") || strings.HasPrefix(r.name, "zrevrank")
		}))
	}()
)

// transaction makes the steps of one transaction, now and then a watched or an abandoned one.
func (x *session) transaction() (steps []step) {
	if x.s.chance(3) {
		steps = append(steps, step{plainRow, append([]string{"WATCH"}, rep(1, 3, key)(x.s)...)})
		if x.s.chance(2) { // something of our own between: it breaks the watch if it changes a watched key
			r := transactionRows.draw(x.s)
			steps = append(steps, step{r, r.line(x.s)})
		}
	}
	steps = append(steps, step{multiRow, []string{"MULTI"}})
	for range x.s.IntN(8) {
		r := transactionRows.draw(x.s)
		steps = append(steps, step{r, r.line(x.s)})
	}
	end := step{execRow, []string{"EXEC"}}
	if x.s.chance(8) {
		end = step{plainRow, []string{"DISCARD"}}
	}
	return append(steps, end)
}

// queue is what a connection has collected since MULTI.
type queue struct {
	open  bool
	steps []step
}

// follow notes what a step does to the queue.
func (q *queue) follow(s step, r harness.Reply) {
	switch {
	case s.row == multiRow:
		q.open = true
	case q.open && r.Raw == "+QUEUED\r\n":
		q.steps = append(q.steps, s)
	case s.row == execRow || strings.EqualFold(s.args[0], "discard") || strings.EqualFold(s.args[0], "reset"):
		*q = queue{}
	}
}

// same compares the replies to what was queued, each as if it had come alone.
func (q *queue) same(a, b harness.Reply) bool {
	if a.Kind != '*' || len(a.Elems) != len(b.Elems) || len(a.Elems) != len(q.steps) {
		return false
	}
	for i, s := range q.steps {
		if x, y := a.Elems[i], b.Elems[i]; !sameReply(s.row, s.args, x, y) && !excepted(s.args, x.Raw, y.Raw) {
			return false
		}
	}
	return true
}
