// Benchmarks of pipelines of 16 over a million keys, ten reads to a write, without the network: what `cachesrv bench --pipeline 16` sends,
// for comparisons on a busy machine, and for profiles (-cpuprofile) in which the server's own code is all there is.

package memcached

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// loadKeys is how many keys there are: more than the caches hold.
const loadKeys = 1 << 20

var loadBuffer []byte

const loadValue = "0123456789abcdef0123456789abcdef"

func loadKey(n int) string { return fmt.Sprintf("key:%012d", n) }

// load is how one protocol reads and writes a key.
type load struct{ get, set func(key string) string }

var loads = map[string]load{
	"text": {func(k string) string { return "get " + k + "\r\n" },
		func(k string) string { return "set " + k + " 0 0 32\r\n" + loadValue + "\r\n" }},
	"meta": {func(k string) string { return "mg " + k + " v\r\n" },
		func(k string) string { return "ms " + k + " 32\r\n" + loadValue + "\r\n" }},
	"binary": {func(k string) string { return request{op: 0x00, key: k}.String() },
		func(k string) string { return setFrame(0x01, k, loadValue, 0, 0).String() }},
}

// zipfKeys draws n keys, of which the r-th most frequent comes as often as r^-0.99 says; neighbours in frequency are none in number.
func zipfKeys(random *rand.Rand, n int) []int {
	below, sum := make([]float64, loadKeys), 0.0
	for i := range below {
		sum += math.Pow(float64(i+1), -0.99)
		below[i] = sum
	}
	place, keys := random.Perm(loadKeys), make([]int, n)
	for i := range keys {
		at, _ := slices.BinarySearch(below, random.Float64()*sum)
		keys[i] = place[min(at, loadKeys-1)]
	}
	return keys
}

// batches makes batches of 16 requests.
func (l load) batches(random *rand.Rand) (all []string) {
	var batch strings.Builder
	for i, n := range zipfKeys(random, loadKeys/2) {
		if random.IntN(11) == 0 {
			batch.WriteString(l.set(loadKey(n)))
		} else {
			batch.WriteString(l.get(loadKey(n)))
		}
		if i%16 == 15 {
			all = append(all, batch.String())
			batch.Reset()
		}
	}
	return all
}

func BenchmarkLoad(b *testing.B) {
	plan := config.Plan{Engine: config.Memcached}
	conf, err := plan.Load()
	if err != nil {
		b.Fatal(err)
	}
	r := rigOver(b, core.Options{Databases: 1, Policy: conf.Get("maxmemory-policy"), MaxMemory: 4 << 30})
	r.w.Out = make([]byte, 0, 80<<10)
	random := rand.New(rand.NewPCG(1, 2))
	s := r.e.Open(&engine.Conn{}).(*session)
	for _, n := range random.Perm(loadKeys) {
		feed(b, r, s, loads["text"].set(loadKey(n)))
	}
	for _, name := range []string{"text", "meta", "binary"} {
		all := loads[name].batches(random)
		b.Run(name, func(b *testing.B) {
			s := r.e.Open(&engine.Conn{}).(*session)
			spent := -spentTime()
			for i := 0; i < b.N; i += 16 {
				feed(b, r, s, all[i/16%len(all)])
			}
			b.ReportMetric((spent+spentTime())/float64(b.N), "cpu-ns/op")
		})
	}
}

// feed gives a batch to a session in a buffer that is warm, as after a read.
func feed(b *testing.B, r *rig, s *session, batch string) {
	in := append(loadBuffer[:0], batch...)
	loadBuffer = in
	r.w.Out = r.w.Out[:0]
	if taken := s.Feed(r.w, in); taken != len(in) {
		b.Fatalf("took %d of %d", taken, len(in))
	}
}

// spentTime is the process's CPU time in ns: on a busy machine the clock says little.
func spentTime() float64 {
	user, system := engine.CPUTime()
	return float64(user + system)
}
