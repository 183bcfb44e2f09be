// The quota of one run: steps, time, memory, and the request to stop.

package script

import (
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// Limits are what one run may use. Zero: no limit.
type Limits struct {
	Memory int64         // bytes by which the heap may grow while the script runs
	Steps  int64         // instructions
	Time   time.Duration // a deadline, for tests: the server waits until somebody kills the script
	Slow   Slow          // told once when the run takes longer than a millisecond, nil: nobody is
}

// Slow is told that a script runs for a while, on the script's thread.
type Slow interface{ Late() }

const (
	stepsAPause = 32                     // instructions between two looks at the clock, about 1 ns each
	lookEvery   = 5 * time.Millisecond   // between two looks at the heap
	lookAfter   = time.Millisecond       // shorter scripts never look
	slowBatch   = 200 * time.Microsecond // a batch of instructions that took so long allocates much
	bigBlock    = 64 << 10               // a library announces what it allocates from here on
	owedAtMost  = 16 << 20               // announced bytes that make it look at once
)

// The reasons to stop.
const (
	stopKilled = iota + 1
	stopMemory
	stopSteps
	stopTime
)

var stopTexts = [...]string{
	stopKilled: "Script killed by user with SCRIPT KILL...",
	stopMemory: "not enough memory",
	stopSteps:  "Script exceeded its limit of instructions",
	stopTime:   "Script exceeded its limit of time",
}

// quota is also the interpreter's context: Done is called for every instruction. Only kill may be called from other goroutines.
type quota struct {
	state  *State
	limits Limits
	left   int64 // instructions until the next pause
	steps  int64 // counted at pauses
	began  time.Time
	ran    time.Duration // at the last check
	looked time.Duration // after began
	base   int64         // bytes of the heap at the first look
	owed   int64         // announced since the last look
	why    int           // set once: the script must end
	killed atomic.Bool
	sample [1]metrics.Sample
}

// ended is closed, for Done.
var ended = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (q *quota) start(l Limits) {
	q.limits = l
	q.left, q.steps, q.ran, q.looked, q.base, q.owed, q.why = stepsAPause, 0, 0, 0, 0, 0, 0
	q.began = time.Now()
	q.killed.Store(false)
}

// Done counts an instruction. A nil channel lets the script go on.
func (q *quota) Done() <-chan struct{} {
	q.left--
	if q.left > 0 {
		return nil
	}
	return q.pause()
}

func (q *quota) pause() <-chan struct{} {
	before := q.ran
	q.steps += stepsAPause
	q.check()
	if q.why != 0 {
		q.left = 0
		return ended
	}
	q.left = stepsAPause
	if now := q.ran - before; now > slowBatch {
		q.left = 1 // its instructions are long ones: look at each
	}
	return nil
}

// check looks at everything that may end the script.
func (q *quota) check() {
	if q.why != 0 {
		return
	}
	ran := time.Since(q.began)
	q.ran = ran
	switch {
	case q.killed.Load():
		q.why = stopKilled
	case q.limits.Steps > 0 && q.steps > q.limits.Steps:
		q.why = stopSteps
	case q.limits.Time > 0 && ran > q.limits.Time:
		q.why = stopTime
	case ran > lookAfter && q.looked == 0:
		q.look(0)
		if q.limits.Slow != nil {
			q.limits.Slow.Late()
		}
	case ran-q.looked > lookEvery && q.looked > 0:
		q.look(0)
	}
}

// look compares the heap with what it was. What others allocate meanwhile counts too, and so does garbage: only when the limit is
// passed, which garbage alone could have done, is it collected and looked at again.
func (q *quota) look(more int64) {
	q.looked, q.owed = max(time.Since(q.began), 1), 0
	if q.limits.Memory <= 0 {
		return
	}
	now := q.heap()
	if q.base == 0 {
		q.base = now
	}
	if now+more-q.base <= q.limits.Memory {
		return
	}
	runtime.GC()
	if now = q.heap(); now < q.base {
		q.base = now
	}
	if now+more-q.base > q.limits.Memory {
		q.why = stopMemory
	}
	q.looked = time.Since(q.began)
}

// heap is the bytes of all objects, about 2 µs.
func (q *quota) heap() int64 {
	q.sample[0].Name = "/memory/classes/heap/objects:bytes"
	metrics.Read(q.sample[:])
	return int64(q.sample[0].Value.Uint64())
}

// room ends the script if n bytes more are too many. Libraries call it before they allocate.
func (q *quota) room(L *lua.LState, n int) {
	if n < bigBlock {
		return
	}
	if q.limits.Memory > 0 && int64(n) > q.limits.Memory {
		q.why = stopMemory
	} else if q.owed += int64(n); q.owed > owedAtMost {
		q.look(int64(n))
	}
	q.mustGoOn(L)
}

// worked counts n steps of a library function, and ends the script if it has to end.
func (q *quota) worked(L *lua.LState, n int) {
	q.steps += int64(n)
	q.check()
	q.mustGoOn(L)
}

func (q *quota) mustGoOn(L *lua.LState) {
	if q.why != 0 {
		q.left = 0
		L.RaiseError("%s", stopTexts[q.why])
	}
}

// Err is the text of the end. The rest of context.Context follows; nobody asks.
func (q *quota) Err() error {
	if q.why == 0 {
		return nil
	}
	return stopError(stopTexts[q.why])
}
func (q *quota) Deadline() (time.Time, bool) { return time.Time{}, false }
func (q *quota) Value(any) any               { return nil }

type stopError string

func (e stopError) Error() string { return string(e) }
