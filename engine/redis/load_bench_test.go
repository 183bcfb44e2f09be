// Benchmarks of whole pipelines of 16 on large data, through the dispatcher and without the network: what `cachesrv bench --workload`
// sends, for profiles (-cpuprofile) in which the server's own code is all there is.

package redis

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// loadKeys is how many members, fields or keys there are: more than the caches hold.
const loadKeys = 1 << 20

// load is one kind of request. n is its number below loadKeys, random or (in turn) each once.
type load struct {
	name  string
	fill  func(n int) []string // what is there before, nil: nothing
	send  func(n int) []string
	turns bool // each number once, then all is filled anew
}

func number(format string, words ...string) func(n int) []string {
	return func(n int) []string {
		w := append(words[:len(words):len(words)], fmt.Sprintf(format, n))
		return w
	}
}

var loads = []load{
	{name: "GET", fill: func(n int) []string {
		return []string{"SET", fmt.Sprintf("key:%012d", n), "value:01234567890123456789012345"}
	},
		send: number("key:%012d", "GET")},
	{name: "SET", fill: func(n int) []string {
		return []string{"SET", fmt.Sprintf("key:%012d", n), "value:01234567890123456789012345"}
	},
		send: func(n int) []string {
			return []string{"SET", fmt.Sprintf("key:%012d", n), "value:98765432109876543210987654"}
		}},
	{name: "LPUSH", send: number("element:%08d", "LPUSH", "key:list"), turns: true},
	{name: "RPOP", fill: number("element:%08d", "LPUSH", "key:list"), send: func(int) []string { return []string{"RPOP", "key:list"} }, turns: true},
	{name: "SADD", send: number("member:%08d", "SADD", "key:set"), turns: true},
	{name: "SISMEMBER", fill: number("member:%08d", "SADD", "key:set"), send: number("member:%08d", "SISMEMBER", "key:set")},
	{name: "SPOP", fill: number("member:%08d", "SADD", "key:set"), send: func(int) []string { return []string{"SPOP", "key:set"} }, turns: true},
	{name: "HSETBig", send: func(n int) []string {
		return []string{"HSET", "key:hash", fmt.Sprintf("field:%08d", n), "value:01234567"}
	}, turns: true},
	{name: "HSETSmall", fill: func(n int) []string {
		return []string{"HSET", fmt.Sprintf("key:hash:%08d", n/10), fmt.Sprint("f", 10+n%10), "value:01234567"}
	}, send: func(n int) []string {
		return []string{"HSET", fmt.Sprintf("key:hash:%08d", n/10), fmt.Sprint("f", 10+n%10), "value:98765432"}
	}},
	{name: "XADD", send: func(n int) []string {
		return []string{"XADD", "key:stream", "*", "user", fmt.Sprintf("user:%08d", n), "page", fmt.Sprintf("%04d", n%10000)}
	}, turns: true},
	{name: "SETBIT", fill: func(n int) []string { return []string{"SETBIT", "key:bits", fmt.Sprint(n), "1"} },
		send: func(n int) []string { return []string{"SETBIT", "key:bits", fmt.Sprint(n), fmt.Sprint(n & 1)} }},
	{name: "PFADD", fill: number("visitor:%08d", "PFADD", "key:visitors"), send: number("visitor:%08d", "PFADD", "key:visitors")},
}

// pipelines makes batches of 16 requests.
func (l *load) pipelines(send func(int) []string, r *rand.Rand) (batches [][]byte) {
	order := r.Perm(loadKeys)
	for i := 0; i < loadKeys; i += 16 {
		var b []byte
		for _, n := range order[i : i+16] {
			b = append(b, request(send(n)...)...)
		}
		batches = append(batches, b)
	}
	return batches
}

func BenchmarkLoad(b *testing.B) {
	for _, l := range loads {
		b.Run(l.name, func(b *testing.B) { l.run(b) })
	}
}

func (l *load) run(b *testing.B) {
	r := newRig(b, core.Options{})
	c := r.client()
	random := rand.New(rand.NewPCG(1, 2))
	var fills [][]byte
	if l.fill != nil {
		fills = l.pipelines(l.fill, random)
	}
	buf := make([]byte, 0, 64<<10)
	feed := func(batch []byte) {
		buf = append(buf[:0], batch...) // the bytes are warm, as after a read
		c.worker.Out = c.worker.Out[:0]
		c.Feed(c.worker, buf)
	}
	freed := 0.0
	refill := func() {
		freed -= spentTime()
		c.do("FLUSHALL", "SYNC")
		freed += spentTime()
		for _, batch := range fills {
			feed(batch)
		}
	}
	sends := l.pipelines(l.send, random)
	refill()
	b.ResetTimer()
	spent := -spentTime()
	at := 0
	for i := 0; i < b.N; i += 16 {
		if at == len(sends) {
			if at = 0; l.turns {
				b.StopTimer()
				spent += spentTime()
				refill()
				spent -= spentTime()
				b.StartTimer()
			}
		}
		feed(sends[at])
		at++
	}
	if l.turns {
		b.ReportMetric(freed/float64(b.N), "free-ns/op")
	}
	b.ReportMetric((spent+spentTime())/float64(b.N), "cpu-ns/op")
}

// spentTime is the process's CPU time in ns: on a busy machine the clock says little.
func spentTime() float64 {
	user, system := engine.CPUTime()
	return float64(user + system)
}
